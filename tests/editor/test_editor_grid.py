"""Where things snap, and which lines show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import TICKS, timelines

from musegen_app.editor.grid import (
    DEFAULT_SNAP,
    SNAPS,
    bar_stride,
    lines,
    snap_down,
    snap_named,
    snap_nearest,
    snapped,
    step_ticks,
)
from musegen_app.score import Metre, Timeline

STEPS = st.sampled_from([s.ticks for s in SNAPS if s.ticks])


def test_the_menu_offers_straight_triplet_and_dotted_steps() -> None:
    ticks = {s.name: s.ticks for s in SNAPS}
    assert len(ticks) == len(SNAPS)
    assert (ticks["1/4"], ticks["1/8 triplet"], ticks["1/8 dotted"], ticks["Off"]) == (960, 320, 720, 1)
    assert snap_named("1/8 triplet").ticks == 320
    assert snap_named("of another version") == DEFAULT_SNAP


@given(timelines(), STEPS, st.floats(0, 400_000))
def test_the_nearest_line_is_a_line_and_none_is_nearer(timeline: Timeline, step: int, tick: float) -> None:
    found = snap_nearest(tick, step, timeline)
    assert _is_line(found, step, timeline)
    below = snap_down(tick, step, timeline)
    assert _is_line(below, step, timeline)
    assert 0 <= below <= tick
    assert abs(found - tick) <= tick - below
    assert not any(
        _is_line(t, step, timeline) for t in range(below + 1, int(tick) + 1, 17) if abs(t - tick) < abs(found - tick)
    )


def _is_line(tick: int, step: int, timeline: Timeline) -> bool:
    return (tick - timeline.bar_start(timeline.bar_at(tick))) % step == 0


@given(timelines(), STEPS, st.lists(TICKS, max_size=30))
def test_many_snap_as_each_does(timeline: Timeline, step: int, ticks: list[int]) -> None:
    found = snapped(np.array(ticks, dtype=np.int64), step, timeline)
    assert found.tolist() == [snap_nearest(tick, step, timeline) for tick in ticks]


@given(timelines(), STEPS, TICKS)
def test_a_line_snaps_to_itself(timeline: Timeline, step: int, tick: int) -> None:
    line = snap_nearest(tick, step, timeline)
    assert snap_nearest(line, step, timeline) == snap_down(line, step, timeline) == line


def test_odd_metres_begin_anew_with_every_bar() -> None:
    timeline = Timeline.made(metres=(Metre(0, 7, 8),))
    assert snap_nearest(3300, 960, timeline) == 3360
    assert snap_down(3400, 960, timeline) == 3360
    assert snap_nearest(3200, 320, timeline) == 3200
    assert snap_nearest(3330, 320, timeline) == 3360


def test_what_lies_before_the_beginning_snaps_to_it() -> None:
    assert snap_nearest(-5000.0, 240, Timeline()) == 0
    assert snap_down(-1.0, 240, Timeline()) == 0


@pytest.mark.parametrize(("px_per_tick", "ticks"), [(0.002, 3840), (0.02, 960), (0.04, 480), (0.2, 120), (1.0, 120)])
def test_an_adaptive_grid_is_as_fine_as_can_be_hit(px_per_tick: float, ticks: int) -> None:
    assert step_ticks(snap_named("Adaptive"), px_per_tick) == ticks
    assert step_ticks(snap_named("1/16"), px_per_tick) == 240


@given(timelines(), st.integers(0, 300_000), st.integers(1, 50_000), STEPS, st.floats(0.0005, 0.4))
def test_lines_lie_inside_and_each_strength_where_it_belongs(
    timeline: Timeline, start: int, length: int, step: int, px_per_tick: float
) -> None:
    found = lines(timeline, start, start + length, step, px_per_tick)
    for ticks in (found.bars, found.beats, found.steps):
        assert all(start <= t < start + length for t in ticks)
        assert np.all(np.diff(ticks) > 0)
    assert all(timeline.bar_ceil(t) == t for t in found.bars.tolist())
    assert all(timeline.bar_beat(t).tick == 0 for t in found.beats.tolist())
    assert all(_is_line(t, step, timeline) for t in found.steps.tolist())


def test_lines_of_a_bar_of_four() -> None:
    found = lines(Timeline(), 0, 7680, 480, 0.1)
    assert found.bars.tolist() == [0, 3840]
    assert found.beats.tolist() == [960, 1920, 2880, 4800, 5760, 6720]
    assert len(found.steps) == 14
    far = lines(Timeline(), 0, 400_000, 480, 0.0005)
    assert not len(far.beats)
    assert np.diff(far.bars).tolist() == [3840 * 8] * (len(far.bars) - 1)


@given(timelines(), TICKS, st.floats(0.0005, 0.4), st.floats(5, 60))
def test_bars_that_show_keep_their_distance(timeline: Timeline, tick: int, px_per_tick: float, room: float) -> None:
    stride = bar_stride(timeline, tick, px_per_tick, room)
    assert stride & (stride - 1) == 0
    bar_px = timeline.metre_at(tick).bar_ticks * px_per_tick
    assert stride * bar_px >= room * 0.999
    assert stride == 1 or stride * bar_px / 2 < room * 1.001
