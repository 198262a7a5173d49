"""Read the events of one track chunk.

A parser of our own instead of mido's: it keeps what came before a damage, is some times faster (100,000 notes in well under
a second) and cannot raise anything but what is written here. The tests hold it against mido on real files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from musegen_app.files.repairs import Repairs
from musegen_app.score import PITCH_BEND, Key

_LAST_TICK: Final = 1 << 40  # keeps the arithmetic of exact rounding within 64 bits
_SYSTEM_DATA_BYTES: Final = {0xF1: 1, 0xF2: 2, 0xF3: 1}
_ALL_SOUND_OFF, _ALL_NOTES_OFF = 120, 123
ALL_OFF: Final = -1
"""Velocity of an entry that ends every note of its channel."""
_MODES: Final = {0: "major", 1: "minor"}


@dataclass
class TrackEvents:
    """Events of one track in file ticks, each list in the order of the file.

    ``note_ticks``, ``note_keys`` (channel × 128 + pitch) and ``note_velocities`` (0 = note-off, or :data:`ALL_OFF`) run in
    parallel. ``controls``: (channel, tick, number, value); ``programs``: (channel, tick, program); ``tempos``: (tick,
    microseconds a quarter); ``metres``: (tick, numerator, denominator); ``keys`` and ``markers``: (tick, …).
    ``texts`` are plain text events, wherever they stand.
    """

    note_ticks: list[int] = field(default_factory=list)
    note_keys: list[int] = field(default_factory=list)
    note_velocities: list[int] = field(default_factory=list)
    controls: list[tuple[int, int, int, int]] = field(default_factory=list)
    programs: list[tuple[int, int, int]] = field(default_factory=list)
    tempos: list[tuple[int, int]] = field(default_factory=list)
    metres: list[tuple[int, int, int]] = field(default_factory=list)
    keys: list[tuple[int, Key]] = field(default_factory=list)
    markers: list[tuple[int, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    name: str = ""
    end_tick: int = 0


class _DamageError(Exception):
    """The bytes cannot be events from here on."""


def read_events(data: bytes, repairs: Repairs) -> TrackEvents:
    """Events of a track's body up to its end mark, its last byte, or the first place that makes no sense."""
    reader = _EventReader(data, repairs)
    try:
        while reader.position < len(data) and not reader.ended:
            reader.read_event()
        if not reader.ended:
            repairs.note("no end")
    except (IndexError, _DamageError):
        repairs.note("damaged")
    reader.events.end_tick = reader.tick
    return reader.events


def decode_text(data: bytes) -> str:
    """Text of any encoding: UTF-8 where it is valid, else Latin-1; control characters become spaces."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return "".join(c if c.isprintable() else " " for c in text).strip()


class _EventReader:
    def __init__(self, data: bytes, repairs: Repairs) -> None:
        self.data = data
        self.repairs = repairs
        self.events = TrackEvents()
        self.position = 0
        self.tick = 0
        self.ended = False
        self._running = 0

    def read_event(self) -> None:
        data = self.data
        delta = data[self.position]
        if delta < 0x80:
            self.position += 1
        else:
            delta = self._variable_length()
        self.tick = min(self.tick + delta, _LAST_TICK)
        status = data[self.position]
        if status >= 0x80:
            self.position += 1
        elif not self._running:
            raise _DamageError
        else:
            status = self._running
        if status < 0xF0:
            self._running = status
            self._read_channel_message(status)
        else:
            self._read_system_message(status)

    def _variable_length(self) -> int:
        value = 0
        for _ in range(5):
            byte = self.data[self.position]
            self.position += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise _DamageError

    def _read_channel_message(self, status: int) -> None:
        data, at = self.data, self.position
        kind = status >> 4
        first = data[at]
        if kind in {0xC, 0xD}:
            second = 0
            self.position = at + 1
        else:
            second = data[at + 1]
            self.position = at + 2
        if (first | second) & 0x80:
            if kind in {0x8, 0x9, 0xA} and first > 127:
                self.repairs.note("pitches", int(kind == 0x9))
                return
            self.repairs.note("data bytes", (first > 127) + (second > 127))
            first, second = min(first, 127), min(second, 127)
        if kind == 0x9 or kind == 0x8:  # noqa: PLR1714 - the hot path: twice as fast as a set
            events = self.events
            events.note_ticks.append(self.tick)
            events.note_keys.append((status & 0x0F) << 7 | first)
            events.note_velocities.append(second if kind == 0x9 else 0)
        else:
            self._read_controller(kind, status & 0x0F, first, second)

    def _read_controller(self, kind: int, channel: int, first: int, second: int) -> None:
        if kind == 0xB and first in {_ALL_SOUND_OFF, _ALL_NOTES_OFF}:
            self.events.note_ticks.append(self.tick)
            self.events.note_keys.append(channel << 7)
            self.events.note_velocities.append(ALL_OFF)
        elif kind == 0xB:
            self.events.controls.append((channel, self.tick, first, second))
        elif kind == 0xE:
            self.events.controls.append((channel, self.tick, PITCH_BEND, second << 7 | first))
        elif kind == 0xC:
            self.events.programs.append((channel, self.tick, first))
        else:
            self.repairs.note("aftertouch")

    def _read_system_message(self, status: int) -> None:
        if status == 0xFF:
            kind = self.data[self.position]
            self.position += 1
            self._read_meta(kind, self._block())
        elif status in {0xF0, 0xF7}:
            self._block()
            self.repairs.note("sysex")
        else:
            self.position += _SYSTEM_DATA_BYTES.get(status, 0)

    def _block(self) -> bytes:
        length = self._variable_length()
        block = self.data[self.position : self.position + length]
        if len(block) < length:
            raise _DamageError
        self.position += length
        return block

    def _read_meta(self, kind: int, body: bytes) -> None:
        events = self.events
        if kind == 0x2F:
            self.ended = True
        elif kind == 0x51:
            events.tempos.append((self.tick, int.from_bytes(body[:3], "big") if len(body) >= 3 else 0))
        elif kind == 0x58:
            self._read_metre(body)
        elif kind == 0x59:
            self._read_key(body)
        elif kind == 0x01:
            events.texts.append(decode_text(body))
        elif kind == 0x03:
            events.name = events.name or decode_text(body)
        elif kind == 0x05:
            self.repairs.note("lyrics")
        elif kind == 0x06:
            events.markers.append((self.tick, decode_text(body)))

    def _read_metre(self, body: bytes) -> None:
        if len(body) < 2 or body[0] == 0 or body[1] > 6:
            self.repairs.note("metre")
        else:
            self.events.metres.append((self.tick, body[0], 1 << body[1]))

    def _read_key(self, body: bytes) -> None:
        sharps = int.from_bytes(body[:1], "big", signed=True)
        if len(body) < 2 or not -7 <= sharps <= 7 or body[1] not in _MODES:
            self.repairs.note("key")
        else:
            tonic = (7 * sharps + (9 if body[1] else 0)) % 12
            self.events.keys.append((self.tick, Key(tonic, _MODES[body[1]])))
