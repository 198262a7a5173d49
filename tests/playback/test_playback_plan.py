"""The plan against a plain loop over notes, in whatever pieces it is asked."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.midi_io.messages import CONTROL, NOTE_OFF, NOTE_ON, PROGRAM
from musegen_app.playback.plan import Plan
from musegen_app.playback.schedule import Event, Schedule, in_order
from musegen_app.score import DEFAULT_VELOCITY, PITCH_BEND, ControlChange, Note, NoteTable, Score, Timeline, Track

QUARTER = 960
TICK_S = 60 / 90 / QUARTER
NOTES = st.lists(st.builds(Note, st.integers(0, 9_000), st.integers(1, 4_000), st.integers(60, 62)), max_size=25)
CUTS = st.lists(st.floats(0.0, 9.0), max_size=12)
PASS_END = 3 * QUARTER


def score_of(notes: list[Note], bpm: float = 90) -> Score:
    return Score((Track(1, notes=NoteTable.of(notes)),), Timeline().with_tempo(bpm))


def in_pieces(plan: Plan, cuts: list[float], end_s: float) -> list[Event]:
    edges = [plan.began_s, *sorted(plan.began_s + cut for cut in cuts), plan.began_s + end_s]
    return [event for a, b in itertools.pairwise(edges) for event in plan.events(a, b)]


def struck(events: list[Event]) -> list[tuple[int, int]]:
    return [(round(second / TICK_S), pitch) for second, status, pitch, *_ in events if status & 0xF0 == NOTE_ON]


def held(notes: list[Note], tick: int) -> set[int]:
    """Pitches that began before ``tick`` and sound on after it; one that is struck there is none of them."""
    found = set()
    for pitch in {note.pitch for note in notes} - {note.pitch for note in notes if note.start == tick}:
        own = [(note.start, note.end) for note in notes if note.pitch == pitch and note.start < tick]
        if own and max(own)[1] > tick:
            found.add(pitch)
    return found


@given(notes=NOTES, cuts=CUTS, start=st.integers(0, 4_000), began=st.floats(1.0, 100_000.0), strikes_held=st.booleans())
def test_pieces_hold_each_note_once(
    notes: list[Note], cuts: list[float], start: int, began: float, *, strikes_held: bool
) -> None:
    plan = Plan(score_of(notes), began, start, strikes_held=strikes_held)
    found = [(second - began, *rest) for second, *rest in in_pieces(plan, cuts, 9.0)]
    begun = {(0, pitch) for pitch in held(notes, start)} if strikes_held else set()
    expected = sorted(begun | {(note.start - start, note.pitch) for note in notes if note.start >= start})
    assert sorted(struck(found)) == [place for place in expected if place[0] * TICK_S < 9.0 - 1e-6]


@given(NOTES, CUTS, st.floats(1.0, 100_000.0))
def test_each_round_of_a_loop_strikes_the_same_notes(notes: list[Note], cuts: list[float], began: float) -> None:
    plan = Plan(score_of(notes), began, QUARTER, (QUARTER, PASS_END), strikes_held=True)
    found = [(second - began, *rest) for second, *rest in in_pieces(plan, cuts, 9.0)]
    width = PASS_END - QUARTER
    once = {(note.start - QUARTER, note.pitch) for note in notes if QUARTER <= note.start < PASS_END}
    once |= {(0, pitch) for pitch in held(notes, QUARTER)}
    rounds = range(round(9.0 / TICK_S / width) + 1)
    expected = sorted((tick + number * width, pitch) for number in rounds for tick, pitch in once)
    assert sorted(struck(found)) == [place for place in expected if place[0] * TICK_S < 9.0 - 1e-6]


@given(NOTES, CUTS)
def test_no_pitch_is_struck_while_it_sounds(notes: list[Note], cuts: list[float]) -> None:
    plan = Plan(score_of(notes), 50.0, 0, (QUARTER, PASS_END), metronome=True)
    events = in_pieces(plan, cuts, 9.0)
    assert [event[0] for event in events] == sorted(event[0] for event in events)
    held: set[tuple[int, int]] = set()
    for _, status, pitch, *_ in events:
        key = (status & 15, pitch)
        if status & 0xF0 == NOTE_ON:
            assert key not in held
            held.add(key)
        elif status & 0xF0 == NOTE_OFF:
            held.discard(key)
    following = plan.events(59.0, 59.0 + 9_000 * TICK_S)
    assert held <= {(status & 15, pitch) for _, status, pitch, *_ in following if status & 0xF0 == NOTE_OFF}


@given(NOTES, st.floats(0.0, 9.0), st.floats(0.001, 9.0))
def test_a_window_shows_what_the_whole_shows_there(notes: list[Note], start: float, length: float) -> None:
    schedule = Schedule.of(score_of(notes))
    whole = schedule.between(-1.0, 1e6)
    assert schedule.between(start, start + length) == [event for event in whole if start <= event[0] < start + length]


def test_events_at_one_time_go_off_set_on() -> None:
    on, off, later = (1.0, NOTE_ON, 60, 9, ""), (1.0, NOTE_OFF, 60, 64, ""), (2.0, NOTE_OFF, 60, 64, "")
    volume = (1.0, CONTROL, 7, 1, "")
    assert in_order([later, on, volume, off]) == [off, volume, on, later]


def controlled(*controls: tuple[int, int, int], program: int = 0) -> Schedule:
    changes = tuple(ControlChange(*change) for change in controls)
    return Schedule.of(Score((Track(1, channel=2, program=program, controls=changes),)))


def test_what_is_set_later_in_the_piece_rests_before() -> None:
    schedule = controlled((4 * QUARTER, 64, 127), (4 * QUARTER, PITCH_BEND, 0), (4 * QUARTER, 123, 0))
    assert schedule.setup(1.0) == [(PROGRAM | 2, 0, 0, ""), *sorted([(CONTROL | 2, 64, 0, ""), (0xE2, 0, 64, "")])]
    assert (CONTROL | 2, 64, 127, "") in schedule.setup(3.0)


def test_the_bank_is_chosen_before_the_programme() -> None:
    schedule = controlled((0, 7, 90), (0, 0, 5), (0, 32, 1), program=11)
    assert [message[:2] for message in schedule.setup(1.0)][:3] == [(CONTROL | 2, 0), (CONTROL | 2, 32), (PROGRAM | 2, 11)]


def test_an_edit_of_a_long_piece_costs_what_lies_ahead_not_the_whole() -> None:
    def seconds_for(count: int) -> float:
        score = score_of([Note(i * 240, 200, 40 + i % 50) for i in range(count)])
        taken = []
        for _ in range(15):
            plan = Plan(score, 10.0, 20 * QUARTER)
            began = time.perf_counter()
            plan.events(10.0, 12.0)
            taken.append(time.perf_counter() - began)
        return min(taken)

    assert seconds_for(100_000) < 5 * seconds_for(1_000)


def test_drums_are_not_struck_again_on_the_way() -> None:
    notes = NoteTable.of([Note(0, 4 * QUARTER, 49)])
    score = Score((Track(1, channel=9, notes=notes), Track(2, channel=3, notes=notes)), Timeline())
    assert Schedule.of(score).chased(score.timeline.second_at(QUARTER)) == [(NOTE_ON | 3, 49, DEFAULT_VELOCITY, "")]


def test_a_note_that_is_struck_again_on_the_way_is_let_go_in_time() -> None:
    """What was set off in its middle ends where it ends, whatever is asked in pieces."""
    plan = Plan(score_of([Note(0, 4 * QUARTER, 60)]), 10.0, QUARTER, strikes_held=True)
    on, off = in_pieces(plan, [0.0, 0.5, 1.0], 9.0)
    assert (on, off[1] & 0xF0) == ((10.0, NOTE_ON, 60, DEFAULT_VELOCITY, ""), NOTE_OFF)
    assert off[0] == pytest.approx(10.0 + 3 * QUARTER * TICK_S)


def test_a_drone_through_a_long_piece_is_known_to_sound() -> None:
    notes = [Note(0, 10_000 * QUARTER, 30), *(Note(i * 100, 90, 60 + i % 10) for i in range(5_000))]
    assert ("", 0, 30) in Schedule.of(score_of(notes)).sounding(100.0)
    struck_again = [*notes, Note(50 * QUARTER, 10, 30)]
    assert ("", 0, 30) not in Schedule.of(score_of(struck_again)).sounding(100.0)


@pytest.mark.parametrize("loop", [(960, 960), (960, 0), (0, 1)])
def test_a_loop_too_short_to_hear_is_none(loop: tuple[int, int]) -> None:
    plan = Plan(score_of([]), 0.0, 0, loop)
    assert plan.song_s(5.0) == pytest.approx(5.0)
