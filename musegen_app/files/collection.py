"""A folder of MIDI files as a collection: which files, and what an ``index.tsv`` tells about each."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

INDEX_FILE: Final = "index.tsv"
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

    An ``index.tsv`` in the folder (tab-separated, columns file, style, split, set, licence, group, origin) tells what they
    are; else a file's style and set are the name of its subfolder, and one piece in twenty, at least one, is held out,
    chosen by its name so that it stays the same.
    """
    index = folder / INDEX_FILE
    return list(_indexed(folder, index)) if index.is_file() else _split(_unindexed(folder))


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
    ranked = sorted(found, key=lambda s: hashlib.sha256(s.path.name.encode()).digest())
    held_out = {s.path for s in ranked[: max(1, round(len(ranked) * _HELD_OUT_SHARE))]}
    return [replace(s, split=HELD_OUT if s.path in held_out else "train") for s in found]
