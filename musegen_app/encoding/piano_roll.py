"""Columns of a sixteenth as changes, and what surrounds a column: the piano-roll LSTM's view of music.

A column is told by what changes in it against the column before: ascending over the pitches, each strike (a note that still
sounds is struck anew) and each release, then an end mark; what is not named goes on. So a pitch that did not sound cannot be
held or released, and lengths are part of what is told. :func:`changes_of` and :func:`columns_from` are each other's inverse.

Around a column lie its place in the beat and bar, the metre, what sounded one and two bars before, for how long each note
has been held, and which pitch classes prevailed lately. :class:`Surroundings` computes it for a whole piece,
:class:`RollTracker` column by column for several takes; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.columns import COLUMN_TICKS, PITCHES, Bits, Columns, Ints, columns_of
from musegen_app.score import Score, Timeline

Floats32 = npt.NDArray[np.float32]

RELEASE: Final = PITCHES
"""Change ``pitch`` is a strike, ``RELEASE + pitch`` a release."""
END: Final = 2 * PITCHES
"""The end mark of a column."""
CHANGES: Final = END + 1

METRES: Final = ((2, 4), (3, 4), (4, 4), (2, 2), (3, 8), (6, 8), (9, 8), (12, 8), (3, 2), (6, 4), (5, 4), (7, 8))
_PLACES: Final = 64
CLASS_SIZES: Final = {"phase": 4, "place": _PLACES, "metre": len(METRES) + 1}
"""Classes of a column and how many values each has; transposition and style follow them in the network's inputs."""
PLANES: Final = ("struck", "sounding", "age", "struck_1", "sounding_1", "struck_2", "sounding_2", "chroma")
"""What is known of each pitch: in the column before (struck, sounding, how long), one and two bars before the column itself,
and the share of its pitch class in what was struck lately."""
SURROUNDINGS: Final = len(PLANES) * PITCHES
LONGEST_AGE: Final = 32
_AGE_SCALE: Final = np.log2(1.0 + np.arange(LONGEST_AGE + 1)).astype(np.float32) / 5
_CHROMA_DECAY: Final = float(np.exp(-1 / 32))


def changes_of(columns: Columns) -> list[list[int]]:
    """The changes of each column, END last; before column 0 nothing sounds, so what sounds there is struck."""
    sounding, struck = columns.sounding, columns.struck
    before = np.zeros_like(sounding)
    before[1:] = sounding[:-1]
    strikes = struck | (sounding & ~before)
    releases = before & ~sounding
    at, pitch = np.nonzero(strikes | releases)
    named = np.where(strikes[at, pitch], pitch, RELEASE + pitch).tolist()
    ends = np.searchsorted(at, np.arange(len(columns) + 1)).tolist()
    return [[*named[ends[n] : ends[n + 1]], END] for n in range(len(columns))]


def columns_from(changes: Sequence[Sequence[int]]) -> Columns:
    """The columns that ``changes`` tell of."""
    columns = Columns.empty(len(changes))
    now = np.zeros(PITCHES, dtype=np.bool_)
    for row, named in enumerate(changes):
        for change in named:
            if change < END:
                now[change % PITCHES] = change < RELEASE
                columns.struck[row, change % PITCHES] |= change < RELEASE
        columns.sounding[row] = now
    return columns


