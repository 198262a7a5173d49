"""What the model thinks, in the real window: switched on, following edits, swapped in and taken back."""

from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from musegen_app.generate import find, load
from musegen_app.generate.insight import Hearing, alternatives, surprise
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.paths import bundle_dir
from musegen_app.score import DRUM_CHANNEL, Key, Note
from musegen_app.ui.controls.icon_button import IconButton
from musegen_app.ui.flows.generating import NO_PITCHES
from musegen_app.ui.key_choice import KeyMode
from musegen_app.ui.panels.take_box import Stage as TakeStage
from musegen_app.ui.presenters.insight import NO_NOTE

QUARTER = 960
BAR = 4 * QUARTER
TUNE = [Note(i * QUARTER, QUARTER, pitch) for i, pitch in enumerate([60, 62, 64, 65, 67, 65, 64, 62])]
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
ALT, NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def flagship() -> NoteEventGenerator:
    generator = load(find("", [bundle_dir() / "models"]))
    assert isinstance(generator, NoteEventGenerator)
    return generator


@pytest.fixture
def thinking(stage, flagship: NoteEventGenerator):
    """The window with a tune, and questions answered by the shipped model; the stand-in still writes the ghosts."""
    stage.studio.key.choose(KeyMode.OFF, None)
    stage.draw(*TUNE)
    stage.writer, stage.generator = stage.generator, flagship
    return stage


def on(stage, name: str) -> None:
    """Switch something on, and wait until it shows."""
    stage.do(name)
    insight = stage.studio.insight
    stage.until(lambda: (insight.heat if name == "heat_map" else insight.surprise) is not None)


def picture(stage) -> QImage:
    return stage.studio.roll.canvas.grab().toImage()


def at(stage, note: Note) -> QPoint:
    """The middle of a note on the canvas."""
    view = stage.studio.roll.view.viewport
    return QPointF(view.x_of(note.start + note.length / 2), view.y_of(note.pitch) + view.row_px / 2).toPoint()


def ghosts(stage) -> None:
    stage.do("continue")
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)


def box_for(stage, ask) -> None:
    ask()
    stage.until(lambda: not stage.studio.thinking.box.isHidden())


# --- the heat map ---------------------------------------------------------------------------------------------------------


def test_the_heat_map_is_shown_at_the_end_of_the_music_and_taken_away(thinking) -> None:
    insight, canvas, legend = thinking.studio.insight, thinking.studio.roll.canvas, thinking.studio.thinking.heat_legend
    before = picture(thinking)
    assert legend.isHidden()
    on(thinking, "heat_map")
    assert insight.heat.start_tick == 2 * BAR
    assert canvas.thoughts.heat.chance.sum() == pytest.approx(insight.heat.chance.sum())
    assert canvas.thoughts.heat.step_ticks == QUARTER // 4
    assert thinking.studio.actions["heat_map"].isChecked()
    assert not legend.isHidden()
    assert picture(thinking) != before
    thinking.do("heat_map")
    assert canvas.thoughts.heat is None
    assert not thinking.studio.actions["heat_map"].isChecked()
    assert legend.isHidden()
    assert picture(thinking) == before


def test_the_heat_map_follows_edits_and_ghosts(thinking) -> None:
    insight = thinking.studio.insight
    on(thinking, "heat_map")
    thinking.draw(Note(8 * QUARTER, 2 * QUARTER, 60))
    thinking.until(lambda: insight.heat.start_tick == 10 * QUARTER)
    thinking.studio.editing.undo()
    thinking.until(lambda: insight.heat.start_tick == 2 * BAR)
    ghosts(thinking)
    end = thinking.document.ghosts.end_tick
    assert end > 4 * BAR
    thinking.until(lambda: insight.heat.start_tick == end)


def test_it_follows_the_playhead_beat_by_beat_while_that_is_within_the_music(thinking) -> None:
    insight = thinking.studio.insight
    on(thinking, "heat_map")
    for tick, place in ((5 * QUARTER + 100, 5 * QUARTER), (2 * QUARTER, 2 * QUARTER), (0, 2 * BAR), (9 * BAR, 2 * BAR)):
        thinking.studio.playing.seek(tick)
        thinking.until(lambda place=place: insight.heat.start_tick == place)


