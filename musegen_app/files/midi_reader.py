"""Read any Standard MIDI File into a score, and say what had to be mended or left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from musegen_app.errors import FileError
from musegen_app.files.disk import read_bytes
from musegen_app.files.provenance import restored
from musegen_app.files.repairs import Repairs
from musegen_app.files.smf_chunks import Chunks, split_chunks
from musegen_app.files.smf_events import TrackEvents, read_events
from musegen_app.files.smf_parts import Part, build_parts, score_of_parts
from musegen_app.files.smf_timeline import LAST_TICK, build_timeline, first_key, joined, rounded
from musegen_app.score import Key, Provenance, Score, Timeline

MAX_BYTES: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Marker:
    """A text at a tick, such as "Chorus"."""

    tick: int
    text: str


@dataclass(frozen=True, slots=True)
class MidiRead:
    """What a file holds. ``repairs``: one sentence for each kind of thing that was mended or left out.

    ``provenance`` tells where generated notes came from, where MuseGen wrote the file.
    """

    score: Score
    repairs: tuple[str, ...] = ()
    key: Key | None = None
    markers: tuple[Marker, ...] = ()
    provenance: Provenance = ()


def read_midi(path: Path) -> MidiRead:
    """Read a MIDI file of type 0, 1 or 2. Any thread.

    Tracks that hold several channels are split by channel, tracks without notes are dropped (their tempos, metres, key and
    markers are kept), type 2's patterns are placed one after another on bar lines, and times are rounded to the score's
    960 ticks a quarter. A broken file is read as far as it makes sense.

    Raises:
        FileError: the file is missing, cannot be read, is no MIDI file, or is too broken to give a note.
    """
    return _read(read_bytes(path, MAX_BYTES, "MIDI file"), path)


def read_midi_bytes(data: bytes, name: str = "MIDI data") -> MidiRead:
    """Read the bytes of a MIDI file; ``name`` stands for the file in errors. As :func:`read_midi`."""
    return _read(data, Path(name))


def _read(data: bytes, path: Path) -> MidiRead:
    if not data:
        raise FileError(f"{path.name} is empty.", path)
    repairs = Repairs()
    chunks = split_chunks(data, repairs)
    if chunks is None:
        raise FileError(f"{path.name} is not a MIDI file.", path)
    tracks = [read_events(body, repairs) for body in chunks.tracks]
    read = _built(chunks, tracks, repairs)
    if not read.score.note_count and (repairs.damaged or not tracks):
        raise FileError(f"{path.name} is damaged: no notes could be read from it.", path)
    return read


def _built(chunks: Chunks, tracks: list[TrackEvents], repairs: Repairs) -> MidiRead:
    if chunks.kind == 2 and len(tracks) > 1:
        repairs.note("patterns", len(tracks))
        timeline, parts, markers = _one_after_another(chunks, tracks, repairs)
    else:
        timeline, parts, markers = _together(chunks, tracks, repairs)
    if not parts:
        repairs.note("no notes")
    read = score_of_parts(parts, timeline, _title(chunks, tracks))
    score, provenance = restored(read, (text for track in tracks for text in track.texts))
    key = first_key(tracks, repairs)
    return MidiRead(score, repairs.sentences(), key, tuple(sorted(markers, key=lambda m: m.tick)), provenance)


_Piece = tuple[Timeline, list[Part], list[Marker]]


def _together(chunks: Chunks, tracks: list[TrackEvents], repairs: Repairs) -> _Piece:
    every = [Marker(rounded(tick, chunks.scale), text) for track in tracks for tick, text in track.markers]
    markers = [marker for marker in every if marker.tick <= LAST_TICK]
    repairs.note("too late", len(every) - len(markers))
    return build_timeline(tracks, chunks, repairs), build_parts(tracks, chunks.scale, repairs), markers


def _one_after_another(chunks: Chunks, tracks: list[TrackEvents], repairs: Repairs) -> _Piece:
    """Type 2: each pattern begins on the bar line after the one before, with its own tempos and metres."""
    timeline, parts, markers, offset = Timeline(), list[Part](), list[Marker](), 0
    for track in tracks:
        pattern_timeline, pattern_parts, pattern_markers = _together(chunks, [track], repairs)
        timeline = joined(timeline, pattern_timeline, offset)
        parts += [part.moved(offset) for part in pattern_parts]
        markers += [Marker(marker.tick + offset, marker.text) for marker in pattern_markers]
        offset += pattern_timeline.bar_ceil(max((part.notes.end_tick for part in pattern_parts), default=0))
    return timeline, parts, markers


def _title(chunks: Chunks, tracks: list[TrackEvents]) -> str:
    """The name of the first track where it names the piece: in type 0, or where that track has no notes."""
    if not tracks:
        return ""
    names_piece = chunks.kind == 0 or (len(tracks) > 1 and not tracks[0].note_ticks)
    return tracks[0].name if names_piece else ""
