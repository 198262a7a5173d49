"""Words of a corpus, laid out for training: rows of what a word LSTM hears and what follows, in lanes of pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from musegen_app.encoding.chord_context import PITCH_CLASSES, PLANES, SOUND_WIDTH, TRANSPOSED, hear
from musegen_app.encoding.chord_tokens import PITCHES, Shape, Vocabulary, heard_notes, struck
from musegen_app.encoding.context import AS_WRITTEN
from musegen_app.encoding.drums import PITCHED
from musegen_app.generate.chord_foresight import targets, word_piece
from musegen_app.training.corpus import CorpusPiece
from musegen_app.training.models.chord_lstm import Batch, Window

Ints = npt.NDArray[np.int64]
_FURTHEST: Final = 6
_RESET: Final = 0.25
_FRESH: Final = 0.3  # of the resets, begin another piece


@dataclass(frozen=True)
class WordLibrary:
    """Rows of pieces, one after another: the begin mark and each word, with what follows.

    ``word``, ``place`` and ``target`` int16 (rows, 4), ``planes`` uint8 (rows, 48), bits of 384, ``chroma`` float16 (rows,
    12). Piece ``n`` has the rows from ``first[n]`` to ``first[n + 1]`` and may be moved by ``down[n]`` to ``up[n]``
    semitones.
    """

    word: npt.NDArray[np.int16]
    place: npt.NDArray[np.int16]
    target: npt.NDArray[np.int16]
    planes: npt.NDArray[np.uint8]
    chroma: npt.NDArray[np.float16]
    first: Ints
    down: Ints
    up: Ints
    notes: int
    unknown: int

    @classmethod
    def of(cls, pieces: Sequence[CorpusPiece], vocabulary: Vocabulary) -> WordLibrary:
        """The words of ``pieces`` that have some."""
        columns: list[list[npt.NDArray[np.int16]]] = [[], [], []]
        planes, rooms, counts = [np.zeros((0, PLANES * PITCHES // 8), dtype=np.uint8)], [], [0]
        chroma = [np.zeros((0, PITCH_CLASSES), dtype=np.float16)]
        notes = unknown = 0
        sizes = vocabulary.matrix.sum(axis=1)
        for piece in pieces:
            found = word_piece(piece.score, vocabulary)
            if found is None:
                continue
            heard = hear(found.words, vocabulary, found.bars)
            for column, values in zip(columns, (heard.word, heard.place, targets(found.words)), strict=True):
                column.append(values.astype(np.int16))
            planes.append(np.packbits(heard.planes, axis=1))
            chroma.append(heard.chroma.astype(np.float16))
            rooms.append(_room(heard.planes) if vocabulary.instrument == PITCHED else (0, 0))
            counts.append(len(heard))
            notes += int(sizes[heard.word[heard.word[:, 0] < PITCHES, 1]].sum())
            unknown += found.words.unknown
        word, place, target = (np.concatenate([np.zeros((0, 4), dtype=np.int16), *column]) for column in columns)
        down, up = np.array(rooms, dtype=np.int64).reshape(-1, 2).T
        packed, shares = np.concatenate(planes), np.concatenate(chroma)
        return cls(word, place, target, packed, shares, np.cumsum(counts), down, up, notes, unknown)

    def __len__(self) -> int:
        return len(self.down)

    @property
    def lengths(self) -> Ints:
        """Rows of each piece."""
        return np.diff(self.first)


def _room(planes: npt.NDArray[np.bool_]) -> tuple[int, int]:
    struck = np.flatnonzero(planes[:, :PITCHES].any(axis=0))
    if not len(struck):
        return 0, 0
    return max(-int(struck[0]), -_FURTHEST), min(PITCHES - 1 - int(struck[-1]), _FURTHEST)


def vocabulary_of(pieces: Sequence[CorpusPiece], instrument: str, most: int) -> Vocabulary:
    """The commonest shapes of ``pieces``."""
    counts: Counter[Shape] = Counter()
    for piece in pieces:
        counts.update(pitches for _, _, pitches in struck(heard_notes(piece.score, instrument)))
    return Vocabulary.of(instrument, counts, most)


def window_of(library: WordLibrary, row: Ints, shift: Ints) -> Window:
    """The rows (−1 for padding), each moved by its shift in semitones, as tensors; both int64 (time, lanes)."""
    at = np.maximum(row, 0)
    word, place, target = (table[at].astype(np.int64) for table in (library.word, library.place, library.target))
    for table in (word, target):
        table[..., 0] += np.where(table[..., 0] < PITCHES, shift, 0)
    place[..., TRANSPOSED] = AS_WRITTEN + shift
    planes = np.unpackbits(library.planes[at], axis=-1).reshape(*row.shape, PLANES, PITCHES)
    for offset in np.unique(shift[shift != 0]):
        moved = shift == offset
        planes[moved] = np.roll(planes[moved], offset, axis=-1)
    classes = (np.arange(PITCH_CLASSES) - shift[..., None]) % PITCH_CLASSES
    sounds = np.empty((*row.shape, SOUND_WIDTH), dtype=np.float32)
    sounds[..., :-PITCH_CLASSES] = planes.reshape(*row.shape, -1)
    sounds[..., -PITCH_CLASSES:] = np.take_along_axis(library.chroma[at], classes, axis=-1)
    return Window(
        torch.from_numpy(word),
        torch.from_numpy(place),
        torch.from_numpy(sounds),
        torch.from_numpy(target),
        torch.from_numpy((row >= 0).astype(np.float32)),
    )


@dataclass
class _Lane:
    """Where a lane is in its piece, and how far the piece is moved."""

    random: np.random.Generator
    row: int = 0
    end: int = 0
    shift: int = 0


class WordLanes:
    """Endless windows. Each lane plays whole pieces one after another; a reset forgets what it heard.

    What lane ``n`` of ``lanes`` hears depends on ``seed`` and ``n`` alone.
    """

    def __init__(self, library: WordLibrary, lanes: Sequence[int], length: int, seed: int) -> None:
        self._library, self._length = library, length
        self._chance = library.lengths / library.lengths.sum()
        self._lanes = [_Lane(np.random.default_rng([seed, lane])) for lane in lanes]
        for lane in self._lanes:
            self._begin(lane)
            lane.row = int(lane.random.integers(lane.row, lane.end))

    def _begin(self, lane: _Lane) -> None:
        library = self._library
        piece = int(lane.random.choice(len(library), p=self._chance))
        lane.row, lane.end = int(library.first[piece]), int(library.first[piece + 1])
        lane.shift = int(lane.random.integers(library.down[piece], library.up[piece] + 1))

    def next(self) -> Batch:
        """The next window of every lane."""
        keep = np.ones(len(self._lanes), dtype=np.float32)
        row, shift = (np.zeros((self._length, len(self._lanes)), dtype=np.int64) for _ in range(2))
        for index, lane in enumerate(self._lanes):
            if lane.random.random() < _RESET:
                keep[index] = 0
                if lane.random.random() < _FRESH:
                    self._begin(lane)
            self._fill(row[:, index], shift[:, index], lane)
        return Batch(window_of(self._library, row, shift), torch.from_numpy(keep))

    def _fill(self, row: Ints, shift: Ints, lane: _Lane) -> None:
        at = 0
        while at < self._length:
            count = min(self._length - at, lane.end - lane.row)
            row[at : at + count] = np.arange(lane.row, lane.row + count)
            shift[at : at + count] = lane.shift
            lane.row += count
            at += count
            if lane.row >= lane.end:
                self._begin(lane)


def windows_of(library: WordLibrary, pieces: Ints, longest: int, length: int) -> list[Window]:
    """The first ``longest`` rows of each of ``pieces`` side by side, as written, in windows of ``length``."""
    rows = np.full((longest, len(pieces)), -1, dtype=np.int64)
    for lane, piece in enumerate(pieces.tolist()):
        count = min(int(library.lengths[piece]), longest)
        rows[:count, lane] = np.arange(library.first[piece], library.first[piece] + count)
    still = np.zeros_like(rows)
    return [window_of(library, rows[at : at + length], still[at : at + length]) for at in range(0, longest, length)]


def unigram_nats(train: WordLibrary, held_out: WordLibrary) -> float:
    """Nats a word of the held-out words under the counts of the others.

    A whole word counts as often as it occurs; to one that is new or rare goes a share that its root, shape, length and step
    deserve by their own counts.
    """
    learnt, wanted = (_cleaned(library.target) for library in (train, held_out))
    apart = np.ones(len(wanted))
    for field in range(4):
        size = int(max(learnt[:, field].max(), wanted[:, field].max())) + 1
        counts = np.bincount(learnt[:, field], minlength=size) + 1.0
        apart *= (counts / counts.sum())[wanted[:, field]]
    counted = Counter(map(tuple, learnt.tolist()))
    seen = np.array([counted[tuple(word)] for word in wanted.tolist()])
    share = float(len(counted))
    return float(-np.log((seen + share * apart) / (len(learnt) + share)).mean())


def _cleaned(words: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Words with the same value in all fields that say nothing."""
    words = words.copy()
    words[words[:, 0] >= PITCHES, 1:3] = 0
    return words