def test_a_locked_key_shows_in_the_map(thinking) -> None:
    insight = thinking.studio.insight
    on(thinking, "heat_map")
    assert insight.heat.pitch[:, 61].any()
    key = Key(0, "major")
    thinking.studio.key.choose(KeyMode.LOCKED, key)
    thinking.until(lambda: not insight.heat.pitch[:, 61].any())
    assert not insight.heat.pitch[:, ~key.mask()].any()


def test_a_tooltip_tells_the_chances_of_a_place(thinking) -> None:
    on(thinking, "heat_map")
    canvas = thinking.studio.roll.canvas
    view = thinking.studio.roll.view.viewport
    place = QPointF(view.x_of(2 * BAR + 30), view.y_of(64) + 2)
    assert canvas.pointing.words_at(place).startswith("E4 if a note comes here:")
    assert canvas.pointing.words_at(QPointF(view.x_of(9 * BAR), view.y_of(64) + 2)) == ""


# --- surprise -------------------------------------------------------------------------------------------------------------


def test_each_note_is_tinted_by_what_the_model_says(thinking, flagship: NoteEventGenerator) -> None:
    canvas = thinking.studio.roll.canvas
    before = picture(thinking)
    on(thinking, "surprise")
    wanted = surprise(flagship, Hearing(thinking.notes, thinking.document.score.timeline))
    tinted, plain = canvas.thoughts.tint.split(thinking.notes)
    assert len(tinted) == len(TUNE)
    assert not plain
    for note in thinking.notes:
        told = canvas.thoughts.tint.surprise.of(note.id)
        assert told == pytest.approx(wanted.of(note.id), abs=0.05)
    assert picture(thinking) != before
    assert not thinking.studio.thinking.surprise_legend.isHidden()
    words = canvas.pointing.words_at(QPointF(at(thinking, thinking.notes[3])))
    assert words.startswith("Surprise ")
    assert "pitch" in words
    thinking.do("surprise")
    assert canvas.thoughts.tint is None
    assert picture(thinking) == before


def test_a_new_note_gets_its_tint_a_moment_later(thinking) -> None:
    canvas = thinking.studio.roll.canvas
    on(thinking, "surprise")
    thinking.draw(Note(8 * QUARTER, QUARTER, 61))
    (new,) = (n for n in thinking.notes if n.pitch == 61)
    thinking.until(lambda: canvas.thoughts.tint.surprise.of(new.id) is not None)
    wild = sum(canvas.thoughts.tint.surprise.of(new.id))
    assert wild > sum(canvas.thoughts.tint.surprise.of(thinking.notes[3].id))


def test_a_quick_row_of_edits_is_asked_about_once(thinking, monkeypatch: pytest.MonkeyPatch) -> None:
    on(thinking, "surprise")
    on(thinking, "heat_map")
    asked: list[object] = []
    ask = thinking.worker.ask
    monkeypatch.setattr(thinking.worker, "ask", lambda query: (asked.append(query), ask(query)))
    for number in range(20):
        thinking.draw(Note((8 + number) * QUARTER, QUARTER, 60 + number))
    end = 28 * QUARTER
    thinking.until(lambda: thinking.studio.insight.heat.start_tick == end)
    last = thinking.notes[len(thinking.notes) - 1].id
    thinking.until(lambda: thinking.studio.insight.surprise.of(last) is not None)
    assert len(asked) <= 8  # the key found changes on the way, and a busy machine may pause between two edits
    thinking.do("surprise")
    thinking.do("heat_map")
    asked.clear()
    thinking.draw(Note(end, QUARTER, 50))
    thinking.qtbot.wait(200)
    assert asked == []


def test_ghosts_are_tinted_once_they_have_come(thinking) -> None:
    canvas = thinking.studio.roll.canvas
    on(thinking, "surprise")
    ghosts(thinking)
    ids = thinking.document.ghosts.id.tolist()
    thinking.until(lambda: all(canvas.thoughts.tint.surprise.of(ghost) is not None for ghost in ids))
    assert len(canvas.thoughts.tint.split(thinking.document.ghosts)[0]) == len(ids)
    picture(thinking)


