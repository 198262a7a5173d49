"""Where generated notes came from, in files: as JSON in a project, as one line of text for each generation in a MIDI file.

What makes no sense is left out, and nothing else is lost by it: the notes are there, only where they came from is unknown.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from musegen_app.score import GENERATED, GENERATION, LIKED, MUTED, Generation, NoteTable, Provenance, Score
from musegen_app.score.provenance import numbers_of, used

PREFIX: Final = "MuseGen generation: "
"""How the line of text begins in a MIDI file; JSON follows."""
_MOST_TEXT: Final = 32 * 1024  # characters of one value: beyond it, the notes that were gone on from stay in the project
_MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_NUMBER: Final = 1 << 32
_Ints = np.ndarray[Any, np.dtype[np.int64]]


def as_json(provenance: Provenance) -> list[dict[str, object]]:
    """The generations for a project."""
    return [{"number": generation.number, "record": dict(generation.record)} for generation in provenance]


def from_json(value: object) -> Provenance:
    """The generations of :func:`as_json` that make sense, by number."""
    entries = value if isinstance(value, list) else []
    found = [made for entry in entries if (made := _generation(entry)) is not None]
    return tuple({generation.number: generation for generation in sorted(found, key=lambda g: g.number)}.values())


def _generation(entry: object) -> Generation | None:
    if not isinstance(entry, dict):
        return None
    number, record = entry.get("number"), entry.get("record")
    if type(number) is not int or not 1 <= number < _MOST_NUMBER or not isinstance(record, dict):
        return None
    return Generation(number, record) if _is_plain(record) else None


def _is_plain(record: dict[str, object]) -> bool:
    """Whether it can be written again: JSON as it is read knows numbers without end."""
    try:
        json.dumps(record, allow_nan=False)
    except ValueError:
        return False
    return True


def texts_of(provenance: Provenance, score: Score) -> tuple[str, ...]:
    """A line of text for each generation that notes of ``score`` came from: its record, and which notes they are."""
    return tuple(_text(generation, score) for generation in used(provenance, score))


def _text(generation: Generation, score: Score) -> str:
    record = {name: None if _is_long(value) else value for name, value in generation.record.items()}
    line = {"number": generation.number, "made": _packed(_places(score, generation.number)), "record": record}
    return PREFIX + json.dumps(line, separators=(",", ":"), allow_nan=False)


def _is_long(value: object) -> bool:
    return isinstance(value, str) and len(value) > _MOST_TEXT


def _places(score: Score, number: int) -> _Ints:
    """Which notes came from a generation: part, start, pitch, and whether it is liked: int64 (4, notes).

    Parts count the tracks with notes that sound, as a reader finds them again.
    """
    columns = [np.zeros((4, 0), dtype=np.int64)]
    for part, notes in enumerate(_sounding(score)):
        mine = notes.take(numbers_of(notes) == number)
        liked = (mine.flags & LIKED) > 0
        columns.append(np.stack([np.full(len(mine), part), mine.start, mine.pitch, liked]).astype(np.int64))
    return np.concatenate(columns, axis=1)


def _sounding(score: Score) -> list[NoteTable]:
    sounding = [track.notes.take((track.notes.flags & MUTED) == 0) for track in score.tracks]
    return [notes for notes in sounding if notes]


def restored(score: Score, texts: Iterable[str]) -> tuple[Score, Provenance]:
    """A score as it was read, with what :func:`texts_of` told: its notes know again where they came from."""
    found: dict[int, Generation] = {}
    for text in texts:
        line = _line(text)
        generation = _generation(line)
        if generation is not None:
            found[generation.number] = generation
            score = _marked(score, generation.number, _unpacked(line.get("made")))
    return score, tuple(found[number] for number in sorted(found))


def _line(text: str) -> dict[str, object]:
    try:
        line = json.loads(text.removeprefix(PREFIX)) if text.startswith(PREFIX) else None
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}


def _marked(score: Score, number: int, places: _Ints) -> Score:
    tracks = list(score.tracks)
    with_notes = [row for row, track in enumerate(tracks) if track.notes]
    for part, row in enumerate(with_notes):
        notes, mine = tracks[row].notes, places[:, places[0] == part]
        keys, known = notes.start * 128 + notes.pitch, mine[1] * 128 + mine[2]
        made, liked = np.isin(keys, known), np.isin(keys, known[mine[3] > 0])
        flags = np.where(made, GENERATED + number * GENERATION, notes.flags) | np.where(liked, LIKED, 0)
        tracks[row] = replace(tracks[row], notes=notes.with_columns(flags=flags)) if made.any() else tracks[row]
    return replace(score, tracks=tuple(tracks))


def _packed(places: _Ints) -> str:
    columns = places.copy()
    columns[1] = np.diff(columns[1], prepend=0)  # small numbers pack better
    return base64.b64encode(zlib.compress(columns.astype("<i4").tobytes(), 9)).decode("ascii")


def _unpacked(value: object) -> _Ints:
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(str(value), validate=True), _MOST_BYTES)
        columns = np.frombuffer(data, dtype="<i4").reshape(4, -1).astype(np.int64)
    except (ValueError, binascii.Error, zlib.error):
        return np.zeros((4, 0), dtype=np.int64)
    columns[1] = np.cumsum(columns[1])
    return columns
