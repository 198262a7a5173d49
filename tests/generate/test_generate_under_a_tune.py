"""Chords under a lone tune: there always are some, as many as asked, though the model takes the tune for all there is."""

from __future__ import annotations

from collections import Counter

import pytest

from musegen_app.generate import GenerateRequest, find, load
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.paths import bundle_dir
from musegen_app.score import EMPTY, Note, NoteTable, Timeline

EIGHTH = 480
BAR = 8 * EIGHTH
REEL = [69, 71, 69, 67, 72, 69, 69, 71, 72, 69, 69, 71, 64, 67, 69, 62]


@pytest.fixture(scope="module")
def flagship() -> NoteEventGenerator:
    generator = load(find("", [bundle_dir() / "models"]))
    assert isinstance(generator, NoteEventGenerator)
    return generator


@pytest.mark.parametrize("density", [4.0, 8.0])
def test_as_many_notes_come_under_a_lone_tune_as_are_asked(flagship: NoteEventGenerator, density: float) -> None:
    tune = NoteTable.of([Note(EIGHTH * i, EIGHTH, REEL[i % 16], 80, i + 1) for i in range(48)])
    request = GenerateRequest(
        EMPTY,
        Timeline(),
        start_tick=BAR,
        until_tick=5 * BAR,
        standing=tune,
        pitch_range=(38, 62),
        controls=(("density", density), ("grid", 4.0)),
        seed_number=3,
        takes=4,
    )
    made = list(flagship.generate(request, lambda: False))
    counts = Counter(note.take for note in made)
    assert all(abs(counts[take] - 4 * density) <= 0.15 * 4 * density for take in range(4))
    assert all(38 <= note.note.pitch <= 62 for note in made)
    first = {take: min(note.note.start for note in made if note.take == take) for take in range(4)}
    assert max(first.values()) < 2 * BAR, "they begin with the tune, not when it is nearly over"
