"""Edit menu, tracks, folding, themes, keys: commands on the real document."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musegen_app.score import DRUM_CHANNEL, Note
from musegen_app.ui.controls.number_field import NumberField
from musegen_app.ui.panels.take_box import Stage
from musegen_app.ui.shortcuts_sheet import ShortcutsSheet
from musegen_app.ui.theme import LIGHT

QUARTER = 960


def test_cut_and_paste_travel_over_the_clipboard_and_advance(stage) -> None:
    stage.draw()
    stage.do("select_all")
    stage.do("cut")
    assert stage.document.score.note_count == 0
    stage.do("paste")
    stage.do("paste")
    assert [note.start // QUARTER for note in stage.notes] == list(range(8))
    stage.do("undo")
    assert stage.document.score.note_count == 4


def test_a_clipboard_without_notes_is_told(stage) -> None:
    QApplication.clipboard().setText("no notes")
    stage.do("paste")
    assert "holds no notes" in stage.window.status.music.text()


def test_copy_keeps_delete_removes_duplicate_follows(stage) -> None:
    stage.draw()
    stage.do("select_all")
    stage.do("copy")
    stage.do("duplicate")
    assert len(stage.notes) == 8
    stage.do("delete")
    assert len(stage.notes) == 4


def test_quantise_brings_notes_to_the_grid(stage) -> None:
    stage.draw(Note(13, 500, 60), Note(QUARTER - 20, 500, 62))
    stage.do("quantise")
    assert [note.start for note in stage.notes] == [0, QUARTER]


def test_undo_and_redo_say_what_they_do(stage) -> None:
    actions = stage.studio.actions
    assert not actions["undo"].isEnabled()
    stage.draw()
    assert actions["undo"].text() == "Undo draw"
    assert actions["undo"].toolTip() == "Undo draw (Ctrl+Z)"
    stage.do("undo")
    assert (actions["undo"].isEnabled(), actions["redo"].text()) == (False, "Redo draw")
    assert "Undone: draw" in stage.window.status.music.text()


def test_tracks_are_added_changed_and_deleted_by_undoable_steps(stage) -> None:
    stage.do("add_track")
    assert [track.channel for track in stage.document.score.tracks] == [0, 1]
    assert stage.document.active_track_id == 2
    edits = stage.studio.tracks
    edits.rename(2, "Bass")
    edits.set_program(2, 32)
    edits.mute(2, True)  # noqa: FBT003
    edits.solo(2, True)  # noqa: FBT003
    track = stage.document.score.track(2)
    assert (track.name, track.program, track.muted, track.soloed) == ("Bass", 32, True, True)
    assert [row._name.text() for row in stage.studio.track_panel.rows] == ["Piano", "Bass"]
    edits.delete(2)
    assert stage.document.active_track_id == 1
    edits.delete(1)
    assert len(stage.document.score.tracks) == 1
    stage.do("undo")
    assert stage.document.score.track(2).name == "Bass"


def test_new_tracks_leave_the_drum_channel_free(stage) -> None:
    for _ in range(17):
        stage.do("add_track")
    channels = [track.channel for track in stage.document.score.tracks]
    assert DRUM_CHANNEL not in channels
    assert sorted(set(channels)) == [c for c in range(16) if c != DRUM_CHANNEL]


def test_rename_opens_on_the_active_track(stage) -> None:
    stage.do("rename_track")
    editor = stage.studio.track_panel.rows[0]._editor
    assert editor.isVisible()
    editor.setText("Strings")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert stage.document.score.track(1).name == "Strings"


def test_letters_typed_into_a_name_are_no_commands(stage) -> None:
    stage.draw()
    stage.do("rename_track")
    editor = stage.studio.track_panel.rows[0]._editor
    editor.clear()
    QTest.keyClicks(editor, "Loop gm 1")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert stage.document.score.track(1).name == "Loop gm 1"
    assert stage.document.loop is None
    assert not stage.studio.playing.is_playing


def test_panels_fold_away_and_come_back(stage) -> None:
    wide = stage.studio.roll.width()
    stage.do("fold_left")
    stage.do("fold_right")
    stage.until(lambda: stage.studio.roll.width() > wide + 400)
    assert not stage.studio.actions["fold_left"].isChecked()
    stage.do("fold_left")
    stage.do("fold_right")
    stage.until(lambda: stage.studio.roll.width() == wide)


def test_a_theme_chosen_reaches_the_roll_and_is_remembered(stage) -> None:
    stage.do("theme_light")
    assert stage.studio.roll.view.palette == LIGHT
    assert stage.preferences.value.theme == "light"
    assert [stage.studio.actions[f"theme_{name}"].isChecked() for name in ("system", "light", "dark")] == [
        False,
        True,
        False,
    ]


def test_every_command_has_its_own_keys_and_a_tip(stage) -> None:
    seen: dict[str, str] = {}
    for command in stage.studio.table:
        assert stage.studio.actions[command.name].toolTip()
        for keys in command.keys:
            assert keys not in seen, f"{keys} is both {seen.get(keys)} and {command.name}"
            seen[keys] = command.name


def test_the_sheet_lists_the_commands(stage) -> None:
    stage.do("keys")
    sheets = [w for w in QApplication.topLevelWidgets() if isinstance(w, ShortcutsSheet)]
    assert len(sheets) == 1
    sheets[0].close()


@pytest.mark.parametrize("size", [(1440, 900), (1100, 700), (1060, 640)])
def test_nothing_of_the_top_bar_or_the_panels_is_cut_off(stage, size: tuple[int, int]) -> None:
    stage.window.resize(*size)
    stage.until(lambda: stage.window.width() == size[0])
    stage.qtbot.wait(30)
    bar = stage.studio.bar
    shown = sorted(
        (w for w in (bar.position, bar.tempo, bar.metre, bar.snap, bar.key, bar.port, bar.play) if w.isVisible()),
        key=lambda w: w.geometry().x(),
    )
    assert shown[-1].geometry().right() <= bar.width()
    for left, right in itertools.pairwise(shown):
        assert left.geometry().right() < right.geometry().x()
    take = stage.studio.panel.take
    assert take.geometry().bottom() <= stage.studio.panel.height()
    for button in (take.accept, take.reject, take.again):
        assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width() - 8


def test_return_ends_the_typing_of_a_name_and_accepts_no_take(stage) -> None:
    stage.draw()
    stage.do("continue")
    stage.until(lambda: stage.studio.generating.stage is Stage.WAITING)
    before = stage.document.score.note_count
    stage.studio.roll.canvas.setFocus()
    stage.do("rename_track")
    editor = stage.studio.track_panel.rows[0]._editor
    editor.setText("Strings")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert stage.document.score.track(1).name == "Strings"
    assert stage.document.score.note_count == before
    assert stage.document.ghosts
    assert stage.studio.roll.canvas.hasFocus()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_a_seed_number_is_typed_without_deciding_on_the_take(stage, key: Qt.Key) -> None:
    stage.draw()
    stage.do("continue")
    stage.until(lambda: stage.studio.generating.stage is Stage.WAITING)
    number = stage.studio.panel.seed.number
    number.setFocus()
    QTest.keyClick(number, key)
    assert stage.document.ghosts
    assert not number.hasFocus()


def test_return_shuts_the_tempo_that_was_typed(stage) -> None:
    tempo = stage.window.findChildren(NumberField)[0]
    tempo.begin_typing()
    tempo._editor.setText("150")
    QTest.keyClick(tempo._editor, Qt.Key.Key_Return)
    assert stage.document.score.timeline.tempos[0].bpm == pytest.approx(150)
    assert not tempo._editor.isVisible()
