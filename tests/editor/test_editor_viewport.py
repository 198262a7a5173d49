"""What shows: mapping back and forth, zooming around a point, and no view beyond the music."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from musegen_app.editor.viewport import MAX_PX_PER_TICK, MAX_ROW_PX, MIN_PX_PER_TICK, MIN_ROW_PX, PITCHES, ROW_PX, Viewport

VIEWS = st.builds(
    Viewport,
    width=st.floats(1, 4000),
    height=st.floats(1, 3000),
    px_per_tick=st.floats(MIN_PX_PER_TICK, MAX_PX_PER_TICK),
    row_px=st.floats(MIN_ROW_PX, MAX_ROW_PX),
    left_tick=st.floats(0, 1_000_000),
    top_px=st.floats(0, 5000),
).map(Viewport.clamped)
FACTORS = st.floats(0.01, 100)


@given(VIEWS, st.floats(-1000, 5000), st.integers(0, 127))
def test_pixels_and_music_map_back_and_forth(view: Viewport, x: float, pitch: int) -> None:
    assert view.x_of(view.tick_of(x)) == pytest.approx(x, abs=1e-4)
    assert view.pitch_of(view.y_of(pitch) + view.row_px / 2) == pitch
    assert view.tick_of(view.width) == view.right_tick


@given(VIEWS, st.floats(-1e6, 1e6))
def test_every_height_is_a_pitch(view: Viewport, y: float) -> None:
    assert 0 <= view.pitch_of(y) <= 127


@given(VIEWS, FACTORS, st.floats(0, 1))
def test_zooming_keeps_what_is_under_the_cursor(view: Viewport, factor: float, where: float) -> None:
    x = view.width * where
    zoomed = view.zoomed(factor, x)
    assume(zoomed.left_tick > 0)  # at the beginning there is nothing further left to show
    assert zoomed.tick_of(x) == pytest.approx(view.tick_of(x), rel=1e-6, abs=1e-3)


@given(VIEWS, FACTORS, st.floats(0, 1))
def test_rows_grow_around_the_cursor(view: Viewport, factor: float, where: float) -> None:
    y = view.height * where
    zoomed = view.zoomed_rows(factor, y)
    assume(0 < zoomed.top_px < PITCHES * zoomed.row_px - view.height)
    assume(zoomed.row_px > view.height / PITCHES)
    assert (zoomed.top_px + y) / zoomed.row_px == pytest.approx((view.top_px + y) / view.row_px, rel=1e-6, abs=1e-6)


@given(VIEWS, st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), FACTORS, st.floats(0, 4000))
def test_nothing_beyond_the_music_ever_shows(view: Viewport, dx: float, dy: float, factor: float, at: float) -> None:
    for other in (
        view.scrolled(dx, dy),
        view.zoomed(factor, at),
        view.zoomed_rows(factor, at),
        view.resized(at + 1, at + 1),
    ):
        assert other.left_tick >= 0
        assert MIN_PX_PER_TICK <= other.px_per_tick <= MAX_PX_PER_TICK
        assert MIN_ROW_PX <= other.row_px <= MAX_ROW_PX
        assert 0 <= other.top_px <= max(PITCHES * other.row_px - other.height, 0) + 1e-6


@given(VIEWS, st.integers(0, 500_000), st.integers(1, 1_000_000), st.integers(0, 127), st.integers(0, 127))
def test_fitting_shows_the_whole_range_of_time(view: Viewport, start: int, length: int, one: int, other: int) -> None:
    low, high = sorted((one, other))
    fitted = view.fitted(start, start + length, low, high)
    assert fitted.left_tick == start
    if fitted.px_per_tick > MIN_PX_PER_TICK:
        assert fitted.right_tick >= start + length - 1


def test_fitting_puts_the_register_in_the_middle() -> None:
    view = Viewport(width=800, height=400).fitted(0, 3840, 58, 62)
    assert view.pitch_of(200) == 60
    assert view.row_px == ROW_PX


@given(VIEWS.filter(lambda v: v.height > 600), st.integers(0, 127), st.integers(0, 127), st.floats(4, 14))
def test_rows_shrink_for_a_wide_register_as_far_as_allowed(view: Viewport, one: int, other: int, least: float) -> None:
    low, high = sorted((one, other))
    fitted = view.fitted(0, 3840, low, high, least)
    if fitted.row_px > max(least, fitted.height / PITCHES):
        assert fitted.y_of(high) >= -1e-6
        assert fitted.y_of(low - 1) <= fitted.height + 1e-6
    assert least <= fitted.row_px <= max(ROW_PX, fitted.height / PITCHES)
