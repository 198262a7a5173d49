"""MuseGen's own file: a score with what the window shows of it. Gzipped JSON, versioned, written atomically.

Notes are stored as columns, so 100,000 of them take about a megabyte and a fraction of a second.
"""

from __future__ import annotations

import gzip
import io
import itertools
import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from musegen_app.errors import FileError, InputError
from musegen_app.files import provenance
from musegen_app.files.atomic import write_atomic
from musegen_app.files.disk import read_bytes
from musegen_app.score import (
    EIGHTHS,
    MAX_BANK,
    MAX_PERCENT,
    SCALES,
    SIXTEENTHS,
    Chord,
    Chords,
    ChordSpan,
    ControlChange,
    Key,
    Metre,
    NoteTable,
    Provenance,
    Score,
    Swing,
    Tempo,
    Timeline,
    Track,
)
from musegen_app.score.notes import Ints

SUFFIX: Final = ".musegen"
FORMAT: Final = 3
"""What is written. Older ones are read as well: format 1 did not know where generated notes came from, format 2 no takes."""
_OLDEST: Final = 1
_MAX_BYTES: Final = 64 * 1024 * 1024
_MAX_UNPACKED_BYTES: Final = 512 * 1024 * 1024
_NOTE_COLUMNS: Final = ("start", "length", "pitch", "velocity", "id", "flags")


@dataclass(frozen=True)
class Project:
    """What a project file holds. ``loop`` in ticks; ``view`` is the window's own and must be made of JSON's types.

    ``provenance`` tells where generated notes came from; their flags refer to it. ``takes`` are the editor's own and must be
    made of JSON's types too.
    """

    score: Score
    loop: tuple[int, int] | None = None
    active_track_id: int | None = None
    key_lock: Key | None = None
    view: dict[str, object] = field(default_factory=dict)
    provenance: Provenance = ()
    takes: dict[str, Any] = field(default_factory=dict)


class _BadProjectError(ValueError):
    """The content does not make a project."""


def write_project(project: Project, path: Path) -> None:
    """Write a project, atomically. Any thread.

    Raises:
        FileError: the file cannot be written; an old file of that name is intact.
    """
    content = json.dumps(_as_json(project), separators=(",", ":"), allow_nan=False).encode("ascii")
    write_atomic(gzip.compress(content, compresslevel=4, mtime=0), path)


def read_project(path: Path) -> Project:
    """Read a project. Any thread.

    Raises:
        FileError: the file is missing, damaged, no project, or of a newer format.
    """
    data = read_bytes(path, _MAX_BYTES, "project")
    try:
        content = json.loads(_unpacked(data))
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise FileError(f"{path.name} is not a MuseGen project, or is damaged.", path) from error
    stated = content.get("format") if isinstance(content, dict) else None
    if type(stated) is not int or stated < _OLDEST:
        raise FileError(f"{path.name} is not a MuseGen project, or is damaged.", path)
    if stated > FORMAT:
        raise FileError(f"{path.name} was saved by a newer MuseGen; update MuseGen to open it.", path)
    try:
        return _from_json(content)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise FileError(f"{path.name} is damaged: its content makes no sense.", path) from error


