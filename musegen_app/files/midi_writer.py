"""Write a score as a Standard MIDI File of type 1.

Mido is imported when something is written: the window shall not wait for it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from musegen_app.files.atomic import write_atomic
from musegen_app.files.midi_reader import Marker
from musegen_app.score import MUTED, PITCH_BEND, SCALES, TICKS_PER_QUARTER, Key, NoteTable, Score, Timeline, Track
from musegen_app.score.transforms import without_overlaps

if TYPE_CHECKING:
    import mido

_TEXT, _TRACK_NAME, _MARKER = 0x01, 0x03, 0x06
_MAX_MICROSECONDS: Final = 0xFF_FFFF
_SIGNATURES: Final = {
    "major": ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"),
    "minor": ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm"),
}

# What comes first at one tick. The programme follows the controllers because bank select must stand before it.
_FIRST, _OFF, _CONTROL, _PROGRAM, _ON = range(5)
_BANK_COARSE, _BANK_FINE = 0, 32
_Timed = tuple[int, int, bytes]


def write_midi(
    score: Score,
    path: Path,
    *,
    key: Key | None = None,
    texts: Sequence[str] = (),
    markers: Sequence[Marker] = (),
) -> None:
    """Write ``score`` to ``path``, atomically. Arguments as :func:`write_midi_bytes`. Any thread.

    Raises:
        FileError: the file cannot be written; an old file of that name is intact.
    """
    write_atomic(write_midi_bytes(score, key=key, texts=texts, markers=markers), path)


def write_midi_bytes(
    score: Score, *, key: Key | None = None, texts: Sequence[str] = (), markers: Sequence[Marker] = ()
) -> bytes:
    """The score as a type 1 file with 960 ticks a quarter.

    The first track holds title, ``texts`` (where the music comes from), tempos, metres, ``key`` (modes are written as the
    major or minor of their tonic) and ``markers``; then follow the score's tracks. Notes flagged as muted are left out; a
    note ends where its own pitch begins again on the same track.
    """
    heading = [*_heading(score.title, texts), *_timeline(score.timeline), *_keys(key), *_markers(markers)]
    tracks = [heading, *([*_part_heading(track), *_controls(track), *_notes(track)] for track in score.tracks)]
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks), TICKS_PER_QUARTER)
    return header + b"".join(_chunk(events) for events in tracks)


def _chunk(events: list[_Timed]) -> bytes:
    """A track chunk: the events in order, each after the ticks since the one before."""
    events.sort(key=lambda event: event[:2])
    body = bytearray()
    now = 0
    for tick, _, message in events:
        body += _variable_length(tick - now)
        body += message
        now = tick
    body += b"\x00\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(body)) + body


def _variable_length(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def _text(kind: int, text: str) -> bytes:
    """A text event in UTF-8; mido's own text messages know one character set for the whole process."""
    import mido

    return _meta(mido.UnknownMetaMessage(kind, text.encode("utf-8", "replace")))


def _meta(message: mido.MetaMessage) -> bytes:
    return bytes(message.bytes())


def _heading(title: str, texts: Iterable[str]) -> Iterator[_Timed]:
    if title:
        yield 0, _FIRST, _text(_TRACK_NAME, title)
    for text in texts:
        yield 0, _FIRST, _text(_TEXT, text)


def _markers(markers: Iterable[Marker]) -> Iterator[_Timed]:
    for marker in markers:
        yield marker.tick, _FIRST, _text(_MARKER, marker.text)


def _timeline(timeline: Timeline) -> Iterator[_Timed]:
    import mido

    for tempo in timeline.tempos:
        microseconds = min(max(tempo.microseconds, 1), _MAX_MICROSECONDS)
        yield tempo.tick, _FIRST, _meta(mido.MetaMessage("set_tempo", tempo=microseconds))
    for metre in timeline.metres:
        message = mido.MetaMessage(
            "time_signature",
            numerator=metre.numerator,
            denominator=metre.denominator,
            clocks_per_click=max(96 // metre.denominator, 1),
        )
        yield metre.tick, _FIRST, _meta(message)


def _keys(key: Key | None) -> Iterator[_Timed]:
    if key is not None:
        import mido

        mode = "minor" if 3 in SCALES[key.scale] and 4 not in SCALES[key.scale] else "major"
        yield 0, _FIRST, _meta(mido.MetaMessage("key_signature", key=_SIGNATURES[mode][key.tonic]))


def _part_heading(track: Track) -> Iterator[_Timed]:
    if track.name:
        yield 0, _FIRST, _text(_TRACK_NAME, track.name)
    if track.bank is not None:
        yield 0, _PROGRAM, bytes((0xB0 | track.channel, _BANK_COARSE, track.bank >> 7))
        yield 0, _PROGRAM, bytes((0xB0 | track.channel, _BANK_FINE, track.bank & 0x7F))
    yield 0, _PROGRAM, bytes((0xC0 | track.channel, track.program))


def _controls(track: Track) -> Iterator[_Timed]:
    for control in track.controls:
        if control.number == PITCH_BEND:
            message = bytes((0xE0 | track.channel, control.value & 0x7F, control.value >> 7))
        else:
            message = bytes((0xB0 | track.channel, control.number, control.value))
        yield control.tick, _CONTROL, message


def _notes(track: Track) -> Iterator[_Timed]:
    notes = _sounding(track.notes)
    note_on, note_off = 0x90 | track.channel, 0x80 | track.channel
    columns = (notes.start, notes.end, notes.pitch, notes.velocity)
    for start, end, pitch, velocity in zip(*(column.tolist() for column in columns), strict=True):
        yield start, _ON, bytes((note_on, pitch, velocity))
        yield end, _OFF, bytes((note_off, pitch, 0))


def _sounding(notes: NoteTable) -> NoteTable:
    return without_overlaps(notes.take(np.bitwise_and(notes.flags, MUTED) == 0))
