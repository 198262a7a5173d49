"""Music as a state a sixteenth, in windows: what a Boltzmann machine sees.

Each of 78 pitches (24 to 101) rests, goes on (is held from the step before) or is struck. A window is some steps in a row;
the mended machine's begin on a beat, and it is told on which one (:func:`places`). The published encoding, two bits a pitch
for "held" and "struck" that know nothing of each other, is Daniel Shiebler's as "Rubik's Code" took it over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.columns import COLUMN_TICKS, Columns, columns_of
from musegen_app.score import Metre, NoteTable, Score, Timeline

LOWEST: Final = 24
HIGHEST: Final = 101
PITCHES: Final = HIGHEST - LOWEST + 1
REST, HELD, STRUCK = 0, 1, 2

PUBLISHED_STEPS: Final = 15
PUBLISHED_LEAST_STEPS: Final = 50
"""Shorter pieces were left out."""
_PUBLISHED_METRES: Final = (2, 4)

_SIMPLE: Final = (2, 3, 4, 6)
_COMPOUND: Final = (1, 2, 3, 4)
_BEATS: Final = [(False, beats) for beats in _SIMPLE] + [(True, beats) for beats in _COMPOUND]
_FIRST: Final = dict(zip(_BEATS, np.cumsum([0, *(beats for _, beats in _BEATS[:-1])]).tolist(), strict=True))
ELSEWHERE: Final = sum(beats for _, beats in _BEATS)
"""Place of a step in a bar that has none of the known numbers of beats."""
PLACES: Final = ELSEWHERE + 1
"""Classes of the place: a beat of a bar of 2, 3, 4 or 6 quarters, or of 1 to 4 dotted quarters, or elsewhere."""
NO_PLACE: Final = -1
"""Place of a step on which no beat begins."""

States = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def states_of(columns: Columns) -> States:
    """The state of each step: uint8 (steps, 78) of REST, HELD and STRUCK. Other pitches are not heard."""
    here = slice(LOWEST, HIGHEST + 1)
    states: States = np.where(columns.struck[:, here], STRUCK, np.where(columns.sounding[:, here], HELD, REST)).astype(
        np.uint8
    )
    return states


def columns_from(states: States) -> Columns:
    """The picture of ``states``; where a pitch is held that did not sound before, it is struck."""
    columns = Columns.empty(len(states))
    here = slice(LOWEST, HIGHEST + 1)
    sounding = states != REST
    before = np.concatenate([sounding[:1], sounding[:-1]])
    columns.sounding[:, here] = sounding
    columns.struck[:, here] = (states == STRUCK) | (sounding & ~before)
    return columns


def bits_of(states: States) -> Bits:
    """The published bits: bool (steps, 2, 78), sounding ("held") and struck."""
    return np.stack([states != REST, states == STRUCK], axis=1)


def states_from_bits(bits: Bits) -> States:
    """States of published bits: a struck bit without its held one is no note, as in the decoder they came with."""
    states: States = np.where(bits[:, 0], np.where(bits[:, 1], STRUCK, HELD), REST).astype(np.uint8)
    return states


def states_at(tables: Iterable[NoteTable], begin: int, end: int) -> States:
    """The states of steps ``begin`` to ``end``, counted from tick 0; notes that began before ``begin`` are held there."""
    heard = [_reaching(table, begin * COLUMN_TICKS, end * COLUMN_TICKS) for table in tables]
    origin = min([begin, *(int(table.start[0]) // COLUMN_TICKS for table in heard if table)])
    columns = columns_of(heard, origin * COLUMN_TICKS).padded(end - origin)
    return states_of(columns.part(begin - origin, end - origin))


def _reaching(table: NoteTable, begin_tick: int, end_tick: int) -> NoteTable:
    """The notes that may sound from half a step before ``begin_tick`` to ``end_tick``."""
    rows = (table.end >= begin_tick - COLUMN_TICKS) & (table.start < end_tick)
    return table.take(rows)


def unheard(table: NoteTable) -> int:
    """How many notes lie outside the 78 pitches."""
    return int(np.count_nonzero((table.pitch < LOWEST) | (table.pitch > HIGHEST)))


def places(timeline: Timeline, begin: int, end: int) -> Ints:
    """The place of steps ``begin`` to ``end`` (counted from tick 0): int64, NO_PLACE where no beat begins.

    A beat is a quarter, or a dotted quarter where the metre is one of threefold eighths. Before tick 0 the first metre
    holds.
    """
    found = np.full(max(end - begin, 0), NO_PLACE, dtype=np.int64)
    number = timeline.bar_at(begin * COLUMN_TICKS)
    line = timeline.bar_start(number)
    while line < end * COLUMN_TICKS:
        metre, number = timeline.metre_at(line), number + 1
        after = timeline.bar_start(number)
        for beat, step in enumerate(range(round(line / COLUMN_TICKS), round(after / COLUMN_TICKS), beat_steps(metre))):
            if begin <= step < end:
                found[step - begin] = _place(metre, beat)
        line = after
    return found


def beat_steps(metre: Metre) -> int:
    """Steps of a beat as it is felt: 6 in threefold eighths, else 4."""
    return 6 if _is_compound(metre) else 4


def _is_compound(metre: Metre) -> bool:
    return metre.denominator == 8 and metre.numerator % 3 == 0


def _place(metre: Metre, number: int) -> int:
    beats = metre.bar_ticks // (COLUMN_TICKS * beat_steps(metre))
    first = _FIRST.get((_is_compound(metre), 4 if beats == 8 else beats))
    if first is None or metre.bar_ticks % (COLUMN_TICKS * beat_steps(metre)):
        return ELSEWHERE
    return int(first) + number % (4 if beats == 8 else beats)


@dataclass(frozen=True)
class PieceStates:
    """A piece from the bar line at or before its first note to its end.

    ``states`` uint8 (steps, 78); ``place`` int64 (steps,), NO_PLACE where no beat begins; ``metre`` is its first one.
    """

    states: States
    place: Ints
    metre: Metre

    def __len__(self) -> int:
        return len(self.states)

    def beginnings(self, steps: int) -> Ints:
        """Where windows of ``steps`` may begin: int64 (windows,)."""
        return np.flatnonzero((self.place != NO_PLACE) & (np.arange(len(self)) + steps <= len(self)))

    def apart(self, steps: int) -> Ints:
        """Of :meth:`beginnings`, the first and then always the next that does not overlap the one before."""
        chosen, until = [], 0
        for first in self.beginnings(steps).tolist():
            if first >= until:
                chosen.append(first)
                until = first + steps
        return np.array(chosen, dtype=np.int64)

    def published(self) -> Ints:
        """Where the published machine's windows begin: int64 (windows,), none in other metres or short pieces."""
        wanted = self.metre.numerator in _PUBLISHED_METRES and len(self) >= PUBLISHED_LEAST_STEPS
        return np.arange(0, len(self) // PUBLISHED_STEPS * PUBLISHED_STEPS if wanted else 0, PUBLISHED_STEPS)

    def windows(self, beginnings: Ints, steps: int) -> States:
        """The windows that begin there: uint8 (windows, steps, 78)."""
        found: States = self.states[beginnings[:, None] + np.arange(steps)]
        return found


def piece_states(score: Score) -> PieceStates | None:
    """The piece in ``score``, its drums left out; None where none of its notes is among the 78 pitches."""
    tables = [track.notes for track in score.tracks if not track.is_drums and track.notes]
    if not tables:
        return None
    first, end = min(int(t.start[0]) for t in tables), max(t.end_tick for t in tables)
    begin = score.timeline.bar_start(score.timeline.bar_at(first)) // COLUMN_TICKS
    steps = max(-(-end // COLUMN_TICKS) - begin, 0)
    states = states_at(tables, begin, begin + steps)
    if not states.any():
        return None
    return PieceStates(states, places(score.timeline, begin, begin + steps), score.timeline.metre_at(first))
