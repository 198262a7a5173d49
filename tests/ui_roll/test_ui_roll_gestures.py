"""The mouse on the notes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from drawn_takes import add_ghosts, begin_take
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from roll_stage import ALT, CTRL, LEFT, MIDDLE, NONE, RIGHT, SHIFT, Stage, move, picture, press, release, wheel

from musegen_app.editor import commands
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import Note
from musegen_app.ui.roll.edge_scroll import beyond

KEPT = [(0, 960, 60), (1920, 960, 64), (3840, 1920, 67)]


def test_a_click_draws_a_note_and_sounds_it_once(stage: Stage) -> None:
    QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(7000, 70))
    assert stage.shape == [*KEPT, (6960, 960, 70)]
    assert stage.heard == [70, None]
    assert stage.document.selection == {4}
    assert stage.steps == ["Draw note"]


def test_a_click_focuses_the_roll(stage: Stage, qtbot: QtBot) -> None:
    stage.roll.activateWindow()
    stage.canvas.clearFocus()
    QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(7000, 70))
    assert stage.roll.focusWidget() is stage.canvas
    stage.canvas.clearFocus()
    QTest.mouseClick(stage.roll.lane, LEFT, NONE, QPoint(5, 50))
    assert stage.roll.focusWidget() is stage.canvas


def test_holding_on_sets_length_and_each_new_pitch_is_heard(stage: Stage) -> None:
    stage.drag(stage.at(6720, 70), stage.at(7200, 70), stage.at(8160, 71), stage.at(8160, 73), stage.at(8640, 73))
    assert stage.shape[-1] == (6720, 1920, 73)
    assert stage.heard == [70, 71, 73, None]
    QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(9600, 70))
    assert stage.shape[-1] == (9600, 1920, 70)


def test_a_double_click_draws_and_then_holds_the_note(stage: Stage) -> None:
    place = stage.at(7000, 70)
    QTest.mouseClick(stage.canvas, LEFT, NONE, place)
    QTest.mouseDClick(stage.canvas, LEFT, NONE, place)
    assert len(stage.shape) == 4


def test_dragging_the_middle_moves(stage: Stage) -> None:
    stage.drag(stage.at(480, 60), stage.at(700, 61), stage.at(1440, 62))
    assert stage.shape == [(960, 960, 62), *KEPT[1:]]
    assert stage.heard == [60, 61, 62, None]
    assert stage.document.undo() == "Move notes"
    assert stage.shape == KEPT


def test_dragging_the_edges_resizes(stage: Stage) -> None:
    stage.drag(stage.at(960, 60) - QPoint(2, 0), stage.at(1440, 60))
    assert stage.shape[0] == (0, 1440, 60)
    stage.drag(stage.at(3840, 67) + QPoint(2, 0), stage.at(3360, 67))
    assert stage.shape[2] == (3360, 2400, 67)
    assert stage.steps == ["Resize notes", "Resize notes"]


def test_the_cursor_tells_what_a_press_would_do(stage: Stage) -> None:
    shapes = []
    for place in (stage.at(480, 60), stage.at(20, 60), stage.at(940, 60), stage.at(480, 75)):
        move(stage.canvas, place, Qt.MouseButton.NoButton)
        shapes.append(stage.canvas.cursor().shape())
    shape = Qt.CursorShape
    assert shapes == [shape.SizeAllCursor, shape.SizeHorCursor, shape.SizeHorCursor, shape.CrossCursor]


def test_ctrl_drag_beside_the_notes_selects_and_moving_takes_all(stage: Stage) -> None:
    stage.drag(stage.at(1200, 70), stage.at(4000, 63), keys=CTRL)
    assert stage.document.selection == {2, 3}
    assert not stage.steps
    stage.drag(stage.at(2400, 64), stage.at(2640, 65))
    assert stage.shape == [(0, 960, 60), (2160, 960, 65), (4080, 1920, 68)]


def test_shift_adds_by_marquee_and_by_click(stage: Stage) -> None:
    QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(480, 60))
    stage.drag(stage.at(1200, 70), stage.at(2400, 63), keys=SHIFT)
    assert stage.document.selection == {1, 2}
    QTest.mouseClick(stage.canvas, LEFT, SHIFT, stage.at(4800, 67))
    assert stage.document.selection == {1, 2, 3}
    stage.drag(stage.at(1200, 70), stage.at(2400, 63), keys=ALT)
    assert stage.document.selection == {1, 3}


def test_ctrl_drag_on_a_note_copies_it(stage: Stage) -> None:
    stage.drag(stage.at(480, 60), stage.at(8160, 62), keys=CTRL)
    assert stage.shape == [*KEPT, (7680, 960, 62)]
    assert stage.steps == ["Copy notes"]


def test_right_click_erases_and_a_right_stroke_sweeps(stage: Stage) -> None:
    QTest.mouseClick(stage.canvas, RIGHT, NONE, stage.at(480, 60))
    assert stage.shape == KEPT[1:]
    stage.drag(stage.at(1800, 63), stage.at(4800, 68), button=RIGHT)
    assert stage.shape == []
    assert stage.steps == ["Erase notes", "Erase notes"]
    stage.document.undo()
    assert stage.shape == KEPT[1:]


def test_a_drag_back_to_its_origin_is_no_step(stage: Stage) -> None:
    stage.drag(stage.at(480, 60), stage.at(3000, 70), stage.at(480, 60))
    assert not stage.steps
    assert stage.heard[-1] is None


def test_middle_drag_pans(stage: Stage) -> None:
    stage.drag(QPoint(400, 300), QPoint(300, 272), button=MIDDLE)
    assert stage.roll.view.viewport.left_tick == 2000
    assert stage.canvas.cursor().shape() is not Qt.CursorShape.ClosedHandCursor
    assert not stage.steps


# --- interruptions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("button", [LEFT, RIGHT])
def test_escape_leaves_a_gesture_without_a_trace(stage: Stage, button: Qt.MouseButton) -> None:
    before = picture(stage.canvas)
    press(stage.canvas, stage.at(480, 60), button)
    move(stage.canvas, stage.at(2400, 66), button)
    stage.document.select(())
    assert not (picture(stage.canvas) == before).all()
    stage.key(Qt.Key.Key_Escape)
    move(stage.canvas, stage.at(4800, 68), button)
    release(stage.canvas, stage.at(4800, 68), button)
    assert stage.shape == KEPT
    assert not stage.steps
    assert stage.heard[-1:] in ([], [None])
    assert (picture(stage.canvas) == before).all()


def test_escape_is_the_gestures_before_it_is_the_windows(stage: Stage) -> None:
    press(stage.canvas, stage.at(480, 60))
    stage.key(Qt.Key.Key_Escape)
    assert stage.document.selection == {1}
    release(stage.canvas, stage.at(480, 60))
    stage.key(Qt.Key.Key_Escape)
    assert stage.document.selection == frozenset()


def _accept(stage: Stage) -> None:
    document = stage.document
    begin_take(document, GenerateRequest(document.seed_notes(), document.score.timeline, 1))
    add_ghosts(document, [Note(7680, 480, 60)])
    document.accept_take()


def _undo(stage: Stage) -> None:
    stage.document.undo()


def _delete(stage: Stage) -> None:
    commands.delete(stage.document)


@pytest.mark.parametrize("interruption", [_accept, _undo, _delete])
def test_an_edit_during_a_gesture_ends_it(stage: Stage, interruption: Callable[[Stage], None]) -> None:
    QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(9600, 70))
    QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(480, 60))
    press(stage.canvas, stage.at(480, 60))
    move(stage.canvas, stage.at(1500, 63))
    interruption(stage)
    shape, steps = stage.shape, stage.steps
    assert stage.canvas.gesture is None
    move(stage.canvas, stage.at(2400, 66))
    release(stage.canvas, stage.at(2400, 66))
    assert stage.shape == shape
    assert stage.steps == steps
    assert stage.heard[-1] is None


def test_ghosts_that_stream_in_leave_a_gesture_going(stage: Stage) -> None:
    document = stage.document
    begin_take(document, GenerateRequest(document.seed_notes(), document.score.timeline, 1))
    press(stage.canvas, stage.at(480, 60))
    move(stage.canvas, stage.at(1440, 62))
    add_ghosts(document, [Note(7680, 480, 60)])
    release(stage.canvas, stage.at(1440, 62))
    assert stage.shape[0] == (960, 960, 62)


def test_another_button_during_a_gesture_is_ignored(stage: Stage) -> None:
    press(stage.canvas, stage.at(480, 60))
    press(stage.canvas, stage.at(2400, 64), RIGHT)
    release(stage.canvas, stage.at(2400, 64), RIGHT)
    move(stage.canvas, stage.at(1440, 60))
    release(stage.canvas, stage.at(1440, 60))
    assert stage.shape == [(960, 960, 60), *KEPT[1:]]


def test_a_release_that_went_elsewhere_ends_the_gesture(stage: Stage) -> None:
    press(stage.canvas, stage.at(480, 60))
    move(stage.canvas, stage.at(1440, 60))
    move(stage.canvas, stage.at(4000, 70), Qt.MouseButton.NoButton)
    assert stage.shape[0] == (960, 960, 60)
    assert stage.canvas.gesture is None


# --- beyond the edge ------------------------------------------------------------------------------------------------------


def test_dragging_beyond_the_edge_brings_more_into_view(stage: Stage, qtbot: QtBot) -> None:
    outside = QPoint(stage.canvas.width() + 60, stage.at(0, 60).y())
    press(stage.canvas, stage.at(480, 60))
    move(stage.canvas, outside)
    qtbot.waitUntil(lambda: stage.roll.view.viewport.left_tick > 2000)
    release(stage.canvas, outside)
    assert stage.shape[-1][0] > stage.canvas.width() / 0.05 + 1000
    left = stage.roll.view.viewport.left_tick
    qtbot.wait(60)
    assert stage.roll.view.viewport.left_tick == left


def test_escape_stops_the_scrolling(stage: Stage, qtbot: QtBot) -> None:
    outside = QPoint(stage.canvas.width() + 60, stage.at(0, 60).y())
    press(stage.canvas, stage.at(480, 60))
    move(stage.canvas, outside)
    qtbot.waitUntil(lambda: stage.roll.view.viewport.left_tick > 0)
    stage.key(Qt.Key.Key_Escape)
    qtbot.wait(40)
    left = stage.roll.view.viewport.left_tick
    qtbot.wait(60)
    assert stage.roll.view.viewport.left_tick == left
    release(stage.canvas, outside)
    assert stage.shape == KEPT


def test_a_note_stays_with_the_pointer_while_the_wheel_scrolls(stage: Stage) -> None:
    press(stage.canvas, stage.at(480, 60))
    move(stage.canvas, stage.at(1440, 60))
    wheel(stage.canvas, stage.at(1440, 60), QPoint(0, -3), SHIFT)
    release(stage.canvas, QPoint(72, stage.at(0, 60).y()))
    assert stage.roll.view.viewport.left_tick == 2400
    assert stage.shape[0] == (1920, 960, 64)
    assert (3360, 960, 60) in stage.shape


def test_at_the_beginning_there_is_nothing_to_scroll_to(stage: Stage, qtbot: QtBot) -> None:
    press(stage.canvas, stage.at(2400, 64))
    move(stage.canvas, QPoint(-300, stage.at(0, 64).y()))
    qtbot.wait(60)
    release(stage.canvas, QPoint(-300, stage.at(0, 64).y()))
    assert stage.shape[:2] == [(0, 960, 60), (0, 960, 64)]
    assert stage.roll.view.viewport.left_tick == 0


def test_how_far_beyond_the_edge(stage: Stage) -> None:
    size = stage.canvas.size().toSizeF()
    wide, high = size.width(), size.height()
    inside = QPoint(5, 5).toPointF()
    assert beyond(inside, size) == (0, 0)
    assert beyond(QPoint(-5, int(high) + 7).toPointF(), size) == (-5, 7)
    assert beyond(QPoint(int(wide) + 3, -1).toPointF(), size) == (3, -1)


def test_a_press_on_a_ghost_lets_it_be_heard_and_draws_nothing(stage: Stage) -> None:
    document = stage.document
    begin_take(document, GenerateRequest(document.seed_notes(), document.score.timeline, 1))
    add_ghosts(document, [Note(7680, 960, 60)])
    shape = stage.shape
    move(stage.canvas, stage.at(8000, 60))
    assert stage.canvas.cursor().shape() == Qt.CursorShape.ArrowCursor
    QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(8000, 60))
    assert (stage.shape, stage.steps) == (shape, [])
    assert stage.heard == [60, None]
    QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(8000, 62))
    assert len(stage.shape) == len(shape) + 1, "beside it notes are drawn"
