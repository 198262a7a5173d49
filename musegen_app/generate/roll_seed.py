"""What a piano-roll model listens to before it draws: the seed as columns, and what of it still rings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from musegen_app.encoding.columns import COLUMN_TICKS, Bits, Columns, columns_of
from musegen_app.encoding.piano_roll import BarColumns
from musegen_app.errors import InputError
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.score import DEFAULT_VELOCITY, Note, NoteTable

SEED_COLUMNS: Final = 512
"""How far back the model listens."""


@dataclass(frozen=True)
class RollSeed:
    """The seed, its columns counted from column ``origin`` of the score.

    ``heard`` are the columns before ``start``; the continuation has columns ``start`` to ``end``, whose bars are in
    ``bars``. ``ringing`` bool (end - start, 128) is what the seed's own notes still sound in them, so that nothing is struck
    over it.
    """

    heard: Columns
    bars: BarColumns
    origin: int
    start: int
    end: int
    ringing: Bits
    velocity: int

    @classmethod
    def of(cls, request: GenerateRequest) -> RollSeed:
        """The seed of ``request``.

        Raises:
            InputError: it asks for a gap to be filled, or for a span in which no column begins.
        """
        if request.until_tick is not None:
            raise InputError("A piano-roll LSTM continues music but cannot fill a gap; choose a model that fills.")
        start_tick, end_tick = request.span
        start, end = -(-start_tick // COLUMN_TICKS), end_tick // COLUMN_TICKS
        if end <= start:
            raise InputError("The bars asked for are too short for a model that draws sixteenths.")
        notes = _before(request.notes, start_tick, (start - 1) * COLUMN_TICKS)
        known = columns_of([notes])
        first = int(np.flatnonzero(known.sounding.any(axis=1))[0]) if known.sounding.any() else start
        first = max(first, start - SEED_COLUMNS)
        timeline = request.timeline
        bar = timeline.bar_start(timeline.bar_at(first * COLUMN_TICKS))
        origin = min(-(-bar // COLUMN_TICKS), first)
        whole = known.padded(end)
        velocity = int(np.median(notes.velocity)) if notes else DEFAULT_VELOCITY
        bars = BarColumns.of(timeline, origin, end - origin + 1)
        heard = whole.part(origin, start)
        return cls(heard, bars, origin, start - origin, end - origin, whole.sounding[start:end], velocity)

    @property
    def last_bar(self) -> int:
        """The column that begins the last bar."""
        return max(int(self.bars.start[self.end - 1]), self.start)

    def note(self, onset: int, end: int, pitch: int) -> Note:
        """A note from column ``onset`` to column ``end``, in score ticks."""
        begin = (self.origin + onset) * COLUMN_TICKS
        return Note(begin, (end - onset) * COLUMN_TICKS, pitch, self.velocity)


def _before(notes: NoteTable, tick: int, latest: int) -> NoteTable:
    """The notes before ``tick``; those that would be rounded up to it begin at ``latest``."""
    kept = notes.take(notes.start < tick)
    end = kept.end
    start = np.minimum(kept.start, max(latest, 0))
    return NoteTable.from_columns(start, end - start, kept.pitch, kept.velocity)


class Sounding:
    """The notes of one take that have begun and not ended."""

    def __init__(self, request_id: int, take: int, seed: RollSeed) -> None:
        self._request_id, self._take, self._seed = request_id, take, seed
        self.begun: dict[int, tuple[int, float]] = {}
        """Onset and log-probability by pitch."""

    def begin(self, pitch: int, at: int, log_prob: float) -> None:
        self.begun[pitch] = (at, log_prob)

    def end(self, pitches: Iterator[int] | list[int], at: int) -> Iterator[GeneratedNote]:
        """End those of ``pitches`` that sound, at column ``at``."""
        for pitch in pitches:
            if pitch in self.begun:
                onset, log_prob = self.begun.pop(pitch)
                yield GeneratedNote(self._request_id, self._take, self._seed.note(onset, at, pitch), log_prob)

    def end_all(self, at: int) -> Iterator[GeneratedNote]:
        """End what sounds."""
        return self.end(sorted(self.begun), at)
