"""What surrounds a word: its place in the bar, what still sounds there, and what was struck there a bar ago.

One listener serves training and generation, so that the network hears the same in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.chord_tokens import (
    BEGIN,
    NO_LENGTH,
    NO_STEP,
    PITCHES,
    REST,
    ROOTS,
    STEPS,
    Shape,
    Vocabulary,
    Words,
)
from musegen_app.encoding.context import AS_WRITTEN, CLASS_SIZES, TRANSPOSITIONS, BarGrid
from musegen_app.encoding.note_events import LENGTHS

Ints = npt.NDArray[np.int64]

WORD_SIZES: Final = (ROOTS + 1, NO_LENGTH + 1, STEPS + 1)
"""Values of a heard word's root, length and step."""
PLACE_SIZES: Final = (CLASS_SIZES["phase"], CLASS_SIZES["place"], CLASS_SIZES["metre"], TRANSPOSITIONS)
"""Values of the place of the word that comes: phase in the quarter, place in the bar, metre; and the transposition."""
TRANSPOSED: Final = 3
PLANES: Final = 3
"""What the word struck, what sounds when the next one comes, and what was struck a bar before that."""
SOUND_WIDTH: Final = PLANES * PITCHES
BEGIN_ROW: Final = (BEGIN, -1, NO_LENGTH, NO_STEP)
"""Root, shape (none), length and step of the mark before the first word."""


class Listener:
    """Remembers of one stream what was struck when, and what still sounds."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}
        self._struck: dict[int, list[int]] = {}

    def copy(self) -> Listener:
        """One that goes on by itself."""
        other = Listener()
        other._ends = dict(self._ends)
        other._struck = {at: list(pitches) for at, pitches in self._struck.items()}
        return other

    def strike(self, at: int, pitches: Shape, length: int) -> None:
        """Take in ``pitches`` that sound from step ``at`` for ``length`` steps."""
        for pitch in pitches:
            self._ends[pitch] = at + length
        self._struck.setdefault(at, []).extend(pitches)

    def sounding(self, at: int) -> list[int]:
        """The pitches that were struck before and sound at step ``at``, which never goes back."""
        self._ends = {pitch: end for pitch, end in self._ends.items() if end > at}
        return list(self._ends)

    def struck(self, at: int) -> list[int]:
        """The pitches struck at step ``at``."""
        return self._struck.get(at, [])


@dataclass(frozen=True)
class Heard:
    """A stream of words with what surrounds them; row 0 is the mark before the first word.

    ``word`` int64 (words + 1, 4): root, shape, length, step of each; ``place`` int64 (words + 1, 4) of the word that comes
    after it; ``sounds`` bool (words + 1, 384).
    """

    word: Ints
    place: Ints
    sounds: npt.NDArray[np.bool_]
    listener: Listener

    def __len__(self) -> int:
        return len(self.word)


def hear(words: Words, vocabulary: Vocabulary, bars: BarGrid) -> Heard:
    """The words with their surroundings; the first lies at the origin of ``bars``, which reach to the end of the last."""
    rows = np.empty((len(words) + 1, 4), dtype=np.int64)
    rows[0] = BEGIN_ROW
    rows[1:] = np.stack([words.root, words.shape, words.length, words.step], axis=1)
    rows[1:, 1] = np.where(words.root < PITCHES, words.shape, -1)
    onset = words.onset
    coming = np.concatenate([[0], onset + words.step])
    bar = bars.length[np.minimum(coming, len(bars) - 1)].tolist()
    struck: list[int] = []
    listener = Listener()
    lengths = LENGTHS.high[np.minimum(words.length, len(LENGTHS) - 1)].tolist()
    columns = (words.root.tolist(), words.shape.tolist(), lengths, onset.tolist(), coming[1:].tolist(), bar[1:])
    for row, (root, shape, length, at, then, bar_length) in enumerate(zip(*columns, strict=True), start=1):
        pitches = vocabulary.pitches(root, shape) if root < REST else ()
        listener.strike(at, pitches, length)
        struck += marks(row, pitches, listener, then, bar_length)
    sounds = np.zeros(len(rows) * SOUND_WIDTH, dtype=np.bool_)
    sounds[struck] = True
    return Heard(rows, places(coming, bars), sounds.reshape(len(rows), SOUND_WIDTH), listener)


def marks(row: int, pitches: Shape, listener: Listener, coming: int, bar: int) -> list[int]:
    """What is True in row ``row`` of the sounds, all rows end to end.

    The row's word struck ``pitches``, the next one comes at step ``coming``, and a bar has ``bar`` steps.
    """
    now, held, before = (row * SOUND_WIDTH + plane * PITCHES for plane in range(PLANES))
    found = [now + pitch for pitch in pitches]
    found += [held + pitch for pitch in listener.sounding(coming)]
    found += [before + pitch for pitch in listener.struck(coming - bar)]
    return found


def places(coming: Ints, bars: BarGrid) -> Ints:
    """Place classes of each step of ``coming``, as written: int64 (steps, 4)."""
    rows = np.empty((len(coming), len(PLACE_SIZES)), dtype=np.int64)
    rows[:, :TRANSPOSED] = bars.classes(np.minimum(coming, len(bars) - 1))
    rows[:, TRANSPOSED] = AS_WRITTEN
    return rows
