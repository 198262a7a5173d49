"""Where a generation came from, as JSON values: the model and its checksum, every setting, and the notes it went on from.

The record holds all that a request holds, its notes packed, so that the same model gives the same notes again, whatever has
become of the piece since. Notes take about three bytes each.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from musegen_app.encoding.drums import INSTRUMENTS, PITCHED
from musegen_app.errors import InputError
from musegen_app.generate.request import GenerateRequest, Sampling
from musegen_app.score import EIGHTHS, EMPTY, SCALES, SIXTEENTHS, Key, Metre, NoteTable, Swing, Tempo, Timeline

FORMAT: Final = 1
_MOST_BYTES: Final = 64 * 1024 * 1024
_TABLES: Final = ("notes", "standing", "kept", "locked")


@dataclass(frozen=True, slots=True)
class Origin:
    """A request and who met it: the name and title of the model, and the checksum of its graph ("" where unknown).

    ``locked`` are ghosts that stood in the span already and belong to each take, ``track_id`` is the track that got the
    notes, None for all that play. ``instrument`` is what the model plays.
    """

    request: GenerateRequest
    sha256: str = ""
    title: str = ""
    locked: NoteTable = EMPTY
    track_id: int | None = None
    instrument: str = PITCHED


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is remembered of the take that was accepted: ``take`` counts from 0, ``rank`` from 1 (0: it was not ranked).

    ``shared_run`` is the longest run of notes that it shares with what the model learnt from, ``liked`` are (start tick,
    pitch); ``is_edited``: its ghosts were changed by hand, or joined from several takes, before they were accepted.
    """

    take: int = 0
    rank: int = 0
    shared_run: int = 0
    liked: tuple[tuple[int, int], ...] = ()
    is_edited: bool = False


def record_of(origin: Origin, accepted: Accepted | None = None) -> dict[str, Any]:
    """The record, of JSON values alone."""
    request = origin.request
    start, end = request.span
    record: dict[str, Any] = {
        "format": FORMAT,
        "model": request.model,
        "title": origin.title,
        "sha256": origin.sha256,
        "style": request.style,
        "seed": request.seed_number,
        "bars": request.bars,
        "span": [start, end],
        "start_tick": request.start_tick,
        "until_tick": request.until_tick,
        "takes": request.takes,
        "sampling": asdict(request.sampling),
        "key": [request.key.tonic, request.key.scale] if request.key else None,
        "range": list(request.pitch_range),
        "controls": [list(pair) for pair in request.controls],
        "keep": request.keep,
        "ending": request.ending,
        "chords": [list(chord) for chord in request.chords],
        "prompt": request.prompt,
        "track": origin.track_id,
        "timeline": _timeline_record(request.timeline),
        "notes": packed(request.notes),
        "standing": packed(request.standing),
        "kept": packed(request.kept),
        "locked": packed(origin.locked),
        "notes_sha256": fingerprint(request.notes),
    }
    if origin.instrument != PITCHED:
        record["instrument"] = origin.instrument
    if accepted is not None:
        record["accepted"] = asdict(accepted) | {"liked": [list(pair) for pair in accepted.liked]}
    return record


def origin_of(record: Mapping[str, Any]) -> Origin:
    """The request once more, as it was made.

    Raises:
        InputError: the record is damaged, of a newer format, or does not hold the notes that were gone on from.
    """
    try:
        if record["format"] > FORMAT:
            raise InputError("A newer MuseGen wrote these notes; update MuseGen to draw them again.")
        if any(record[name] is None for name in _TABLES):
            raise InputError("The file does not hold the notes that these went on from, so they cannot be drawn again.")
        return _origin(record)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError("What is known of these notes is damaged, so they cannot be drawn again.") from error


def accepted_of(record: Mapping[str, Any]) -> Accepted | None:
    """What is remembered of the take that was accepted; None where nothing is, or it makes no sense."""
    told = record.get("accepted")
    if not isinstance(told, Mapping):
        return None
    try:
        liked = tuple((int(start), int(pitch)) for start, pitch in told["liked"])
        numbers = (int(told["take"]), int(told["rank"]), int(told["shared_run"]))
        return Accepted(*numbers, liked, bool(told["is_edited"]))
    except (KeyError, TypeError, ValueError):
        return None


