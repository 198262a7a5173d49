"""A folder of MIDI files as scores, split by piece: what every family learns from. Parsed once, then kept."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from musegen_app.errors import FileError, TrainingError
from musegen_app.files.collection import HELD_OUT, Source
from musegen_app.files.midi_reader import read_midi
from musegen_app.score import Metre, NoteTable, Score, Tempo, Timeline, Track

FORMAT: Final = 1
_LEAST_NOTES: Final = 8
_COLUMNS: Final = ("start", "length", "pitch", "velocity")
OnFile = Callable[[int, int], None]
"""Told how many files of how many are read."""


@dataclass(frozen=True)
class CorpusPiece:
    """A file that could be read, and what is known about it."""

    source: Source
    score: Score

    @property
    def is_held_out(self) -> bool:
        """Whether the piece is kept from training, to measure the model by."""
        return self.source.split == HELD_OUT


@dataclass(frozen=True)
class Corpus:
    """The pieces of a folder, in the order of their paths; ``broken`` has a sentence for each file left out."""

    pieces: tuple[CorpusPiece, ...]
    broken: tuple[str, ...] = ()

    @property
    def train(self) -> tuple[CorpusPiece, ...]:
        """The pieces to learn from."""
        return tuple(piece for piece in self.pieces if not piece.is_held_out)

    @property
    def held_out(self) -> tuple[CorpusPiece, ...]:
        """The pieces to measure by."""
        return tuple(piece for piece in self.pieces if piece.is_held_out)

    @property
    def styles(self) -> tuple[str, ...]:
        """Names of the styles there are to learn, sorted."""
        return tuple(sorted({piece.source.style for piece in self.train}))

    @property
    def fingerprint(self) -> str:
        """The same for the same files under the same split."""
        return fingerprint(piece.source for piece in self.pieces)


def read_corpus(found: list[Source], cache: Path, on_file: OnFile = lambda _done, _total: None) -> Corpus:
    """Read every source, or take them from the file ``cache`` if it was made from the same ones.

    Files that cannot be read and those with fewer than eight notes are left out; the former are named in ``broken``.

    Raises:
        TrainingError: fewer than two pieces have notes to learn from, or only one split has.
    """
    mark = fingerprint(found)
    corpus = _from_cache(cache, mark, found)
    if corpus is None:
        corpus = _read_all(found, on_file)
        _to_cache(corpus, cache, mark)
    if not corpus.train or not corpus.held_out:
        raise TrainingError("Fewer than two pieces with notes were found; training needs some, and holds one out.")
    return corpus


def fingerprint(found: Iterable[Source]) -> str:
    """Changes with the files: their names, splits, sizes and times."""
    lines = [f"{FORMAT}"]
    for source in found:
        stat = source.path.stat()
        lines.append(f"{source.path}|{source.style}|{source.split}|{stat.st_size}|{stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _read_all(found: list[Source], on_file: OnFile) -> Corpus:
    pieces: list[CorpusPiece] = []
    broken: list[str] = []
    for number, source in enumerate(found, start=1):
        try:
            score = read_midi(source.path).score
        except FileError as error:
            broken.append(str(error))
        else:
            if score.note_count >= _LEAST_NOTES:
                pieces.append(CorpusPiece(source, score))
        on_file(number, len(found))
    return Corpus(tuple(pieces), tuple(broken))


# --- the cache: all notes, tracks, tempos and metres as flat columns ------------------------------------------------------


def _to_cache(corpus: Corpus, cache: Path, mark: str) -> None:
    scores = [piece.score for piece in corpus.pieces]
    tracks = [track for score in scores for track in score.tracks]
    columns: dict[str, Any] = {
        name: np.concatenate([np.zeros(0, np.int64), *(getattr(track.notes, name) for track in tracks)]).astype(np.int32)
        for name in _COLUMNS
    }
    columns["notes"] = np.array([len(track.notes) for track in tracks], dtype=np.int32)
    columns["sounds"] = np.array([(t.channel, t.program) for t in tracks], dtype=np.int16).reshape(-1, 2)
    columns["names"] = np.array([track.name for track in tracks], dtype=str)
    columns["tempos"] = _stacked((s.timeline.tempos for s in scores), ("tick", "microseconds"))
    columns["metres"] = _stacked((s.timeline.metres for s in scores), ("tick", "numerator", "denominator"))
    for name, parts in (
        ("tracks", [score.tracks for score in scores]),
        ("tempo_counts", [score.timeline.tempos for score in scores]),
        ("metre_counts", [score.timeline.metres for score in scores]),
    ):
        columns[name] = np.array([len(part) for part in parts], dtype=np.int32)
    places = np.array([str(piece.source.path) for piece in corpus.pieces], dtype=str)
    write_arrays(cache, mark=np.array(mark), paths=places, broken=np.array(corpus.broken, dtype=str), **columns)


def write_arrays(path: Path, **arrays: Any) -> None:
    """Write arrays to an npz file that is there whole or not at all.

    Raises:
        TrainingError: it cannot be written.
    """
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            np.savez(file, **arrays)
        fresh.replace(path)
    except OSError as error:
        raise TrainingError(f"The pieces cannot be kept in {path.parent}: {error.strerror}.") from error


def _stacked(parts: Iterable[tuple[Any, ...]], names: tuple[str, ...]) -> Any:
    rows = [[getattr(value, name) for name in names] for part in parts for value in part]
    return np.array(rows, dtype=np.int64).reshape(-1, len(names))


def _from_cache(cache: Path, mark: str, found: list[Source]) -> Corpus | None:
    if not cache.is_file():
        return None
    try:
        with cache.open("rb") as file, np.load(file) as stored:
            if str(stored["mark"]) != mark:
                return None
            columns = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    by_path = {str(source.path): source for source in found}
    scores = _scores(columns)
    pieces = tuple(CorpusPiece(by_path[path], score) for path, score in zip(columns["paths"].tolist(), scores, strict=True))
    return Corpus(pieces, tuple(columns["broken"].tolist()))


def _scores(columns: dict[str, Any]) -> Iterator[Score]:
    ends = np.cumsum(columns["notes"])
    begins = ends - columns["notes"]
    tables = [
        NoteTable.from_columns(*(columns[name][end - count : end].astype(np.int64) for name in _COLUMNS))
        for end, count in zip(ends.tolist(), columns["notes"].tolist(), strict=True)
    ]
    sounds, names = columns["sounds"].tolist(), columns["names"].tolist()
    track = tempo = metre = 0
    counts = (columns[name].tolist() for name in ("tracks", "tempo_counts", "metre_counts"))
    for tracks, tempos, metres in zip(*counts, strict=True):
        parts = [
            Track(row - track + 1, names[row], channel, program, tables[row].numbered(1 + int(begins[row] - begins[track])))
            for row, (channel, program) in enumerate(sounds[track : track + tracks], start=track)
        ]
        timeline = Timeline(
            tuple(Tempo(*row) for row in columns["tempos"][tempo : tempo + tempos].tolist()),
            tuple(Metre(*row) for row in columns["metres"][metre : metre + metres].tolist()),
        )
        count = sum(len(part.notes) for part in parts)
        yield Score(tuple(parts), timeline, next_id=count + 1)
        track, tempo, metre = track + tracks, tempo + tempos, metre + metres
