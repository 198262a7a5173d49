"""A drum track: what is asked for it, and which tracks are heard with it."""

from __future__ import annotations

import pytest

from musegen_app.editor.asking import Ask, FillMode, has_others, parts_of
from musegen_app.editor.document import Document
from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.score import DRUM_CHANNEL, Note, NoteTable, Score, Track

EIGHTH, BAR = 480, 3840
TUNE, KIT, SHAKER = 1, 2, 3
GAP = (BAR, 2 * BAR)


def strokes(drum: int, first_id: int, late: int = 0) -> NoteTable:
    """Two bars of eighths, every other one ``late`` ticks."""
    return NoteTable.of(Note(i * EIGHTH + late * (i % 2), 120, drum, id=first_id + i) for i in range(16))


def scene(late: int = 0) -> Document:
    tune = NoteTable.of(Note(i * 960, 960, 60 + i, id=100 + i) for i in range(8))
    tracks = (
        Track(TUNE, "Tune", notes=tune),
        Track(KIT, "Kit", DRUM_CHANNEL, notes=strokes(36, 200, late)),
        Track(SHAKER, "Shaker", DRUM_CHANNEL, notes=strokes(70, 300)),
    )
    return Document(Score(tracks, next_id=400))


def test_the_active_track_says_what_is_heard() -> None:
    document = scene()
    assert (document.instrument, [track.id for track in document.heard_tracks]) == (PITCHED, [TUNE])
    assert not has_others(document)
    document.set_active_track(KIT)
    assert (document.instrument, [track.id for track in document.heard_tracks]) == (DRUMS, [KIT, SHAKER])
    assert has_others(document)
    assert document.pitched_notes() == document.score.track(TUNE).notes


@pytest.mark.parametrize("mode", list(FillMode))
def test_a_drum_track_is_written_for_alone_beside_other_drums(mode: FillMode) -> None:
    document = scene()
    document.set_active_track(KIT)
    kit, shaker = document.active_track.notes, document.score.track(SHAKER).notes
    for ask in (Ask(), Ask(GAP, mode), Ask(GAP, mode, alone=True)):
        parts = parts_of(document, ask)
        assert (parts.notes, parts.standing, parts.track_id) == (kit, shaker, KIT)
        assert (parts.register, parts.voices, parts.density) == (None, 0, 0.0)
        keeps = ask.gap is not None and mode in {FillMode.RHYTHM, FillMode.PITCHES}
        assert parts.kept == (kit.take(kit.starting_in(*GAP)) if keeps else NoteTable.empty())


@pytest.mark.parametrize(("late", "grid"), [(0, 4), (120, 8), (35, 0)])
def test_written_drums_go_on_upon_their_grid_and_played_ones_freely(late: int, grid: int) -> None:
    document = scene(late)
    document.set_active_track(KIT)
    assert parts_of(document, Ask()).grid == grid