def with_notes(record: Mapping[str, Any], notes: NoteTable) -> Mapping[str, Any]:
    """The record with the notes it went on from put back, where ``notes`` are those; else as it is."""
    if record.get("notes") is not None or record.get("notes_sha256") != fingerprint(notes):
        return record
    return {**record, "notes": packed(notes)}


def fingerprint(notes: NoteTable) -> str:
    """A checksum of what is heard of ``notes``: start, length, pitch and velocity."""
    return hashlib.sha256(np.stack(notes.columns[:4]).astype("<i8").tobytes()).hexdigest()[:32]


def packed(notes: NoteTable) -> str:
    """What is heard of ``notes`` as text: "" for none."""
    if not notes:
        return ""
    columns = np.stack(notes.columns[:4])
    columns[0] = np.diff(columns[0], prepend=0)  # small numbers pack better
    return base64.b64encode(zlib.compress(columns.astype("<i4").tobytes(), 9)).decode("ascii")


def unpacked(text: str) -> NoteTable:
    """The notes of :func:`packed`, numbered from 1.

    Raises:
        ValueError: the text holds no notes.
    """
    if not text:
        return EMPTY
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), _MOST_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(str(error)) from error
    columns = np.frombuffer(data, dtype="<i4").reshape(4, -1).astype(np.int64)
    columns[0] = np.cumsum(columns[0])
    return NoteTable.from_columns(*columns).numbered(1)


def _origin(record: Mapping[str, Any]) -> Origin:
    tables = {name: unpacked(record[name]) for name in _TABLES}
    key, track = record["key"], record["track"]
    low, high = record["range"]
    request = GenerateRequest(
        notes=tables["notes"],
        timeline=_timeline(record["timeline"]),
        bars=int(record["bars"]),
        start_tick=_tick(record["start_tick"]),
        model=str(record["model"]),
        style=str(record["style"]),
        sampling=Sampling(**{name: float(value) for name, value in record["sampling"].items()}),
        key=None if key is None else _key(*key),
        pitch_range=(int(low), int(high)),
        seed_number=int(record["seed"]),
        takes=int(record["takes"]),
        until_tick=_tick(record["until_tick"]),
        controls=tuple((str(name), float(value)) for name, value in record["controls"]),
        standing=tables["standing"],
        kept=tables["kept"],
        keep=str(record["keep"]),
        ending=str(record["ending"]),
        chords=tuple((int(tick), int(mask)) for tick, mask in record["chords"]),
        prompt=bool(record.get("prompt", False)),
    )
    return Origin(
        request,
        str(record["sha256"]),
        str(record["title"]),
        tables["locked"],
        None if track is None else int(track),
        _instrument(record.get("instrument", PITCHED)),
    )


def _instrument(name: Any) -> str:
    if name not in INSTRUMENTS:
        raise ValueError(name)
    return str(name)


def _tick(value: Any) -> int | None:
    return None if value is None else int(value)


def _key(tonic: int, scale: str) -> Key:
    if scale not in SCALES or not 0 <= tonic < 12:
        raise ValueError(scale)
    return Key(int(tonic), scale)


def _timeline_record(timeline: Timeline) -> dict[str, Any]:
    return {
        "tempos": [[tempo.tick, tempo.microseconds] for tempo in timeline.tempos],
        "metres": [[metre.tick, metre.numerator, metre.denominator] for metre in timeline.metres],
        "swing": [timeline.swing.percent, timeline.swing.step_ticks],
    }


def _timeline(record: Mapping[str, Any]) -> Timeline:
    tempos = tuple(Tempo(int(tick), max(int(microseconds), 1)) for tick, microseconds in record["tempos"])
    metres = tuple(Metre(int(tick), int(beats), int(unit)) for tick, beats, unit in record["metres"])
    if any(not 1 <= m.numerator <= 255 or m.denominator not in (1, 2, 4, 8, 16, 32, 64) for m in metres):
        raise ValueError("metre")
    percent, step_ticks = record["swing"]
    if step_ticks not in (EIGHTHS, SIXTEENTHS):
        raise ValueError("swing")
    return Timeline.made(tempos, metres).with_swing(Swing(int(percent), step_ticks))
