"""Music as columns of a sixteenth: for each pitch whether it is struck there, and whether it sounds.

The grid of the two older systems that see music as a picture. Finer timing is rounded; a note has at least one column.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.score import TICKS_PER_QUARTER, NoteTable

COLUMNS_A_QUARTER: Final = 4
COLUMN_TICKS: Final = TICKS_PER_QUARTER // COLUMNS_A_QUARTER
PITCHES: Final = 128

Bits = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """A stretch of music: ``sounding`` and ``struck`` bool (columns, 128). What is struck sounds.

    A pitch that sounds without being struck goes on from the column before; one that sounds in column 0 without being struck
    began earlier.
    """

    sounding: Bits
    struck: Bits

    def __len__(self) -> int:
        return len(self.sounding)

    @classmethod
    def empty(cls, columns: int) -> Columns:
        """Silence."""
        return cls(np.zeros((columns, PITCHES), dtype=np.bool_), np.zeros((columns, PITCHES), dtype=np.bool_))

    def part(self, begin: int, end: int) -> Columns:
        """Columns ``begin`` to ``end``."""
        return Columns(self.sounding[begin:end], self.struck[begin:end])

    def padded(self, columns: int) -> Columns:
        """With silence after it, up to ``columns``."""
        more = Columns.empty(max(columns - len(self), 0))
        return Columns(np.concatenate([self.sounding, more.sounding]), np.concatenate([self.struck, more.struck]))


def columns_of(tables: Iterable[NoteTable], origin_tick: int = 0) -> Columns:
    """The notes of several tracks as one picture, from ``origin_tick``; what starts before it is left out.

    A pitch that is struck again while it sounds is cut there; of several notes struck at once the longest stays.
    """
    parts = [np.stack([t.start, t.end, t.pitch]) for t in tables]
    start, end, pitch = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0), dtype=np.int64)
    begin = (start - origin_tick + COLUMN_TICKS // 2) // COLUMN_TICKS
    until = np.maximum((end - origin_tick + COLUMN_TICKS // 2) // COLUMN_TICKS, begin + 1)
    kept = start >= origin_tick
    begin, until, pitch = begin[kept], until[kept], pitch[kept]
    count = int(until.max()) if len(until) else 0
    change = np.zeros((count + 1, PITCHES), dtype=np.int32)
    np.add.at(change, (begin, pitch), 1)
    np.add.at(change, (until, pitch), -1)
    struck = np.zeros((count, PITCHES), dtype=np.bool_)
    struck[begin, pitch] = True
    return Columns(np.cumsum(change[:-1], axis=0) > 0, struck)


@dataclass(frozen=True)
class ColumnNotes:
    """Notes on the grid of columns: int64 (notes,), sorted by (onset, pitch); ``onset`` and ``length`` in columns."""

    onset: Ints
    length: Ints
    pitch: Ints

    def __len__(self) -> int:
        return len(self.onset)


def notes_of(columns: Columns) -> ColumnNotes:
    """The notes of the picture; a pitch that sounds in column 0 without being struck counts as struck there."""
    struck = columns.struck.copy()
    if len(struck):
        struck[0] |= columns.sounding[0]
    before = np.concatenate([np.zeros((1, PITCHES), dtype=np.bool_), columns.sounding[:-1]])[: len(struck)]
    begins = struck | (columns.sounding & ~before)
    ends_before = begins | ~columns.sounding  # a column in which an earlier note of this pitch no longer goes on
    pitch, onset = np.nonzero(begins.T)
    stops = np.ones((PITCHES, len(columns) + 1), dtype=np.bool_)  # after the last column every note has ended
    stops[:, :-1] = ends_before.T
    where = np.flatnonzero(stops)
    at = pitch * stops.shape[1] + onset
    length = where[np.searchsorted(where, at, side="right")] - at
    order = np.lexsort((pitch, onset))
    return ColumnNotes(onset[order], length[order], pitch[order])
