"""Rhythms and pitches that are kept, and endings, by a model with random weights."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steering_checks import assert_holds, drawn, most_at_once, takes_of

from musegen_app.errors import InputError
from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import EMPTY, Key, Metre, Note, NoteTable, Timeline

FEW = settings(max_examples=30, deadline=None)
BAR = 3840
LEFT = NoteTable.of(Note(beat * 960, 960, 60 + (beat * 5) % 12, 80) for beat in range(16))
RIGHT = NoteTable.of(Note(8 * BAR + beat * 960, 960, 55 + (beat * 7) % 12, 90) for beat in range(16))
CHORDS = NoteTable.of(Note(half * 1920, 1920, pitch) for half in range(32) for pitch in (40, 47, 52, 55))
GAP = GenerateRequest(LEFT.merged(RIGHT), Timeline(), start_tick=4 * BAR, until_tick=8 * BAR, takes=3)
START = 4 * BAR


@st.composite
def playing(draw: st.DrawFn) -> NoteTable:
    """Notes in the gap as they are played: off every grid, chords among them."""
    made = []
    for _ in range(draw(st.integers(1, 12))):
        start = START + draw(st.integers(0, 4 * BAR - 1))
        for pitch in draw(st.sets(st.integers(30, 100), min_size=1, max_size=4)):
            made.append(Note(start, draw(st.integers(20, 3000)), pitch, draw(st.integers(1, 127))))  # noqa: PERF401
    return NoteTable.of(made)


def times(table: NoteTable) -> list[tuple[int, int, int]]:
    return sorted((n.start, n.length, n.velocity) for n in table)


# --- rhythm -----------------------------------------------------------------------------------------------------------


@given(playing(), st.sampled_from([EMPTY, CHORDS]), st.integers(0, 1000))
@FEW
def test_a_kept_rhythm_stays_to_the_tick(
    tiny: NoteEventGenerator, kept: NoteTable, standing: NoteTable, seed_number: int
) -> None:
    request = dataclasses.replace(GAP, kept=kept, keep="rhythm", standing=standing, seed_number=seed_number)
    found = drawn(tiny, request)
    for table in assert_holds(found, request):
        assert times(table) == times(kept)
    assert {tuple(table.pitch.tolist()) for table in takes_of(found, request)} != {tuple(kept.pitch.tolist())}


def test_pitches_of_a_kept_chord_ascend_with_its_notes(tiny: NoteEventGenerator) -> None:
    kept = NoteTable.of(Note(START + beat * 960, 900 - 100 * k, 50 + 4 * k) for beat in range(16) for k in range(4))
    request = dataclasses.replace(GAP, kept=kept, keep="rhythm", key=Key(0, "major pentatonic"), pitch_range=(60, 84))
    for table in assert_holds(drawn(tiny, request), request):
        assert [n.length for n in table] == [n.length for n in kept]


def test_a_kept_rhythm_finds_its_pitches_in_the_narrowest_range(tiny: NoteEventGenerator) -> None:
    kept = NoteTable.of(Note(START + beat * 960, 960, 50 + 5 * k) for beat in range(16) for k in range(3))
    request = dataclasses.replace(GAP, kept=kept, keep="rhythm", pitch_range=(60, 62))
    for table in assert_holds(drawn(tiny, request), request):
        assert table.pitch.tolist() == [60, 61, 62] * 16
    narrow = dataclasses.replace(request, pitch_range=(60, 61))
    for table in assert_holds(drawn(tiny, narrow), narrow):
        assert len(table) == 32


def test_a_note_kept_over_the_end_of_the_gap_does_not_meet_what_follows(tiny: NoteEventGenerator) -> None:
    kept = NoteTable.of([Note(8 * BAR - 480, 2000, 60)])
    right = NoteTable.of(Note(8 * BAR, 960, pitch) for pitch in range(128) if pitch != 77)
    request = dataclasses.replace(GAP, notes=LEFT.merged(right), kept=kept, keep="rhythm")
    for table in assert_holds(drawn(tiny, request), request):
        assert [(n.start, n.length, n.pitch) for n in table] == [(8 * BAR - 480, 2000, 77)]


# --- pitches ----------------------------------------------------------------------------------------------------------


@given(playing(), st.sampled_from([EMPTY, CHORDS.with_columns(pitch=CHORDS.pitch - 26)]), st.integers(0, 1000))
@FEW
def test_kept_pitches_all_come_in_their_order(
    tiny: NoteEventGenerator, kept: NoteTable, standing: NoteTable, seed_number: int
) -> None:
    request = dataclasses.replace(GAP, kept=kept, keep="pitches", standing=standing, seed_number=seed_number)
    for table in assert_holds(drawn(tiny, request), request):
        assert table.pitch.tolist() == kept.pitch.tolist()


def test_kept_pitches_get_another_rhythm(tiny: NoteEventGenerator) -> None:
    kept = NoteTable.of(Note(START + beat * 960, 960, 60 + beat % 5) for beat in range(16))
    tables = takes_of(drawn(tiny, dataclasses.replace(GAP, kept=kept, keep="pitches")), GAP)
    assert len({tuple(table.start.tolist()) for table in [kept, *tables]}) == 4
    assert all(table.start[-1] >= 6 * BAR for table in tables)


@pytest.mark.parametrize("controls", [(("polyphony", 1.0),), (("grid", 4.0), ("polyphony", 2.0)), (("swing", 1.0),)])
def test_kept_pitches_heed_the_controls(tiny: NoteEventGenerator, controls: tuple[tuple[str, float], ...]) -> None:
    kept = NoteTable.of(Note(START + (n // 3) * 700, 960, 60 + n % 5) for n in range(48))
    request = dataclasses.replace(GAP, kept=kept, keep="pitches", controls=controls)
    for table in assert_holds(drawn(tiny, request), request):
        assert sorted(table.pitch.tolist()) == sorted(kept.pitch.tolist())
        assert most_at_once(table) <= request.control("polyphony", 99)


def test_more_pitches_than_there_is_room_for_are_refused(tiny: NoteEventGenerator) -> None:
    kept = NoteTable.of(Note(START + n * 100, 100, 60) for n in range(20))
    request = dataclasses.replace(GAP, kept=kept, keep="pitches", controls=(("grid", 1.0),))
    with pytest.raises(InputError, match="Of the 20 pitches that are kept not all find a place"):
        drawn(tiny, request)


@pytest.mark.parametrize("keep", ["rhythm", "pitches"])
def test_without_notes_there_is_nothing_to_keep(tiny: NoteEventGenerator, keep: str) -> None:
    outside = NoteTable.of([Note(START - 10, 100, 60), Note(8 * BAR, 100, 60)])
    with pytest.raises(InputError, match=f"no notes here whose {keep} could be kept"):
        drawn(tiny, dataclasses.replace(GAP, kept=outside, keep=keep))


# --- endings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metre", [Metre(0), Metre(0, 3, 4), Metre(0, 6, 8)])
def test_a_close_is_held_to_the_end(tiny: NoteEventGenerator, metre: Metre) -> None:
    request = GenerateRequest(LEFT, Timeline.made(metres=(metre,)), 6, takes=8, ending="close")
    end = request.span[1]
    for table in assert_holds(drawn(tiny, request), request):
        last = table.take(table.start == table.start[-1])
        assert (last.end == end).all()
        assert last.start[0] >= end - metre.bar_ticks


def test_a_close_over_what_stands_does_not_cover_it(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(LEFT, Timeline(), 4, takes=8, ending="close", standing=CHORDS, pitch_range=(50, 60))
    assert_holds(drawn(tiny, request), request)


def test_an_ending_is_told_to_the_model(tiny: NoteEventGenerator) -> None:
    answers = {ending: drawn(tiny, dataclasses.replace(GAP, ending=ending)) for ending in ("", "close", "open")}
    likelihoods = {tuple(n.log_prob for n in found) for found in answers.values()}
    assert len(likelihoods) == 3


def test_a_close_and_its_polyphony_go_together(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(LEFT, Timeline(), 6, takes=8, ending="close", controls=(("polyphony", 2.0),))
    for table in assert_holds(drawn(tiny, request), request):
        assert most_at_once(table) <= 2
        assert table.end_tick == request.span[1]


def lowest_last(found: list[GeneratedNote], request: GenerateRequest) -> list[int]:
    tables = takes_of(found, request)
    return [int(table.pitch[table.start == table.start[-1]].min()) % 12 for table in tables]


def test_a_close_leans_to_the_tonic_and_an_open_end_away_from_it(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(LEFT, Timeline(), 4, takes=32, key=Key(2, "minor"))
    found = {
        ending: lowest_last(drawn(tiny, dataclasses.replace(request, ending=ending)), request)
        for ending in ("", "close", "open")
    }
    tonics = {ending: pitches.count(2) for ending, pitches in found.items()}
    assert tonics["close"] > 16, tonics
    assert tonics["open"] <= tonics[""] < 12, tonics


def test_over_chords_that_stand_no_tonic_is_forced(tiny: NoteEventGenerator) -> None:
    dominant = NoteTable.of(Note(4 * BAR, 4 * BAR, pitch) for pitch in (21, 25, 28))
    request = GenerateRequest(
        LEFT, Timeline(), 4, takes=32, key=Key(2, "minor"), ending="close", standing=dominant, pitch_range=(60, 90)
    )
    assert lowest_last(drawn(tiny, request), request).count(2) < 12
