"""From a folder to the files to learn from, and from a corpus to notes with their context, kept beside the model."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import ARRIVAL, BarGrid, piece_context
from musegen_app.encoding.drums import DRUMS, PITCHED, on_another_kit, tightened
from musegen_app.encoding.note_events import (
    BEGIN_PITCH,
    END,
    LENGTHS,
    NO_LENGTH,
    NO_VELOCITY,
    GridNotes,
    velocity_classes,
)
from musegen_app.encoding.pieces import Piece, piece_of
from musegen_app.encoding.recall import piece_recall
from musegen_app.errors import TrainingError
from musegen_app.files.collection import Source, collection
from musegen_app.training.corpus import Corpus, CorpusPiece, write_arrays

FORMAT: Final = 4
_LEAST_NOTES: Final = 8
VERSIONS: Final = {PITCHED: 1, DRUMS: 2}
"""In how many ways a piece is learnt from."""


def sources(folder: Path, left_out: frozenset[str] = frozenset(), only: frozenset[str] = frozenset()) -> list[Source]:
    """The MIDI files of ``folder`` and its subfolders, see :func:`musegen_app.files.collection.collection`.

    Of the sets (or subfolders) those in ``only``, all where it is empty, but for those ``left_out``.

    Raises:
        TrainingError: the folder is missing or has fewer than two MIDI files.
    """
    if not folder.is_dir():
        raise TrainingError(f"{folder} is not a folder.")
    found = collection(folder)
    unknown = sorted((only | left_out) - {source.set for source in found})
    if unknown and found:
        names = ", ".join(sorted({source.set for source in found}))
        raise TrainingError(f"There is no set {unknown[0]} in {folder}; there are: {names}.")
    kept = [source for source in found if source.set not in left_out and (not only or source.set in only)]
    if not kept:
        raise TrainingError(f"There are no MIDI files in {folder}.")
    if len(kept) == 1:
        raise TrainingError(f"{folder} holds one piece; training needs at least two, to hold one out.")
    return kept


@dataclass(frozen=True)
class Library:
    """Pieces as flat arrays, one row for the begin mark of each and one for each note.

    ``first`` (pieces + 1,) says where pieces begin. Rows: ``classes`` uint8 (rows, 8), ``planes`` packed bits uint8
    (rows, 6, 16), ``chroma`` float16 (rows, 12), ``pitch``, ``length`` and ``velocity`` classes, ``onset`` class of the note
    that follows (END after the last), ``start`` int32, ``steps`` and ``bar`` uint16: onset and length of the note and length
    of its bar, in steps. ``recall`` uint8 (rows, 5) are the classes of what is recalled, ``recall_back`` int32 how many rows
    ago the first note struck at that place is (0 for none), ``recall_shift`` int8 semitones from there to here. ``style``
    and ``held_out`` are one a piece; ``styles`` names the styles.
    """

    first: npt.NDArray[np.int64]
    classes: npt.NDArray[np.uint8]
    planes: npt.NDArray[np.uint8]
    chroma: npt.NDArray[np.float16]
    pitch: npt.NDArray[np.uint8]
    length: npt.NDArray[np.uint8]
    velocity: npt.NDArray[np.uint8]
    onset: npt.NDArray[np.uint8]
    start: npt.NDArray[np.int32]
    steps: npt.NDArray[np.uint16]
    bar: npt.NDArray[np.uint16]
    recall: npt.NDArray[np.uint8]
    recall_back: npt.NDArray[np.int32]
    recall_shift: npt.NDArray[np.int8]
    style: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.bool_]
    styles: tuple[str, ...]

    @property
    def notes(self) -> npt.NDArray[np.int64]:
        """Rows of each piece."""
        return np.diff(self.first)

    @cached_property
    def chord(self) -> npt.NDArray[np.int64]:
        """For each row the row of the lowest note struck with it: int64 (rows,)."""
        rows = np.arange(len(self.pitch))
        marks = self.pitch == BEGIN_PITCH
        begins = (self.classes[:, ARRIVAL] != 0) | marks | np.roll(marks, 1)  # a mark is struck with nothing
        return np.maximum.accumulate(np.where(begins, rows, 0))

    def piece(self, number: int) -> GridNotes:
        """The notes of piece ``number``, velocities left out."""
        rows = slice(int(self.first[number]) + 1, int(self.first[number + 1]))
        start, pitch, steps = (column[rows].astype(np.int64) for column in (self.start, self.pitch, self.steps))
        return GridNotes(start, pitch, steps, np.zeros_like(start))


_ROW_NAMES: Final = (
    *("classes", "planes", "chroma", "pitch", "length", "velocity", "onset", "start", "steps", "bar"),
    *("recall", "recall_back", "recall_shift"),
)


def prepare(corpus: Corpus, cache: Path, instrument: str = PITCHED) -> Library:
    """Encode every piece for a model of ``instrument``, or take them from ``cache`` if it was made from the same ones.

    Drums to learn from stand there twice: as they were played, and as they would be written, some for another kit.

    Raises:
        TrainingError: fewer than two pieces have such notes to learn from, or only one split has.
    """
    mark = f"{FORMAT} {corpus.fingerprint}" + (f" {instrument}" if instrument != PITCHED else "")
    library = _from_cache(cache, mark)
    if library is None:
        library = _encode_all(corpus, instrument)
        rows: dict[str, Any] = {name: getattr(library, name) for name in (*_ROW_NAMES, "first", "style", "held_out")}
        write_arrays(cache, mark=np.array(mark), styles=np.array(library.styles, dtype=str), **rows)
    return library


def _from_cache(cache: Path, mark: str) -> Library | None:
    if not cache.is_file():
        return None
    try:
        with cache.open("rb") as file, np.load(file) as stored:
            if str(stored["mark"]) != mark:
                return None
            rows: dict[str, Any] = {name: stored[name] for name in (*_ROW_NAMES, "first", "style", "held_out")}
            rows["styles"] = tuple(stored["styles"].tolist())
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return Library(**rows)


def instrument_of(pieces: Sequence[CorpusPiece], wanted: object = "") -> str:
    """What a model of these pieces plays: ``wanted``, or drums where there are only drums, else what is pitched.

    Raises:
        TrainingError: no piece has such a note.
    """
    has = [{track.is_drums for track in piece.score.tracks if track.notes} for piece in pieces]
    drums, pitched = any(True in kinds for kinds in has), any(False in kinds for kinds in has)
    found = wanted if isinstance(wanted, str) and wanted else (PITCHED if pitched else DRUMS)
    if (found == PITCHED and not pitched) or (found == DRUMS and not drums) or found not in (PITCHED, DRUMS):
        raise TrainingError(f"There are no notes of the instrument class {found} to learn from.")
    return found


def _encode_all(corpus: Corpus, instrument: str) -> Library:
    styles = corpus.styles
    parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in _ROW_NAMES}
    kept: list[CorpusPiece] = []
    for part in corpus.pieces:
        for piece in _versions(part, instrument):
            kept.append(part)
            for name, rows in _rows(piece).items():
                parts[name].append(rows)
    held_out = np.array([part.is_held_out for part in kept])
    if not kept or held_out.all() or not held_out.any():
        raise TrainingError("Fewer than two pieces with notes were found; training needs some, and holds one out.")
    lengths = [len(part) for part in parts["pitch"]]
    columns: dict[str, Any] = {name: np.concatenate(rows) for name, rows in parts.items()}
    known = {style: number for number, style in enumerate(styles, start=1)}
    return Library(
        **columns,
        first=np.concatenate([[0], np.cumsum(lengths)]),
        style=np.array([known.get(part.source.style, 0) for part in kept]),
        held_out=held_out,
        styles=styles,
    )


def _versions(part: CorpusPiece, instrument: str) -> Iterator[Piece]:
    """The ways in which a piece is learnt from; one that is held out is measured as it is."""
    piece = piece_of(part.score, instrument)
    if piece is None or len(piece.notes) < _LEAST_NOTES:
        return
    yield piece
    if instrument == DRUMS and not part.is_held_out:
        random = np.random.default_rng(len(piece.notes))  # the same for the same piece
        notes = on_another_kit(tightened(piece.notes), random)
        yield replace(piece, notes=notes, bars=BarGrid.of(part.score.timeline, piece.origin, notes.end))


def _rows(piece: Piece) -> dict[str, npt.NDArray[Any]]:
    notes = piece.notes
    context = piece_context(notes, piece.bars)
    arrival = context.classes[:, ARRIVAL]
    recall = piece_recall(notes, piece.bars)
    velocity = velocity_classes(notes.velocity) if notes.has_velocity else np.full(len(notes), NO_VELOCITY)
    return {
        "classes": context.classes.astype(np.uint8),
        "planes": np.packbits(context.planes, axis=-1),
        "chroma": context.chroma.astype(np.float16),
        "pitch": np.concatenate([[BEGIN_PITCH], notes.pitch]).astype(np.uint8),
        "length": np.concatenate([[NO_LENGTH], LENGTHS.classes(notes.length)]).astype(np.uint8),
        "velocity": np.concatenate([[NO_VELOCITY], velocity]).astype(np.uint8),
        "onset": np.concatenate([arrival[1:], [END]]).astype(np.uint8),
        "start": np.concatenate([[0], notes.onset]).astype(np.int32),
        "steps": np.concatenate([[0], np.minimum(notes.length, LENGTHS.longest)]).astype(np.uint16),
        "bar": piece.bars.length[np.concatenate([[0], notes.onset])].astype(np.uint16),
        "recall": recall.classes.astype(np.uint8),
        "recall_back": np.where(recall.source >= 0, np.arange(len(notes) + 1) - recall.source - 1, 0).astype(np.int32),
        "recall_shift": recall.shift.astype(np.int8),
    }
