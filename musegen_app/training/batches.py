"""Windows of music for training: lanes that each play piece after piece, transposed, their controls sometimes hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from musegen_app.encoding.anticipation import KNOWN_CLASSES, KNOWN_WIDTH, Foreknowledge
from musegen_app.encoding.context import (
    ARRIVAL,
    AS_WRITTEN,
    BARS_LEFT,
    BARS_UNKNOWN,
    PLANES,
    SOUND_WIDTH,
)
from musegen_app.encoding.drums import PITCHED
from musegen_app.encoding.note_events import BEGIN_PITCH, PITCHES
from musegen_app.encoding.recall import NOTHING_RECALLED, recalled_lengths, recalled_next
from musegen_app.training.knowing import known_strokes, known_to_come
from musegen_app.training.models.note_events import Batch, Window
from musegen_app.training.prepare import Library

Ints = npt.NDArray[np.int64]
Floats32 = npt.NDArray[np.float32]

_STYLE_POWER: Final = 0.6  # a style's share of the notes seen, so that small styles are not drowned
_HIDE_STYLE: Final = 0.15
_HIDE_BARS: Final = 0.3
_HIDE_RECALL: Final = 0.15
_RESET: Final = 0.3
_FRESH: Final = 0.3  # of the resets, begin another piece


@dataclass
class Rows:
    """Rows of the library and how each is to be shown; int64 arrays of one shape, −1 in ``row`` for padding.

    ``known_classes`` (…, 5) and ``known_sounds`` float32 (…, 920) are what is known to come, see
    :class:`musegen_app.encoding.anticipation.Anticipation`.
    """

    row: Ints
    shift: Ints
    style: Ints
    hide_bars: npt.NDArray[np.bool_]
    hide_recall: npt.NDArray[np.bool_]
    known_classes: Ints
    known_sounds: Floats32

    def part(self, chosen: slice) -> Rows:
        """The rows ``chosen`` along the first axis."""
        return Rows(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @classmethod
    def shown(cls, row: Ints, shift: Ints, style: Ints, hide_bars: npt.NDArray[np.bool_]) -> Rows:
        """Rows of which nothing is known to come."""
        rows = cls.blank(*row.shape)
        return replace(rows, row=row, shift=shift, style=style, hide_bars=hide_bars)

    @classmethod
    def blank(cls, *shape: int) -> Rows:
        """The first row of the library for all, as written, nothing known to come."""
        row, shift, style = (np.zeros(shape, dtype=np.int64) for _ in range(3))
        bars, recall = (np.zeros(shape, dtype=np.bool_) for _ in range(2))
        classes = np.zeros((*shape, KNOWN_CLASSES), dtype=np.int64)
        return cls(row, shift, style, bars, recall, classes, np.zeros((*shape, KNOWN_WIDTH), np.float32))


def window_of(library: Library, rows: Rows) -> Window:
    """The rows as tensors, transposed by their shifts."""
    row = np.maximum(rows.row, 0)
    classes = library.classes[row].astype(np.int64)
    classes[..., BARS_LEFT] = np.where(rows.hide_bars, BARS_UNKNOWN, classes[..., BARS_LEFT])
    extra = np.stack([rows.shift + AS_WRITTEN, rows.style], axis=-1)
    classes = np.concatenate([classes, extra], axis=-1)
    written = library.pitch[row].astype(np.int64)
    pitch = np.where(written < BEGIN_PITCH, written + rows.shift, BEGIN_PITCH)
    floor = _floors(library, row, rows.shift)
    recall, lengths = _recalled(library, row, rows)
    return Window(
        classes=torch.from_numpy(classes),
        sounds=torch.from_numpy(_sounds(library, row, rows.shift)),
        pitch=torch.from_numpy(pitch),
        length=torch.from_numpy(library.length[row].astype(np.int64)),
        velocity=torch.from_numpy(library.velocity[row].astype(np.int64)),
        onset=torch.from_numpy(library.onset[row].astype(np.int64)),
        floor=torch.from_numpy(floor),
        weight=torch.from_numpy((rows.row >= 0).astype(np.float32)),
        known_classes=torch.from_numpy(rows.known_classes),
        known_sounds=torch.from_numpy(rows.known_sounds),
        references=torch.from_numpy(
            np.concatenate([_references(library, row, rows.shift), recalled_next(lengths, floor)[..., None]], axis=-1)
        ),
        recall_classes=torch.from_numpy(recall),
        recall_lengths=torch.from_numpy(lengths),
    )


def _recalled(library: Library, row: Ints, rows: Rows) -> tuple[Ints, Ints]:
    """Classes of what is recalled, int64 (…, 5), and of the lengths there, (…, 128)."""
    hidden = rows.hide_recall | (rows.row < 0)
    back = library.recall_back[row].astype(np.int64)
    source = np.where(hidden | (back == 0), -1, row - back)
    shift = library.recall_shift[row] + rows.shift
    lengths = recalled_lengths(library.pitch, library.length, library.start, source, shift)
    nothing = np.array(NOTHING_RECALLED, dtype=np.int64)
    return np.where(hidden[..., None], nothing, library.recall[row].astype(np.int64)), lengths


def _references(library: Library, row: Ints, shift: Ints) -> Ints:
    """The last pitch and the lowest of the last chord, int64 (…, 2); 128 before the first note."""
    last = np.where(library.pitch[row] < BEGIN_PITCH, np.maximum(row - 1, 0), row)
    both = library.pitch[np.stack([last, library.chord[last]], axis=-1)].astype(np.int64)
    return np.where(both < BEGIN_PITCH, both + shift[..., None], BEGIN_PITCH)


def _floors(library: Library, row: Ints, shift: Ints) -> Ints:
    before = library.pitch[np.maximum(row - 1, 0)].astype(np.int64)
    in_chord = (library.classes[row, ARRIVAL] == 0) & (before < BEGIN_PITCH)
    return np.where(in_chord, before + shift, -1)


def _sounds(library: Library, row: Ints, shift: Ints) -> npt.NDArray[np.float32]:
    planes = np.unpackbits(library.planes[row], axis=-1)
    for offset in np.unique(shift[shift != 0]):
        at = shift == offset
        planes[at] = np.roll(planes[at], offset, axis=-1)
    chroma_of = (np.arange(12) - shift[..., None]) % 12
    sounds = np.empty((*row.shape, SOUND_WIDTH), dtype=np.float32)
    sounds[..., : PLANES * PITCHES] = planes.reshape(*row.shape, -1)
    sounds[..., PLANES * PITCHES :] = np.take_along_axis(library.chroma[row], chroma_of, axis=-1)
    return sounds


class Lanes:
    """Endless training windows. Each lane plays whole pieces one after another; a reset forgets what it heard.

    What lane ``n`` of ``lanes`` hears depends on ``seed`` and ``n`` alone. Drums are not transposed: their
    pitches are names.
    """

    def __init__(self, library: Library, lanes: Sequence[int], length: int, seed: int, instrument: str = PITCHED) -> None:
        self._library, self._length, self._moves = library, length, instrument == PITCHED
        self._pieces = np.flatnonzero(~library.held_out)
        self._chance = _piece_chances(library, self._pieces)
        self._lanes = [_Lane(np.random.default_rng([seed, lane])) for lane in lanes]
        for lane in self._lanes:
            self._begin(lane)
            lane.row = int(lane.random.integers(lane.row, lane.end))

    def _begin(self, lane: _Lane) -> None:
        library = self._library
        piece = int(lane.random.choice(self._pieces, p=self._chance))
        lane.row = lane.first = int(library.first[piece])
        lane.end = int(library.first[piece + 1])
        pitch = library.pitch[lane.row + 1 : lane.end].astype(np.int64)
        if self._moves:
            lane.shift = int(lane.random.integers(max(-6, -int(pitch.min())), min(6, 127 - int(pitch.max())) + 1))
        lane.style = 0 if lane.random.random() < _HIDE_STYLE else int(library.style[piece])
        lane.hides_bars = lane.random.random() < _HIDE_BARS
        lane.hides_recall = lane.random.random() < _HIDE_RECALL
        notes = library.piece(piece)
        moved = replace(notes, pitch=notes.pitch + lane.shift)
        foreseen = known_to_come if self._moves else known_strokes
        lane.known = foreseen(lane.random, moved, int(library.bar[lane.row]))

    def next(self) -> Batch:
        """The next window of every lane."""
        keep = np.ones(len(self._lanes), dtype=np.float32)
        rows = Rows.blank(self._length, len(self._lanes))
        for index, lane in enumerate(self._lanes):
            if lane.random.random() < _RESET:
                keep[index] = 0
                if lane.random.random() < _FRESH:
                    self._begin(lane)
            self._fill(rows, index, lane)
        return Batch(window_of(self._library, rows), torch.from_numpy(keep))

    def _fill(self, rows: Rows, index: int, lane: _Lane) -> None:
        at = 0
        while at < self._length:
            count = min(self._length - at, lane.end - lane.row)
            here = slice(at, at + count)
            rows.row[here, index] = np.arange(lane.row, lane.row + count)
            rows.shift[here, index] = lane.shift
            rows.style[here, index] = lane.style
            rows.hide_bars[here, index] = lane.hides_bars
            rows.hide_recall[here, index] = lane.hides_recall
            if lane.known is not None:
                self._foresee(rows, (here, index), lane.known, lane.first)
            lane.row += count
            at += count
            if lane.row >= lane.end:
                self._begin(lane)

    def _foresee(self, rows: Rows, place: tuple[slice, int], known: Foreknowledge, first: int) -> None:
        library, row = self._library, rows.row[place]
        floor = _floors(library, row, rows.shift[place])
        at, bar = library.start[row].astype(np.int64), library.bar[row].astype(np.int64)
        rows.known_classes[place], rows.known_sounds[place] = known.look(row - first, at, floor, bar)


@dataclass
class _Lane:
    """Where a lane is in its piece, and how the piece is shown."""

    random: np.random.Generator
    row: int = 0
    first: int = 0
    end: int = 0
    shift: int = 0
    style: int = 0
    hides_bars: bool = False
    hides_recall: bool = False
    known: Foreknowledge | None = None


def _piece_chances(library: Library, pieces: Ints) -> npt.NDArray[np.float64]:
    """Chance of each piece to be played next: in a style all notes are as likely, between styles small ones gain."""
    style, notes = library.style[pieces], library.notes[pieces]
    total = np.bincount(style, notes)
    share = total[style] ** _STYLE_POWER / total[style]
    chance: npt.NDArray[np.float64] = share / share.sum()
    return chance


def held_out_windows(library: Library, pieces: Ints, longest: int, length: int) -> list[Window]:
    """The first ``longest`` rows of each of ``pieces`` side by side, as written, in windows of ``length``."""
    rows = Rows.blank(longest, len(pieces))
    rows.row[:] = -1
    for lane, piece in enumerate(pieces):
        count = min(int(library.notes[piece]), longest)
        rows.row[:count, lane] = np.arange(library.first[piece], library.first[piece] + count)
    rows.style[:], rows.hide_bars[:] = library.style[pieces], True
    parts = [slice(at, at + length) for at in range(0, longest, length)]  # the last one may be shorter
    return [window_of(library, rows.part(part)) for part in parts]
