"""Loops are told from music that goes on, and streams of chance replay."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.generate.loops import LONGEST_PERIOD, REPEATS, Event, LoopGuard, loop_of
from musegen_app.generate.sampling import Uniforms

EVENTS = st.lists(st.tuples(st.integers(0, 48), st.integers(40, 80), st.integers(1, 48)), min_size=1, max_size=20)


@given(EVENTS, EVENTS)
def test_four_periods_are_a_loop_whatever_came_before(before: list[Event], period: list[Event]) -> None:
    time = sum(gap for gap, _, _ in period)
    loop = loop_of(before + period * REPEATS)
    assert loop is not None
    assert loop.time >= REPEATS * time


@given(st.lists(st.integers(0, 127), min_size=1, max_size=300, unique=True))
def test_notes_that_all_differ_are_none(pitches: list[int]) -> None:
    assert loop_of([(12, pitch, 12) for pitch in pitches]) is None


def test_three_periods_are_none() -> None:
    assert loop_of([(12, 60, 12), (12, 62, 12)] * (REPEATS - 1)) is None


def test_a_loop_that_breaks_off_is_none() -> None:
    assert loop_of([(12, 60, 12), (12, 62, 12)] * 20 + [(12, 63, 12)]) is None


def test_a_period_that_is_too_long_is_not_looked_for() -> None:
    period = [(1, 40 + n % 80, 1 + n) for n in range(LONGEST_PERIOD + 1)]
    assert loop_of(period * REPEATS) is None


def test_the_guard_tells_when_a_loop_begins_and_ends() -> None:
    guard, caught = LoopGuard(), []
    for step in range(0, 96 * 12, 24):
        pitch = 60 if step < 96 * 6.5 else 40 + step // 24
        guard.heard((step // 96, 96), step, pitch, 24)
        caught.append(guard.bars_caught)
        if guard.bars_caught:
            assert guard.coming_pitch == 60
    # The first note comes after no time, so that four periods of three notes are full in the fourth bar.
    assert caught == [0] * 16 + [1] * 4 + [2] * 4 + [3] * 2 + [0] * 22


def test_some_repeated_notes_are_no_loop() -> None:
    guard = LoopGuard()
    for step in range(0, 96 * 2, 12):
        guard.heard((step // 96, 96), step, 60, 12)
    assert guard.bars_caught == 0


def test_a_takes_stream_does_not_depend_on_how_many_there_are() -> None:
    alone, among = Uniforms(3, 2), Uniforms(3, 5)
    for _ in range(600):
        np.testing.assert_array_equal(alone.next(), among.next()[:2])


def test_a_stream_goes_on_when_others_leave() -> None:
    all_of_them, fewer = Uniforms(9, 4), Uniforms(9, 4)
    for row in range(700):
        if row == 100:
            fewer.only([1, 3])
        wanted, made = all_of_them.next(), fewer.next()
        np.testing.assert_array_equal(made, wanted[[1, 3]] if row >= 100 else wanted)


def test_numbers_lie_between_0_and_1_and_differ_by_seed_number() -> None:
    streams = [np.stack([uniforms.next() for _ in range(300)]) for uniforms in (Uniforms(1, 2), Uniforms(-1, 2))]
    for stream in streams:
        assert stream.min() > 0
        assert stream.max() < 1
        assert abs(stream.mean() - 0.5) < 0.03
    assert not np.array_equal(*streams)
