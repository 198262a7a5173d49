"""Panels: they show what they are told, and hand on what the musician wishes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from musegen_app.generate.manifest import Manifest
from musegen_app.score import Key, Track
from musegen_app.ui.actions import Command, fill_menu, make_actions
from musegen_app.ui.controls.grip import Grip
from musegen_app.ui.general_midi import FAMILIES, PROGRAMS, sound_name
from musegen_app.ui.panels.generate import GeneratePanel
from musegen_app.ui.panels.model_facts import description, details, facts
from musegen_app.ui.panels.status import Notice, StatusLine
from musegen_app.ui.panels.take_box import Progress, Stage, TakeBox
from musegen_app.ui.panels.tracks import TracksPanel
from musegen_app.ui.panels.wish import Wish

LEFT = Qt.MouseButton.LeftButton
TRACKS = (Track(1, "Piano"), Track(2, "Bass", 1, 32, muted=True), Track(3, "", 9, soloed=True))


@pytest.fixture
def actions(qtbot: QtBot):
    owner = QWidget()
    qtbot.addWidget(owner)
    done: list[str] = []
    names = ("continue", "fill", "cancel", "accept", "reject", "again", "add_track")
    rows = [Command(name, "Menu", name.capitalize(), (), lambda n=name: done.append(n)) for name in names]
    made = make_actions(owner, rows)
    made["owner"] = owner  # keeps it alive
    return made, done


def flagship(**changes: object) -> Manifest:
    values: dict = {
        "name": "flagship", "title": "Flagship", "family": "note-events", "path": Path("models/flagship"),
        "styles": ("chorale", "folk-tune"), "default_style": "folk-tune", "size_bytes": 4_900_000, "licence": "CC0",
        "metrics": {"nats_per_note": 2.1},
    }  # fmt: skip
    return Manifest(**{**values, **changes})


# --- tracks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def tracks(qtbot: QtBot, actions) -> TracksPanel:
    panel = TracksPanel(actions[0]["add_track"], Grip(lambda: None))
    qtbot.addWidget(panel)
    panel.resize(216, 600)
    panel.show_tracks(TRACKS, 1)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_tracks_show_name_sound_and_flags(tracks: TracksPanel) -> None:
    assert [row._name.text() for row in tracks.rows] == ["Piano", "Bass", "Track 3"]
    assert [row._sound.text() for row in tracks.rows] == ["1 Acoustic Grand", "33 Acoustic Bass", "Drum kit"]
    assert [row.mute.isChecked() for row in tracks.rows] == [False, True, False]
    assert [row.solo.isChecked() for row in tracks.rows] == [False, False, True]


def test_rows_come_and_go_with_the_tracks(tracks: TracksPanel) -> None:
    kept = tracks.rows[0]
    tracks.show_tracks(TRACKS[:1], 1)
    assert tracks.rows == [kept]
    tracks.show_tracks(TRACKS, 2)
    assert len(tracks.rows) == 3


def test_a_click_chooses_and_flags_are_told_with_their_track(tracks: TracksPanel) -> None:
    told: list[tuple] = []
    tracks.chosen.connect(lambda track: told.append(("chosen", track)))
    tracks.muted.connect(lambda track, on: told.append(("muted", track, on)))
    tracks.soloed.connect(lambda track, on: told.append(("soloed", track, on)))
    QTest.mouseClick(tracks.rows[1], LEFT, pos=QPoint(40, 20))
    QTest.mouseClick(tracks.rows[1].mute, LEFT)
    QTest.mouseClick(tracks.rows[0].solo, LEFT)
    assert told == [("chosen", 2), ("muted", 2, False), ("soloed", 1, True)]


@pytest.mark.parametrize(("key", "names"), [(Qt.Key.Key_Return, ["Rhodes"]), (Qt.Key.Key_Escape, [])])
def test_a_double_click_renames_and_escape_does_not(tracks: TracksPanel, key: Qt.Key, names: list[str]) -> None:
    told: list[str] = []
    tracks.renamed.connect(lambda _track, name: told.append(name))
    row = tracks.rows[0]
    QTest.mouseDClick(row, LEFT, pos=QPoint(40, 20))
    assert row._editor.isVisible()
    row._editor.setText(" Rhodes ")
    QTest.keyClick(row._editor, key)
    assert not row._editor.isVisible()
    assert told == names


def test_the_menu_offers_instruments_channels_and_deletion(tracks: TracksPanel) -> None:
    told: list[tuple] = []
    tracks.program_chosen.connect(lambda *values: told.append(("program", *values)))
    tracks.channel_chosen.connect(lambda *values: told.append(("channel", *values)))
    tracks.deleted.connect(lambda track: told.append(("delete", track)))
    menu = tracks.track_menu(tracks.rows[0])
    texts = {action.text(): action for action in menu.actions() if action.text()}
    instruments = texts["Instrument"].menu()
    family = instruments.actions()[5].menu()
    family.actions()[0].trigger()
    texts["Channel"].menu().actions()[9].trigger()
    texts["Delete track"].trigger()
    assert told == [("program", 1, 40), ("channel", 1, 9), ("delete", 1)]
    assert not tracks.track_menu(tracks.rows[2]).actions()[1].isEnabled()


def test_the_only_track_cannot_be_deleted(tracks: TracksPanel) -> None:
    tracks.show_tracks(TRACKS[:1], 1)
    assert not tracks.track_menu(tracks.rows[0]).actions()[-1].isEnabled()


def test_general_midi_is_whole() -> None:
    assert len(PROGRAMS) == len(set(PROGRAMS)) == 128
    assert [len(names) for _family, names in FAMILIES] == [8] * 16
    assert sound_name(Track(1, program=127)) == "128 Gunshot"


# --- generate ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def panel(qtbot: QtBot, actions) -> GeneratePanel:
    made = GeneratePanel(actions[0])
    qtbot.addWidget(made)
    made.resize(288, 700)
    made.show_models([flagship()], "flagship")
    made.show_choices(Wish("flagship", "chorale", 4, 1.2, (0, 127), stay_in_key=True))
    made.show()
    qtbot.waitExposed(made)
    return made


def test_the_card_tells_the_model(panel: GeneratePanel) -> None:
    assert panel.card.caption == "Flagship"
    assert panel.card.text() == "4.9 MB · CC0 · 2.10 nats/note"
    assert panel.wish == Wish("flagship", "chorale", 4, 1.2, (0, 127), stay_in_key=True)


def test_choices_become_the_wish(panel: GeneratePanel) -> None:
    told: list[Wish] = []
    panel.changed.connect(lambda: told.append(panel.wish))
    QTest.mouseClick(panel.length.button(16), LEFT)
    panel.show_key(Key(2, "minor"))
    QTest.mouseClick(panel.stay, LEFT, pos=QPoint(4, 8))
    panel.range.slider._set_active(40)
    assert told[-1] == Wish("flagship", "chorale", 16, 1.2, (40, 108), stay_in_key=False)
    assert panel.stay.text() == "Stay in D minor"


def test_no_key_leaves_nothing_to_stay_in(panel: GeneratePanel) -> None:
    panel.show_key(None)
    assert not panel.stay.isEnabled()


def test_models_are_offered_and_chosen(panel: GeneratePanel) -> None:
    told: list[str] = []
    panel.model_chosen.connect(told.append)
    panel.show_models([flagship(), flagship(name="mine", title="Mine", styles=())], "mine")
    assert panel.style_row.isHidden()
    menu = QMenu()
    panel.fill_models(menu)
    assert [action.isChecked() for action in menu.actions()] == [False, True]
    menu.actions()[0].trigger()
    assert told == ["flagship"]


def test_a_model_is_told_with_its_family_and_in_its_own_unit() -> None:
    roll = flagship(
        family="roll-lstm", settings={"as_published": True}, styles=("piano", "game", "folk-tune", "hymn"),
        metrics={"nats_per_column": 3.97, "unigram_nats_per_column": 9.1},
    )  # fmt: skip
    assert facts(roll) == "4.9 MB · CC0 · 3.97 nats/column"
    assert description(roll) == "Piano-roll LSTM, as published · piano, game, folk tune +1 · CC0 · 4.9 MB"
    assert details(roll).splitlines() == [
        "Piano-roll LSTM, as published",
        "Styles: piano, game, folk tune, hymn",
        "Licence: CC0",
        "Held-out music costs it 3.97 nats a column",
        "Single columns by frequency alone would cost 9.10",
    ]
    assert details(flagship(metrics={}, styles=(), licence="")) == "Note-event LSTM"


def test_no_model_is_told_on_the_card(panel: GeneratePanel) -> None:
    panel.show_models([], "", ["The model is damaged."])
    assert (panel.card.caption, panel.card.text()) == ("No model", "The model is damaged.")
    menu = QMenu()
    panel.fill_models(menu)
    assert not menu.actions()[0].isEnabled()


@pytest.mark.parametrize(
    ("stage", "pressed", "enabled"),
    [(Stage.IDLE, "continue", False), (Stage.STREAMING, "cancel", True), (Stage.WAITING, "continue", True)],
)
def test_the_main_button_does_what_it_says(qtbot: QtBot, actions, stage: Stage, pressed: str, *, enabled: bool) -> None:
    made, done = actions
    box = TakeBox(made)
    qtbot.addWidget(box)
    box.show_stage(stage, "Words")
    QTest.mouseClick(box.main, LEFT)
    assert done == [pressed]
    assert [button.isEnabled() for button in (box.accept, box.reject, box.again)] == [enabled] * 3
    box.show_stage(stage, "Words", "There is no seed.")
    assert box.main.isEnabled() is (stage is Stage.STREAMING)
    assert box.main.toolTip() == "There is no seed."


def test_progress_is_told_and_its_bar_goes(qtbot: QtBot, actions) -> None:
    box = TakeBox(actions[0])
    qtbot.addWidget(box)
    box.show_progress(Progress("Streaming bar 7 of 8", "1 340 notes/s", 0.8))
    assert box.words == ("Streaming bar 7 of 8", "1 340 notes/s")
    assert box._bar.value() == 800
    box.show_progress(Progress())
    assert box._bar.isHidden()


# --- status, notice, menus --------------------------------------------------------------------------------------------


def test_the_status_line_leaves_out_what_is_empty(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.show_playback("Prophet-6", "", "lateness p99 0.08 ms")
    assert line.playback.text() == "Prophet-6 · lateness p99 0.08 ms"


def test_a_notice_has_a_way_out_and_goes_when_it_is_taken(qtbot: QtBot) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    gone: list[str] = []

    def way(name: str) -> tuple[str, Callable[[], None]]:
        return name, lambda: gone.append(name)

    notice.tell("Something was left behind.", way("Restore"), way("Discard"))
    assert notice.text == "Something was left behind."
    notice._other.click()
    assert gone == ["Discard"]
    assert notice.text == ""
    notice.tell("No way out.")
    assert notice._way_out.isHidden()


def test_menus_follow_the_table(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    done: list[str] = []
    rows = [
        Command("open", "File", "Open…", ("Ctrl+O",), lambda: done.append("open")),
        Command("quit", "File", "Quit", (), lambda: done.append("quit"), gap=True),
        Command("hidden", "", "Hidden", (), lambda: done.append("hidden")),
    ]
    made = make_actions(owner, rows)
    menu = QMenu()
    submenus = fill_menu(menu, rows, made)
    assert list(submenus) == ["File"]
    assert [a.text() for a in submenus["File"].actions()] == ["Open…", "", "Quit"]
    assert made["open"].toolTip() == "Open (Ctrl+O)"
    made["hidden"].trigger()
    assert done == ["hidden"]


def test_a_drag_carries_a_fresh_file_each_time(qtbot: QtBot, tmp_path: Path) -> None:
    written: list[Path] = []

    def write() -> Path | None:
        if len(written) == 2:
            return None
        written.append(tmp_path / f"{len(written)}.mid")
        return written[-1]

    grip = Grip(write)
    qtbot.addWidget(grip)
    urls = [grip.mime_data().urls()[0].toLocalFile() for _ in range(2)]
    assert urls == [str(path) for path in written]
    assert grip.mime_data() is None


def test_the_active_track_is_in_sight_and_the_arrows_choose_others(tracks: TracksPanel, qtbot: QtBot) -> None:
    many = [Track(number, f"Part {number}", number % 9) for number in range(1, 17)]
    tracks.resize(216, 400)
    tracks.show_tracks(many, 14)
    row = tracks.rows[13]
    qtbot.waitUntil(lambda: row.visibleRegion().boundingRect().height() == row.height())
    told: list[int] = []
    tracks.chosen.connect(told.append)
    tracks.chosen.connect(lambda track: tracks.show_tracks(many, track))
    tracks.rows[13].setFocus(Qt.FocusReason.TabFocusReason)
    before = tracks.rows[13].grab().toImage()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Space):
        QTest.keyClick(tracks.focusWidget(), key)
    assert told == [15, 14, 13, 13]
    assert tracks.rows[12].hasFocus()
    assert tracks.rows[13].grab().toImage() != before, "where the keyboard is can be seen"
    assert tracks.rows[12].accessibleName() == "Track Part 13, active"


def test_a_notice_without_a_way_out_is_over_when_another_piece_is_there(qtbot: QtBot) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    notice.tell("zero.mid is empty.")
    notice.pass_over()
    assert notice.text == ""
    notice.tell("It did not end cleanly.", ("Restore", lambda: None))
    notice.pass_over()
    assert notice.text == "It did not end cleanly."