@dataclass(frozen=True)
class BarColumns:
    """Bars by column, int64 (columns,): ``start``, ``length`` (in columns), ``number`` and ``metre`` of a column's bar."""

    start: Ints
    length: Ints
    number: Ints
    metre: Ints

    def __len__(self) -> int:
        return len(self.start)

    @classmethod
    def of(cls, timeline: Timeline, origin: int, columns: int) -> BarColumns:
        """The ``columns`` columns from column ``origin`` of ``timeline`` on. Bar lines between columns are rounded."""
        bars = np.arange(timeline.bar_at(origin * COLUMN_TICKS), timeline.bar_at((origin + columns) * COLUMN_TICKS) + 2)
        ticks = [timeline.bar_start(int(bar)) for bar in bars]
        lines = (np.array(ticks) + COLUMN_TICKS // 2) // COLUMN_TICKS - origin
        row = np.maximum(np.searchsorted(lines[:-1], np.arange(columns), side="right") - 1, 0)
        signatures = [(metre.numerator, metre.denominator) for metre in map(timeline.metre_at, ticks[:-1])]
        metres = np.array([METRES.index(s) if s in METRES else len(METRES) for s in signatures])
        return cls(lines[row], np.maximum(np.diff(lines), 1)[row], bars[row], metres[row])

    def classes(self, column: Ints) -> Ints:
        """Phase in the beat, place in the bar and metre of each column: int64, one axis of 3 more than ``column``."""
        within = np.maximum(column - self.start[column], 0)
        return np.stack([within % 4, np.minimum(within, _PLACES - 1), self.metre[column]], axis=-1)


@dataclass(frozen=True)
class Surroundings:
    """What lies around each column of a piece, its own changes left out."""

    columns: Columns
    bars: BarColumns

    def planes(self, begin: int = 0, end: int | None = None) -> Floats32:
        """Those of columns ``begin`` to ``end``: float32 (columns, SURROUNDINGS), the planes one after another."""
        column = np.arange(len(self.columns))[begin:end]
        rows = np.zeros((len(column), len(PLANES), PITCHES), dtype=np.float32)
        length = self.bars.length[column]
        for plane, back in ((0, column - 1), (3, column - length), (5, column - 2 * length)):
            heard = back >= 0
            rows[heard, plane] = self.columns.struck[back[heard]]
            rows[heard, plane + 1] = self.columns.sounding[back[heard]]
            if plane == 0:
                rows[heard, 2] = age_plane(self._ages[back[heard]])
        rows[:, 7] = np.tile(self.chroma[column], (1, 11))[:, :PITCHES]
        return rows.reshape(len(column), SURROUNDINGS)

    @cached_property
    def _ages(self) -> Ints:
        return ages(self.columns)

    @cached_property
    def chroma(self) -> Floats32:
        """Share of each pitch class in what was struck before each column, decaying over two bars: (columns, 12)."""
        return recent_chroma(self.columns.struck)[:-1]


def recent_chroma(struck: Bits) -> Floats32:
    """Share of each pitch class in what was struck before each column and after the last: float32 (columns + 1, 12)."""
    counts = _by_class(struck)
    weights = np.zeros(12)
    found = np.zeros((len(struck) + 1, 12), dtype=np.float32)
    for row, here in enumerate(counts, start=1):
        weights = weights * _CHROMA_DECAY + here
        found[row] = weights / max(float(weights.sum()), 1e-9)
    return found


def _by_class(struck: Bits) -> npt.NDArray[np.float64]:
    padded = np.zeros((*struck.shape[:-1], 132))
    padded[..., :PITCHES] = struck
    counts: npt.NDArray[np.float64] = padded.reshape(*struck.shape[:-1], 11, 12).sum(axis=-2)
    return counts


def ages(columns: Columns) -> Ints:
    """For how many columns each sounding note has sounded, the column counted in: int64 (columns, 128), at most 32."""
    row = np.arange(1, len(columns) + 1)[:, None]
    begun = columns.struck.copy()
    begun[:1] |= columns.sounding[:1]
    begun[1:] |= columns.sounding[1:] & ~columns.sounding[:-1]
    since = row - np.maximum.accumulate(np.where(begun, row, 0), axis=0) + 1
    return np.where(columns.sounding, np.minimum(since, LONGEST_AGE), 0)


def age_plane(age: Ints) -> Floats32:
    """Ages as the network sees them: from 0 (silent) to 1."""
    plane: Floats32 = _AGE_SCALE[age]
    return plane


class RollTracker:
    """The surroundings of the coming column of several takes that began with the same ``columns``.

    ``sounding`` bool (takes, 128) is what sounds at the end of the last column. Room for ``coming`` columns more.
    """

    def __init__(self, columns: Columns, bars: BarColumns, takes: int, coming: int) -> None:
        self._bars, self._at = bars, len(columns)
        whole = columns.padded(len(columns) + coming)
        self._struck = np.repeat(whole.struck[None], takes, axis=0)
        self._sounding = np.repeat(whole.sounding[None], takes, axis=0)
        last = slice(-1, None)
        self._age = np.repeat(ages(columns)[last] if len(columns) else np.zeros((1, PITCHES), np.int64), takes, axis=0)
        self._weights = np.zeros((takes, 12))
        for counts in _by_class(columns.struck):
            self._weights = self._weights * _CHROMA_DECAY + counts

    @property
    def sounding(self) -> Bits:
        """See the class."""
        return self._sounding[:, self._at - 1] if self._at else np.zeros((len(self._age), PITCHES), dtype=np.bool_)

    def planes(self) -> Floats32:
        """Float32 (takes, SURROUNDINGS)."""
        at, length = self._at, int(self._bars.length[self._at])
        rows = np.zeros((len(self._age), len(PLANES), PITCHES), dtype=np.float32)
        if at:
            rows[:, 0], rows[:, 1] = self._struck[:, at - 1], self._sounding[:, at - 1]
        rows[:, 2] = age_plane(self._age)
        for plane, back in ((3, at - length), (5, at - 2 * length)):
            if back >= 0:
                rows[:, plane], rows[:, plane + 1] = self._struck[:, back], self._sounding[:, back]
        total = np.maximum(self._weights.sum(axis=1, keepdims=True), 1e-9)
        rows[:, 7] = np.tile(self._weights / total, (1, 11))[:, :PITCHES]
        return rows.reshape(len(rows), SURROUNDINGS)

    def classes(self) -> Ints:
        """The classes of the coming column: int64 (3,)."""
        classes: Ints = self._bars.classes(np.array([self._at]))[0]
        return classes

    def add(self, struck: Bits, sounding: Bits) -> None:
        """Take in the next column: bool (takes, 128) each."""
        self._struck[:, self._at], self._sounding[:, self._at] = struck, sounding
        self._age = np.where(struck, 1, np.minimum(self._age + 1, LONGEST_AGE)) * sounding
        self._weights = self._weights * _CHROMA_DECAY + _by_class(struck)
        self._at += 1


@dataclass(frozen=True)
class RollPiece:
    """A score as columns from the bar line before its first note, its drums left out."""

    columns: Columns
    bars: BarColumns

    @classmethod
    def of(cls, score: Score) -> RollPiece | None:
        """The piece in ``score``, or None if there is no note."""
        tables = [track.notes for track in score.tracks if not track.is_drums and track.notes]
        if not tables:
            return None
        first = min(int(table.start[0]) for table in tables)
        begin = score.timeline.bar_start(score.timeline.bar_at(first + COLUMN_TICKS // 2))
        origin = (begin + COLUMN_TICKS // 2) // COLUMN_TICKS
        columns = columns_of(tables, min(origin * COLUMN_TICKS, first))
        return cls(columns, BarColumns.of(score.timeline, origin, len(columns)))


PUBLISHED_WINDOW: Final = 18
"""Columns that predict the next, as published."""
FIRST_TOUCH: Final = 1.0
CONTINUATION: Final = 0.5
_PIANOS: Final = range(6)  # programmes whose instrument is a piano; harpsichord and clavichord follow them
_SILENT_COLUMNS: Final = 32


def published_values(score: Score) -> Floats32 | None:
    """The piano parts of ``score`` as the published system saw them: 1 first touch, 0.5 continuation, 0 rest.

    Float32 (columns, 128), two bars of silence at the end; None where no part is a piano's.
    """
    tables = [t.notes for t in score.tracks if t.notes and not t.is_drums and t.program in _PIANOS]
    if not tables:
        return None
    columns = columns_of(tables)
    return touches_of(columns.padded(len(columns) + _SILENT_COLUMNS))


def touches_of(columns: Columns) -> Floats32:
    """Columns as the published system's values, float32 (columns, 128)."""
    return np.where(columns.struck, FIRST_TOUCH, np.where(columns.sounding, CONTINUATION, 0)).astype(np.float32)
