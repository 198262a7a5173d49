"""Where generated notes came from: one record a generation, which notes refer to by its number in their flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from musegen_app.score.notes import GENERATION, Ints, NoteTable
from musegen_app.score.score import Score


@dataclass(frozen=True, slots=True)
class Generation:
    """``number`` is 1 or more; ``record`` holds JSON values: the model, its checksum, settings, and the seed."""

    number: int
    record: Mapping[str, Any] = field(default_factory=dict, hash=False)


Provenance = tuple[Generation, ...]
"""Generations by number, each once."""


def numbers_of(notes: NoteTable) -> Ints:
    """The number of the generation of each note, 0 for none: int64 (notes,)."""
    found: Ints = np.maximum(notes.flags, 0) // GENERATION
    return found


def of_number(notes: NoteTable, number: int) -> NoteTable:
    """The notes that came from a generation."""
    return notes.take(numbers_of(notes) == number)


def used(provenance: Provenance, score: Score) -> Provenance:
    """The generations that notes of ``score`` came from."""
    found = {int(number) for track in score.tracks for number in np.unique(numbers_of(track.notes))}
    return tuple(generation for generation in provenance if generation.number in found)
