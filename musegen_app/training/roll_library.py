"""Pieces as columns for the piano-roll families' training: flat arrays, and batches of what surrounds columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from musegen_app.encoding.columns import PITCHES, Bits, Ints
from musegen_app.encoding.context import AS_WRITTEN
from musegen_app.encoding.piano_roll import (
    END,
    PLANES,
    RELEASE,
    SURROUNDINGS,
    RollPiece,
    age_plane,
    ages,
    recent_chroma,
)
from musegen_app.errors import TrainingError
from musegen_app.training.corpus import Corpus, CorpusPiece
from musegen_app.training.models.roll_lstm import NO_CHANGE, Batch

Floats32 = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_HIDE_STYLE: Final = 0.15
_RESET: Final = 0.3
_FRESH: Final = 0.3  # of the resets, begin another piece
_STYLE_POWER: Final = 0.6  # a style's share of the columns heard, so that small styles are not drowned


@dataclass(frozen=True)
class RollLibrary:
    """Pieces one after another, a row a column; piece ``p`` has the rows ``first[p]`` to ``first[p + 1]``.

    ``struck`` and ``sounding`` uint8 (rows, 16) packed bits; ``age`` uint8 (rows, 128); ``chroma`` float16 (rows, 12);
    ``classes`` uint8 (rows, 3); ``bar`` the length of each column's bar. A piece's ``style`` counts from 1, ``pitches`` are
    its lowest and highest, ``notes`` counts what is struck.
    """

    first: Ints
    struck: Bytes
    sounding: Bytes
    age: Bytes
    chroma: npt.NDArray[np.float16]
    classes: Bytes
    bar: Ints
    style: Ints
    pitches: Ints
    notes: Ints
    held_out: Bits
    styles: tuple[str, ...]

    @property
    def lengths(self) -> Ints:
        """Columns of each piece."""
        return np.diff(self.first)


def roll_library(corpus: Corpus) -> RollLibrary:
    """The pieces of ``corpus`` as columns.

    Raises:
        TrainingError: no pitched note is left in one of the parts.
    """
    found = [(piece, RollPiece.of(piece.score)) for piece in corpus.pieces]
    kept = [(piece, roll) for piece, roll in found if roll is not None]
    held_out = np.array([piece.is_held_out for piece, _ in kept], dtype=np.bool_)
    if not kept or held_out.all() or not held_out.any():
        raise TrainingError("Fewer than two pieces have notes besides drums; training needs some, and holds one out.")
    rows = [_rows(roll) for _, roll in kept]
    flat: dict[str, Any] = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    return RollLibrary(
        **flat,
        first=np.concatenate([[0], np.cumsum([len(roll.columns) for _, roll in kept])]),
        style=np.array([_style(piece, corpus.styles) for piece, _ in kept]),
        pitches=np.array([_ends(roll) for _, roll in kept]),
        notes=np.array([int(roll.columns.struck.sum()) for _, roll in kept]),
        held_out=held_out,
        styles=corpus.styles,
    )


def _style(piece: CorpusPiece, styles: Sequence[str]) -> int:
    return styles.index(piece.source.style) + 1 if piece.source.style in styles else 0


def _ends(roll: RollPiece) -> tuple[int, int]:
    heard = np.flatnonzero(roll.columns.sounding.any(axis=0))
    return int(heard[0]), int(heard[-1])


def _rows(roll: RollPiece) -> dict[str, npt.NDArray[Any]]:
    columns, bars = roll.columns, roll.bars
    return {
        "struck": np.packbits(columns.struck, axis=-1),
        "sounding": np.packbits(columns.sounding, axis=-1),
        "age": ages(columns).astype(np.uint8),
        "chroma": recent_chroma(columns.struck)[:-1].astype(np.float16),
        "classes": bars.classes(np.arange(len(columns))).astype(np.uint8),
        "bar": bars.length,
    }


@dataclass
class Stretch:
    """``count`` columns of piece ``piece`` from its column ``at`` on, moved by ``shift`` semitones, shown as ``style``."""

    piece: int
    at: int
    count: int
    shift: int
    style: int


@dataclass(frozen=True)
class _Seen:
    """A stretch as the network sees it: planes (columns, 8, 128), classes (columns, 5), changes (columns, 128)."""

    planes: Floats32
    classes: Ints
    strikes: Bits
    releases: Bits


def _seen(library: RollLibrary, stretch: Stretch) -> _Seen:
    first, shift = int(library.first[stretch.piece]), stretch.shift
    at = np.arange(stretch.at, stretch.at + stretch.count)
    row = first + at
    planes = np.zeros((stretch.count, len(PLANES), PITCHES), dtype=np.float32)
    for plane, back in ((0, 1), (3, library.bar[row]), (5, 2 * library.bar[row])):
        there = (at - back >= 0)[:, None]
        source = np.maximum(row - back, first)
        planes[:, plane] = np.unpackbits(library.struck[source], axis=-1) * there
        planes[:, plane + 1] = np.unpackbits(library.sounding[source], axis=-1) * there
        if plane == 0:
            planes[:, 2] = age_plane(library.age[source].astype(np.int64)) * there
    struck, sounding = (np.unpackbits(part[row], axis=-1).astype(np.bool_) for part in (library.struck, library.sounding))
    before = planes[:, 1] > 0
    strikes, releases = struck | (sounding & ~before), before & ~sounding
    if shift:
        planes = np.roll(planes, shift, axis=-1)
        strikes, releases = np.roll(strikes, shift, axis=-1), np.roll(releases, shift, axis=-1)
    planes[:, 7] = np.tile(np.roll(library.chroma[row].astype(np.float32), shift, axis=-1), (1, 11))[:, :PITCHES]
    classes = np.empty((stretch.count, 5), dtype=np.int64)
    classes[:, :3], classes[:, 3], classes[:, 4] = library.classes[row], AS_WRITTEN + shift, stretch.style
    return _Seen(planes, classes, strikes, releases)


def batch_of(library: RollLibrary, lanes: Sequence[Sequence[Stretch]], time: int, keep: Floats32) -> Batch:
    """The stretches of each lane one after another, filled up with silence that is not counted to ``time`` columns."""
    count = len(lanes)
    planes = np.zeros((time, count, len(PLANES), PITCHES), dtype=np.float32)
    classes = np.zeros((time, count, 5), dtype=np.int64)
    strikes, releases = (np.zeros((time, count, PITCHES), dtype=np.bool_) for _ in range(2))
    counted = np.zeros((time, count), dtype=np.bool_)
    for lane, stretches in enumerate(lanes):
        at = 0
        for stretch in stretches:
            seen, here = _seen(library, stretch), slice(at, at + stretch.count)
            planes[here, lane], classes[here, lane] = seen.planes, seen.classes
            strikes[here, lane], releases[here, lane] = seen.strikes, seen.releases
            counted[here, lane] = True
            at += stretch.count
    change, column, before, below, offset = _chain(
        strikes.reshape(-1, PITCHES), releases.reshape(-1, PITCHES), counted.reshape(-1)
    )
    return Batch(
        torch.from_numpy(planes.reshape(time, count, SURROUNDINGS)),
        torch.from_numpy(classes),
        torch.from_numpy(change),
        torch.from_numpy(column),
        torch.from_numpy(before),
        torch.from_numpy(below),
        torch.from_numpy(offset),
        torch.tensor(float(counted.sum())),
        torch.from_numpy(keep),
    )


def _chain(strikes: Bits, releases: Bits, counted: Bits) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Changes of all columns in one row: change, column, before, below, offset (see :class:`Batch`)."""
    column, pitch = np.nonzero(strikes | releases)
    named = np.where(strikes[column, pitch], pitch, RELEASE + pitch)
    ended = np.flatnonzero(counted)
    column = np.concatenate([column, ended])
    change = np.concatenate([named, np.full(len(ended), END)])
    order = np.lexsort((change == END, column))  # stable: pitches stay ascending, the end comes last
    column, change = column[order], change[order]
    index = np.arange(len(change))
    begins = np.maximum.accumulate(np.where(np.diff(column, prepend=-1) != 0, index, 0))
    rank = index - begins
    before = np.where(rank > 0, np.roll(change, 1), NO_CHANGE)
    offset = np.cumsum(rank) - rank
    below = change[np.repeat(begins - offset, rank) + np.arange(int(rank.sum()))]
    return change, column, before, below, offset


