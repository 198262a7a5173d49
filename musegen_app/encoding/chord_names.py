"""Music as the published word recipes have it: "C4" is a note, "0.4.7" a chord's pitch classes in normal order.

Lengths, rests, and the octaves of chords are lost, and only the first part is heard. Kept to show what that does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import GridNotes, on_grid
from musegen_app.score import Score

WINDOW: Final = 100
"""Words that predict the next."""
WORD_TICKS: Final = 480
"""Every word comes half a quarter after the last, and every note lasts as long."""
_NAMES: Final = ("C", "C#", "D", "E-", "E", "F", "F#", "G", "G#", "A", "B-", "B")
_NOTE: Final = re.compile(r"([A-G][#-]?)(\d|\(-1\))")
"""A name and its octave; the lowest is in brackets, since "E-1" is a flat to music21."""
_CHORD_OCTAVE: Final = 60


def name_of(pitches: Sequence[int]) -> str:
    """The word of what is struck together: the note's name, or the chord's pitch classes in normal order."""
    if len(pitches) == 1:
        octave = pitches[0] // 12 - 1
        return f"{_NAMES[pitches[0] % 12]}{octave if octave >= 0 else '(-1)'}"
    return ".".join(map(str, normal_order(pitches)))


def pitches_of(name: str) -> tuple[int, ...]:
    """The pitches that a word is played with: a note's own, those of a chord in the octave from C4.

    Raises:
        ValueError: it is no word.
    """
    note = _NOTE.fullmatch(name)
    if note:
        pitch = _NAMES.index(note[1]) + 12 * (int(note[2].strip("()")) + 1)
        if not 0 <= pitch <= 127:
            raise ValueError(f'"{name}" lies outside 0 to 127')
        return (pitch,)
    classes = sorted({int(part) for part in name.split(".")})
    if not all(0 <= pitch_class < 12 for pitch_class in classes):
        raise ValueError(f'"{name}" is no chord')
    return tuple(_CHORD_OCTAVE + pitch_class for pitch_class in classes)


def normal_order(pitches: Sequence[int]) -> tuple[int, ...]:
    """Pitch classes in their most compact order, as set theory has it: (64, 60, 67) is (0, 4, 7)."""
    classes = sorted({pitch % 12 for pitch in pitches})
    turns = [[*classes[k:], *(c + 12 for c in classes[:k])] for k in range(len(classes))]
    best = min(turns, key=lambda turn: [turn[k] - turn[0] for k in range(len(turn) - 1, 0, -1)])
    return tuple(pitch_class % 12 for pitch_class in best)


def first_part(score: Score) -> GridNotes:
    """The notes of the first track that has some and is none of drums."""
    tracks = [track.notes for track in score.tracks if track.notes and not track.is_drums]
    return on_grid(tracks[:1])


def names_of(notes: GridNotes) -> list[str]:
    """A word for each onset."""
    bounds = np.flatnonzero(np.diff(notes.onset)) + 1
    return [name_of(pitches.tolist()) for pitches in np.split(notes.pitch, bounds)] if len(notes) else []


@dataclass(frozen=True)
class NameVocabulary:
    """Words by number, in sorted order as the recipe numbers them."""

    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def matrix(self) -> npt.NDArray[np.bool_]:
        """Which pitches each word is played with: bool (words, 128)."""
        rows = np.zeros((len(self.names), 128), dtype=np.bool_)
        for row, name in zip(rows, self.names, strict=True):
            row[list(pitches_of(name))] = True
        return rows

    def number(self, name: str) -> tuple[int, bool]:
        """The number of a word or of the nearest, and whether it was known.

        The nearest to a note is the note the fewest semitones away, to a chord the one that changes the fewest pitch
        classes; in a vocabulary without notes or without chords, the word of the fewest changed pitches.
        """
        known = self._numbers.get(name)
        if known is not None:
            return known, True
        row = np.zeros(128, dtype=np.bool_)
        row[list(pitches_of(name))] = True
        cost = (self.matrix != row).sum(axis=1) * 128
        if row.sum() == 1:
            away = np.abs(self.matrix.argmax(axis=1) - int(row.argmax()))
            cost = np.where(self.matrix.sum(axis=1) == 1, away, cost + 128)
        return int(cost.argmin()), False

    def numbers(self, names: Sequence[str]) -> tuple[list[int], int]:
        """The numbers of ``names``, and how many of them are unknown."""
        found = [self.number(name) for name in names]
        return [number for number, _ in found], sum(not is_known for _, is_known in found)
