from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.midi_io.messages import BEND, CONTROL, NOTE_OFF, NOTE_ON, PROGRAM
from musegen_app.playback.metronome import clicks
from musegen_app.playback.plan import Plan
from musegen_app.playback.schedule import Event, Schedule
from musegen_app.playback.sounding import Key
from musegen_app.score import (
    MUTED,
    PITCH_BEND,
    ControlChange,
    Note,
    NoteTable,
    Score,
    Tempo,
    Timeline,
    Track,
)

QUARTER = 960
NOTES = st.lists(
    st.builds(Note, st.integers(0, 20_000), st.integers(1, 6_000), st.integers(58, 62), st.integers(1, 127)), max_size=40
)


def score_of(*tracks: list[Note], timeline: Timeline | None = None) -> Score:
    places = enumerate(zip(tracks, itertools.cycle([("", 0), ("", 1), ("Other", 0)]), strict=False), start=1)
    made = tuple(Track(i, channel=channel, port=port, notes=NoteTable.of(n)) for i, (n, (port, channel)) in places)
    return Score(made, timeline or Timeline())


def check_alternating(events: list[Event]) -> dict[Key, float]:
    """Each on has its off before the pitch begins again; what still sounds is the answer."""
    held: dict[Key, float] = {}
    for second, status, pitch, _, port in events:
        note = (port, status & 15, pitch)
        if status & 0xF0 == NOTE_ON:
            assert note not in held
            held[note] = second
        elif status & 0xF0 == NOTE_OFF:
            assert held.pop(note) <= second
    return held


@given(NOTES, NOTES, NOTES)
def test_every_note_on_has_its_off_and_no_pitch_sounds_twice(a: list[Note], b: list[Note], c: list[Note]) -> None:
    schedule = Schedule.of(score_of(a, b, c))
    assert check_alternating(schedule.between(0, 1e9)) == {}


@given(NOTES, NOTES, st.floats(0, 15))
def test_what_sounds_at_a_time_is_what_the_events_before_it_left_on(a: list[Note], b: list[Note], at: float) -> None:
    schedule = Schedule.of(score_of(a, b, b))
    before = schedule.between(-1, at)
    assert schedule.sounding(at) == set(check_alternating(before))


@given(NOTES, st.integers(0, 4), st.integers(1, 8), st.floats(0.01, 3.0))
def test_a_loop_lets_every_note_go_where_it_turns(notes: list[Note], start: int, length: int, chunk: float) -> None:
    loop = (start * QUARTER, (start + length) * QUARTER)
    plan = Plan(score_of(notes), 100.0, 0, loop)
    events: list[Event] = []
    for number in range(12):
        events += plan.events(100 + number * chunk, 100 + (number + 1) * chunk)
    assert [e[0] for e in events] == sorted(e[0] for e in events)
    held: set[Key] = set()
    for _, status, pitch, _, port in events:  # a note held over from before the loop's start may end without having begun
        if status & 0xF0 == NOTE_ON:
            assert (port, status & 15, pitch) not in held
            held.add((port, status & 15, pitch))
        elif status & 0xF0 == NOTE_OFF:
            held.discard((port, status & 15, pitch))
    end = 100 + 12 * chunk  # where the loop turns right here, the offs are the first events of the next piece
    assert held <= set(plan.sounding(end)) | set(plan.sounding(end - 1e-6)) | set(plan.sounding(end + 1e-6))


@given(
    bpm=st.floats(20, 400),
    began=st.floats(1, 1e6),
    from_tick=st.integers(0, 2 * QUARTER),
    pieces=st.lists(st.floats(0.001, 2.0), max_size=12),
    clicking=st.booleans(),
)
def test_pieces_of_time_meet_without_losing_or_doubling_an_event(
    *, bpm: float, began: float, from_tick: int, pieces: list[float], clicking: bool
) -> None:
    notes = [Note(0, 100, 60), Note(QUARTER, 100, 64), Note(1000, 5000, 67), Note(2 * QUARTER, 50, 50)]
    score = score_of(notes, timeline=Timeline().with_tempo(bpm))
    plan = Plan(score, began, from_tick, (0, 2 * QUARTER), metronome=clicking)
    clock, events = began, []
    for piece in pieces:
        events += plan.events(clock, clock + piece)
        clock += piece
    assert events == plan.events(began, clock)
    assert [e[0] for e in events] == sorted(e[0] for e in events)
    check_loop_keeps_its_notes([e[2] for e in events if e[1] == NOTE_ON], from_tick)


