"""Find the header and the track chunks of a Standard MIDI File, even of a broken one.

Chunks are found here rather than by mido, which gives a whole file up at the first broken track.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from musegen_app.files.repairs import Repairs
from musegen_app.score import TICKS_PER_QUARTER

_ASSUMED_DIVISION: Final = 480
_SMPTE_RATES: Final = {24: Fraction(24), 25: Fraction(25), 29: Fraction(30_000, 1001), 30: Fraction(30)}
_TICKS_A_SECOND: Final = TICKS_PER_QUARTER * 2  # at 120 quarters a minute
_HEADER_BYTES: Final = 14
_END_OF_TRACK: Final = b"\xff\x2f\x00"


@dataclass(frozen=True, slots=True)
class Chunks:
    """Header and bodies of the tracks. ``scale``: score ticks a file tick; ``kind`` 0, 1 or 2."""

    kind: int
    scale: Fraction
    is_smpte: bool
    tracks: tuple[bytes, ...]


def split_chunks(data: bytes, repairs: Repairs) -> Chunks | None:
    """Take a file apart; None where it holds neither a header nor a track."""
    header = data.find(b"MThd")
    first_track = data.find(b"MTrk")
    if header < 0 and first_track < 0:
        return None
    if header < 0 or 0 <= first_track < header:
        repairs.note("no header")
        kind, division, stated = 1, _ASSUMED_DIVISION, -1
        tracks = tuple(_track_bodies(data, first_track, repairs))
    else:
        if header > 0 and data[:4] != b"RIFF":
            repairs.note("wrapped")
        kind, stated, division = _header(data[header:], repairs)
        if first_track < 0 and len(data) > header + _HEADER_BYTES:
            repairs.note("mark")
            first_track = header + _HEADER_BYTES
        tracks = tuple(_track_bodies(data, first_track, repairs)) if first_track >= 0 else ()
    if stated >= 0 and stated != len(tracks):
        repairs.note("track count")
    if kind not in {0, 1, 2}:
        repairs.note("bad header")
        kind = 1
    scale, is_smpte = _scale(division, repairs)
    return Chunks(kind, scale, is_smpte, tracks)


def _header(data: bytes, repairs: Repairs) -> tuple[int, int, int]:
    """Kind, number of tracks and signed division."""
    if len(data) < _HEADER_BYTES:
        repairs.note("truncated")
        return 1, -1, _ASSUMED_DIVISION
    kind, stated, division = struct.unpack(">HHh", data[8:14])
    return kind, stated, division


def _scale(division: int, repairs: Repairs) -> tuple[Fraction, bool]:
    if division > 0:
        return Fraction(TICKS_PER_QUARTER, division), False
    rate = _SMPTE_RATES.get(-(division >> 8))
    subframes = division & 0xFF
    if division == 0 or rate is None or subframes == 0:
        repairs.note("bad header")
        return Fraction(TICKS_PER_QUARTER, _ASSUMED_DIVISION), False
    repairs.note("smpte")
    return _TICKS_A_SECOND / (rate * subframes), True


def _track_bodies(data: bytes, position: int, repairs: Repairs) -> Iterator[bytes]:
    """Bodies of the chunks named MTrk from ``position`` on; a wrong length ends at the next MTrk or the end of the file."""
    while position >= 0:
        body = position + 8
        following = data.find(b"MTrk", body)
        if body > len(data):
            repairs.note("truncated")
            return
        stated_end = body + int.from_bytes(data[position + 4 : body], "big")
        limit = following if following >= 0 else len(data)
        if _is_sound_end(data, body, stated_end, limit):
            yield data[body:stated_end]
        else:
            repairs.note("chunk length" if following >= 0 or stated_end < len(data) else "truncated")
            yield data[body:limit]
        position = following


def _is_sound_end(data: bytes, body: int, end: int, limit: int) -> bool:
    """Whether a chunk may end at ``end``: at the next track, at another chunk, or after an end-of-track mark."""
    if end > limit:
        return False
    if end == limit or data[max(body, end - 3) : end] == _END_OF_TRACK:
        return True
    name = data[end : end + 4]
    return len(name) == 4 and name.isascii() and name.decode("ascii").isalnum()
