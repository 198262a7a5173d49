"""Which windows are drawn: every step once, within its window, with something to hear beside it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from musegen_app.generate.rbm_plan import Sliding, Stretch

STRIDE = 4


@st.composite
def slidings(draw: st.DrawFn) -> tuple[Sliding, int, int]:
    """Beats of four or six steps, and a span among them."""
    steps = draw(st.sampled_from([16, 24, 32]))
    begin, length = draw(st.integers(-5, 40)), draw(st.integers(1, 150))
    beats, at = [], begin - steps - 6
    while at < begin + length + steps + 6:
        beats.append(at)
        at += draw(st.sampled_from([4, 6])) if draw(st.booleans()) else 4
    return Sliding(beats, steps, STRIDE), begin, begin + length


def covered(stretches: list[Stretch]) -> list[int]:
    return [step for stretch in stretches for step in range(stretch.begin, stretch.end)]


@given(slidings())
def test_onwards_every_step_is_drawn_once_and_in_order(case: tuple[Sliding, int, int]) -> None:
    sliding, begin, end = case
    plan = sliding.onwards(begin, end)
    assert covered(plan) == list(range(begin, end))
    for stretch in plan:
        assert stretch.window in sliding.beats
        assert stretch.window <= stretch.begin < stretch.end <= stretch.window + sliding.steps
        assert stretch.begin - stretch.window >= sliding.steps - STRIDE - 6


@given(slidings())
def test_inwards_every_step_is_drawn_once_and_the_last_hears_both_sides(case: tuple[Sliding, int, int]) -> None:
    sliding, begin, end = case
    plan = sliding.inwards(begin, end)
    assert sorted(covered(plan)) == list(range(begin, end))
    for stretch in plan:
        assert stretch.window in sliding.beats
        assert stretch.window <= stretch.begin < stretch.end <= stretch.window + sliding.steps
    last = plan[-1]
    assert last.begin > last.window
    assert last.end < last.window + sliding.steps


def test_a_long_gap_is_drawn_from_both_ends_by_turns() -> None:
    plan = Sliding(range(-32, 96, 4), 16, STRIDE).inwards(0, 40)
    assert [(stretch.begin, stretch.end) for stretch in plan[:4]] == [(0, 4), (36, 40), (4, 8), (32, 36)]
    assert plan[1].window == 36


def test_nothing_to_draw_is_no_window() -> None:
    sliding = Sliding(range(-32, 96, 4), 16, STRIDE)
    assert sliding.onwards(3, 3) == []
    assert sliding.inwards(3, 3) == []
