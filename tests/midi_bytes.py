"""Build MIDI files byte by byte, right ones and wrong ones, without the code under test."""

from __future__ import annotations

import struct

END = b"\x00\xff\x2f\x00"


def varlen(value: int) -> bytes:
    """MIDI's variable-length number."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def event(delta: int, *message: int) -> bytes:
    """A message after ``delta`` ticks."""
    return varlen(delta) + bytes(message)


def meta(delta: int, kind: int, body: bytes) -> bytes:
    """A meta event after ``delta`` ticks."""
    return varlen(delta) + bytes((0xFF, kind)) + varlen(len(body)) + body


def on(delta: int, pitch: int, velocity: int = 64, channel: int = 0) -> bytes:
    """A note-on after ``delta`` ticks."""
    return event(delta, 0x90 | channel, pitch, velocity)


def off(delta: int, pitch: int, channel: int = 0) -> bytes:
    """A note-off after ``delta`` ticks."""
    return event(delta, 0x80 | channel, pitch, 0)


def chunk(body: bytes, name: bytes = b"MTrk", length: int | None = None) -> bytes:
    """A chunk, if need be with a wrong length."""
    return name + struct.pack(">I", len(body) if length is None else length) + body


def smf(*tracks: bytes, kind: int = 1, division: int = 480, count: int | None = None) -> bytes:
    """A file of these track bodies (a body that begins with MTrk is taken as a whole chunk)."""
    header = struct.pack(">4sIHHH", b"MThd", 6, kind, len(tracks) if count is None else count, division & 0xFFFF)
    return header + b"".join(t if t.startswith(b"MTrk") else chunk(t) for t in tracks)


ONE_NOTE = on(0, 60) + off(480, 60) + END
"""Body of a track with a quarter of middle C."""
