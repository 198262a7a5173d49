"""Chords found in notes: made ones, and the seeds that come with the program."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from score_strategies import notes as note_tables
from score_strategies import timelines

from musegen_app.files import read_midi
from musegen_app.score import Metre, Note, NoteTable, Timeline
from musegen_app.score.chord_finder import beat_lines, find_chords

SEEDS = Path(__file__).resolve().parents[2] / "resources" / "seeds"
QUARTER, BAR = 960, 3840
FOUR = Timeline()


def seed(name: str) -> tuple[NoteTable, Timeline]:
    score = read_midi(SEEDS / f"{name}.mid").score
    tables = [track.notes for track in score.tracks if not track.is_drums]
    whole = tables[0]
    for table in tables[1:]:
        whole = whole.merged(table)
    return whole, score.timeline


def found(notes: NoteTable, timeline: Timeline = FOUR) -> list[tuple[float, str]]:
    """Start in quarters and name of each chord."""
    return [(span.start / QUARTER, span.chord.name) for span in find_chords(notes, timeline)]


def test_a_progression_with_a_passing_note_is_read_bar_by_bar() -> None:
    chords = ((48, 64, 67, 72), (45, 64, 69, 72), (53, 65, 69, 72), (43, 65, 71, 74))
    notes = [Note(bar * BAR, BAR, pitch) for bar, pitches in enumerate(chords) for pitch in pitches]
    notes.append(Note(BAR // 2, 240, 74))
    assert found(NoteTable.of(notes)) == [(0, "C"), (4, "Am"), (8, "F"), (12, "G7")]


def test_a_broken_chord_is_a_chord() -> None:
    notes = [Note(i * 480, 480, p) for i, p in enumerate((50, 57, 62, 65, 69, 65, 62, 57, 43, 50, 58, 62, 67, 62, 58, 50))]
    assert found(NoteTable.of(notes)) == [(0, "Dm"), (4, "Gm")]


def test_single_notes_tell_little_so_a_tune_changes_its_chords_seldom() -> None:
    tune = (60, 64, 67, 72, 71, 67, 64, 60, 62, 65, 69, 74, 72, 71, 69, 67)
    chords = found(NoteTable.of([Note(i * QUARTER, QUARTER, p) for i, p in enumerate(tune)]))
    assert [chords[0], chords[2]] == [(0, "C"), (8, "Dm")]
    assert len(chords) <= 5


def test_a_bar_without_notes_has_no_chord_and_a_held_one_goes_on() -> None:
    notes = [
        Note(0, 2 * BAR, 60),
        Note(0, 2 * BAR, 64),
        Note(0, 2 * BAR, 67),
        Note(3 * BAR, QUARTER, 57),
        Note(3 * BAR, QUARTER, 60),
    ]
    notes.append(Note(3 * BAR, QUARTER, 64))
    spans = find_chords(NoteTable.of(notes), FOUR)
    assert [(s.start, s.end, s.chord.name) for s in spans] == [(0, 2 * BAR, "C"), (3 * BAR, 4 * BAR, "Am")]


def test_nothing_has_no_chords() -> None:
    assert find_chords(NoteTable.empty(), FOUR) == ()


def test_the_seeds_chords() -> None:
    game = [name for start, name in found(*seed("game")) if start % 4 == 0]
    assert game == ["Am", "F", "Dm", "E"]
    nocturne = found(*seed("nocturne"))
    assert (nocturne[0], nocturne[-1][1][:1]) == ((0, "Dm"), "E")
    assert (8, "A7") in nocturne
    chorale = found(*seed("chorale"))
    assert (chorale[0], chorale[-2:]) == ((0, "F"), [(13, "C7"), (14, "F")])
    folk = found(*seed("folk"))
    assert folk[0] == (0, "G")
    assert all(start % 1.5 == 0 for start, _ in folk)


@pytest.mark.parametrize("semitones", [1, 4, 6, 11])
def test_a_piece_transposed_has_its_chords_transposed(semitones: int) -> None:
    notes, timeline = seed("chorale")
    higher = notes.with_columns(pitch=notes.pitch + semitones)
    before, after = find_chords(notes, timeline), find_chords(higher, timeline)
    assert [(s.start, s.end) for s in after] == [(s.start, s.end) for s in before]
    assert [s.chord.root for s in after] == [(s.chord.root + semitones) % 12 for s in before]


@given(note_tables(25, max_length=8_000), timelines())
def test_chords_lie_on_beats_and_leave_no_sounding_bar_out(notes: NoteTable, timeline: Timeline) -> None:
    few = notes.take(notes.start < 40_000)
    spans = find_chords(few, timeline)
    lines = beat_lines(timeline, few.end_tick) if few else np.zeros(1)
    assert all(span.start in lines and span.end in lines for span in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    for note in few:
        assert any(span.start <= note.start < span.end for span in spans)


def test_a_drone_and_a_note_at_the_end_of_time_are_no_burden() -> None:
    notes = [Note(0, BAR, p) for p in (48, 64, 67)] + [Note(0, 9_000 * BAR, 36), Note(1 << 60, 10, 60)]
    spans = find_chords(NoteTable.of(notes), FOUR)
    assert (spans[0].chord.root, spans[-1].end) == (0, 4_000 * BAR)


def test_a_beat_of_six_eight_is_dotted() -> None:
    lines = beat_lines(Timeline.made((), (Metre(0, 6, 8), Metre(2 * 2880, 3, 4))), 3 * 2880)
    assert lines.tolist() == [0, 1440, 2880, 4320, 5760, 6720, 7680, 8640]
