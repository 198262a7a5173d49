"""Notes as classes: time to the previous onset, pitch, length, velocity, on a grid of 24 steps a quarter.

Short times are exact; long ones fall into buckets a musician would not tell apart (their place within the bucket is kept
beside the class, so that decoding is exact). Notes are sorted by (onset, pitch), so pitches ascend within a chord.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.score import TICKS_PER_QUARTER, NoteTable

GRID: Final = 24
"""Steps a quarter: 32nds and sixteenth triplets fall on it."""
STEP_TICKS: Final = TICKS_PER_QUARTER // GRID

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class ClassTable:
    """Consecutive ranges of steps, one a class: ``low`` and ``high`` (inclusive), int64 of shape (classes,)."""

    def __init__(self, first: int, exact_to: int, buckets: tuple[tuple[int, int], ...]) -> None:
        """Exact classes from ``first`` to ``exact_to``, then buckets of ``width`` up to ``top`` for each (width, top)."""
        highs = list(range(first, exact_to + 1))
        for width, top in buckets:
            highs += range(highs[-1] + width, top + 1, width)
        self.high: Ints = np.array(highs, dtype=np.int64)
        self.low: Ints = np.concatenate([[first], self.high[:-1] + 1]).astype(np.int64)
        self.longest = int(self.high[-1])
        """The longest time of the last class, in steps."""
        self.log_width: Floats = np.log(self.high - self.low + 1)

    def __len__(self) -> int:
        return len(self.high)

    def classes(self, steps: npt.ArrayLike) -> Ints:
        """Class of each number of steps; beyond the longest, the last class."""
        found: Ints = np.minimum(np.searchsorted(self.high, steps), len(self) - 1).astype(np.int64)
        return found


ONSETS: Final = ClassTable(0, 96, ((12, 192), (24, 384), (48, 768), (96, 1536)))
"""Steps from the previous onset; 0 is the same chord."""
LENGTHS: Final = ClassTable(1, 96, ((12, 192), (24, 384), (48, 768)))
"""Steps a note sounds."""

PITCHES: Final = 128
END: Final = len(ONSETS)
"""Onset class of "the piece ends here"; as an input it says "nothing known"."""
ONSET_CLASSES: Final = len(ONSETS) + 1
BEGIN_PITCH: Final = PITCHES
"""Pitch of the mark that stands before the first note."""
NO_LENGTH: Final = len(LENGTHS)
VELOCITY_CLASSES: Final = 32
NO_VELOCITY: Final = VELOCITY_CLASSES
"""Velocity class of music whose velocities say nothing (a score), and of the mark."""


@dataclass(frozen=True)
class GridNotes:
    """Notes on the grid: int64 columns of shape (notes,), sorted by (onset, pitch); ``onset`` and ``length`` in steps."""

    onset: Ints
    pitch: Ints
    length: Ints
    velocity: Ints

    def __len__(self) -> int:
        return len(self.onset)

    @property
    def end(self) -> int:
        """First step after the last sounding note; 0 when empty."""
        return int((self.onset + self.length).max()) if len(self) else 0

    @property
    def has_velocity(self) -> bool:
        """Whether the velocities were played rather than set: more than three values, well spread."""
        return len(np.unique(self.velocity)) > 3 and float(np.std(self.velocity)) > 4

    def rows(self, chosen: slice | npt.NDArray[np.bool_] | Ints) -> GridNotes:
        """The chosen notes, in order."""
        return GridNotes(self.onset[chosen], self.pitch[chosen], self.length[chosen], self.velocity[chosen])

    def moved(self, steps: int) -> GridNotes:
        """All notes later by ``steps``."""
        return GridNotes(self.onset + steps, self.pitch, self.length, self.velocity)


def on_grid(tables: Iterable[NoteTable]) -> GridNotes:
    """The notes of several tracks as one, rounded to the grid.

    Of several notes at one onset and pitch the longest stays (with the loudest velocity); a note that still sounds when its
    pitch is struck again is cut there.
    """
    columns = [np.stack([t.start, t.end, t.pitch, t.velocity]) for t in tables]
    start, end, pitch, velocity = np.concatenate(columns, axis=1) if columns else np.zeros((4, 0), dtype=np.int64)
    onset = (start + STEP_TICKS // 2) // STEP_TICKS
    length = np.maximum((end + STEP_TICKS // 2) // STEP_TICKS - onset, 1)
    return cleaned(onset, pitch, length, velocity)


def cleaned(onset: Ints, pitch: Ints, length: Ints, velocity: Ints) -> GridNotes:
    """Notes in any order as they can sound: sorted, one a pitch and onset, none longer than until it is struck again."""
    if not len(onset):
        return GridNotes(onset, pitch, length, velocity)
    order = np.lexsort((onset, pitch))
    onset, pitch, length, velocity = onset[order], pitch[order], length[order], velocity[order]
    first = np.r_[True, (np.diff(pitch) != 0) | (np.diff(onset) != 0)]
    groups = np.flatnonzero(first)
    length, velocity = np.maximum.reduceat(length, groups), np.maximum.reduceat(velocity, groups)
    onset, pitch = onset[groups], pitch[groups]
    until_next = np.r_[np.where(np.diff(pitch) == 0, np.diff(onset), np.iinfo(np.int64).max), np.iinfo(np.int64).max]
    length = np.minimum(length, until_next)
    order = np.lexsort((pitch, onset))
    return GridNotes(onset[order], pitch[order], length[order], velocity[order])


@dataclass(frozen=True)
class NoteClasses:
    """A piece as classes: int64 columns of shape (notes,), and where each time lies within its bucket.

    ``onset`` counts from the note before, the first from the origin. ``onset_place`` and ``length_place`` are steps above
    the lowest of the class.
    """

    onset: Ints
    onset_place: Ints
    pitch: Ints
    length: Ints
    length_place: Ints
    velocity: Ints

    def __len__(self) -> int:
        return len(self.onset)


def encode(notes: GridNotes, origin: int = 0) -> NoteClasses:
    """Classes of ``notes`` counted from step ``origin`` (not after the first note).

    Rests beyond 64 quarters and lengths beyond 32 become just that long.
    """
    gaps = np.minimum(np.diff(notes.onset, prepend=origin), ONSETS.longest)
    lengths = np.minimum(notes.length, LENGTHS.longest)
    onset, length = ONSETS.classes(gaps), LENGTHS.classes(lengths)
    return NoteClasses(
        onset, gaps - ONSETS.low[onset], notes.pitch, length, lengths - LENGTHS.low[length], velocity_classes(notes.velocity)
    )


def decode(classes: NoteClasses, origin: int = 0) -> GridNotes:
    """The notes that :func:`encode` was given, with velocities at the middle of their class."""
    onset = origin + np.cumsum(ONSETS.low[classes.onset] + classes.onset_place)
    length = LENGTHS.low[classes.length] + classes.length_place
    return GridNotes(onset, classes.pitch, length, velocities(classes.velocity))


def velocity_classes(velocity: npt.ArrayLike) -> Ints:
    """Class of each velocity 1–127: four neighbours share one."""
    found: Ints = np.asarray(velocity, dtype=np.int64) // 4
    return found


def velocities(classes: npt.ArrayLike) -> Ints:
    """The middle velocity of each class."""
    found: Ints = np.asarray(classes, dtype=np.int64) * 4 + 2
    return found
