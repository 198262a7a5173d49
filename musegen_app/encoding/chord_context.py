"""What surrounds a word: its place in the bar, what still sounds there, what was struck there a bar ago, and the key lately.

One listener serves training and generation, so that the network hears the same in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
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
PITCH_CLASSES: Final = 12
SOUND_WIDTH: Final = PLANES * PITCHES + PITCH_CLASSES
"""The planes, and which pitch classes prevailed lately."""
_FADES: Final = 192.0  # steps, two bars of 4/4: the time in which what was struck counts a third
_LEAST: Final = 1e-30
BEGIN_ROW: Final = (BEGIN, -1, NO_LENGTH, NO_STEP)
"""Root, shape (none), length and step of the mark before the first word."""


class Listener:
    """Remembers of one stream what was struck when, and what still sounds."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}
        self._struck: dict[int, list[int]] = {}
        self._chroma = [0.0] * PITCH_CLASSES
        self._since = 0

    def copy(self) -> Listener:
        """One that goes on by itself."""
        other = Listener()
        other._ends = dict(self._ends)
        other._struck = {at: list(pitches) for at, pitches in self._struck.items()}
        other._chroma, other._since = list(self._chroma), self._since
        return other

    def strike(self, at: int, pitches: Shape, length: int) -> None:
        """Take in ``pitches`` that sound from step ``at`` for ``length`` steps."""
        for pitch in pitches:
            self._ends[pitch] = at + length
        if pitches:
            self._struck.setdefault(at, []).extend(pitches)
            self._fade(at, pitches)

    def _fade(self, at: int, pitches: Shape) -> None:
        fading = exp((self._since - at) / _FADES) if at > self._since else 1.0
        self._chroma = [weight * fading for weight in self._chroma]
        self._since = at
        for pitch in pitches:
            self._chroma[pitch % PITCH_CLASSES] += 1.0

    def sounding(self, at: int) -> list[int]:
        """The pitches that were struck before and sound at step ``at``, which never goes back."""
        self._ends = {pitch: end for pitch, end in self._ends.items() if end > at}
        return list(self._ends)

    @property
    def chroma(self) -> list[float]:
        """The share of each pitch class in what was struck, what is longer ago counting less; zeros before anything was."""
        total = max(sum(self._chroma), _LEAST)
        return [weight / total for weight in self._chroma]

    def struck(self, at: int) -> list[int]:
        """The pitches struck at step ``at``."""
        return self._struck.get(at, [])


@dataclass(frozen=True)
class Heard:
    """A stream of words with what surrounds them; row 0 is the mark before the first word.

    ``word`` int64 (words + 1, 4): root, shape, length, step of each; ``place`` int64 (words + 1, 4) of the word that comes
    after it; ``planes`` bool (words + 1, 384); ``chroma`` float32 (words + 1, 12).
    """

    word: Ints
    place: Ints
    planes: npt.NDArray[np.bool_]
    chroma: npt.NDArray[np.float32]
    listener: Listener

    @property
    def sounds(self) -> npt.NDArray[np.float32]:
        """Planes and chroma as the network takes them: float32 (words + 1, 396)."""
        return np.concatenate([self.planes, self.chroma], axis=1, dtype=np.float32)

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
    chroma = np.zeros((len(rows), PITCH_CLASSES), dtype=np.float32)
    listener = Listener()
    lengths = LENGTHS.high[np.minimum(words.length, len(LENGTHS) - 1)].tolist()
    columns = (words.root.tolist(), words.shape.tolist(), lengths, onset.tolist(), coming[1:].tolist(), bar[1:])
    for row, (root, shape, length, at, then, bar_length) in enumerate(zip(*columns, strict=True), start=1):
        pitches = vocabulary.pitches(root, shape) if root < REST else ()
        listener.strike(at, pitches, length)
        struck += marks(row * PLANES * PITCHES, pitches, listener, then, bar_length)
        chroma[row] = listener.chroma
    planes = np.zeros(len(rows) * PLANES * PITCHES, dtype=np.bool_)
    planes[struck] = True
    return Heard(rows, places(coming, bars), planes.reshape(len(rows), -1), chroma, listener)


def marks(first: int, pitches: Shape, listener: Listener, coming: int, bar: int) -> list[int]:
    """What is True in planes that begin at index ``first``.

    The word struck ``pitches``, the next one comes at step ``coming``, and a bar has ``bar`` steps.
    """
    now, held, before = (first + plane * PITCHES for plane in range(PLANES))
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
