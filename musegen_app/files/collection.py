"""A folder of MIDI files as a collection: which files, and what an ``index.tsv`` tells about each."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from musegen_app.errors import FileError

INDEX_FILE: Final = "index.tsv"
TRAIN: Final = "train"
"""The split of pieces to learn from."""
HELD_OUT: Final = "valid"
"""The split of pieces that are kept from training, to measure models by."""
UNSTYLED: Final = "music"
_SUFFIXES: Final = (".mid", ".midi", ".smf", ".kar")
_COLUMNS: Final = ("style", "split", "set", "licence", "group", "origin")
_HELD_OUT_SHARE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Source:
    """One file, and what is known about it: ``split`` is "train" or "valid", ``group`` joins near-duplicates."""

    path: Path
    style: str
    split: str
    set: str
    licence: str = ""
    group: str = ""
    origin: str = ""


def collection(folder: Path) -> list[Source]:
    """The MIDI files of ``folder`` and all below it.

    An ``index.tsv`` in the folder (tab-separated, columns file, style, split, set, licence, group, origin; all but the first
    may be missing) tells what they are; else a file's style and set are the name of its subfolder. What has another split
    than "train" is held out. Where none is told, one piece in twenty, at least one, is, chosen by its name so that it stays
    the same. A group is on one side: it is held out if one of it is.

    Raises:
        FileError: the index cannot be read as a table of files.
    """
    index = folder / INDEX_FILE
    found = _indexed(folder, index) if index.is_file() else _unindexed(folder)
    if not all(source.split for source in found):
        found = _split(found)
    apart = {source.group for source in found if source.group and source.split == HELD_OUT}
    return [replace(source, split=HELD_OUT) if source.group in apart else source for source in found]


def _indexed(folder: Path, index: Path) -> list[Source]:
    try:
        with index.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"{index} cannot be read as a table of files.", index) from error
    if rows and "file" not in rows[0]:
        raise FileError(f'{index} has no column named "file"; without the index, the folder can be read as it is.', index)
    named = [(folder / row["file"], row) for row in rows if row["file"]]
    return [_told(folder, path, row) for path, row in named if path.is_file()]


def _told(folder: Path, path: Path, row: dict[str, str | None]) -> Source:
    style, split, kind, licence, group, origin = (row.get(name) or "" for name in _COLUMNS)
    place = _subfolder(folder, path)
    side = split if split in {"", TRAIN} else HELD_OUT
    return Source(path, style or place, side, kind or place, licence, group, origin)


def _unindexed(folder: Path) -> list[Source]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file())
    return [Source(path, _subfolder(folder, path), "", _subfolder(folder, path)) for path in paths]


def _subfolder(folder: Path, path: Path) -> str:
    return path.relative_to(folder).parts[0] if path.parent != folder and path.is_relative_to(folder) else UNSTYLED


def _split(found: list[Source]) -> list[Source]:
    ranked = sorted(found, key=lambda s: hashlib.sha256((s.group or s.path.name).encode()).digest())
    held_out = {s.path for s in ranked[: max(1, round(len(ranked) * _HELD_OUT_SHARE))]}
    return [replace(s, split=HELD_OUT if s.path in held_out else TRAIN) for s in found]
