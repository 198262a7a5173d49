"""See what a model thinks: how much each note surprises it, what it expects next, and what else a note could be.

A question is a frozen value that holds everything it needs and is answered by itself (:data:`Query`); any thread may hold
it, one thread at a time asks. Families that cannot tell are not :class:`Insightful`; asking them is a ModelError.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import STEP_TICKS
from musegen_app.errors import ModelError
from musegen_app.generate.request import GenerateRequest, Generator
from musegen_app.score import Key, Note, NoteTable, Timeline

ALTERNATIVES: Final = 5
_TINY: Final = 1e-12
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the model listens to, and within what it is to stay.

    ``notes`` are all that may be heard, drums left out; a question reads those before the place it asks about. ``key`` and
    ``pitch_range`` (inclusive) leave out pitches of what is expected; surprise does not heed them. ``request`` is what the
    notes with ids below zero (ghosts) were drawn for: what was known of its span beforehand is told to the model there.
    """

    notes: NoteTable
    timeline: Timeline
    style: str = ""
    key: Key | None = None
    pitch_range: tuple[int, int] = (0, 127)
    request: GenerateRequest | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """How far a piece was heard: what is needed to go on from the first note that changed. Only its maker looks inside."""

    style: int
    timeline: Timeline
    origin: int
    has_velocity: bool
    columns: Ints
    costs: Floats
    states: tuple[tuple[int, tuple[npt.NDArray[np.float32], ...]], ...]


@dataclass(frozen=True)
class Surprise:
    """How unlikely each note was held, given all before it.

    ``ids`` int64 (notes,), ascending; ``nats`` float64 (notes, 3): of its onset, its pitch and its length. Notes that fall
    together on the model's grid have one figure. ``heard`` makes the next answer after a small edit a quick one.
    """

    ids: Ints
    nats: Floats
    heard: Heard | None = None

    @cached_property
    def total(self) -> Floats:
        """Nats of each note: onset, pitch and length together."""
        nats: Floats = self.nats.sum(axis=1)
        return nats

    def of(self, note_id: int) -> tuple[float, float, float] | None:
        """Nats of onset, pitch and length of one note; None for one that was not heard."""
        row = int(np.searchsorted(self.ids, note_id))
        if row == len(self.ids) or self.ids[row] != note_id:
            return None
        onset, pitch, length = self.nats[row].tolist()
        return onset, pitch, length


