"""The longest run of notes that a stretch of music shares with what a model learnt from, whatever the key.

A run is a row of notes in the order of (onset, pitch): its intervals and the times between its onsets, on the model's grid.
What a model learnt from is kept as the set of all its runs of two lengths, packed (see :mod:`packed_set`), beside the model.
A run of the music is as long as all of its shorter runs are known, so a run is never told too short; one may be told too
long where pieces of several works join seamlessly, or by a false find at its end.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import GridNotes, on_grid
from musegen_app.errors import ModelError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.packed_set import MOST_BITS, Codes, PackedSet
from musegen_app.score import NoteTable

FILE: Final = "originality.npz"
FORMAT: Final = 2
"""Files of one source are written as format 1, which knew no others; those of several as format 2."""
LENGTHS: Final = ((6, 7), (12, 3))
"""Lengths of the runs that are kept, in notes, and the bits of each: 1 in 128 unknown short runs is found, 1 in 8 long."""
SHORT: Final = LENGTHS[0][0]
_LONGEST_GAP: Final = 1023  # steps: from there on a rest is a rest
_MIX: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True, slots=True)
class Run:
    """``notes`` that are shared, from note ``first`` of the music on. Runs shorter than :data:`SHORT` are not told: 0."""

    notes: int = 0
    first: int = 0

    @property
    def words(self) -> str:
        """Such as "longest shared run: 9 notes"."""
        return f"longest shared run: {self.notes} notes" if self.notes else f"no shared run of {SHORT} notes"


class SharedRuns:
    """The runs of what a model learnt from, from one source or several. Safe to share between threads."""

    def __init__(self, sources: Sequence[dict[int, PackedSet]]) -> None:
        self._sources = tuple(dict(sorted(sets.items())) for sets in sources)

    @classmethod
    def of(cls, pieces: Iterable[GridNotes]) -> SharedRuns:
        """The runs of ``pieces``."""
        found: dict[int, list[Codes]] = {length: [np.zeros(0, dtype=np.uint64)] for length, _ in LENGTHS}
        for piece in pieces:
            for length, _ in LENGTHS:
                found[length].append(np.unique(runs_of(piece, length)))
        return cls([{length: PackedSet.of(np.concatenate(found[length]), bits) for length, bits in LENGTHS}])

    def joined(self, other: SharedRuns) -> SharedRuns:
        """These runs and those of ``other``: packed sets cannot be made one, so they stand side by side.

        Raises:
            ModelError: the other's runs have other lengths.
        """
        if any(sets.keys() != self._sources[0].keys() for sets in other._sources):
            raise ModelError("The two models keep runs of different lengths.")
        return SharedRuns((*self._sources, *other._sources))

    @property
    def nbytes(self) -> int:
        """Bytes of the packed sets."""
        return sum(packed.nbytes for sets in self._sources for packed in sets.values())

    def longest(self, notes: NoteTable) -> Run:
        """The longest run of ``notes`` that was learnt."""
        return self.longest_on_grid(on_grid([notes]))

    def longest_on_grid(self, notes: GridNotes) -> Run:
        """As :meth:`longest`, of notes on the grid."""
        best = Run()
        known: npt.NDArray[np.bool_] = np.ones(max(len(notes) - 1, 0), dtype=np.bool_)
        before = 2
        lengths = list(self._sources[0])
        for length, limit in zip(lengths, [*(length - 1 for length in lengths[1:]), len(notes)], strict=True):
            runs = runs_of(notes, length)
            hits = np.any([sets[length].has(runs) for sets in self._sources], axis=0)
            for place in range(length - before + 1):  # a longer run holds shorter ones, all of which are known
                hits &= known[place : place + len(hits)]
            streak, first = _longest_streak(hits)
            best = max(best, Run(min(streak + length - 1, limit) if streak else 0, first), key=lambda run: run.notes)
            known, before = hits, length
        return best

    def write(self, path: Path) -> None:
        """Write the sets to ``path``, whole or not at all.

        Raises:
            ModelError: the file cannot be written.
        """
        arrays: dict[str, npt.NDArray[np.generic]] = {"format": np.array(FORMAT if len(self._sources) > 1 else 1)}
        for number, sets in enumerate(self._sources):
            for length, packed in sets.items():
                name = _name(length, number)
                arrays |= {f"low_{name}": packed.low, f"high_{name}": packed.high}
                arrays[f"size_{name}"] = np.array([packed.count, packed.bits])
        partial = path.with_suffix(".partial")
        try:
            with partial.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
            partial.replace(path)
        except OSError as error:
            raise ModelError(f"{path.name} cannot be written to {path.parent}: {error.strerror}.") from error

    @classmethod
    def read(cls, path: Path) -> SharedRuns:
        """Read the sets.

        Raises:
            ModelError: the file is missing, damaged, or of a newer format.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                if int(stored["format"]) > FORMAT:
                    raise ModelError(f"{path.name} was made by a newer MuseGen; update MuseGen to use it.")
                names = [name.removeprefix("size_") for name in stored.files if name.startswith("size_")]
                lengths = sorted(int(name) for name in names if "_" not in name)
                count = len(names) // len(lengths) if lengths else 0
                sources = [{length: _set_of(stored, length, number) for length in lengths} for number in range(count)]
                if not sources or len(names) != count * len(lengths):
                    raise ValueError("sets are missing")
        except (OSError, ValueError, KeyError, EOFError, IndexError, OverflowError, zipfile.BadZipFile) as error:
            raise ModelError(f"{path.name} is damaged: what {path.parent.name} copies cannot be told.") from error
        return cls(sources)


