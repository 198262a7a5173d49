"""Bars that are counted in, as they are planned."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import timelines

from musegen_app.midi_io.messages import NOTE_OFF, NOTE_ON
from musegen_app.playback.metronome import Click, count_in
from musegen_app.playback.plan import Plan
from musegen_app.score import Note, NoteTable, Score, Tempo, Timeline, Track

QUARTER = 960
HIGH, LOW = 76, 77


def beats(timeline: Timeline, tick: int, bars: int) -> list[tuple[float, int]]:
    return [(pytest.approx(second), pitch) for second, pitch, _ in count_in(timeline, tick, bars)[1]]


def test_a_bar_of_four_and_two_bars_of_three() -> None:
    assert beats(Timeline(), 0, 1) == [(-2.0, HIGH), (-1.5, LOW), (-1.0, LOW), (-0.5, LOW)]
    waltz = Timeline().with_metre(3, 4)
    assert [pitch for _, pitch, _ in count_in(waltz, 3 * QUARTER, 2)[1]] == [HIGH, LOW, LOW] * 2
    assert count_in(waltz, 3 * QUARTER, 2)[0] == pytest.approx(3.0)


def test_beats_fall_where_the_bar_has_them_wherever_playing_begins() -> None:
    assert beats(Timeline(), QUARTER + QUARTER // 2, 1) == [(-1.75, LOW), (-1.25, LOW), (-0.75, HIGH), (-0.25, LOW)]


def test_the_tempo_is_that_of_the_place() -> None:
    timeline = Timeline.made((Tempo.of_bpm(120), Tempo.of_bpm(60, 4 * QUARTER)))
    assert count_in(timeline, 4 * QUARTER, 1)[0] == pytest.approx(4.0)
    assert count_in(timeline, 0, 1)[0] == pytest.approx(2.0)


@given(timelines(), st.integers(0, 100_000), st.integers(1, 2))
def test_every_count_has_the_beats_of_its_bars(timeline: Timeline, tick: int, bars: int) -> None:
    length_s, found = count_in(timeline, tick, bars)
    metre = timeline.metre_at(tick)
    assert len(found) == bars * metre.numerator
    assert sum(pitch == HIGH for _, pitch, _ in found) == bars
    assert all(-length_s - 1e-9 <= second < 0 for second, _, _ in found)


@given(piece_s=st.floats(0.01, 0.7), tick=st.integers(0, 3 * QUARTER), clicking=st.booleans())
def test_pieces_hold_each_click_once_and_the_music_after_them(*, piece_s: float, tick: int, clicking: bool) -> None:
    score = Score((Track(1, notes=NoteTable.of([Note(i * 240, 200, 60) for i in range(40)])),))
    plan = Plan(score, 50.0, tick, None, clicking, Click("Other", 3), 2)
    assert plan.counts_from_s == pytest.approx(46.0)
    edges = [plan.counts_from_s + number * piece_s for number in range(int(8 / piece_s))]
    pieces = [event for a, b in itertools.pairwise(edges) for event in plan.events(a, b)]
    assert pieces == plan.events(edges[0], edges[-1])
    counted = [event for event in pieces if event[4] == "Other" and event[0] < 50.0]
    assert sum(event[1] == NOTE_ON | 3 for event in counted) == 8
    music = [event for event in pieces if event[4] == "" and event[1] & 0xF0 == NOTE_ON]
    assert all(event[0] >= 50.0 for event in music)
    held: set[int] = set()
    for event in (event for event in pieces if event[4] == "Other"):  # a click from before may end without having begun
        if event[1] == NOTE_ON | 3:
            assert event[2] not in held
            held.add(event[2])
        elif event[1] == NOTE_OFF | 3:
            held.discard(event[2])


def test_the_playhead_waits_and_nothing_but_the_click_sounds() -> None:
    score = Score((Track(1, notes=NoteTable.of([Note(0, 4000, 60)])),))
    plan = Plan(score, 50.0, QUARTER, count_in_bars=1)
    assert plan.tick(49.0) == QUARTER
    assert plan.sounding(49.01) == (("", 9, LOW),)
    assert plan.sounding(49.2) == ()
    assert plan.sounding(50.1) == (("", 0, 60),)
