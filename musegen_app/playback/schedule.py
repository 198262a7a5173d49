"""From a score to what a port is sent, and when. Pure.

Nothing is worked out before it is asked for: a score of 100,000 notes that changes while it plays costs no more than the
notes of the seconds ahead.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Final

import numpy as np

from musegen_app.midi_io.messages import BEND, CONTROL, NOTE_OFF, NOTE_ON, PROGRAM
from musegen_app.playback.sounding import Key
from musegen_app.score import MUTED, PITCH_BEND, Score, Timeline, Track
from musegen_app.score.notes import Ints

Event = tuple[float, int, int, int, str]
"""Second, status byte, two data bytes (the second is unused by programme changes), and port ("" is the main one)."""
Setting = tuple[int, int, int, str]
"""Status byte and two data bytes of a programme, a controller or a bend, and port."""

_OFF, _SET, _ON = 0, 1, 2  # order of events at one time: a note that begins again is let go first
_RELEASE: Final = 64
_BITS, _LOW = 7, 127  # of a data byte
_CHANNEL_BITS, _CHANNEL = 4, 15  # of a voice, which is a channel of one of the ports
_TICK_BITS: Final = 40
_BANK: Final = (0, 32)  # controllers that choose a bank go before the programme
_MODES: Final = 120  # from here on controllers are deeds (all notes off), never in force
_AT_REST: Final = {1: 0, 2: 0, 4: 0, 7: 100, 8: 64, 10: 64, 11: 127} | dict.fromkeys(range(64, 70), 0) | {PITCH_BEND: 8192}
"""Values of controllers that nothing has set yet, as General MIDI has them: volume, pan, expression, pedals up …"""


@dataclass(frozen=True)
class Schedule:
    """What sounds of a score. Times are seconds of song time. Immutable; any thread."""

    timeline: Timeline
    tracks: tuple[Track, ...]

    @cached_property
    def ports(self) -> tuple[str, ...]:
        """The ports that are played through."""
        return tuple(sorted({track.port for track in self.tracks})) or ("",)

    @classmethod
    def of(cls, score: Score) -> Schedule:
        """Tracks neither muted nor beaten by a solo; muted notes are left out later."""
        soloed = any(track.soloed for track in score.tracks)
        return cls(score.timeline, tuple(t for t in score.tracks if (t.soloed if soloed else not t.muted)))

    def between(self, start_s: float, end_s: float) -> list[Event]:
        """Events in [start_s, end_s), sorted; at one time note-offs come first and note-ons last."""
        first, last = self._tick_from(start_s), self._tick_from(end_s)
        if first >= last:
            return []
        events = np.concatenate([self._notes(first, last), self._controls(first, last)])
        events = events[np.argsort(events[:, 0] * 3 + events[:, 1], kind="stable")]
        seconds = self.timeline.played_seconds(events[:, 0])
        status, one, two, port = events[:, 2:].T.tolist()
        return list(zip(seconds.tolist(), status, one, two, map(self.ports.__getitem__, port), strict=True))

    def setup(self, second: float) -> list[Setting]:
        """Bank, programme, controllers and bend in force on each channel just before ``second``, in the order to send them.

        A controller that is set only later in the piece is put to rest, so that nothing hangs over from there.
        """
        tick = self._tick_from(second)
        force: dict[tuple[str, int, int], int] = {}
        for track in self.tracks:
            for number in {change.number for change in track.controls} & _AT_REST.keys():
                force.setdefault((track.port, track.channel, number), _AT_REST[number])
        for track in self.tracks:
            before = track.controls[: bisect_left(track.controls, tick, key=attrgetter("tick"))]
            force |= {(track.port, track.channel, c.number): c.value for c in before if _is_lasting(c.number)}
        for track in self.tracks:
            if track.bank is not None:
                coarse, fine = ((track.port, track.channel, number) for number in _BANK)
                force |= {coarse: track.bank >> _BITS, fine: track.bank & _LOW}
        banks = {place: value for place, value in force.items() if place[2] in _BANK}
        programs = {(t.port, t.channel): t.program for t in self.tracks if not t.is_drums or t.program or t.bank is not None}
        return [
            *(_setting(*place, value) for place, value in banks.items()),
            *((PROGRAM | channel, program, 0, port) for (port, channel), program in programs.items()),
            *(_setting(*place, value) for place, value in force.items() if place not in banks),
        ]

    def sounding(self, second: float) -> set[Key]:
        """The notes that began before ``second`` and end at it or later."""
        held = self._held(self._tick_from(second))[2].tolist()
        return {(self.ports[key >> _BITS + _CHANNEL_BITS], key >> _BITS & _CHANNEL, key & _LOW) for key in held}

    def chased(self, second: float) -> list[Setting]:
        """Note-ons of what began before ``second`` and sounds on after it; drums, which ring by themselves, are left out."""
        tick = self._tick_from(second)
        pitched = [track for track in self.tracks if not track.is_drums]
        drums = {(track.port, track.channel) for track in self.tracks if track.is_drums}
        begun = [self._held(tick), *(self._columns(t, t.notes.starting_in(tick, tick + 1)) for t in pitched)]
        notes = _untangled(np.concatenate(begun, axis=1))
        found = []
        for start, end, key, velocity in notes.T.tolist():
            port, channel = self.ports[key >> _BITS + _CHANNEL_BITS], key >> _BITS & _CHANNEL
            if start < tick < end and (port, channel) not in drums:
                found.append((NOTE_ON | channel, key & _LOW, velocity, port))
        return found

    # --- inside -------------------------------------------------------------------------------------------------------

    def _tick_from(self, second: float) -> int:
        """The first tick whose time is ``second`` or later."""
        tick = math.ceil(self.timeline.played_tick_at(second))
        while self.timeline.played_second_at(tick) < second:
            tick += 1
        while tick > 0 and self.timeline.played_second_at(tick - 1) >= second:
            tick -= 1
        return tick

    def _notes(self, first: int, last: int) -> Ints:
        """Note-ons and note-offs in ticks [first, last): rows of tick, order, status, pitch, velocity, port."""
        begun = [self._held(first), *(self._columns(t, t.notes.starting_in(first, last)) for t in self.tracks)]
        start, end, key, velocity = _untangled(np.concatenate(begun, axis=1))
        channel, pitch, port = key >> _BITS & _CHANNEL, key & _LOW, key >> _BITS + _CHANNEL_BITS
        order = np.ones_like(key)
        ons = np.stack([start, order * _ON, NOTE_ON | channel, pitch, velocity, port], axis=1)[start >= first]
        offs = np.stack([end, order * _OFF, NOTE_OFF | channel, pitch, order * _RELEASE, port], axis=1)[end < last]
        return np.concatenate([offs, ons])

    def _held(self, tick: int) -> Ints:
        """Columns of the notes that began before ``tick``, end at it or later, and were not struck again meanwhile."""
        rows = [self._columns(track, track.notes.overlapping(tick - 1, tick)) for track in self.tracks]
        held = np.concatenate([np.zeros((4, 0), dtype=np.int64), *rows], axis=1)
        if not held.shape[1]:
            return held
        earliest = int(held[0].min())
        keys = len(self.ports) << _CHANNEL_BITS + _BITS
        last_start = np.full(keys, -1, dtype=np.int64)
        for track in self.tracks:
            start, _, key, _ = self._columns(track, track.notes.starting_in(earliest, tick))
            latest = np.full(keys, -1, dtype=np.int64)
            latest[key] = start  # in the order of time: the last one stays
            last_start = np.maximum(last_start, latest)
        return _untangled(held[:, held[0] == last_start[held[2]]])

    def _controls(self, first: int, last: int) -> Ints:
        """Controllers and bends in ticks [first, last): rows of tick, order, status, two bytes and port."""
        found = []
        for track in self.tracks:
            changes = track.controls
            start, end = (bisect_left(changes, tick, key=attrgetter("tick")) for tick in (first, last))
            port = self.ports.index(track.port)
            found += [(c.tick, _SET, *_bytes(track.channel, c.number, c.value), port) for c in changes[start:end]]
        return np.array(found, dtype=np.int64).reshape(-1, 6)

    def _columns(self, track: Track, rows: Ints | slice) -> Ints:
        """Start, end, key (port, channel and pitch) and velocity of the notes that are not muted, int64 (4, n)."""
        notes = track.notes
        voice = self.ports.index(track.port) << _CHANNEL_BITS | track.channel
        columns = np.stack([notes.start[rows], notes.end[rows], voice << _BITS | notes.pitch[rows], notes.velocity[rows]])
        return columns[:, (notes.flags[rows] & MUTED) == 0]


def _untangled(notes: Ints) -> Ints:
    """The same columns such that no key sounds twice at once.

    Of two that begin together the longer stays; a note ends where its pitch begins again.
    """
    start, end, key, velocity = notes
    place = key << _TICK_BITS | start
    order = np.argsort(place, kind="stable")
    first = np.flatnonzero(np.diff(place[order], prepend=-1))
    if not len(first):
        return notes
    longest = np.maximum.reduceat((end << _BITS | velocity)[order], first)
    rows = order[first]
    start, end, key, velocity = start[rows], longest >> _BITS, key[rows], longest & _LOW
    again = key[:-1] == key[1:]
    end[:-1][again] = np.minimum(end[:-1], start[1:])[again]
    return np.stack([start, end, key, velocity])


def _setting(port: str, channel: int, number: int, value: int) -> Setting:
    return (*_bytes(channel, number, value), port)


def _bytes(channel: int, number: int, value: int) -> tuple[int, int, int]:
    if number == PITCH_BEND:
        return BEND | channel, value & _LOW, value >> _BITS
    return CONTROL | channel, number, value


def _is_lasting(number: int) -> bool:
    return number < _MODES or number == PITCH_BEND


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events of several sources as one list: by time, at one time note-offs first and note-ons last."""
    ranks = {NOTE_OFF: _OFF, NOTE_ON: _ON}
    return sorted(events, key=lambda event: (event[0], ranks.get(event[1] & 0xF0, _SET)))
