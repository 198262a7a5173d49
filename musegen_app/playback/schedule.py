"""From a score to what a port is sent, and when. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.midi_io.messages import BEND, CONTROL, NOTE_OFF, NOTE_ON, PROGRAM
from musegen_app.score import MUTED, PITCH_BEND, Score, Track
from musegen_app.score.notes import Ints

Floats = npt.NDArray[np.float64]
Event = tuple[float, int, int, int]
"""Second, status byte, and two data bytes (the second is unused by programme changes)."""

_OFF, _SET, _ON = 0, 1, 2  # order of events at one time: a note that begins again is let go first
_RELEASE: Final = 64


@dataclass(frozen=True)
class Schedule:
    """Events sorted by time: float64 seconds of song time, and int64 (n, 3) bytes. Immutable; any thread."""

    seconds: Floats
    data: Ints

    @classmethod
    def of(cls, score: Score) -> Schedule:
        """What sounds of ``score``: tracks neither muted nor beaten by a solo, notes not muted."""
        soloed = any(track.soloed for track in score.tracks)
        tracks = [t for t in score.tracks if (t.soloed if soloed else not t.muted)]
        notes = _untangled(tracks)
        start, end, channel, pitch, velocity = notes.T if len(notes) else np.zeros((5, 0), dtype=np.int64)
        controls = _controls(tracks)
        ons = np.stack([NOTE_ON | channel, pitch, velocity], axis=1)
        offs = np.stack([NOTE_OFF | channel, pitch, np.full(len(pitch), _RELEASE)], axis=1)
        ticks = np.concatenate([end, controls[:, 0], start])
        order_of = np.repeat([_OFF, _SET, _ON], [len(end), len(controls), len(start)])
        order = np.lexsort((order_of, ticks))
        data = np.concatenate([offs, controls[:, 1:], ons])[order]
        return cls(score.timeline.seconds(ticks[order]), data)

    def __len__(self) -> int:
        return len(self.seconds)

    def between(self, start_s: float, end_s: float) -> list[Event]:
        """Events in [start_s, end_s), sorted."""
        first, last = np.searchsorted(self.seconds, (start_s, end_s))
        rows = zip(self.seconds[first:last].tolist(), self.data[first:last].tolist(), strict=True)
        return [(second, *row) for second, row in rows]

    def setup(self, second: float) -> list[tuple[int, int, int]]:
        """The programme, controllers and bend in force on each channel just before ``second``."""
        last = int(np.searchsorted(self.seconds, second))
        rows = self._set_rows[self._set_rows < last]
        state: dict[tuple[int, int], tuple[int, int, int]] = {}
        for status, first, value in self.data[rows].tolist():
            state[status, first if status & 0xF0 == CONTROL else -1] = (status, first, value)
        return list(state.values())

    def sounding(self, second: float) -> set[tuple[int, int]]:
        """Channel and pitch of the notes that began before ``second`` and end at it or later."""
        last = int(np.searchsorted(self.seconds, second))
        held: set[tuple[int, int]] = set()
        rows = self._note_rows[: int(np.searchsorted(self._note_rows, last))]
        ends = self._ends[: len(rows)]
        for row in rows[ends >= last].tolist():
            held.add((int(self.data[row, 0]) & 0x0F, int(self.data[row, 1])))
        return held

    @cached_property
    def _set_rows(self) -> Ints:
        kind = self.data[:, 0] & 0xF0
        return np.flatnonzero((kind == CONTROL) | (kind == PROGRAM) | (kind == BEND))

    @cached_property
    def _note_rows(self) -> Ints:
        return np.flatnonzero((self.data[:, 0] & 0xF0) == NOTE_ON)

    @cached_property
    def _ends(self) -> Ints:
        """For each note-on, the row of its note-off: within one channel and pitch they alternate."""
        offs = np.flatnonzero((self.data[:, 0] & 0xF0) == NOTE_OFF)
        key_on, key_off = (_keys(self.data[rows]) for rows in (self._note_rows, offs))
        ends = np.empty(len(self._note_rows), dtype=np.int64)
        ends[np.argsort(key_on, kind="stable")] = offs[np.argsort(key_off, kind="stable")]
        return ends


def _keys(data: Ints) -> Ints:
    keys: Ints = (data[:, 0] & 0x0F) * 128 + data[:, 1]
    return keys


def _untangled(tracks: list[Track]) -> Ints:
    """Notes as rows of start, end, channel, pitch, velocity; no pitch sounds twice at once on a channel.

    Of two that begin together the longer stays; a note ends where its pitch begins again.
    """
    parts = []
    for track in tracks:
        notes = track.notes.take((track.notes.flags & MUTED) == 0)
        channel = np.full(len(notes), track.channel)
        parts.append(np.stack([notes.start, notes.end, channel, notes.pitch, notes.velocity], axis=1))
    rows: Ints = np.concatenate(parts) if parts else np.zeros((0, 5), dtype=np.int64)
    if not len(rows):
        return rows
    rows = rows[np.lexsort((-rows[:, 1], rows[:, 0], rows[:, 3], rows[:, 2]))]
    same_key = (np.diff(rows[:, 2]) == 0) & (np.diff(rows[:, 3]) == 0)
    doubled = np.concatenate([[False], same_key & (np.diff(rows[:, 0]) == 0)])
    rows = rows[~doubled]
    again = (np.diff(rows[:, 2]) == 0) & (np.diff(rows[:, 3]) == 0)
    rows[:-1, 1] = np.where(again, np.minimum(rows[:-1, 1], rows[1:, 0]), rows[:-1, 1])
    return rows


def _controls(tracks: list[Track]) -> Ints:
    """Programme changes at tick 0 and controllers: rows of tick, status, data, data."""
    rows = [(0, PROGRAM | t.channel, t.program, 0) for t in tracks if not t.is_drums or t.program]
    for track in tracks:
        for change in track.controls:
            if change.number == PITCH_BEND:
                rows.append((change.tick, BEND | track.channel, change.value & 0x7F, change.value >> 7))
            else:
                rows.append((change.tick, CONTROL | track.channel, change.number, change.value))
    return np.array(rows, dtype=np.int64).reshape(-1, 4)
