from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import TICKS, timelines

from musegen_app.score import BarBeat, Metre, Tempo, Timeline

BAR = 4 * 960


def test_seconds_follow_the_tempo_map() -> None:
    timeline = Timeline.made((Tempo.of_bpm(120), Tempo.of_bpm(60, tick=1920)))
    assert timeline.seconds([0, 960, 1920, 2880]).tolist() == [0.0, 0.5, 1.0, 2.0]
    assert timeline.second_at(2400) == 1.5
    assert timeline.tick_at(1.5) == 2400


def test_time_before_the_start_runs_at_the_first_tempo() -> None:
    timeline = Timeline.made((Tempo.of_bpm(120), Tempo.of_bpm(30, tick=1920)))
    assert timeline.second_at(-960) == -0.5
    assert timeline.tick_at(-0.5) == -960


def test_before_the_first_tempo_and_metre_midi_s_defaults_hold() -> None:
    timeline = Timeline.made((Tempo.of_bpm(60, tick=960),), (Metre(BAR, 3, 4),))
    assert timeline.tempo_at(0).bpm == 120
    assert timeline.tempo_at(960).bpm == 60
    assert timeline.metre_at(BAR - 1) == Metre(0, 4, 4)


def test_of_several_at_one_tick_the_last_counts() -> None:
    timeline = Timeline.made((Tempo(0, 400_000), Tempo(0, 300_000)), (Metre(0, 2, 4), Metre(0, 6, 8)))
    assert timeline.tempos == (Tempo(0, 300_000),)
    assert timeline.metres == (Metre(0, 6, 8),)


@pytest.mark.parametrize(("bpm", "expected"), [(0, 5), (5, 5), (120, 120), (999, 999), (5000, 999)])
def test_tempo_is_kept_within_5_and_999(bpm: float, expected: float) -> None:
    assert Tempo.of_bpm(bpm).bpm == pytest.approx(expected, rel=1e-4)


def test_bars_of_one_metre() -> None:
    timeline = Timeline()
    assert [timeline.bar_at(t) for t in (0, BAR - 1, BAR, 5 * BAR)] == [0, 0, 1, 5]
    assert [timeline.bar_start(b) for b in (0, 1, 7)] == [0, BAR, 7 * BAR]
    assert [timeline.bar_ceil(t) for t in (0, 1, BAR, BAR + 1)] == [0, BAR, BAR, 2 * BAR]
    assert timeline.bar_beat(BAR + 960 + 7) == BarBeat(2, 2, 7)


def test_a_change_of_metre_on_the_bar_line() -> None:
    timeline = Timeline.made(metres=(Metre(0, 4, 4), Metre(2 * BAR, 6, 8)))
    six_eight = 6 * 480
    assert timeline.bar_start(2) == 2 * BAR
    assert timeline.bar_start(3) == 2 * BAR + six_eight
    assert timeline.bar_beat(2 * BAR + six_eight + 480) == BarBeat(4, 2, 0)
    assert timeline.bar_starts(0, 2 * BAR + 2 * six_eight).tolist() == [0, BAR, 2 * BAR, 2 * BAR + six_eight]


def test_a_change_of_metre_within_a_bar_cuts_that_bar_short() -> None:
    change = BAR + 1000
    timeline = Timeline.made(metres=(Metre(0, 4, 4), Metre(change, 3, 4)))
    assert timeline.bar_at(change - 1) == 1
    assert timeline.bar_at(change) == 2
    assert timeline.bar_start(2) == change
    assert timeline.bar_ceil(BAR + 1) == change
    assert timeline.bar_starts(0, change + 1).tolist() == [0, BAR, change]


@given(timelines(), TICKS)
def test_a_tick_lies_in_its_bar(timeline: Timeline, tick: int) -> None:
    bar = timeline.bar_at(tick)
    assert timeline.bar_start(bar) <= tick < timeline.bar_start(bar + 1)
    assert timeline.bar_at(timeline.bar_start(bar)) == bar
    line = timeline.bar_ceil(tick)
    assert line in {timeline.bar_start(bar), timeline.bar_start(bar + 1)}
    assert line >= tick
    counted = timeline.bar_beat(tick)
    assert (
        timeline.bar_start(counted.bar - 1) + (counted.beat - 1) * timeline.metre_at(tick).beat_ticks + counted.tick == tick
    )


@given(timelines(), TICKS, st.integers(0, 30_000))
def test_bar_lines_of_a_range(timeline: Timeline, start: int, width: int) -> None:
    lines = timeline.bar_starts(start, start + width).tolist()
    assert lines == sorted(set(lines))
    assert all(start <= line < start + width and timeline.bar_ceil(line) == line for line in lines)
    first = timeline.bar_ceil(start)
    assert (first in lines) == (first < start + width)
    assert len(lines) == len({timeline.bar_at(t) for t in lines})


@given(timelines(), TICKS)
def test_ticks_and_seconds_are_inverse(timeline: Timeline, tick: int) -> None:
    assert timeline.tick_at(timeline.second_at(tick)) == pytest.approx(tick, abs=1e-3)


@given(timelines(), st.lists(TICKS, min_size=2))
def test_time_never_runs_backwards(timeline: Timeline, ticks: list[int]) -> None:
    seconds = timeline.seconds(sorted(ticks)).tolist()
    assert seconds == sorted(seconds)


def test_the_transport_changes_the_tempo_and_metre_in_force() -> None:
    timeline = Timeline.made((Tempo.of_bpm(100), Tempo.of_bpm(80, 5000)), (Metre(0, 4, 4), Metre(BAR, 3, 4)))
    changed = timeline.with_tempo(90, tick=6000).with_metre(7, 8, tick=100)
    assert [(t.tick, round(t.bpm)) for t in changed.tempos] == [(0, 100), (5000, 90)]
    assert changed.metres == (Metre(0, 7, 8), Metre(BAR, 3, 4))
    assert timeline.metre_at(0) == Metre(0, 4, 4)