def test_the_writing_goes_on_while_the_model_is_asked(thinking) -> None:
    """The stand-in is held in the midst of its notes; the questions are answered meanwhile."""
    gate = threading.Event()
    thinking.writer.hold = lambda index: time.sleep(0.02) if index < 2 else gate.wait(20)
    thinking.do("continue")
    thinking.until(lambda: len(thinking.document.ghosts) >= 2)
    on(thinking, "surprise")
    on(thinking, "heat_map")
    assert thinking.studio.insight.surprise.of(-1) is not None  # those that have come are tinted already
    gate.set()
    thinking.until(lambda: thinking.studio.panel.take.stage is TakeStage.WAITING)
    assert len(thinking.document.ghosts) == 32


def test_what_is_switched_on_is_remembered(thinking) -> None:
    on(thinking, "heat_map")
    on(thinking, "surprise")
    settings = thinking.preferences.value
    assert (settings.heat_map, settings.surprise_tint) == (True, True)
    thinking.do("surprise")
    assert not thinking.preferences.value.surprise_tint


# --- who cannot say -------------------------------------------------------------------------------------------------------


def test_a_model_that_cannot_tell_says_so_once_in_one_sentence(stage) -> None:
    stage.draw(*TUNE)
    stage.do("heat_map")
    sentence = 'Model "scale" cannot tell what it expects; choose a note-event model.'
    stage.until(lambda: stage.window.notice.text == sentence)
    stage.window.notice.hide()
    stage.do("surprise")
    stage.until(lambda: stage.window.notice.text == sentence)
    stage.window.notice.hide()
    stage.draw(Note(9000, 480, 70))
    stage.qtbot.wait(300)
    assert stage.window.notice.text == ""
    assert stage.studio.roll.canvas.thoughts.heat is None


def test_another_model_is_asked_at_once(stage, flagship: NoteEventGenerator) -> None:
    stage.add_filler()
    stage.filler = flagship
    stage.draw(*TUNE)
    stage.do("heat_map")
    stage.until(lambda: bool(stage.window.notice.text))
    stage.studio.panel.model_chosen.emit("filler")
    stage.until(lambda: stage.studio.insight.heat is not None)


# --- alternatives ---------------------------------------------------------------------------------------------------------


def test_a_note_s_alternative_is_heard_seen_swapped_in_and_undone(thinking, flagship: NoteEventGenerator) -> None:
    note = thinking.notes[3]
    thinking.document.select([note.id])
    box, canvas = thinking.studio.thinking.box, thinking.studio.roll.canvas
    box_for(thinking, lambda: thinking.do("alternatives"))
    wanted = alternatives(flagship, Hearing(thinking.notes, thinking.document.score.timeline), note)
    assert [c.pitch for c in box.candidates] == [c.pitch for c in wanted.others]
    assert box.hasFocus()
    assert box.accessibleName().startswith("Instead of F4: ")
    assert canvas.thoughts.asked == note
    QTest.keyClick(box, Qt.Key.Key_Down)
    QTest.keyClick(box, Qt.Key.Key_Down)
    second = box.candidates[1].pitch
    assert canvas.thoughts.tried == Note(note.start, note.length, second, note.velocity, note.id)
    assert ("on", 0, second) in thinking.player.told
    steps = len(thinking.document.history.done)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.isHidden()
    assert canvas.hasFocus()
    assert canvas.thoughts.tried is None
    swapped = thinking.document.active_track.notes.having([note.id])[0]
    assert swapped == Note(note.start, note.length, second, note.velocity, note.id)
    assert len(thinking.document.history.done) == steps + 1
    thinking.studio.editing.undo()
    assert thinking.document.active_track.notes.having([note.id])[0] == note
    thinking.until(lambda: thinking.player.told[-1][0] != "on" or ("off", 0, second) in thinking.player.told)


def test_a_ghost_s_alternative_changes_the_take(thinking) -> None:
    ghosts(thinking)
    thinking.studio.roll.fit()
    ghost = thinking.document.ghosts[5]
    box, canvas = thinking.studio.thinking.box, thinking.studio.roll.canvas
    steps = len(thinking.document.history.done)
    box_for(thinking, lambda: QTest.mouseClick(canvas, RIGHT, NONE, at(thinking, ghost)))
    row = QPoint(60, 40 + 24 + 24 + 12)  # the second of the others, under its own
    QTest.mouseMove(box, row)
    chosen = box.candidates[1].pitch
    QTest.mouseClick(box, LEFT, NONE, row)
    (swapped,) = thinking.document.ghosts.having([ghost.id])
    assert (swapped.start, swapped.pitch) == (ghost.start, chosen)
    assert len(thinking.document.ghosts) == 32
    assert len(thinking.document.history.done) == steps
    thinking.do("accept")
    assert chosen in [n.pitch for n in thinking.notes if n.start == ghost.start]