def _unpacked(data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        content = file.read(_MAX_UNPACKED_BYTES + 1)
    if len(content) > _MAX_UNPACKED_BYTES:
        raise _BadProjectError("unpacks to more than a project can hold")
    return content


def _as_json(project: Project) -> dict[str, object]:
    score, key = project.score, project.key_lock
    return {
        "format": FORMAT,
        "title": score.title,
        "next_id": score.next_id,
        "tempos": [[t.tick, t.microseconds] for t in score.timeline.tempos],
        "metres": [[m.tick, m.numerator, m.denominator] for m in score.timeline.metres],
        "swing": [score.timeline.swing.percent, score.timeline.swing.step_ticks],
        "tracks": [_track_as_json(track) for track in score.tracks],
        "chords": [[span.start, span.end, span.chord.name] for span in score.chords],
        "loop": project.loop,
        "active_track": project.active_track_id,
        "key_lock": None if key is None else [key.tonic, key.scale],
        "view": project.view,
        "generations": provenance.as_json(project.provenance),
        "takes": project.takes,
    }


def _track_as_json(track: Track) -> dict[str, object]:
    return {
        "id": track.id,
        "name": track.name,
        "channel": track.channel,
        "program": track.program,
        "muted": track.muted,
        "soloed": track.soloed,
        "port": track.port,
        "bank": track.bank,
        "notes": {name: column.tolist() for name, column in zip(_NOTE_COLUMNS, track.notes.columns, strict=True)},
        "controls": [[c.tick, c.number, c.value] for c in track.controls],
    }


def _from_json(content: dict[str, Any]) -> Project:
    tracks = tuple(_track(entry) for entry in content["tracks"])
    track_ids = {track.id for track in tracks}
    note_ids = np.concatenate([track.notes.id for track in tracks]) if tracks else np.empty(0, dtype=np.int64)
    _check(len(track_ids) == len(tracks) and len(np.unique(note_ids)) == len(note_ids), "an id is used twice")
    next_id = max(_whole(content["next_id"], 1), int(note_ids.max()) + 1 if len(note_ids) else 1)
    active = content.get("active_track")
    view, takes = content.get("view") or {}, content.get("takes") or {}
    _check(isinstance(view, dict) and isinstance(takes, dict), "view or takes")
    return Project(
        Score(tracks, _timeline(content), _text(content["title"]), next_id, _chords(content.get("chords") or [])),
        _loop(content.get("loop")),
        active if active in track_ids else None,
        _key(content.get("key_lock")),
        view,
        provenance.from_json(content.get("generations")),
        takes,
    )


def _track(entry: dict[str, Any]) -> Track:
    columns = [_column(entry["notes"][name]) for name in _NOTE_COLUMNS]
    _check(len({len(column) for column in columns}) == 1, "columns differ in length")
    controls = [
        ControlChange(_whole(t), _whole(number, 0, 128), _whole(value, 0, 16383)) for t, number, value in entry["controls"]
    ]
    return Track(
        _whole(entry["id"], 1),
        _text(entry["name"]),
        _whole(entry["channel"], 0, 15),
        _whole(entry["program"], 0, 127),
        NoteTable.from_columns(*columns),
        tuple(sorted(controls, key=lambda c: c.tick)),
        muted=bool(entry["muted"]),
        soloed=bool(entry["soloed"]),
        port=_text(entry.get("port", "")),
        bank=None if entry.get("bank") is None else _whole(entry["bank"], 0, MAX_BANK),
    )


def _column(values: object) -> Ints:
    column = np.array(values)
    _check(column.ndim == 1 and (column.dtype.kind == "i" or not len(column)), "a column is not made of whole numbers")
    return column.astype(np.int64)


def _timeline(content: dict[str, Any]) -> Timeline:
    tempos = tuple(Tempo(_whole(tick), _whole(microseconds, 1)) for tick, microseconds in content["tempos"])
    metres = tuple(
        Metre(_whole(tick), _whole(beats, 1, 255), _whole(unit, 1, 64)) for tick, beats, unit in content["metres"]
    )
    _check(all(metre.denominator.bit_count() == 1 for metre in metres), "metre")
    return Timeline.made(tempos, metres).with_swing(_swing(content.get("swing", [0, EIGHTHS])))


def _swing(value: Any) -> Swing:
    percent, step_ticks = value
    _check(step_ticks in (EIGHTHS, SIXTEENTHS), "swing")
    return Swing(_whole(percent, 0, MAX_PERCENT), step_ticks)


def _chords(values: Any) -> Chords:
    """Chords as written; a file made before there were any has none."""
    spans = [ChordSpan(_whole(start), _whole(end, _whole(start) + 1), _chord(name)) for start, end, name in values]
    _check(all(a.end <= b.start for a, b in itertools.pairwise(spans)), "chords overlap")
    return tuple(spans)


def _chord(name: object) -> Chord:
    try:
        return Chord.parse(_text(name))
    except InputError as error:
        raise _BadProjectError(str(error)) from error


def _loop(value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    start, end = value
    return _whole(start), _whole(end, _whole(start) + 1)


def _key(value: Any) -> Key | None:
    if value is None:
        return None
    tonic, scale = value
    _check(scale in SCALES, "key")
    return Key(_whole(tonic, 0, 11), _text(scale))


def _text(value: object) -> str:
    _check(isinstance(value, str), "text")
    return str(value)


def _whole(value: object, low: int = 0, high: int = 1 << 62) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _BadProjectError(f"{value!r} is not a whole number from {low} to {high}")
    return value


def _check(holds: object, what: str) -> None:
    if not holds:
        raise _BadProjectError(what)
