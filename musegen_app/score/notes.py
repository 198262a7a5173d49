"""Notes as an immutable table of numpy columns.

A table of 100,000 notes is edited by building a new one from the old columns (some milliseconds), never note by note.
Rows are always sorted by (start, pitch, id), so that ranges are found by binary search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

TICKS_PER_QUARTER: Final = 960
"""The score's grid: 960 divides by 3 and 5, so triplets and quintuplets are exact."""

MAX_PITCH: Final = 127
MAX_VELOCITY: Final = 127
DEFAULT_VELOCITY: Final = 96

GENERATED: Final = 1
"""Flag of a note that came from a model and was accepted."""
MUTED: Final = 2
"""Flag of a note that is kept but not played."""
LIKED: Final = 4
"""Flag of a generated note that the musician liked."""
LOCKED: Final = 8
"""Flag of a ghost that stays when others are drawn in its take's place."""
GENERATION: Final = 256
"""Times this stands in a note's flags the number of the generation it came from, 0 for none that is known."""

_LONG_TICKS: Final = 16 * TICKS_PER_QUARTER  # longer notes are searched apart, so one drone does not spoil culling

Ints = npt.NDArray[np.int64]
IntLike = npt.ArrayLike


@dataclass(frozen=True, slots=True)
class Note:
    """One note: ticks 960 a quarter, ``length`` ≥ 1, pitch 0–127 (60 = C4), velocity 1–127; ``id`` 0 is "none yet"."""

    start: int
    length: int
    pitch: int
    velocity: int = DEFAULT_VELOCITY
    id: int = 0
    flags: int = 0

    @property
    def end(self) -> int:
        """First tick after the note."""
        return self.start + self.length


