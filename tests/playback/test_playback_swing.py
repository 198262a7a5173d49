from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_strategies import timelines

from musegen_app.midi_io.messages import NOTE_OFF, NOTE_ON
from musegen_app.playback.metronome import clicks
from musegen_app.playback.plan import Plan
from musegen_app.playback.schedule import Schedule
from musegen_app.score import (
    EIGHTHS,
    SIXTEENTHS,
    ControlChange,
    Metre,
    Note,
    NoteTable,
    Score,
    Swing,
    Timeline,
    Track,
    as_played,
)

QUARTER = 960
SWINGS = st.builds(Swing, st.integers(0, 75), st.sampled_from([EIGHTHS, SIXTEENTHS]))


def with_swing(timeline: Timeline, swing: Swing) -> Timeline:
    return Timeline.made(timeline.tempos, timeline.metres).with_swing(swing)


def onsets(score: Score) -> list[float]:
    return [second for second, status, *_ in Schedule.of(score).between(0, 60) if status & 0xF0 == NOTE_ON]


def run(step: int, swing: Swing, metre: tuple[int, int] = (4, 4)) -> Score:
    notes = NoteTable.of([Note(i * step, step, 60) for i in range(14)])
    return Score((Track(1, notes=notes),), Timeline().with_metre(*metre).with_swing(swing))


@given(timelines(), SWINGS, st.lists(st.integers(0, 200_000), min_size=2, max_size=20))
def test_swing_keeps_the_order_of_events_and_has_a_way_back(timeline: Timeline, swing: Swing, ticks: list[int]) -> None:
    swung = with_swing(timeline, swing)
    ordered = sorted(set(ticks))
    seconds = swung.played_seconds(ordered)
    assert (np.diff(seconds) > 0).all()
    for tick, second in zip(ordered, seconds.tolist(), strict=True):
        assert swung.played_second_at(tick) == second
        assert swung.played_tick_at(second) == pytest.approx(tick, abs=1e-3)


@given(timelines(), SWINGS)
def test_bars_begin_where_they_did(timeline: Timeline, swing: Swing) -> None:
    swung = with_swing(timeline, swing)
    bars = swung.bar_starts(0, 100_000)
    assert np.allclose(swung.played_seconds(bars), timeline.seconds(bars), rtol=0, atol=1e-6)


def test_without_swing_what_is_played_is_what_is_written() -> None:
    timeline = Timeline()
    ticks = [0, 1, 479, 480, 481, 959, 960]
    assert timeline.played_seconds(ticks).tolist() == timeline.seconds(ticks).tolist()


@pytest.mark.parametrize(("percent", "late"), [(0, 0.0), (50, 0.5), (75, 0.75)])
def test_off_beat_eighths_come_late_by_that_share_of_an_eighth(percent: int, late: float) -> None:
    found = onsets(run(EIGHTHS, Swing(percent)))
    assert found == pytest.approx([0.25 * i + (0.25 * late if i % 2 else 0.0) for i in range(14)])


def test_sixteenths_swing_apart_from_eighths() -> None:
    found = onsets(run(SIXTEENTHS, Swing(40, SIXTEENTHS)))
    assert found == pytest.approx([0.125 * i + (0.05 if i % 2 else 0.0) for i in range(14)])
    assert onsets(run(EIGHTHS, Swing(40, SIXTEENTHS))) == pytest.approx([0.25 * i for i in range(14)])


def test_the_odd_eighth_of_a_bar_in_seven_stays_straight() -> None:
    found = onsets(run(EIGHTHS, Swing(50), (7, 8)))
    late = [0.125 if i % 7 in {1, 3, 5} else 0.0 for i in range(14)]
    assert found == pytest.approx([0.25 * i + more for i, more in enumerate(late)])


def test_a_metre_that_cuts_a_pair_leaves_it_straight() -> None:
    timeline = Timeline.made((), (Metre(0, 4, 4), Metre(QUARTER + EIGHTHS, 3, 4))).with_swing(Swing(50))
    assert timeline.played_second_at(QUARTER + 240) == timeline.second_at(QUARTER + 240)
    assert timeline.played_second_at(EIGHTHS) == pytest.approx(0.375)


def test_notes_keep_their_ends_together() -> None:
    events = Schedule.of(run(EIGHTHS, Swing(60))).between(0, 60)
    ons = [second for second, status, *_ in events if status & 0xF0 == NOTE_ON]
    offs = [second for second, status, *_ in events if status & 0xF0 == NOTE_OFF]
    assert offs[:-1] == ons[1:], "legato stays legato"


def test_the_score_is_not_touched_and_the_beat_stays_where_it_was() -> None:
    straight, swung = run(EIGHTHS, Swing()), run(EIGHTHS, Swing(75))
    assert straight.tracks == swung.tracks
    assert clicks(swung.timeline, 0, 8) == clicks(straight.timeline, 0, 8)


@settings(max_examples=40)
@given(SWINGS, st.integers(0, 20).map(lambda n: n * 240), st.integers(1, 16).map(lambda n: n * 240))
def test_a_loop_holds_its_own_notes_and_no_others_however_it_swings(swing: Swing, start: int, length: int) -> None:
    notes = [Note(i * 240, 120, 20 + i) for i in range(64)]
    score = Score((Track(1, notes=NoteTable.of(notes)),), Timeline().with_swing(swing))
    plan = Plan(score, 10.0, start, (start, start + length))
    struck = [event[2] for event in plan.events(10.0, 14.0) if event[1] & 0xF0 == NOTE_ON]
    once = [20 + tick // 240 for tick in range(start, start + length, 240)]
    rounds = math.ceil(len(struck) / len(once))
    assert struck == (once * rounds)[: len(struck)]


@given(SWINGS, st.floats(0, 20))
def test_the_playhead_is_on_a_note_when_it_sounds(swing: Swing, began: float) -> None:
    score = run(EIGHTHS, swing)
    plan = Plan(score, began, 0)
    for second, status, *_ in plan.events(began, began + 10):
        if status & 0xF0 == NOTE_ON:
            tick = plan.tick(second)
            assert tick == pytest.approx(round(tick / EIGHTHS) * EIGHTHS, abs=0.01)


@given(timelines(), SWINGS, st.lists(st.builds(Note, st.integers(0, 9000), st.integers(1, 3000), st.integers(0, 127))))
def test_swing_written_out_sounds_the_same(timeline: Timeline, swing: Swing, notes: list[Note]) -> None:
    score = Score((Track(1, notes=NoteTable.of(notes), controls=(ControlChange(500, 7, 9),)),), with_swing(timeline, swing))
    written = as_played(score)
    assert written.timeline.swing.percent == 0 or written is score
    (before,), (after,) = score.tracks, written.tracks
    tick_s = timeline.tempos[0].microseconds / 1e6 / QUARTER
    slowest = max([tick_s, *(tempo.microseconds / 1e6 / QUARTER for tempo in timeline.tempos)])
    expected = sorted(score.timeline.played_seconds(before.notes.start).tolist())
    assert sorted(written.timeline.seconds(after.notes.start).tolist()) == pytest.approx(expected, abs=slowest)
    assert sorted(before.notes.pitch.tolist()) == sorted(after.notes.pitch.tolist())
    assert after.controls[0].tick == round(float(score.timeline.played_ticks(500)))