class RollLanes:
    """Endless training windows of ``length`` columns. Each lane plays pieces one after another; a reset forgets.

    What lane ``n`` of ``lanes`` hears depends on ``seed`` and ``n`` alone.
    """

    def __init__(self, library: RollLibrary, lanes: Sequence[int], length: int, seed: int) -> None:
        self._library, self._length = library, length
        self._pieces = np.flatnonzero(~library.held_out)
        self._chance = _chances(library, self._pieces)
        self._lanes = [_Lane(np.random.default_rng([seed, lane])) for lane in lanes]
        for lane in self._lanes:
            self._begin(lane)
            lane.at = int(lane.random.integers(0, library.lengths[lane.piece]))

    def next(self) -> Batch:
        """The next window of every lane."""
        keep = np.ones(len(self._lanes), dtype=np.float32)
        for index, lane in enumerate(self._lanes):
            if lane.random.random() < _RESET:
                keep[index] = 0
                if lane.random.random() < _FRESH:
                    self._begin(lane)
        return batch_of(self._library, [self._played(lane) for lane in self._lanes], self._length, keep)

    def _begin(self, lane: _Lane) -> None:
        library = self._library
        lane.piece, lane.at = int(lane.random.choice(self._pieces, p=self._chance)), 0
        low, high = library.pitches[lane.piece].tolist()
        lane.shift = int(lane.random.integers(max(-6, -low), min(6, PITCHES - 1 - high) + 1))
        lane.style = 0 if lane.random.random() < _HIDE_STYLE else int(library.style[lane.piece])

    def _played(self, lane: _Lane) -> list[Stretch]:
        played, left = [], self._length
        while left:
            count = min(left, int(self._library.lengths[lane.piece]) - lane.at)
            played.append(Stretch(lane.piece, lane.at, count, lane.shift, lane.style))
            lane.at += count
            left -= count
            if lane.at >= self._library.lengths[lane.piece]:
                self._begin(lane)
        return played