class NoteTable:
    """Immutable columns of notes sorted by (start, pitch, id).

    Columns are read-only int64 arrays of one length: ``start`` and ``length`` in ticks, ``pitch``, ``velocity``, ``id``,
    ``flags``. Safe to share between threads. Build with :meth:`of`, :meth:`from_columns` or :meth:`empty`.
    """

    __slots__ = ("__dict__", "flags", "id", "length", "pitch", "start", "velocity")

    start: Ints
    length: Ints
    pitch: Ints
    velocity: Ints
    id: Ints
    flags: Ints

    def __init__(self, start: Ints, length: Ints, pitch: Ints, velocity: Ints, ids: Ints, flags: Ints) -> None:
        """Take columns that are already sorted and valid; use the class methods for anything else."""
        self.start, self.length, self.pitch = start, length, pitch
        self.velocity, self.id, self.flags = velocity, ids, flags
        for column in self.columns:
            column.flags.writeable = False

    # --- making -------------------------------------------------------------------------------------------------------

    @classmethod
    def from_columns(
        cls,
        start: IntLike,
        length: IntLike,
        pitch: IntLike,
        velocity: IntLike | None = None,
        ids: IntLike | None = None,
        flags: IntLike | None = None,
    ) -> NoteTable:
        """Sort and check columns of any integer kind; missing ones get their defaults.

        Raises:
            ValueError: columns differ in length, or a value is out of its range.
        """
        start_ = np.array(start, dtype=np.int64).reshape(-1)
        count = len(start_)

        def column(values: IntLike | None, default: int) -> Ints:
            if values is None:
                return np.full(count, default, dtype=np.int64)
            made = np.array(values, dtype=np.int64).reshape(-1)
            if len(made) != count:
                raise ValueError(f"columns differ in length: {len(made)} and {count}")
            return made

        columns = [start_, column(length, 1), column(pitch, 0), column(velocity, DEFAULT_VELOCITY)]
        columns += [column(ids, 0), column(flags, 0)]
        _check_ranges(*columns[:4])
        order = np.lexsort((columns[4], columns[2], columns[0]))
        return cls(*(c[order] for c in columns))

    @classmethod
    def of(cls, notes: Iterable[Note]) -> NoteTable:
        """A table of the given notes."""
        rows = [(n.start, n.length, n.pitch, n.velocity, n.id, n.flags) for n in notes]
        if not rows:
            return EMPTY
        return cls.from_columns(*np.array(rows, dtype=np.int64).T)

    @classmethod
    def empty(cls) -> NoteTable:
        """The table without notes."""
        return EMPTY

    # --- looking ------------------------------------------------------------------------------------------------------

    @property
    def columns(self) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:
        """``start, length, pitch, velocity, id, flags``, in the order of :meth:`from_columns`."""
        return self.start, self.length, self.pitch, self.velocity, self.id, self.flags

    @cached_property
    def end(self) -> Ints:
        """First tick after each note."""
        ends: Ints = self.start + self.length
        ends.flags.writeable = False
        return ends

    @cached_property
    def end_tick(self) -> int:
        """First tick after the last sounding note; 0 when empty."""
        return int(self.end.max()) if len(self) else 0

    @cached_property
    def _long_rows(self) -> Ints:
        return np.flatnonzero(self.length > _LONG_TICKS)

    @cached_property
    def _order(self) -> Ints:
        """Start and pitch in one number, ascending."""
        order: Ints = self.start * (MAX_PITCH + 1) + self.pitch
        return order

    def __len__(self) -> int:
        return len(self.start)

    def __bool__(self) -> bool:
        return len(self.start) > 0

    def __getitem__(self, row: int) -> Note:
        return Note(*(int(c[row]) for c in self.columns))

    def __iter__(self) -> Iterator[Note]:
        for row in zip(*(c.tolist() for c in self.columns), strict=True):
            yield Note(*row)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NoteTable):
            return NotImplemented
        return all(np.array_equal(a, b) for a, b in zip(self.columns, other.columns, strict=True))

    def __hash__(self) -> int:
        return hash((len(self), self.end_tick))  # cheap, and equal tables agree

    def __repr__(self) -> str:
        return f"<NoteTable of {len(self)} notes to tick {self.end_tick}>"

    def overlapping(self, start_tick: int, end_tick: int) -> Ints:
        """Rows of the notes that sound somewhere in [start_tick, end_tick), ascending."""
        first, last = np.searchsorted(self.start, (start_tick - _LONG_TICKS, end_tick))
        rows = np.arange(first, last)
        rows = rows[self.end[first:last] > start_tick]
        long_before = self._long_rows[self._long_rows < first]
        long_before = long_before[self.end[long_before] > start_tick]
        return np.concatenate((long_before, rows)) if len(long_before) else rows

    def starting_in(self, start_tick: int, end_tick: int) -> slice:
        """Rows of the notes that begin in [start_tick, end_tick)."""
        first, last = np.searchsorted(self.start, (start_tick, end_tick))
        return slice(int(first), int(last))

    def rows_of(self, ids: IntLike) -> Ints:
        """Rows of the notes with these ids, ascending; unknown ids are left out."""
        return np.flatnonzero(np.isin(self.id, np.asarray(ids, dtype=np.int64)))

    # --- making others ------------------------------------------------------------------------------------------------

    def take(self, rows: npt.NDArray[np.bool_] | Ints | slice) -> NoteTable:
        """The chosen rows (a mask, ascending row numbers, or a slice)."""
        return NoteTable(*(c[rows].copy() if isinstance(rows, slice) else c[rows] for c in self.columns))

    def having(self, ids: IntLike) -> NoteTable:
        """The notes with these ids."""
        return self.take(self.rows_of(ids))

    def without(self, ids: IntLike) -> NoteTable:
        """All notes but those with these ids."""
        keep = np.ones(len(self), dtype=bool)
        keep[self.rows_of(ids)] = False
        return self.take(keep)

    def merged(self, other: NoteTable) -> NoteTable:
        """The notes of both, sorted."""
        if not len(other) or not len(self):
            return self if not len(other) else other
        first = np.searchsorted(self._order, other._order)
        if np.array_equal(first, np.searchsorted(self._order, other._order, side="right")):
            return self._with_inserted(other, first + np.arange(len(other)))
        joined = [np.concatenate(pair) for pair in zip(self.columns, other.columns, strict=True)]
        order = np.lexsort((joined[4], joined[2], joined[0]))
        return NoteTable(*(c[order] for c in joined))

    def _with_inserted(self, other: NoteTable, rows: Ints) -> NoteTable:
        """The notes of both, those of ``other`` at ``rows``: some times faster than sorting 100,000 notes again."""
        kept = np.ones(len(self) + len(other), dtype=bool)
        kept[rows] = False
        columns: list[Ints] = []
        for old, new in zip(self.columns, other.columns, strict=True):
            column = np.empty(len(kept), dtype=np.int64)
            column[kept] = old
            column[rows] = new
            columns.append(column)
        return NoteTable(*columns)

    def with_columns(
        self,
        *,
        start: IntLike | None = None,
        length: IntLike | None = None,
        pitch: IntLike | None = None,
        velocity: IntLike | None = None,
        ids: IntLike | None = None,
        flags: IntLike | None = None,
    ) -> NoteTable:
        """A copy with some columns replaced (an array, or one value for all notes), sorted again.

        Raises:
            ValueError: a value is out of its range.
        """
        given = (start, length, pitch, velocity, ids, flags)
        new = [
            old if value is None else np.broadcast_to(np.asarray(value, dtype=np.int64), old.shape)
            for old, value in zip(self.columns, given, strict=True)
        ]
        return NoteTable.from_columns(*new)

    def numbered(self, first_id: int) -> NoteTable:
        """A copy whose ids count up from ``first_id`` in row order."""
        return self.with_columns(ids=np.arange(first_id, first_id + len(self)))


def _check_ranges(start: Ints, length: Ints, pitch: Ints, velocity: Ints) -> None:
    if not len(start):
        return
    for name, column, low, high in (
        ("start", start, 0, None),
        ("length", length, 1, None),
        ("pitch", pitch, 0, MAX_PITCH),
        ("velocity", velocity, 1, MAX_VELOCITY),
    ):
        if column.min() < low or (high is not None and column.max() > high):
            raise ValueError(f"a note's {name} is out of range: {int(column.min())} to {int(column.max())}")


EMPTY: Final = NoteTable(*(np.empty(0, dtype=np.int64) for _ in range(6)))
