"""Write a score as a Standard MIDI File of type 1."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import mido
import numpy as np

from musegen_app.files.atomic import write_atomic
from musegen_app.files.midi_reader import Marker
from musegen_app.score import MUTED, PITCH_BEND, SCALES, TICKS_PER_QUARTER, Key, NoteTable, Score, Timeline, Track
from musegen_app.score.transforms import without_overlaps

_TEXT, _TRACK_NAME, _MARKER = 0x01, 0x03, 0x06
_MAX_MICROSECONDS: Final = 0xFF_FFFF
_SIGNATURES: Final = {
    "major": ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"),
    "minor": ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm"),
}

# What comes first at one tick. The programme follows the controllers because bank select must stand before it.
_FIRST, _OFF, _CONTROL, _PROGRAM, _ON = range(5)
_Timed = tuple[int, int, mido.Message]


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
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER)
    file.tracks.append(_packed([*_heading(score.title, texts), *_timeline(score.timeline), *_keys(key), *_markers(markers)]))
    for track in score.tracks:
        file.tracks.append(_packed([*_part_heading(track), *_controls(track), *_notes(track)]))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _packed(events: list[_Timed]) -> mido.MidiTrack:
    """The events in order, each with the ticks since the one before."""
    events.sort(key=lambda event: event[:2])
    now = 0
    for tick, _, message in events:
        vars(message)["time"] = tick - now  # past mido's check of each attribute, which doubles the time a save takes
        now = tick
    return mido.MidiTrack(message for _, _, message in events)


def _text(kind: int, text: str) -> mido.MetaMessage:
    """A text event in UTF-8; mido's own text messages know one character set for the whole process."""
    return mido.UnknownMetaMessage(kind, text.encode("utf-8", "replace"))


def _heading(title: str, texts: Iterable[str]) -> Iterator[_Timed]:
    if title:
        yield 0, _FIRST, _text(_TRACK_NAME, title)
    for text in texts:
        yield 0, _FIRST, _text(_TEXT, text)


def _markers(markers: Iterable[Marker]) -> Iterator[_Timed]:
    for marker in markers:
        yield marker.tick, _FIRST, _text(_MARKER, marker.text)


def _timeline(timeline: Timeline) -> Iterator[_Timed]:
    for tempo in timeline.tempos:
        microseconds = min(max(tempo.microseconds, 1), _MAX_MICROSECONDS)
        yield tempo.tick, _FIRST, mido.MetaMessage("set_tempo", tempo=microseconds)
    for metre in timeline.metres:
        yield (
            metre.tick,
            _FIRST,
            mido.MetaMessage(
                "time_signature",
                numerator=metre.numerator,
                denominator=metre.denominator,
                clocks_per_click=max(96 // metre.denominator, 1),
            ),
        )


def _keys(key: Key | None) -> Iterator[_Timed]:
    if key is not None:
        mode = "minor" if 3 in SCALES[key.scale] and 4 not in SCALES[key.scale] else "major"
        yield 0, _FIRST, mido.MetaMessage("key_signature", key=_SIGNATURES[mode][key.tonic])


def _part_heading(track: Track) -> Iterator[_Timed]:
    if track.name:
        yield 0, _FIRST, _text(_TRACK_NAME, track.name)
    yield 0, _PROGRAM, mido.Message("program_change", channel=track.channel, program=track.program)


def _controls(track: Track) -> Iterator[_Timed]:
    for control in track.controls:
        if control.number == PITCH_BEND:
            message = mido.Message("pitchwheel", channel=track.channel, pitch=control.value - 8192)
        else:
            message = mido.Message("control_change", channel=track.channel, control=control.number, value=control.value)
        yield control.tick, _CONTROL, message


def _notes(track: Track) -> Iterator[_Timed]:
    notes = _sounding(track.notes)
    columns = (notes.start, notes.end, notes.pitch, notes.velocity)
    for start, end, pitch, velocity in zip(*(column.tolist() for column in columns), strict=True):
        yield start, _ON, mido.Message("note_on", channel=track.channel, note=pitch, velocity=velocity)
        yield end, _OFF, mido.Message("note_off", channel=track.channel, note=pitch, velocity=0)


def _sounding(notes: NoteTable) -> NoteTable:
    return without_overlaps(notes.take(np.bitwise_and(notes.flags, MUTED) == 0))
