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
_BITS, _LOW = 7, 127  # of a data byte
_TICK_BITS: Final = 48


@dataclass(frozen=True)
class Schedule:
    """Events sorted by time: float64 seconds of song time, int64 messages of three bytes as one number each.

    ``on_rows`` are the rows of the note-ons, ascending, and ``off_rows`` those of their note-offs. Immutable; any thread.
    """

    seconds: Floats
    messages: Ints
    on_rows: Ints
    off_rows: Ints

    @classmethod
    def of(cls, score: Score) -> Schedule:
        """What sounds of ``score``: tracks neither muted nor beaten by a solo, notes not muted."""
        soloed = any(track.soloed for track in score.tracks)
        tracks = [t for t in score.tracks if (t.soloed if soloed else not t.muted)]
        start, end, key, velocity = _untangled(tracks)
        controls = _controls(tracks)
        count = len(start)
        ticks = np.concatenate([end, controls[:, 0], start])
        kind = np.repeat([_OFF, _SET, _ON], [count, len(controls), count])
        channel, pitch = key >> _BITS, key & _LOW
        offs, ons = _joined(NOTE_OFF | channel, pitch, _RELEASE), _joined(NOTE_ON | channel, pitch, velocity)
        messages = np.concatenate([offs, _joined(*controls[:, 1:].T), ons])
        order = np.argsort(ticks * 3 + kind, kind="stable")
        rows = np.empty_like(order)
        rows[order] = np.arange(len(order))
        on_rows, off_rows = rows[len(rows) - count :], rows[:count]
        in_time = np.argsort(on_rows)
        return cls(score.timeline.seconds(ticks[order]), messages[order], on_rows[in_time], off_rows[in_time])

    def __len__(self) -> int:
        return len(self.seconds)

    def between(self, start_s: float, end_s: float) -> list[Event]:
        """Events in [start_s, end_s), sorted."""
        first, last = np.searchsorted(self.seconds, (start_s, end_s))
        rows = slice(int(first), max(int(first), int(last)))
        return list(zip(self.seconds[rows].tolist(), *self._bytes(rows), strict=True))

    def setup(self, second: float) -> list[tuple[int, int, int]]:
        """The programme, controllers and bend in force on each channel just before ``second``."""
        last = int(np.searchsorted(self.seconds, second))
        state: dict[tuple[int, int], tuple[int, int, int]] = {}
        for status, first, value in zip(*self._bytes(self._set_rows[self._set_rows < last]), strict=True):
            state[status, first if status & 0xF0 == CONTROL else -1] = (status, first, value)
        return list(state.values())

    def sounding(self, second: float) -> set[tuple[int, int]]:
        """Channel and pitch of the notes that began before ``second`` and end at it or later."""
        last = int(np.searchsorted(self.seconds, second))
        begun = int(np.searchsorted(self.on_rows, last))
        status, pitch, _ = self._bytes(self.on_rows[:begun][self.off_rows[:begun] >= last])
        return {(byte & 0x0F, number) for byte, number in zip(status, pitch, strict=True)}

    def _bytes(self, rows: Ints | slice) -> tuple[list[int], list[int], list[int]]:
        """Status bytes, first and second data bytes."""
        found = self.messages[rows]
        return (found >> 2 * _BITS).tolist(), (found >> _BITS & _LOW).tolist(), (found & _LOW).tolist()

    @cached_property
    def _set_rows(self) -> Ints:
        kind = self.messages >> 2 * _BITS & 0xF0
        return np.flatnonzero((kind == CONTROL) | (kind == PROGRAM) | (kind == BEND))


def _joined(status: Ints, first: Ints, second: Ints | int) -> Ints:
    joined: Ints = (status << _BITS | first) << _BITS | second
    return joined


def _untangled(tracks: list[Track]) -> tuple[Ints, Ints, Ints, Ints]:
    """Columns start, end, key (channel and pitch), velocity; no key sounds twice at once.

    Of two that begin together the longer stays; a note ends where its pitch begins again.
    """
    parts: list[Ints] = [np.zeros((4, 0), dtype=np.int64)]
    for track in tracks:
        notes = track.notes.take((track.notes.flags & MUTED) == 0)
        parts.append(np.stack([notes.start, notes.end, track.channel << _BITS | notes.pitch, notes.velocity]))
    start, end, key, velocity = np.concatenate(parts, axis=1)
    place = key << _TICK_BITS | start
    order = np.argsort(place)
    first = np.flatnonzero(np.diff(place[order], prepend=-1))
    if not len(first):
        return start, end, key, velocity
    longest = np.maximum.reduceat((end << _BITS | velocity)[order], first)
    rows = order[first]
    start, end, key, velocity = start[rows], longest >> _BITS, key[rows], longest & _LOW
    again = key[:-1] == key[1:]
    end[:-1][again] = np.minimum(end[:-1], start[1:])[again]
    return start, end, key, velocity


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