def check_loop_keeps_its_notes(pitches: list[int], from_tick: int) -> None:
    first = [pitch for tick, pitch in ((0, 60), (QUARTER, 64), (1000, 67)) if tick >= from_tick]
    if from_tick == 2 * QUARTER:
        first = [50]  # from the loop's end on there is no way back into it
        assert pitches == first[: len(pitches)]
        return
    expected = first + [60, 64, 67] * len(pitches)
    assert pitches == expected[: len(pitches)]


@given(st.floats(20, 400), st.integers(0, 20_000), st.floats(1, 1e6))
def test_the_note_under_the_playhead_is_struck_however_time_is_counted(bpm: float, tick: int, began: float) -> None:
    score = score_of([Note(tick, 100, 60)], timeline=Timeline().with_tempo(bpm))
    plan = Plan(score, began, tick)
    taken_over = replace(plan, from_tick=plan.tick(began))
    for each in (plan, taken_over):
        assert NOTE_ON in {e[1] for e in each.events(began, began + 0.5)}


def test_muted_and_soloed_tracks() -> None:
    score = score_of([Note(0, 10, 60)], [Note(0, 10, 70)], [Note(0, 10, 50)])
    one, two, three = score.tracks
    heard = {e[2] for e in Schedule.of(score).between(0, 9) if e[1] & 0xF0 == NOTE_ON}
    assert heard == {60, 70, 50}
    muted = replace(score, tracks=(replace(one, muted=True), two, three))
    assert {e[2] for e in Schedule.of(muted).between(0, 9) if e[1] & 0xF0 == NOTE_ON} == {70, 50}
    soloed = replace(score, tracks=(replace(one, soloed=True), two, three))
    assert {e[2] for e in Schedule.of(soloed).between(0, 9) if e[1] & 0xF0 == NOTE_ON} == {60}


def test_muted_notes_are_silent() -> None:
    score = score_of([Note(0, 10, 60, flags=MUTED), Note(0, 10, 61)])
    assert [e[2] for e in Schedule.of(score).between(0, 9) if e[1] & 0xF0 == NOTE_ON] == [61]


def test_a_seek_finds_programme_controllers_and_bend_in_force() -> None:
    controls = (
        ControlChange(0, 7, 90),
        ControlChange(QUARTER, 64, 127),
        ControlChange(2 * QUARTER, 7, 40),
        ControlChange(3 * QUARTER, PITCH_BEND, 9000),
        ControlChange(8 * QUARTER, 7, 1),
    )
    track = Track(1, channel=3, program=11, controls=controls, notes=NoteTable.of([Note(0, 10, 60)]))
    setup = Schedule.of(Score((track,))).setup(2.0)
    assert sorted(setup) == sorted(
        [
            (PROGRAM | 3, 11, 0, ""),
            (CONTROL | 3, 7, 40, ""),
            (CONTROL | 3, 64, 127, ""),
            (BEND | 3, 9000 & 127, 9000 >> 7, ""),
        ]
    )


def test_tempo_changes_move_events_and_the_playhead() -> None:
    timeline = Timeline.made((Tempo.of_bpm(120), Tempo.of_bpm(60, 4 * QUARTER)))
    plan = Plan(score_of([Note(4 * QUARTER, 10, 60), Note(5 * QUARTER, 10, 61)], timeline=timeline), 50.0, 0.0)
    assert [e[0] for e in plan.events(50, 60) if e[1] & 0xF0 == NOTE_ON] == pytest.approx([52.0, 53.0])
    assert plan.tick(52.5) == pytest.approx(4.5 * QUARTER)


def test_the_metronome_accents_the_bar_in_every_metre() -> None:
    timeline = Timeline().with_metre(3, 4)
    found = [(second, pitch) for second, status, pitch, *_ in clicks(timeline, 0.0, 3.0) if status & 0xF0 == NOTE_ON]
    assert found == [(0.0, 76), (0.5, 77), (1.0, 77), (1.5, 76), (2.0, 77), (2.5, 77)]