@dataclass(frozen=True)
class Coming:
    """The note that would come next: when, and at which pitch.

    Step ``n`` begins at ``start_tick`` + ``step_ticks`` times ``n``. ``onset`` float64 (steps,) is the probability that the
    next note is struck at each; what is missing from a sum of 1 comes later, or never. ``pitch`` float64 (steps, 128) is the
    probability of each pitch, were it struck then; a row adds up to 1, or to 0 where no pitch is free.
    """

    start_tick: int
    onset: Floats
    pitch: Floats
    step_ticks: int = STEP_TICKS

    @cached_property
    def chance(self) -> Floats:
        """Probability that the next note is struck at a step and has a pitch: float64 (steps, 128)."""
        return self.onset[:, None] * self.pitch

    def by(self, steps: int) -> Coming:
        """The same in columns of ``steps`` steps each, around grid lines: what is struck a little early or late counts.

        The pitches of a column are those of its steps, weighed by how likely each step is.
        """
        cells = (np.arange(len(self.onset)) + steps // 2) // steps
        count = -(-len(self.onset) // steps)
        cells = np.minimum(cells, count - 1)
        weight = self.onset + _TINY  # where nothing is likely to be struck, all steps count alike
        onset, pitch = np.zeros(count), np.zeros((count, self.pitch.shape[1]))
        total = np.zeros((count, 1))
        np.add.at(onset, cells, self.onset)
        np.add.at(total, cells, weight[:, None])
        np.add.at(pitch, cells, self.pitch * weight[:, None])
        return Coming(self.start_tick, onset, pitch / total, self.step_ticks * steps)

    @property
    def end_tick(self) -> int:
        """The first tick after what is told."""
        return self.start_tick + len(self.onset) * self.step_ticks


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pitch, and its probability among those that are free and allowed."""

    pitch: int
    probability: float


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What ``note`` could have been: ``own`` is its own pitch, ``others`` up to five other pitches, the likeliest first."""

    note: Note
    own: Candidate
    others: tuple[Candidate, ...]


@runtime_checkable
class Insightful(Protocol):
    """A generator that can say what it thinks. Pure: the same answer to the same question."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    def surprise(self, hearing: Hearing, before: Surprise | None, cancelled: Cancelled) -> Surprise | None:
        """Nats of every note; ``before`` is an earlier answer of the same model, None where ``cancelled`` said so."""
        ...

    def coming(self, hearing: Hearing, at_tick: int) -> Coming:
        """What would be struck next, from ``at_tick`` to a bar later, given the notes that begin before it."""
        ...

    def alternatives(self, hearing: Hearing, note: Note) -> Alternatives:
        """What ``note``, one of those heard, could have been, given all before it and what is struck with it."""
        ...


def insightful(generator: Generator) -> Insightful:
    """``generator`` as one that can say what it thinks.

    Raises:
        ModelError: its family cannot.
    """
    if not isinstance(generator, Insightful):
        raise ModelError(f'Model "{generator.name}" cannot tell what it expects; choose a note-event model.', generator.name)
    return generator


@dataclass(frozen=True, slots=True)
class SurpriseQuery:
    """How much does each note surprise?"""

    id: int
    model: str
    hearing: Hearing

    def ask(self, generator: Generator, before: object, cancelled: Cancelled) -> Surprise | None:
        """The answer, or None where it was cancelled; ``before`` may be this model's last answer to this kind of question.

        Raises:
            ModelError: the model cannot say, or does not know the style.
        """
        return insightful(generator).surprise(self.hearing, before if isinstance(before, Surprise) else None, cancelled)


@dataclass(frozen=True, slots=True)
class ComingQuery:
    """What comes next at ``at_tick``?"""

    id: int
    model: str
    hearing: Hearing
    at_tick: int

    def ask(self, generator: Generator, _before: object, _cancelled: Cancelled) -> Coming:
        """The answer; it takes a few milliseconds.

        Raises:
            ModelError: the model cannot say, or does not know the style.
            InputError: the scale and the range have no common pitch.
        """
        return insightful(generator).coming(self.hearing, self.at_tick)


@dataclass(frozen=True, slots=True)
class AlternativesQuery:
    """What else could ``note`` be?"""

    id: int
    model: str
    hearing: Hearing
    note: Note

    def ask(self, generator: Generator, _before: object, _cancelled: Cancelled) -> Alternatives:
        """The answer; it takes a few milliseconds.

        Raises:
            ModelError: the model cannot say, or does not know the style.
            InputError: the scale and the range have no common pitch.
        """
        return insightful(generator).alternatives(self.hearing, self.note)


Query = SurpriseQuery | ComingQuery | AlternativesQuery
Answer = Surprise | Coming | Alternatives


def surprise(generator: Generator, hearing: Hearing) -> Surprise:
    """Nats of every note of ``hearing``, all at once.

    Raises:
        ModelError: the model cannot say, or does not know the style.
    """
    found = insightful(generator).surprise(hearing, None, lambda: False)
    assert found is not None  # noqa: S101  nobody cancels
    return found


def coming(generator: Generator, hearing: Hearing, at_tick: int) -> Coming:
    """See :class:`ComingQuery`."""
    return insightful(generator).coming(hearing, at_tick)


def alternatives(generator: Generator, hearing: Hearing, note: Note) -> Alternatives:
    """See :class:`AlternativesQuery`."""
    return insightful(generator).alternatives(hearing, note)