def _name(length: int, number: int) -> str:
    """How the set of a length is called, of the source with this number."""
    return f"{length}_{number}" if number else f"{length}"


def _set_of(stored: np.lib.npyio.NpzFile, length: int, number: int) -> PackedSet:
    name = _name(length, number)
    count, bits = (int(value) for value in stored[f"size_{name}"])
    if count < 0 or not 1 <= bits <= MOST_BITS or length < 2:
        raise ValueError("a size makes no sense")
    packed = PackedSet(count, bits, stored[f"low_{name}"], stored[f"high_{name}"])
    packed.check()
    return packed


def shared_runs_of(manifest: Manifest) -> SharedRuns | None:
    """The runs of what a model learnt from, kept once read; None where it ships without them, or they cannot be read."""
    if not manifest.originality:
        return None
    path = manifest.path / manifest.originality
    try:
        return _read_once(path, path.stat().st_mtime_ns)
    except (OSError, ModelError):
        return None


@lru_cache(maxsize=2)
def _read_once(path: Path, _changed: int) -> SharedRuns:
    return SharedRuns.read(path)


def runs_of(notes: GridNotes, length: int) -> Codes:
    """A 64-bit hash of each run of ``length`` notes, in order: uint64 (notes − length + 1,)."""
    interval = (np.diff(notes.pitch) + 128).astype(np.uint64)
    gap = np.minimum(np.diff(notes.onset), _LONGEST_GAP).astype(np.uint64)
    steps = interval << np.uint64(10) | gap
    count = max(len(steps) - length + 2, 0)
    codes = np.zeros(count, dtype=np.uint64)
    for place in range(length - 1 if count else 0):
        codes = codes * _MIX[0] ^ steps[place : place + count] * _MIX[1]
        codes ^= codes >> np.uint64(29)
    return codes


def _longest_streak(hits: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """How many True stand in a row at most, and where they begin."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hits, [False]]).astype(np.int8)))
    begins, lengths = edges[::2], edges[1::2] - edges[::2]
    if not len(lengths):
        return 0, 0
    longest = int(lengths.argmax())
    return int(lengths[longest]), int(begins[longest])
