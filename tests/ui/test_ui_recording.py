"""Recording in the window: button, menu, typing keyboard, step input, what is seen and what is heard."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from musegen_app.midi_io.messages import Message, control, note_off, note_on
from musegen_app.score import ControlChange, Note
from musegen_app.ui.dialogs import Answer
from musegen_app.ui.flows.playing import SILENT

Q = 960
BAR = 4 * Q


def hear(stage, tick: float, *messages: Message) -> None:
    """The keyboard plays while the playhead is there."""
    stage.player.tick = tick
    stage.studio.playing.moved.emit(tick)
    for message in messages:
        stage.studio.record.recording._arrived((time.perf_counter(), message))


def rows(stage) -> list[tuple[int, int, int]]:
    return [(n.start, n.length, n.pitch) for n in stage.notes]


def action(menu: QMenu, *path: str) -> QAction:
    for words in path[:-1]:
        menu = next(a for a in menu.actions() if a.text().startswith(words)).menu()
    return next(a for a in menu.actions() if a.text() == path[-1])


def choose(stage, *path: str) -> None:
    menu = QMenu()
    stage.studio.record.fill(menu)
    action(menu, *path).trigger()


# --- live -------------------------------------------------------------------------------------------------------------


def test_record_plays_from_the_playhead_shows_what_grows_and_is_one_step_of_undo(stage) -> None:
    stage.draw(Note(0, Q, 50))
    stage.studio.playing.seek(Q)
    stage.do("record")
    assert stage.studio.playing.is_playing
    assert stage.studio.bar.record.isChecked()
    hear(stage, Q + 100, note_on(0, 60, 90))
    hear(stage, Q + 400)
    canvas = stage.studio.roll.canvas
    assert [(n.start, n.length) for n in canvas._recorded] == [(Q + 100, 300)]
    view = stage.studio.roll.view.viewport
    x, y = view.x_of(Q + 250), view.y_of(60) + view.row_px / 2
    seen = QColor(canvas.grab().toImage().pixel(round(x * canvas.devicePixelRatioF()), round(y)))
    assert seen.red() > seen.blue() + 60, "amber"
    hear(stage, Q + 500, note_off(0, 60), note_on(0, 64, 70))
    hear(stage, Q + 900)
    stage.do("record")
    assert stage.studio.playing.is_playing, "it plays on"
    assert rows(stage) == [(0, Q, 50), (Q + 100, 400, 60), (Q + 500, 400, 64)]
    assert len(stage.document.selection) == 2
    assert not canvas._recorded
    assert not stage.studio.bar.record.isChecked()
    stage.do("undo")
    assert rows(stage) == [(0, Q, 50)]
    stage.do("redo")
    assert len(rows(stage)) == 3


def test_playing_goes_on_past_the_last_note_and_stop_ends_the_take(stage) -> None:
    stage.do("record")
    hear(stage, 40 * BAR, note_on(0, 60, 90))
    stage.qtbot.wait(60)
    assert stage.studio.playing.is_playing
    hear(stage, 40 * BAR + 100)
    stage.do("stop")
    assert rows(stage) == [(40 * BAR, 100, 60)]
    assert stage.studio.playing.tick == 0


def test_what_comes_while_it_is_counted_in_is_left_out_but_for_the_pedal(stage) -> None:
    choose(stage, "Count in", "Count 1 bar in")
    stage.do("record")
    assert stage.player.counts_in == 1
    hear(stage, 0, note_on(0, 60, 90), control(0, 64, 127), note_off(0, 60))
    hear(stage, 50, note_on(0, 62, 90))
    hear(stage, 90, note_off(0, 62))
    stage.do("record")
    assert rows(stage) == [(50, 40, 62)]
    assert stage.document.active_track.controls == (ControlChange(0, 64, 127), ControlChange(90, 64, 0))
    stage.do("undo")
    assert not stage.document.active_track.controls


def test_replace_grid_and_offset_come_from_the_menu_and_are_remembered(stage) -> None:
    stage.draw(Note(0, Q, 50), Note(BAR, Q, 52))
    for path in (("Replace",), ("Draw to the grid", "1/4"), ("Draw to the grid", "50 % of the way")):
        choose(stage, *path)
    settings = stage.preferences.value
    assert (settings.record_mode, settings.record_grid, settings.record_strength) == ("replace", "1/4", 50)
    stage.do("record")
    hear(stage, Q + 100, note_on(0, 60, 90))
    hear(stage, Q + 200, note_off(0, 60))
    stage.do("record")
    assert rows(stage) == [(Q + 50, 100, 60), (BAR, Q, 52)]


def test_a_seek_ends_a_take_and_begins_another(stage) -> None:
    stage.do("record")
    hear(stage, 100, note_on(0, 60, 90))
    hear(stage, 300)
    stage.studio.playing.seek(BAR)
    assert rows(stage) == [(0 + 100, 200, 60)]
    assert stage.studio.record.recording.is_recording
    hear(stage, BAR + 50, note_on(0, 62, 90))
    hear(stage, BAR + 90, note_off(0, 62))
    stage.do("play")
    assert rows(stage) == [(100, 200, 60), (BAR + 50, 40, 62)]
    stage.do("undo")
    assert rows(stage) == [(100, 200, 60)]


def test_round_a_loop_passes_are_heard_again_and_kept_together(stage) -> None:
    stage.document.set_loop((0, BAR))
    stage.do("record")
    hear(stage, 100, note_on(0, 60, 90))
    hear(stage, 200, note_off(0, 60))
    stage.player.told.clear()
    hear(stage, 1000)
    stage.until(lambda: ("update", 1) in stage.player.told)
    for tick in (2500, 3800, 20):
        hear(stage, tick)
    hear(stage, 500, note_on(0, 64, 90))
    hear(stage, 600, note_off(0, 64))
    stage.do("play")
    assert rows(stage) == [(100, 100, 60), (500, 100, 64)]
    stage.do("undo")
    assert not stage.notes


def test_a_keyboard_that_goes_while_a_note_is_held_ends_it(stage) -> None:
    recording = stage.studio.record.recording
    stage.do("record")
    hear(stage, 100, note_on(0, 60, 90))
    recording._thru.play(note_on(0, 60, 90), "keyboard")
    hear(stage, 300)
    recording._lost()
    assert ("send", note_off(0, 60), "") in stage.player.told
    QTest.qWait(20)
    hear(stage, 900)
    stage.do("record")
    assert rows(stage) == [(100, 200, 60)]


def test_a_take_is_kept_before_the_piece_is_left(stage) -> None:
    stage.do("record")
    hear(stage, 100, note_on(0, 60, 90))
    hear(stage, 300)
    stage.answers.about_unsaved = Answer.CANCEL
    stage.do("new")
    assert rows(stage) == [(100, 200, 60)]
    assert stage.answers.asked, "something would have been lost"


def test_a_take_whose_track_went_goes_to_the_one_that_is_left(stage) -> None:
    stage.do("add_track")
    stage.do("record")
    hear(stage, 100, note_on(0, 60, 90))
    hear(stage, 300)
    stage.studio.tracks.delete(stage.document.active_track_id)
    hear(stage, 400)
    stage.do("record")
    assert rows(stage) == [(100, 300, 60)]


# --- the typing keyboard ----------------------------------------------------------------------------------------------


@pytest.fixture
def typing(stage):
    stage.do("typing_keyboard")
    return stage.studio.record.typing


def sent(stage) -> list[Message]:
    return [told[1] for told in stage.player.told if told[0] == "send"]


def test_keys_play_only_while_it_is_on(stage) -> None:
    QTest.keyClick(stage.window, Qt.Key.Key_L)
    assert stage.document.loop is not None, "a shortcut"
    QTest.keyClick(stage.window, Qt.Key.Key_L)
    stage.do("typing_keyboard")
    QTest.keyPress(stage.window, Qt.Key.Key_L)
    assert stage.document.loop is None
    assert sent(stage) == [note_on(0, 74, 96)]
    stage.do("typing_keyboard")
    assert sent(stage)[-1] == note_off(0, 74)
    QTest.keyClick(stage.window, Qt.Key.Key_L)
    assert stage.document.loop is not None


def test_two_rows_two_octave_keys_and_no_repeats(stage, typing) -> None:
    for key in "AWSEDFTGYHUJKOLP":
        QTest.keyClick(stage.window, key)
    QTest.keyClick(stage.window, Qt.Key.Key_Semicolon)
    assert [m[1] for m in sent(stage) if m[0] == 0x90] == list(range(60, 77))
    assert typing.words == "C4–E5"
    stage.player.told.clear()
    QTest.keyClick(stage.window, Qt.Key.Key_X)
    assert "C5–E6" in stage.studio.record._chip.text()
    QTest.keyPress(stage.window, Qt.Key.Key_A)
    from PySide6.QtGui import QKeyEvent

    for _ in range(3):
        again = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a", autorep=True)
        QApplication.sendEvent(stage.window, again)
        up = QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a", autorep=True)
        QApplication.sendEvent(stage.window, up)
    QTest.keyClick(stage.window, Qt.Key.Key_Z)
    QTest.keyRelease(stage.window, Qt.Key.Key_A)
    assert sent(stage) == [note_on(0, 72, 96), note_off(0, 72)], "let go at the pitch that was struck"


def test_every_key_comes_up_when_the_window_loses_the_keyboard(stage, typing) -> None:
    for key in (Qt.Key.Key_A, Qt.Key.Key_D):
        QTest.keyPress(stage.window, key)
    QApplication.sendEvent(stage.window, QEvent(QEvent.Type.WindowDeactivate))
    assert sent(stage)[2:] == [note_off(0, 60), note_off(0, 64)]


def test_text_fields_and_modified_keys_are_left_alone(stage, typing) -> None:
    stage.studio.bar.tempo.begin_typing()
    field = QApplication.focusWidget()
    QTest.keyClick(field, Qt.Key.Key_A)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    stage.studio.roll.canvas.setFocus()
    stage.draw()
    QTest.keyClick(stage.window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(stage.document.selection) == 4
    assert not sent(stage)
    QTest.keyClick(stage.window, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    assert not typing.is_on


def test_typing_is_recorded(stage, typing) -> None:
    stage.do("record")
    hear(stage, 100)
    QTest.keyPress(stage.window, Qt.Key.Key_A)
    hear(stage, 350)
    QTest.keyRelease(stage.window, Qt.Key.Key_A)
    stage.do("record")
    assert rows(stage) == [(100, 250, 60)]


# --- step by step -----------------------------------------------------------------------------------------------------


def test_step_input_by_typing_with_rests_ties_and_steps_back(stage, typing) -> None:
    assert not stage.studio.actions["step_rest"].isEnabled()
    stage.do("step_input")
    assert "Step input" in stage.studio.record._chip.text()
    window = stage.window
    for key in (Qt.Key.Key_A, Qt.Key.Key_D):
        QTest.keyPress(window, key)
    for key in (Qt.Key.Key_A, Qt.Key.Key_D):
        QTest.keyRelease(window, key)
    QTest.keyClick(window, Qt.Key.Key_Period)
    QTest.keyPress(window, Qt.Key.Key_G)
    QTest.keyClick(window, Qt.Key.Key_Period)
    QTest.keyRelease(window, Qt.Key.Key_G)
    assert rows(stage) == [(0, 240, 60), (0, 240, 64), (480, 480, 67)]
    assert stage.studio.playing.tick == Q
    QTest.keyClick(window, Qt.Key.Key_Comma)
    assert stage.studio.playing.tick == 720
    QTest.keyClick(window, Qt.Key.Key_Comma)
    assert rows(stage) == [(0, 240, 60), (0, 240, 64)]
    stage.do("record")
    assert not stage.studio.record.recording.is_stepping


# --- the keyboard -----------------------------------------------------------------------------------------------------


def test_the_keyboard_is_chosen_in_the_menu_and_remembered(stage) -> None:
    stage.preferences.change(record_input="Gone & away")
    stage.studio.record.recording.listen("Gone & away")
    menu = QMenu()
    stage.studio.record.fill(menu)
    assert action(menu, "Keyboard", "Gone && away (not there)").isChecked()
    choose(stage, "Keyboard", "None")
    assert stage.preferences.value.record_input == SILENT
    assert stage.studio.record.recording.keyboard == ""
    choose(stage, "Hear what you play")
    assert not stage.preferences.value.record_thru
    stage.studio.record.recording._hear(time.perf_counter(), note_on(0, 60, 90))
    assert not sent(stage)


def test_what_is_played_sounds_on_the_active_track(stage) -> None:
    track = stage.document.active_track
    stage.studio.tracks.set_channel(track.id, 4)
    stage.studio.record.recording._hear(time.perf_counter(), note_on(9, 60, 90))
    assert sent(stage) == [note_on(4, 60, 90)]
