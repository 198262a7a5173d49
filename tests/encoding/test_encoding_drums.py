"""Drums as strokes: lengths that say nothing, kits that send their own notes, and played drums as they would be written."""

from __future__ import annotations

import numpy as np
import pytest

from musegen_app.encoding.drums import DRUMS, PITCHED, STROKE, as_struck, meant, on_another_kit, tightened
from musegen_app.encoding.note_events import GRID, STEP_TICKS, GridNotes
from musegen_app.encoding.pieces import piece_of
from musegen_app.score import DRUM_CHANNEL, Note, NoteTable, Score, Track

SIXTEENTH, TRIPLET = GRID // 4, GRID // 3
KICK, SNARE, HAT = 36, 38, 42


def strokes(*rows: tuple[int, int]) -> GridNotes:
    onset, pitch = (np.array(column) for column in zip(*rows, strict=True))
    return GridNotes(onset, pitch, np.full(len(onset), 9), np.full(len(onset), 80))


def rows(notes: GridNotes) -> list[tuple[int, int]]:
    return list(zip(notes.onset.tolist(), notes.pitch.tolist(), strict=True))


def test_all_strokes_are_as_long_unless_the_drum_is_struck_again_before() -> None:
    notes = as_struck(strokes((0, KICK), (0, HAT), (1, SNARE), (2, SNARE), (24, KICK)))
    assert dict(zip(rows(notes), notes.length.tolist(), strict=True)) == {
        (0, KICK): STROKE, (0, HAT): STROKE, (1, SNARE): 1, (2, SNARE): STROKE, (24, KICK): STROKE
    }  # fmt: skip


def test_the_edges_of_an_electronic_kit_are_the_drums_they_are_part_of() -> None:
    assert meant(np.array([36, 22, 26, 58, 55])).tolist() == [36, 42, 46, 43, 49]
    assert meant(np.array([36, 58, 55])).tolist() == [36, 58, 55]  # vibraslap and splash of General MIDI
    assert rows(as_struck(strokes((0, 22), (0, 42), (6, 26)))) == [(0, 42), (6, 46)]


@pytest.mark.parametrize("grid", [SIXTEENTH, TRIPLET, GRID // 2])
def test_played_strokes_fall_on_the_grid_they_are_near(grid: int) -> None:
    random = np.random.default_rng(grid)
    written = np.arange(1, 8 * GRID // grid) * grid
    played = strokes(*((int(at + random.integers(0, 2)), HAT) for at in written))
    assert tightened(played).onset.tolist() == written.tolist()


def test_a_stroke_just_before_a_quarter_belongs_to_it_and_a_flam_is_one() -> None:
    assert rows(tightened(strokes((23, KICK), (24, HAT), (47, SNARE), (48, SNARE)))) == [(24, KICK), (24, HAT), (48, SNARE)]


def test_what_is_written_stays() -> None:
    written = as_struck(strokes((0, KICK), (6, HAT), (12, SNARE), (24, KICK), (32, HAT), (40, HAT)))
    assert rows(tightened(written)) == rows(written)


def test_another_kit_strikes_when_the_first_did() -> None:
    notes = as_struck(strokes((0, KICK), (6, HAT), (12, SNARE), (18, 51)))
    kits = [on_another_kit(notes, np.random.default_rng(seed)) for seed in range(20)]
    assert all(kit.onset.tolist() == [0, 6, 12, 18] for kit in kits)
    assert len({tuple(kit.pitch.tolist()) for kit in kits}) > 3


def test_a_piece_is_its_drums_or_all_else() -> None:
    beat = NoteTable.of([Note(960 + 7, 900, 36), Note(1920, 10, 38)])
    tune = NoteTable.of([Note(0, 960, 60)])
    score = Score((Track(1, "Tune", notes=tune), Track(2, "Drums", DRUM_CHANNEL, notes=beat)))
    pitched, drums = piece_of(score), piece_of(score, DRUMS)
    assert pitched is not None
    assert drums is not None
    assert pitched.notes.pitch.tolist() == [60]
    assert (drums.notes.onset * STEP_TICKS).tolist() == [960, 1920]
    assert drums.notes.length.tolist() == [STROKE, STROKE]
    assert piece_of(Score((Track(1, "Tune", notes=tune),)), DRUMS) is None
    assert piece_of(Score((Track(1, "Drums", DRUM_CHANNEL, notes=beat),)), PITCHED) is None