@dataclass
class _Lane:
    """Where a lane is in its piece, and how the piece is shown."""

    random: np.random.Generator
    piece: int = 0
    at: int = 0
    shift: int = 0
    style: int = 0


def _chances(library: RollLibrary, pieces: Ints) -> npt.NDArray[np.float64]:
    style, lengths = library.style[pieces], library.lengths[pieces]
    total = np.bincount(style, lengths)
    share = total[style] ** _STYLE_POWER / total[style] * lengths
    chance: npt.NDArray[np.float64] = share / share.sum()
    return chance


def held_out_batches(library: RollLibrary, pieces: Sequence[int], longest: int, length: int) -> list[Batch]:
    """The beginnings of ``pieces`` as windows that follow one another, a lane a piece, as written, the style told."""
    keep = np.ones(len(pieces), dtype=np.float32)
    batches = []
    for begin in range(0, longest, length):
        time = min(length, longest - begin)
        lanes = [
            [Stretch(p, begin, count, 0, int(library.style[p]))]
            if (count := min(time, int(library.lengths[p]) - begin)) > 0
            else []
            for p in pieces
        ]
        batches.append(batch_of(library, lanes, time, keep))
    return batches


def unigram_nats(library: RollLibrary) -> float:
    """Nats a held-out column, had each pitch a chance of its own to be silent, held or struck, counted in the others."""
    piece = np.repeat(np.arange(len(library.style)), library.lengths)
    cost = 0.0
    held_out = library.held_out[piece]
    parts = [np.unpackbits(part, axis=-1) for part in (library.struck, library.sounding)]
    states = parts[0] + parts[1]  # 0 silent, 1 held, 2 struck
    for state in range(3):
        is_it = states == state
        learnt = is_it[~held_out].sum(axis=0) + 1
        share = learnt / (int((~held_out).sum()) + 3)
        cost -= float((is_it[held_out].sum(axis=0) * np.log(share)).sum())
    return cost / int(held_out.sum())
