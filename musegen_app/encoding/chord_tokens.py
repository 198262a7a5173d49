"""Music as words: the notes struck together and held alike, their length, and the time to the next word.

A word is written like "C4.E4.G4/24>12": pitches with their octaves, length, and time to the next word, in steps (24 a
quarter). Notes of one onset that are held differently are words of their own, the lowest first, with no time between them,
so two hands or four voices are one stream and nothing of them is lost. When nothing sounds, or nothing is struck for long, a
word rests.

To a model a word is four classes: its root (the lowest pitch, or "rest", "end"), its shape (what is above the root, from a
vocabulary), length and step. Shapes are the same in every key, so a vocabulary of some thousands knows nearly all chords.
Drums have a vocabulary of their own: whole sets of drums, whose lengths say nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.drums import DRUMS, INSTRUMENTS, PITCHED
from musegen_app.encoding.note_events import GRID, LENGTHS, STEP_TICKS, GridNotes, on_grid
from musegen_app.score import DEFAULT_VELOCITY, NoteTable, Score, pitch_name

Ints = npt.NDArray[np.int64]
Shape = tuple[int, ...]

PITCHES: Final = 128
REST, END, BEGIN = 128, 129, 130
"""Roots of words that strike nothing; :data:`BEGIN` stands before the first word and is never drawn."""
ROOTS: Final = END + 1
LONGEST_STEP: Final = 4 * GRID
STEPS: Final = LONGEST_STEP + 1
"""Classes of the time to the next word: 0 to 96 steps, exactly. Who waits longer says so with rests."""
NO_LENGTH: Final = len(LENGTHS)
NO_STEP: Final = STEPS
_HIT: Final = GRID // 4
"""Steps that a drum is written with, where the next stroke does not come sooner."""
_TOP_COST: Final = 1


class Word(NamedTuple):
    """``pitches`` ascending, none for a rest; ``length`` and ``step`` (to the next word) in steps, no length for a rest."""

    pitches: Shape
    length: int
    step: int

    @property
    def name(self) -> str:
        """As a musician reads it: "C4.E4.G4/24>12", "R>24"."""
        if not self.pitches:
            return f"R>{self.step}"
        return f"{'.'.join(map(pitch_name, self.pitches))}/{self.length}>{self.step}"


@dataclass(frozen=True)
class Words:
    """Words as classes: int64 columns of shape (words,).

    ``root`` 0–127, or :data:`REST`; ``shape`` an index into the vocabulary (0 for rests); ``length`` classes of ``LENGTHS``
    (:data:`NO_LENGTH` for rests); ``step`` in steps. ``unknown`` counts the words whose shape the vocabulary did not know.
    """

    root: Ints
    shape: Ints
    length: Ints
    step: Ints
    unknown: int = 0

    def __len__(self) -> int:
        return len(self.root)

    @property
    def onset(self) -> Ints:
        """Where each word begins, in steps from the first."""
        return np.cumsum(self.step) - self.step


def heard_notes(score: Score, instrument: str) -> GridNotes:
    """What an instrument class has to say in ``score``: its drums, or everything else, on the grid."""
    wanted = instrument == DRUMS
    return as_heard(on_grid(track.notes for track in score.tracks if track.is_drums == wanted), instrument)


def as_heard(notes: GridNotes, instrument: str) -> GridNotes:
    """``notes`` with the lengths that a vocabulary of ``instrument`` can say: those of drums are all alike."""
    if instrument != DRUMS or not len(notes):
        return notes
    onsets = np.unique(notes.onset)
    until_next = np.append(np.diff(onsets), _HIT)[np.searchsorted(onsets, notes.onset)]
    return GridNotes(notes.onset, notes.pitch, np.minimum(until_next, _HIT), notes.velocity)


def spelled(notes: GridNotes, end: int | None = None, *, rings: bool = False) -> list[Word]:
    """The words of ``notes`` from step 0 to ``end``, where the next word would begin (None: where the last note ends).

    ``rings`` says that notes end when they like, as drums do: then silence is no rest.
    """
    words: list[Word] = []
    groups = struck(notes)
    end = notes.end if end is None else end
    onsets = [onset for onset, _, _ in groups]
    words += _rests(min(onsets[0] if groups else end, end))
    sounding = 0
    for (onset, length, pitches), coming in zip(groups, [*onsets[1:], end], strict=False):
        sounding = max(sounding, onset + length)
        gap = coming - onset
        held = gap if rings else min(gap, sounding - onset)
        first = min(held, LONGEST_STEP)
        words += [Word(pitches, length, first), *_rests(held - first), *_rests(gap - held)]
    return words


def struck(notes: GridNotes) -> list[tuple[int, int, Shape]]:
    """Onset, length and pitches of what is struck together and held alike, in order."""
    order = np.lexsort((notes.pitch, notes.length, notes.onset))
    onset, length, pitch = notes.onset[order], notes.length[order], notes.pitch[order]
    first = np.flatnonzero(np.r_[True, (np.diff(onset) != 0) | (np.diff(length) != 0)]) if len(onset) else np.zeros(0, int)
    bounds = [*first.tolist(), len(onset)]
    pitches = pitch.tolist()
    groups = [
        (at, held, tuple(pitches[begin:end]))
        for at, held, begin, end in zip(onset[first].tolist(), length[first].tolist(), bounds, bounds[1:], strict=False)
    ]
    return sorted(groups, key=lambda group: (group[0], group[2][0]))


def _rests(steps: int) -> list[Word]:
    """Rests that fill ``steps``: whole ones, then what is left."""
    whole, left = divmod(max(steps, 0), LONGEST_STEP)
    return [Word((), 0, LONGEST_STEP)] * whole + ([Word((), 0, left)] if left else [])


@dataclass(frozen=True)
class Vocabulary:
    """The shapes that a model knows. Pitched: steps above the root, so (0, 4, 7) is any major triad. Drums: the pitches.

    The shape of one note is always known to a pitched vocabulary, as its first.
    """

    instrument: str
    shapes: tuple[Shape, ...]
    _nearest: dict[Shape, int] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, instrument: str, counts: Mapping[Shape, int], most: int, least: int = 2) -> Vocabulary:
        """The ``most`` commonest shapes that occur at least ``least`` times, single notes in any case.

        ``counts`` tells how often what pitches are struck together.
        """
        shapes: Counter[Shape] = Counter()
        for pitches, count in counts.items():
            shapes[_shape(instrument, pitches)] += count
        ranked = sorted(shapes, key=lambda shape: (len(shape) > 1, -shapes[shape], shape))
        known = [shape for shape in ranked if len(shape) == 1 or shapes[shape] >= least][:most]
        if instrument == PITCHED and (0,) not in known:
            known.insert(0, (0,))
        return cls(instrument, tuple(known))

    @classmethod
    def from_names(cls, instrument: str, names: Sequence[str]) -> Vocabulary:
        """From names as :attr:`names` gives them.

        Raises:
            ValueError: a name is none, or the instrument class is unknown.
        """
        if instrument not in INSTRUMENTS or not names:
            raise ValueError("there are no words")
        shapes = tuple(tuple(int(part) for part in name.split(".")) for name in names)
        if any(not 0 <= pitch < PITCHES for shape in shapes for pitch in shape):
            raise ValueError("a word lies outside 0 to 127")
        return cls(instrument, shapes)

    @property
    def names(self) -> list[str]:
        """A name for each shape, such as "0.4.7"."""
        return [".".join(map(str, shape)) for shape in self.shapes]

    def __len__(self) -> int:
        return len(self.shapes)

    @cached_property
    def matrix(self) -> npt.NDArray[np.bool_]:
        """Which steps above the root each shape strikes: bool (shapes + 1, 128); the last row, of no shape, is empty."""
        rows = np.zeros((len(self.shapes) + 1, PITCHES), dtype=np.bool_)
        for row, shape in zip(rows, self.shapes, strict=False):
            row[list(shape)] = True
        return rows

    @cached_property
    def _numbers(self) -> dict[Shape, int]:
        return {shape: number for number, shape in enumerate(self.shapes)}

    def root(self, pitches: Shape) -> int:
        """What the shape of ``pitches`` is counted from: the lowest of them, for drums 0."""
        return pitches[0] if self.instrument == PITCHED else 0

    def number(self, pitches: Shape) -> tuple[int, bool]:
        """The number of the shape of ``pitches``, or of the nearest; and whether it was known."""
        shape = _shape(self.instrument, pitches)
        known = self._numbers.get(shape)
        if known is not None:
            return known, True
        if shape not in self._nearest:
            self._nearest[shape] = self._search(shape)
        return self._nearest[shape], False

    def _search(self, shape: Shape) -> int:
        """The shape that changes the fewest pitches: each one left out or added costs 1, another top note 1 more.

        Of several the commonest is taken. The root stays, since all pitched shapes have one; for drums another lowest one
        costs 1.
        """
        wanted = np.zeros(PITCHES, dtype=np.bool_)
        wanted[list(shape)] = True
        rows = self.matrix[:-1]
        cost = (rows != wanted).sum(axis=1)
        cost += _TOP_COST * (PITCHES - 1 - rows[:, ::-1].argmax(axis=1) != shape[-1])
        cost += rows.argmax(axis=1) != shape[0]
        return int(cost.argmin())

    def pitches(self, root: int, shape: int) -> Shape:
        """The pitches of a shape on a root; those above 127 are left out."""
        return tuple(root + step for step in self.shapes[shape] if root + step < PITCHES)

    def encode(self, words: Sequence[Word]) -> Words:
        """The classes of ``words``; of unknown shapes those of the nearest."""
        rows, unknown = [], 0
        for pitches, length, step in words:
            if not pitches:
                rows.append((REST, 0, 0, step))
                continue
            shape, is_known = self.number(pitches)
            unknown += not is_known
            rows.append((self.root(pitches), shape, length, step))
        root, shape_column, lengths, steps = np.array(rows, dtype=np.int64).reshape(-1, 4).T
        length_classes = np.where(root == REST, NO_LENGTH, LENGTHS.classes(lengths))
        return Words(root, shape_column, length_classes, steps, unknown)

    def decode(self, words: Words) -> GridNotes:
        """The notes that ``words`` stand for, counted from the first word; a note that is struck anew ends there."""
        columns: list[tuple[int, int, int]] = []
        rows = zip(*(column.tolist() for column in (words.root, words.shape, words.length, words.onset)), strict=True)
        for root, shape, length, onset in rows:
            if root < PITCHES:
                columns += [(onset, int(LENGTHS.high[length]), pitch) for pitch in self.pitches(root, shape)]
        onsets, lengths, pitches = np.array(columns, dtype=np.int64).reshape(-1, 3).T
        table = NoteTable.from_columns(
            onsets * STEP_TICKS, lengths * STEP_TICKS, pitches, np.full(len(onsets), DEFAULT_VELOCITY, dtype=np.int64)
        )
        return on_grid([table])


def _shape(instrument: str, pitches: Shape) -> Shape:
    root = pitches[0] if instrument == PITCHED else 0
    return tuple(pitch - root for pitch in pitches)
