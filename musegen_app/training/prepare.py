"""From a folder of MIDI files to pieces with their context, parsed once and kept beside the model that is being trained."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from musegen_app.encoding.context import ARRIVAL, piece_context
from musegen_app.encoding.note_events import (
    BEGIN_PITCH,
    END,
    LENGTHS,
    NO_LENGTH,
    NO_VELOCITY,
    velocity_classes,
)
from musegen_app.encoding.pieces import Piece, piece_of
from musegen_app.errors import FileError, TrainingError
from musegen_app.files.midi_reader import read_midi

FORMAT: Final = 1
_SUFFIXES: Final = (".mid", ".midi")
_LEAST_NOTES: Final = 8
_COLUMNS: Final = ("style", "split", "set", "licence", "group", "origin")
_HELD_OUT: Final = 0.05
UNSTYLED: Final = "music"


@dataclass(frozen=True)
class Source:
    """One file to learn from, and what is known about it."""

    path: Path
    style: str
    split: str
    set: str
    licence: str = ""
    group: str = ""
    origin: str = ""


def sources(folder: Path, left_out: frozenset[str] = frozenset()) -> list[Source]:
    """The MIDI files of ``folder`` and its subfolders, but for the sets (or subfolders) ``left_out``.

    An ``index.tsv`` in the folder tells style, split, set, licence, group and origin; else a file's style and set are the
    name of its subfolder, and one piece in twenty is held out.

    Raises:
        TrainingError: the folder is missing or has fewer than two MIDI files.
    """
    if not folder.is_dir():
        raise TrainingError(f"{folder} is not a folder.")
    index = folder / "index.tsv"
    found = list(_indexed(folder, index)) if index.is_file() else _split(_unindexed(folder))
    kept = [source for source in found if source.set not in left_out]
    if not kept:
        raise TrainingError(f"There are no MIDI files in {folder}.")
    if len(kept) == 1:
        raise TrainingError(f"{folder} holds one piece; training needs at least two, to hold one out.")
    return kept


def _indexed(folder: Path, index: Path) -> Iterator[Source]:
    with index.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            path = folder / row["file"]
            if path.is_file():
                yield Source(path, *(row[name] for name in _COLUMNS))


def _unindexed(folder: Path) -> list[Source]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file())
    names = [p.relative_to(folder).parts[0] if p.parent != folder else UNSTYLED for p in paths]
    return [Source(path, name, "", name) for path, name in zip(paths, names, strict=True)]


def _split(found: list[Source]) -> list[Source]:
    """Hold out one piece in twenty (at least one), chosen by name so that it stays the same."""
    ranked = sorted(found, key=lambda s: hashlib.sha256(s.path.name.encode()).digest())
    held_out = {s.path for s in ranked[: max(1, round(len(ranked) * _HELD_OUT))]}
    return [replace(s, split="valid" if s.path in held_out else "train") for s in found]


@dataclass(frozen=True)
class Library:
    """Pieces as flat arrays, one row for the begin mark of each and one for each note.

    ``first`` (pieces + 1,) says where pieces begin. Rows: ``classes`` uint8 (rows, 8), ``planes`` packed bits uint8
    (rows, 6, 16), ``chroma`` float16 (rows, 12), ``pitch``, ``length`` and ``velocity`` classes, ``onset`` class of the note
    that follows (END after the last). ``style`` and ``held_out`` are one a piece; ``styles`` names the styles.
    """

    first: npt.NDArray[np.int64]
    classes: npt.NDArray[np.uint8]
    planes: npt.NDArray[np.uint8]
    chroma: npt.NDArray[np.float16]
    pitch: npt.NDArray[np.uint8]
    length: npt.NDArray[np.uint8]
    velocity: npt.NDArray[np.uint8]
    onset: npt.NDArray[np.uint8]
    style: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.bool_]
    styles: tuple[str, ...]
    sets: tuple[tuple[str, str], ...]
    broken: tuple[str, ...]

    @property
    def notes(self) -> npt.NDArray[np.int64]:
        """Rows of each piece."""
        return np.diff(self.first)


_ROW_NAMES: Final = ("classes", "planes", "chroma", "pitch", "length", "velocity", "onset")


def prepare(found: list[Source], cache: Path) -> Library:
    """Read and encode every source, or take them from the file ``cache`` if it was made from the same ones.

    Files that cannot be read are left out and named in ``broken``.

    Raises:
        TrainingError: no file has notes to learn from, or only one split has.
    """
    mark = _fingerprint(found)
    library = _from_cache(cache, mark)
    if library is None:
        library = _read_all(found)
        cache.parent.mkdir(parents=True, exist_ok=True)
        rows: dict[str, Any] = {name: getattr(library, name) for name in (*_ROW_NAMES, "first", "style", "held_out")}
        for name in ("styles", "sets", "broken"):
            rows[name] = np.array(getattr(library, name), dtype=str)
        with cache.open("wb") as file:
            np.savez(file, mark=np.array(mark), **rows)
    return library


def _fingerprint(found: list[Source]) -> str:
    lines = [f"{FORMAT}"] + [f"{s.path}|{s.style}|{s.split}|{s.path.stat().st_size}" for s in found]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _from_cache(cache: Path, mark: str) -> Library | None:
    if not cache.is_file():
        return None
    try:
        with np.load(cache) as stored:
            if str(stored["mark"]) != mark:
                return None
            rows: dict[str, Any] = {name: stored[name] for name in (*_ROW_NAMES, "first", "style", "held_out")}
            for name in ("styles", "broken"):
                rows[name] = tuple(stored[name].tolist())
            rows["sets"] = tuple((str(a), str(b)) for a, b in stored["sets"].tolist())
    except (OSError, ValueError, KeyError):
        return None
    return Library(**rows)


def _read_all(found: list[Source]) -> Library:
    styles = tuple(sorted({s.style for s in found if s.split == "train"}))
    parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in _ROW_NAMES}
    kept: list[Source] = []
    broken: list[str] = []
    for source in tqdm(found, desc="reading", unit="piece"):
        try:
            piece = piece_of(read_midi(source.path).score)
        except FileError as error:
            broken.append(str(error))
            continue
        if piece is not None and len(piece.notes) >= _LEAST_NOTES:
            kept.append(source)
            for name, rows in _rows(piece).items():
                parts[name].append(rows)
    held_out = np.array([s.split == "valid" for s in kept])
    if not kept or held_out.all() or not held_out.any():
        raise TrainingError("Fewer than two pieces with notes were found; training needs some, and holds one out.")
    lengths = [len(part) for part in parts["pitch"]]
    columns: dict[str, Any] = {name: np.concatenate(rows) for name, rows in parts.items()}
    return Library(
        **columns,
        first=np.concatenate([[0], np.cumsum(lengths)]),
        style=np.array([styles.index(s.style) + 1 if s.style in styles else 0 for s in kept]),
        held_out=held_out,
        styles=styles,
        sets=tuple(sorted({(s.set, s.licence) for s in kept})),
        broken=tuple(broken),
    )


def _rows(piece: Piece) -> dict[str, npt.NDArray[Any]]:
    notes = piece.notes
    context = piece_context(notes, piece.bars)
    arrival = context.classes[:, ARRIVAL]
    velocity = velocity_classes(notes.velocity) if notes.has_velocity else np.full(len(notes), NO_VELOCITY)
    return {
        "classes": context.classes.astype(np.uint8),
        "planes": np.packbits(context.planes, axis=-1),
        "chroma": context.chroma.astype(np.float16),
        "pitch": np.concatenate([[BEGIN_PITCH], notes.pitch]).astype(np.uint8),
        "length": np.concatenate([[NO_LENGTH], LENGTHS.classes(notes.length)]).astype(np.uint8),
        "velocity": np.concatenate([[NO_VELOCITY], velocity]).astype(np.uint8),
        "onset": np.concatenate([arrival[1:], [END]]).astype(np.uint8),
    }
