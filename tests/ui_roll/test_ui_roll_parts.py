"""Keys on the roll, and the parts around the notes: ruler, keyboard, velocity lane, overview, wheel, playhead."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from roll_stage import CTRL, LEFT, NONE, SHIFT, Stage, move, press, release, wheel

from musegen_app.score import Metre, Note, NoteTable, Score, Timeline, Track

KEPT = [(0, 960, 60), (1920, 960, 64), (3840, 1920, 67)]
Key = Qt.Key


# --- keys ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "keys", "expected"),
    [
        (Key.Key_Up, NONE, (1920, 960, 65)),
        (Key.Key_Down, NONE, (1920, 960, 63)),
        (Key.Key_Up, SHIFT, (1920, 960, 76)),
        (Key.Key_Down, SHIFT, (1920, 960, 52)),
        (Key.Key_Right, NONE, (2160, 960, 64)),
        (Key.Key_Left, NONE, (1680, 960, 64)),
        (Key.Key_Right, SHIFT, (1920, 1200, 64)),
        (Key.Key_Left, SHIFT, (1920, 720, 64)),
    ],
)
def test_arrows_nudge_the_selected_notes(
    stage: Stage, key: Qt.Key, keys: Qt.KeyboardModifier, expected: tuple[int, int, int]
) -> None:
    stage.document.select({2})
    stage.key(key, keys)
    assert stage.shape == [KEPT[0], expected, KEPT[2]]
    stage.document.undo()
    assert stage.shape == KEPT


def test_keys_without_a_selection_do_nothing(stage: Stage) -> None:
    for key in (Key.Key_Up, Key.Key_Left, Key.Key_Right):
        stage.key(key)
        stage.key(key, SHIFT)
    stage.key(Key.Key_D, CTRL)
    assert stage.shape == KEPT
    assert not stage.steps


def test_ctrl_d_duplicates_and_escape_lets_go(stage: Stage) -> None:
    stage.document.select({1})
    stage.key(Key.Key_D, CTRL)
    assert stage.shape[1] == (960, 960, 60)
    stage.key(Key.Key_Escape)
    assert stage.document.selection == frozenset()


def test_b_changes_between_drawing_and_selecting(stage: Stage) -> None:
    stage.key(Key.Key_B)
    stage.drag(stage.at(1200, 70), stage.at(4000, 63))
    assert stage.document.selection == {2, 3}
    QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(9600, 75))
    assert stage.document.selection == frozenset()
    assert stage.shape == KEPT
    stage.key(Key.Key_B)
    QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(9600, 75))
    assert len(stage.shape) == 4


# --- ruler --------------------------------------------------------------------------------------------------------------


def _x(stage: Stage, tick: float, y: int = 12) -> QPoint:
    return QPoint(stage.at(tick, 60).x(), y)


def test_a_click_in_the_ruler_seeks_on_the_grid(stage: Stage) -> None:
    sought: list[int] = []
    stage.roll.seek_requested.connect(sought.append)
    QTest.mouseClick(stage.roll.ruler, LEFT, NONE, _x(stage, 3900))
    QTest.mouseClick(stage.roll.ruler, Qt.MouseButton.RightButton, NONE, _x(stage, 900))
    assert sought == [3840]
    assert stage.document.loop is None


def test_a_drag_in_the_ruler_loops_and_its_ends_can_be_dragged(stage: Stage) -> None:
    sought: list[int] = []
    stage.roll.seek_requested.connect(sought.append)
    ruler = stage.roll.ruler
    _drag(ruler, _x(stage, 7700), _x(stage, 3800))
    assert stage.document.loop == (3840, 7680)
    move(ruler, _x(stage, 7680), Qt.MouseButton.NoButton)
    assert ruler.cursor().shape() is Qt.CursorShape.SizeHorCursor
    _drag(ruler, _x(stage, 7680), _x(stage, 9620))
    assert stage.document.loop == (3840, 9600)
    _drag(ruler, _x(stage, 3840), _x(stage, 11520))
    assert stage.document.loop == (9600, 11520)
    assert not sought
    assert not stage.steps


def test_a_click_on_the_end_of_the_loop_seeks_there(stage: Stage) -> None:
    sought: list[int] = []
    stage.roll.seek_requested.connect(sought.append)
    stage.document.set_loop((3840, 7680))
    QTest.mouseClick(stage.roll.ruler, LEFT, NONE, _x(stage, 3840))
    assert sought == [3840]
    assert stage.document.loop == (3840, 7680)


def _drag(widget: QWidget, *path: QPoint) -> None:
    press(widget, path[0])
    for place in path[1:]:
        move(widget, place)
    release(widget, path[-1])


def test_numbers_keep_their_distance_after_a_short_first_bar(stage: Stage) -> None:
    metres = (Metre(0, 1, 16), Metre(240, 4, 4))
    stage.document.load(Score(timeline=Timeline.made(metres=metres)), None)
    stage.settle()
    ruler = stage.roll.ruler
    numbers = ruler.numbers()
    assert [bar for bar, _ in numbers][:3] == [0, 2, 3]
    assert all(later - earlier >= 24 for (_, earlier), (_, later) in pairwise(numbers))


# --- keyboard -----------------------------------------------------------------------------------------------------------


def test_keys_sound_and_slide_and_stop(stage: Stage) -> None:
    keys = stage.roll.keys
    c, e = (QPoint(10, stage.at(0, pitch).y()) for pitch in (60, 64))
    _drag(keys, c, c + QPoint(9, 1), e)
    move(keys, c, Qt.MouseButton.NoButton)
    assert stage.heard == [60, 64, None]
    assert stage.shape == KEPT


# --- velocity lane --------------------------------------------------------------------------------------------------------


def _height(stage: Stage, velocity: float) -> int:
    """The lane leaves 12 px above velocity 127 and 4 px below 0."""
    return round(12 + (stage.roll.lane.height() - 16) * (1 - velocity / 127))


def test_a_stalk_is_dragged_and_a_ramp_is_one_step(stage: Stage) -> None:
    lane = stage.roll.lane
    _drag(lane, _x(stage, 1930, _height(stage, 91)), _x(stage, 1930, _height(stage, 40)))
    assert stage.velocities[1] == pytest.approx(40, abs=1)
    assert stage.velocities[::2] == [90, 92]
    _drag(lane, _x(stage, 0, _height(stage, 20)), _x(stage, 3840, _height(stage, 120)))
    assert stage.velocities == pytest.approx([20, 70, 120], abs=1)
    assert stage.steps == ["Change velocity", "Change velocity"]
    stage.document.undo()
    stage.document.undo()
    assert stage.velocities == [90, 91, 92]


def test_beside_the_stalks_nothing_changes(stage: Stage) -> None:
    _drag(stage.roll.lane, _x(stage, 1000, 20), _x(stage, 1500, 90))
    assert not stage.steps


def test_escape_and_edits_end_a_drag_in_the_lane_too(stage: Stage) -> None:
    lane = stage.roll.lane
    for end in (lambda: stage.key(Key.Key_Escape), stage.document.undo):
        stage.drag(stage.at(480, 60), stage.at(1440, 60))
        press(lane, _x(stage, 1920, 20))
        move(lane, _x(stage, 3840, 20))
        end()
        release(lane, _x(stage, 3840, 20))
        assert sorted(stage.velocities) == [90, 91, 92]
        assert stage.canvas.gesture is None


# --- overview -----------------------------------------------------------------------------------------------------------


def test_the_overview_takes_the_view_along(stage: Stage) -> None:
    long = NoteTable.of([Note(i * 960, 480, 60) for i in range(400)]).numbered(1)
    stage.document.load(Score((Track(1, notes=long),), next_id=500), None)
    stage.settle()
    overview, view = stage.roll.overview, stage.roll.view
    press(overview, QPoint(overview.width() // 2, 8))
    middle = (view.viewport.left_tick + view.viewport.right_tick) / 2
    assert middle == pytest.approx(long.end_tick / 2, rel=0.01)
    assert not view.follows
    move(overview, QPoint(overview.width(), 8))
    assert view.viewport.right_tick > long.end_tick
    release(overview, QPoint(overview.width(), 8))
    move(overview, QPoint(1, 8), Qt.MouseButton.NoButton)
    assert view.viewport.right_tick > long.end_tick
    _drag(overview, QPoint(-50, 8))
    assert view.viewport.left_tick == 0


# --- wheel --------------------------------------------------------------------------------------------------------------


def test_ctrl_wheel_zooms_at_the_cursor(stage: Stage) -> None:
    view, place = stage.roll.view, stage.at(4800, 67)
    wheel(stage.canvas, place, QPoint(0, 1), CTRL)
    assert view.viewport.px_per_tick == pytest.approx(0.05 * 1.25)
    assert view.viewport.tick_of(place.x()) == pytest.approx(4800)
    wheel(stage.canvas, place, QPoint(0, -1), CTRL)
    assert view.viewport.px_per_tick == pytest.approx(0.05)
    wheel(stage.canvas, place, QPoint(0, 1), CTRL | SHIFT)
    assert view.viewport.row_px == pytest.approx(14 * 1.25)
    assert view.viewport.pitch_of(place.y()) == 67


def test_the_wheel_scrolls_down_and_with_shift_sideways(stage: Stage) -> None:
    view = stage.roll.view
    top = view.viewport.top_px
    wheel(stage.canvas, QPoint(100, 100), QPoint(0, -1))
    assert view.viewport.top_px == top + 40
    assert view.follows
    wheel(stage.canvas, QPoint(100, 100), QPoint(0, -1), SHIFT)
    assert view.viewport.left_tick == pytest.approx(800)
    assert not view.follows


def test_zooming_from_the_menu_keeps_the_middle(stage: Stage) -> None:
    view, middle = stage.roll.view, stage.canvas.width() / 2
    stage.roll.zoom_in()
    first = view.viewport
    assert first.left_tick > 0
    stage.roll.zoom_in()
    assert view.viewport.tick_of(middle) == pytest.approx(first.tick_of(middle))
    stage.roll.zoom_out()
    assert view.viewport.px_per_tick == pytest.approx(first.px_per_tick)


# --- playhead -----------------------------------------------------------------------------------------------------------


def test_the_page_turns_with_the_playhead_until_the_user_scrolls(stage: Stage) -> None:
    view = stage.roll.view
    width = view.viewport.right_tick
    stage.roll.set_playhead(width + 10, playing=False)
    assert view.viewport.left_tick == 0
    stage.roll.set_playhead(width + 10, playing=True)
    assert view.viewport.left_tick == pytest.approx(width, rel=0.1)
    assert 0 < view.viewport.x_of(width + 10) < 100
    view.scroll(-400, 0)
    here = view.viewport
    stage.roll.set_playhead(10 * width, playing=True)
    assert view.viewport == here
    stage.roll.follow()
    stage.roll.set_playhead(10 * width + 5, playing=True)
    assert view.viewport.left_tick > 9 * width


def test_the_page_does_not_turn_under_a_hand(stage: Stage) -> None:
    here = stage.roll.view.viewport
    press(stage.canvas, stage.at(480, 60))
    stage.roll.set_playhead(here.right_tick + 10, playing=True)
    assert stage.roll.view.viewport == here
    release(stage.canvas, stage.at(480, 60))
    stage.roll.set_playhead(here.right_tick + 20, playing=True)
    assert stage.roll.view.viewport != here


def test_reveal_shows_a_stretch_and_changes_nothing_that_shows(stage: Stage) -> None:
    view = stage.roll.view
    here = view.viewport
    stage.roll.reveal(960, 1920)
    assert view.viewport == here
    for start, end in pairwise((0, 20_000, 60_000, 200_000)):
        stage.roll.reveal(start, end)
        assert view.viewport.left_tick <= start
        assert view.viewport.right_tick >= end - 1


def test_fit_shows_every_note(stage: Stage) -> None:
    notes = NoteTable.of([Note(i * 9600, 480, 40 + i % 40) for i in range(90)]).numbered(1)
    stage.document.load(Score((Track(1, notes=notes),), next_id=100), None)
    stage.roll.fit()
    view = stage.roll.view.viewport
    assert view.left_tick == 0
    assert view.right_tick >= notes.end_tick
    assert view.y_of(79) >= 0
    assert view.y_of(40) + view.row_px <= view.height


def test_an_empty_piece_opens_around_middle_c(stage: Stage) -> None:
    stage.document.load(Score(), None)
    view = stage.roll.view.viewport
    assert abs(view.pitch_of(view.height / 2) - 65) <= 1
    stage.roll.fit()
    assert stage.roll.view.viewport == view
    assert np.isclose(view.left_tick, 0)
