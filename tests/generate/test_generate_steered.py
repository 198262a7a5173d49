"""Fills, notes that stand, and every control, drawn by a model with random weights: what is asked holds all the same."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_strategies import notes, timelines
from steering_checks import assert_holds, drawn, most_at_once, takes_of

from musegen_app.errors import InputError
from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import EMPTY, SCALES, Key, Metre, Note, NoteTable, Timeline

FEW = settings(max_examples=30, deadline=None)
BAR = 3840
LEFT = NoteTable.of(Note(beat * 960, 960, 60 + (beat * 5) % 12, 80) for beat in range(16))
RIGHT = NoteTable.of(Note(8 * BAR + beat * 960, 960, 55 + (beat * 7) % 12, 90) for beat in range(16))
CHORDS = NoteTable.of(Note(half * 1920, 1920, pitch) for half in range(32) for pitch in (40, 47, 52, 55))
GAP = GenerateRequest(LEFT.merged(RIGHT), Timeline(), start_tick=4 * BAR, until_tick=8 * BAR)

KEYS = st.one_of(st.none(), st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES))))
RANGES = st.tuples(st.integers(0, 100), st.integers(12, 60)).map(lambda ends: (ends[0], min(sum(ends), 127)))
CONTROLS = st.fixed_dictionaries(
    {},
    optional={
        "density": st.integers(0, 32),
        "polyphony": st.integers(0, 6),
        "grid": st.sampled_from([0, 1, 2, 3, 4, 6, 8]),
        "swing": st.sampled_from([0.0, 0.5, 1.0]),
        "feel": st.sampled_from([0.0, 1.0]),
        "chord_lock": st.sampled_from([0, 1]),
    },
).map(lambda chosen: tuple((name, float(value)) for name, value in chosen.items()))
METRES = st.sampled_from([Metre(0), Metre(0, 3, 4), Metre(0, 6, 8), Metre(0, 7, 8), Metre(0, 2, 2)])


@st.composite
def requests(draw: st.DrawFn) -> GenerateRequest:
    """Anything that a musician may ask for at once."""
    start = draw(st.integers(0, 60_000))
    until = start + draw(st.integers(200, 8 * BAR)) if draw(st.booleans()) else None
    chords = draw(st.lists(st.tuples(st.integers(0, 90_000), st.integers(0, 4095)), max_size=5))
    return GenerateRequest(
        draw(notes(30, max_length=6000)),
        draw(timelines()) if draw(st.booleans()) else Timeline.made(metres=(draw(METRES),)),
        bars=draw(st.integers(1, 3)),
        start_tick=start,
        until_tick=until,
        key=draw(KEYS),
        pitch_range=draw(RANGES),
        takes=draw(st.integers(1, 3)),
        seed_number=draw(st.integers(0, 10**6)),
        controls=draw(CONTROLS),
        standing=draw(notes(60, max_length=4000)),
        kept=draw(notes(20, max_length=4000)),
        keep=draw(st.sampled_from(["", "", "rhythm", "pitches"])),
        ending=draw(st.sampled_from(["", "close", "open"])),
        chords=tuple(chords),
    )


@given(requests())
@FEW
def test_whatever_is_asked_together_holds(tiny: NoteEventGenerator, request: GenerateRequest) -> None:
    try:
        found = drawn(tiny, request)
    except InputError as error:
        assert str(error).endswith(".")
        return
    tables = assert_holds(found, request)
    polyphony = int(request.control("polyphony", 0))
    if polyphony and request.keep != "rhythm":
        assert max(map(most_at_once, tables)) <= polyphony
    again = drawn(tiny, request)
    assert again == found


# --- fills ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bars", [1, 4, 32])
@pytest.mark.parametrize("metre", [Metre(0), Metre(0, 3, 4), Metre(0, 6, 8)])
def test_a_gap_is_filled_to_its_last_bar(tiny: NoteEventGenerator, bars: int, metre: Metre) -> None:
    start = 4 * metre.bar_ticks
    until = start + bars * metre.bar_ticks
    right = NoteTable.of(Note(until + beat * 960, 960, 62) for beat in range(8))
    left = LEFT.take(LEFT.start < start)
    request = GenerateRequest(
        left.merged(right), Timeline.made(metres=(metre,)), start_tick=start, until_tick=until, takes=3
    )
    for table in assert_holds(drawn(tiny, request), request):
        assert table.start[-1] >= until - metre.bar_ticks


def test_what_follows_a_gap_is_heard_and_what_lies_in_it_is_not(tiny: NoteEventGenerator) -> None:
    other = dataclasses.replace(GAP, notes=LEFT.merged(RIGHT.with_columns(pitch=RIGHT.pitch + 7)))
    assert drawn(tiny, other) != drawn(tiny, GAP)
    old = NoteTable.of(Note(4 * BAR + beat * 960, 960, 70) for beat in range(16))
    assert drawn(tiny, dataclasses.replace(GAP, notes=GAP.notes.merged(old))) == drawn(tiny, GAP)


@pytest.mark.parametrize("sides", [EMPTY, RIGHT])
def test_a_gap_with_nothing_before_it_is_filled(tiny: NoteEventGenerator, sides: NoteTable) -> None:
    request = dataclasses.replace(GAP, notes=sides, takes=2)
    assert all(len(table) for table in assert_holds(drawn(tiny, request), request))


def test_a_gap_may_begin_and_end_off_every_grid(tiny: NoteEventGenerator) -> None:
    request = dataclasses.replace(GAP, start_tick=4 * BAR + 333, until_tick=6 * BAR + 77)
    assert_holds(drawn(tiny, request), request)


def test_a_gap_without_room_for_a_note_is_refused(tiny: NoteEventGenerator) -> None:
    request = dataclasses.replace(GAP, start_tick=4 * BAR + 1, until_tick=4 * BAR + 30)
    with pytest.raises(InputError, match="too short to hold a note"):
        drawn(tiny, request)


# --- what stands ------------------------------------------------------------------------------------------------------


def test_notes_that_stand_are_heard_and_never_doubled(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(LEFT, Timeline(), 8, standing=CHORDS, takes=4)
    assert_holds(drawn(tiny, request), request)
    moved = dataclasses.replace(request, standing=CHORDS.with_columns(pitch=CHORDS.pitch + 1))
    assert drawn(tiny, moved) != drawn(tiny, request)


def test_beside_a_busy_track_the_own_one_goes_on_about_as_busy_as_it_was(tiny: NoteEventGenerator) -> None:
    busy = NoteTable.of(Note(n * 240, 240, 40 + n % 9) for n in range(16 * 16))
    sparse = LEFT.take(LEFT.start % 1920 == 0)
    counts = []
    for own in (sparse, LEFT.merged(LEFT.with_columns(start=LEFT.start + 480))):
        request = GenerateRequest(own, Timeline(), 12, start_tick=4 * BAR, standing=busy, pitch_range=(60, 90), takes=3)
        counts.append(len(drawn(tiny, request)) / 36)
    assert counts[0] > 2 * 0.7
    assert counts[1] > 8 * 0.7
    assert counts[1] > 1.5 * counts[0]


def test_where_every_pitch_stands_nothing_is_struck(tiny: NoteEventGenerator) -> None:
    wall = NoteTable.of(Note(4 * BAR, 2 * BAR, pitch) for pitch in range(128))
    request = GenerateRequest(LEFT, Timeline(), 4, standing=wall, takes=2)
    for table in assert_holds(drawn(tiny, request), request):
        assert len(table)
        assert table.start[0] >= 6 * BAR
    with pytest.raises(InputError, match="leave no place for a note"):
        drawn(tiny, dataclasses.replace(request, bars=2))


def test_standing_notes_off_the_grid_are_not_touched(tiny: NoteEventGenerator) -> None:
    odd = NoteTable.of(Note(4 * BAR + n * 137 + 13, 61, 60 + n % 6) for n in range(200))
    request = GenerateRequest(LEFT, Timeline(), 8, standing=odd, pitch_range=(60, 65), takes=4)
    tables = assert_holds(drawn(tiny, request), request)
    assert all(len(table) for table in tables)


def test_beside_a_hundred_thousand_notes_the_first_comes_at_once(tiny: NoteEventGenerator) -> None:
    """Only what lies near the span is looked at; a minute would pass otherwise."""
    rows = np.arange(100_000)
    long = NoteTable.from_columns(rows * 120, np.full(len(rows), 200), 30 + rows % 30)
    middle = 5_000 * BAR // 4 // BAR * BAR
    request = GenerateRequest(
        long.with_columns(pitch=long.pitch + 40), Timeline(), start_tick=middle, until_tick=middle + 8 * BAR, standing=long
    )
    began = time.perf_counter()
    assert next(iter(tiny.generate(request, lambda: False))).note.start >= middle
    assert time.perf_counter() - began < 15


@pytest.mark.parametrize("count", [0, 1, 5])
def test_cancel_is_asked_before_every_steered_note(tiny: NoteEventGenerator, count: int) -> None:
    heard: list[GeneratedNote] = []
    request = GenerateRequest(LEFT, Timeline(), 32, standing=CHORDS, takes=3, controls=(("polyphony", 2),))
    for note in tiny.generate(request, lambda: len(heard) == count):
        heard.append(note)  # noqa: PERF402 - the list is looked at as it grows
    assert len(heard) == count


# --- controls ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("density", [2, 3, 5, 8, 13, 16, 24, 32])
@pytest.mark.parametrize("metre", [Metre(0), Metre(0, 3, 4), Metre(0, 6, 8)])
def test_the_asked_density_is_met(tiny: NoteEventGenerator, density: int, metre: Metre) -> None:
    timeline = Timeline.made(metres=(metre,))
    for standing in (EMPTY, CHORDS):
        request = GenerateRequest(
            LEFT, timeline, 8, controls=(("density", density),), takes=3, standing=standing, pitch_range=(40, 90)
        )
        start, end = request.span
        bars = (end - start) / metre.bar_ticks
        for table in assert_holds(drawn(tiny, request), request):
            assert len(table) / bars == pytest.approx(density, rel=0.15)
            assert table.start[-1] >= end - 2 * metre.bar_ticks


@pytest.mark.parametrize("polyphony", [1, 2, 4])
def test_polyphony_is_never_exceeded(tiny: NoteEventGenerator, polyphony: int) -> None:
    ringing = NoteTable.of([Note(0, 5 * BAR, 36)])
    held = LEFT.merged(ringing)
    for density in (0, 24):
        request = GenerateRequest(
            held, Timeline(), 8, start_tick=4 * BAR, controls=(("polyphony", polyphony), ("density", density)), takes=3
        )
        for table in assert_holds(drawn(tiny, request), request):
            assert most_at_once(table.merged(ringing)) <= polyphony
            assert len(table)


@pytest.mark.parametrize("grid", [1, 2, 3, 4, 6, 8])
@pytest.mark.parametrize("metre", [Metre(0), Metre(0, 3, 4), Metre(0, 6, 8), Metre(0, 7, 8)])
def test_onsets_lie_on_the_rhythm_grid(tiny: NoteEventGenerator, grid: int, metre: Metre) -> None:
    timeline = Timeline.made(metres=(metre,))
    request = GenerateRequest(LEFT, timeline, 12, controls=(("grid", grid),), takes=3, standing=CHORDS)
    for table in assert_holds(drawn(tiny, request), request):
        phases = {(tick - timeline.bar_start(timeline.bar_at(tick))) % (960 // grid) for tick in table.start.tolist()}
        assert phases == {0}


def test_a_grid_that_nobody_knows_is_refused(tiny: NoteEventGenerator) -> None:
    with pytest.raises(InputError, match="grid of 5 steps"):
        drawn(tiny, GenerateRequest(LEFT, Timeline(), controls=(("grid", 5),)))


@pytest.mark.parametrize("swing", [0.25, 0.5, 1.0])
def test_off_eighths_come_late_by_the_asked_share(tiny: NoteEventGenerator, swing: float) -> None:
    request = GenerateRequest(LEFT, Timeline(), 16, controls=(("grid", 2),), takes=3)
    straight = drawn(tiny, request)
    swung = drawn(tiny, dataclasses.replace(request, controls=(("grid", 2), ("swing", swing))))
    assert {n.note.start % 960 for n in straight} == {0, 480}
    assert {n.note.start % 960 for n in swung} == {0, 480 + round(160 * swing)}
    assert_holds(swung, request)


def test_in_six_eight_nothing_swings(tiny: NoteEventGenerator) -> None:
    timeline = Timeline.made(metres=(Metre(0, 6, 8),))
    request = GenerateRequest(LEFT, timeline, 8, controls=(("grid", 2),))
    swung = drawn(tiny, dataclasses.replace(request, controls=(("grid", 2), ("swing", 1.0))))
    assert [n.note for n in swung] == [n.note for n in drawn(tiny, request)]


def test_feel_follows_the_accents_where_the_seed_is_flat(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(LEFT, Timeline(), 32, controls=(("grid", 4), ("feel", 1.0)), takes=4)
    found = [n.note for n in drawn(tiny, request)]
    first = [n.velocity for n in found if n.start % BAR == 0]
    beats = [n.velocity for n in found if n.start % 960 == 0 and n.start % BAR]
    off = [n.velocity for n in found if n.start % 480]
    assert np.mean(first) > np.mean(beats) + 8 > np.mean(off) + 16
    half = [n.note.velocity for n in drawn(tiny, dataclasses.replace(request, controls=(("grid", 4), ("feel", 0.5))))]
    assert 0 < np.std(half) < np.std([n.velocity for n in found])
    assert abs(np.median(half) - 80) < 12


def test_feel_spreads_velocities_that_are_played(tiny: NoteEventGenerator) -> None:
    played = NoteTable.of(Note(n.start, n.length, n.pitch, 30 + 11 * (k % 8)) for k, n in enumerate(LEFT))
    spread = []
    for feel in (0.0, 0.5):
        request = GenerateRequest(played, Timeline(), 16, controls=(("feel", feel), ("grid", 8)))
        spread.append(np.std([n.note.velocity for n in drawn(tiny, request)]))
    assert spread[1] > spread[0] * 1.2


C_MAJOR, G_SEVENTH = 0b000010010001, 0b100010100100
TRACK = tuple((4 * BAR + bar * BAR, (C_MAJOR, G_SEVENTH)[bar % 2]) for bar in range(16))


def chord_share(table: NoteTable, *, on_beats: bool) -> float:
    rows = table.start % 960 == 0 if on_beats else np.ones(len(table), dtype=np.bool_)
    masks = np.array([(C_MAJOR, G_SEVENTH)[tick // BAR % 2] for tick in table.start[rows].tolist()])
    return float(((masks >> (table.pitch[rows] % 12)) & 1).mean())


def test_chords_are_preferred_on_beats_and_kept_to_where_locked(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(LEFT, Timeline(), 16, controls=(("grid", 2),), takes=6)
    free, led, locked = (
        NoteTable.of(n.note for n in drawn(tiny, dataclasses.replace(request, chords=chords, controls=controls)))
        for chords, controls in (
            ((), request.controls),
            (TRACK, request.controls),
            (TRACK, (*request.controls, ("chord_lock", 1.0))),
        )
    )
    assert chord_share(led, on_beats=True) > 0.85 > chord_share(free, on_beats=True) + 0.3
    assert chord_share(locked, on_beats=False) == 1
    for note in locked:
        for tick in range(note.start, note.end, 480):
            assert (C_MAJOR, G_SEVENTH)[tick // BAR % 2] >> note.pitch % 12 & 1


def test_a_key_goes_before_the_chords(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(
        LEFT, Timeline(), 8, chords=TRACK, controls=(("chord_lock", 1.0),), key=Key(0, "minor pentatonic"), takes=3
    )
    for table in assert_holds(drawn(tiny, request), request):
        assert chord_share(table, on_beats=False) == 1


def test_outside_the_chords_the_lock_leaves_free(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(
        LEFT, Timeline(), 8, chords=((4 * BAR, C_MAJOR), (6 * BAR, 0)), controls=(("chord_lock", 1.0),), takes=4
    )
    found = NoteTable.of(n.note for n in drawn(tiny, request))
    after = found.pitch[found.start >= 6 * BAR] % 12
    assert set((found.pitch[found.start < 6 * BAR] % 12).tolist()) <= {0, 4, 7}
    assert not set(after.tolist()) <= {0, 4, 7}


@pytest.mark.parametrize("name", ["density", "polyphony", "swing", "feel"])
def test_values_that_no_control_has_are_refused(tiny: NoteEventGenerator, name: str) -> None:
    with pytest.raises(InputError, match=f'"{name}" is 0 to'):
        drawn(tiny, GenerateRequest(LEFT, Timeline(), controls=((name, -1.0),)))


def test_one_voice_strums_no_chords(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(LEFT, Timeline(), 16, takes=8, controls=(("polyphony", 1.0),))
    apart = [np.diff(table.start[table.start < request.span[1] - BAR]) for table in takes_of(drawn(tiny, request), request)]
    assert len(np.concatenate(apart)) > 80
    assert np.concatenate(apart).min() >= 120, "in 32nds at most"