def test_alt_and_a_click_ask_about_any_note_but_a_drag_moves_it(thinking) -> None:
    canvas, box = thinking.studio.roll.canvas, thinking.studio.thinking.box
    note = thinking.notes[2]
    box_for(thinking, lambda: QTest.mouseClick(canvas, LEFT, ALT, at(thinking, note)))
    assert canvas.thoughts.asked == note
    assert thinking.notes[2] == note
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.isHidden()
    QTest.mouseClick(canvas, LEFT, NONE, at(thinking, note))
    asked: list[int] = []
    canvas.asked_about.connect(asked.append)
    QTest.mousePress(canvas, LEFT, ALT, at(thinking, note))
    QTest.mouseRelease(canvas, LEFT, ALT, at(thinking, note) + QPoint(30, 0))
    assert asked == []


def test_a_right_click_on_a_note_still_erases_it(thinking) -> None:
    canvas = thinking.studio.roll.canvas
    asked: list[int] = []
    canvas.asked_about.connect(asked.append)
    QTest.mouseClick(canvas, RIGHT, NONE, at(thinking, thinking.notes[2]))
    assert len(thinking.notes) == len(TUNE) - 1
    assert asked == []


def test_a_ghost_is_asked_about_on_the_terms_it_was_written_on(thinking) -> None:
    key = Key(0, "major")
    thinking.studio.key.choose(KeyMode.LOCKED, key)
    ghosts(thinking)
    thinking.studio.key.choose(KeyMode.OFF, None)
    box = thinking.studio.thinking.box
    box_for(thinking, lambda: thinking.do("alternatives"))
    assert all(key.mask()[candidate.pitch] for candidate in box.candidates)


def test_esc_closes_the_box_and_leaves_the_take(thinking) -> None:
    ghosts(thinking)
    box = thinking.studio.thinking.box
    box_for(thinking, lambda: thinking.do("alternatives"))
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.isHidden()
    assert thinking.document.take is not None
    assert thinking.studio.roll.canvas.thoughts.asked is None


def test_the_arrows_go_from_ghost_to_ghost(thinking) -> None:
    ghosts(thinking)
    box, canvas = thinking.studio.thinking.box, thinking.studio.roll.canvas
    box_for(thinking, lambda: thinking.do("alternatives"))
    first, second = thinking.document.ghosts[0], thinking.document.ghosts[1]
    assert canvas.thoughts.asked == first
    QTest.keyClick(box, Qt.Key.Key_Right)
    thinking.until(lambda: canvas.thoughts.asked == second)
    QTest.keyClick(box, Qt.Key.Key_Left)
    thinking.until(lambda: canvas.thoughts.asked == first and not box.isHidden())
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert box.current == box.candidates[-1]


def test_the_box_goes_with_its_note(thinking) -> None:
    box = thinking.studio.thinking.box
    note = thinking.notes[0]
    thinking.document.select([note.id])
    box_for(thinking, lambda: thinking.do("alternatives"))
    thinking.document.select([])
    assert not box.isHidden()
    thinking.studio.editing.undo()
    assert box.isHidden()
    assert thinking.studio.roll.canvas.thoughts.asked is None


def test_without_a_note_or_with_drums_it_says_why_not(thinking) -> None:
    said = thinking.studio.status
    thinking.studio.tracks.set_channel(thinking.document.active_track_id, DRUM_CHANNEL)
    thinking.do("alternatives")
    assert said._said == NO_PITCHES
    thinking.studio.editing.undo()
    thinking.studio.editing.undo()
    thinking.do("alternatives")
    assert said._said == NO_NOTE


def test_a_number_key_swaps_at_once_and_the_corner_has_both_switches(thinking) -> None:
    note = thinking.notes[4]
    thinking.document.select([note.id])
    box = thinking.studio.thinking.box
    box_for(thinking, lambda: thinking.do("alternatives"))
    third = box.candidates[2].pitch
    QTest.keyClick(box, Qt.Key.Key_3)
    assert thinking.document.active_track.notes.having([note.id])[0].pitch == third
    names = {button.accessibleName() for button in thinking.studio.thinking.corner.findChildren(IconButton)}
    assert names == {"Heat map", "Surprise tint"}
