"""What a note-event model listens to before it draws: the seed on the grid, and the state after hearing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import (
    ARRIVAL,
    AS_WRITTEN,
    BARS_LEFT,
    BARS_UNKNOWN,
    NO_REFERENCE,
    PLANES,
    SOUND_WIDTH,
    STYLE,
    TRANSPOSITION,
    BarGrid,
    piece_context,
    references_of,
)
from musegen_app.encoding.note_events import (
    BEGIN_PITCH,
    LENGTHS,
    NO_LENGTH,
    NO_VELOCITY,
    ONSET_CLASSES,
    PITCHES,
    STEP_TICKS,
    GridNotes,
    Ints,
    on_grid,
    velocity_classes,
)
from musegen_app.encoding.pieces import bar_line_before
from musegen_app.encoding.recall import PieceRecall, recalled_next
from musegen_app.generate.dynamics import Dynamics
from musegen_app.generate.memory import HEARD_NOTES, Memory
from musegen_app.generate.request import GenerateRequest
from musegen_app.generate.session import Inputs
from musegen_app.score import NoteTable, Timeline

BY_ROW: Final = ("classes", "sounds", "known_classes", "known_sounds", "recall_classes")
"""Inputs of which a moment is a row of the first axis; of ``given`` it is one of the second."""
_MORE: Final = 2
_FEW: Final = 16
"""Onsets that tell too little of how thick chords are."""
_FEW_CROWD: Final = 6


@dataclass(frozen=True)
class Seed:
    """What the model listens to before it draws.

    ``notes`` count from step ``origin`` (a bar line); ``is_whole`` says that nothing was left out at the front; ``memory``
    has what is remembered of that. The continuation has steps ``start`` to ``end`` of the same count, and ``last_bar``
    begins its last bar.
    """

    notes: GridNotes
    origin: int
    is_whole: bool
    start: int
    end: int
    last_bar: int
    bars: BarGrid
    memory: Memory

    @classmethod
    def of(cls, request: GenerateRequest) -> Seed:
        """The seed of ``request``, on the grid."""
        return cls.before(request, [_before(request.notes, request.span[0])])

    @classmethod
    def before(cls, request: GenerateRequest, tables: Iterable[NoteTable]) -> Seed:
        """The notes of ``tables``, none after the span of ``request`` begins, as the seed of it."""
        start_tick, end_tick = request.span
        start, end = -(-start_tick // STEP_TICKS), end_tick // STEP_TICKS
        notes = on_grid(tables)
        notes = GridNotes(np.minimum(notes.onset, start - 1), notes.pitch, notes.length, notes.velocity)
        left_out = max(len(notes) - HEARD_NOTES, 0)
        kept = notes.rows(slice(left_out, None))
        origin = bar_line_before(request.timeline, int(kept.onset[0]) if len(kept) else start)
        bars = BarGrid.of(request.timeline, origin, end - origin + 1)
        memory = Memory.of(request.timeline, notes.rows(slice(left_out)), origin, bars)
        last_bar = int(bars.start[end - origin - 1])
        return cls(kept.moved(-origin), origin, not left_out, start - origin, end - origin, last_bar, bars, memory)

    @property
    def has_velocity(self) -> bool:
        """Whether the seed's velocities are played, so that the model shall go on with them."""
        return self.notes.has_velocity

    def dynamics(self, timeline: Timeline) -> Dynamics:
        """How loud a continuation of a seed is whose own velocities were not played."""
        return Dynamics(timeline, (self.notes.onset + self.origin) * STEP_TICKS, self.notes.velocity)


def crowd_of(onsets: Ints) -> int:
    """How many notes may be struck at once after notes at ``onsets``, 0 for any number: two more than ever were.

    Of real continuations one in a hundred goes beyond. A model that has gone beyond does not know when to stop.
    """
    if not len(onsets):
        return 0
    _steps, counts = np.unique(onsets, return_counts=True)
    least = _FEW_CROWD if len(counts) < _FEW else 0
    return max(int(counts.max()) + _MORE, least)


def _before(notes: NoteTable, tick: int) -> NoteTable:
    rows = notes.start < tick
    return NoteTable.from_columns(notes.start[rows], notes.length[rows], notes.pitch[rows], notes.velocity[rows])


def given_inputs(notes: GridNotes, bars: BarGrid, recall: PieceRecall | None, *, has_velocity: bool, style: int) -> Inputs:
    """The begin mark and ``notes`` as inputs of one take that are all given: a row a note, (notes + 1, 1, …).

    ``recall`` is what the notes recall, None to say nothing of it. The number of bars left is unknown; nothing is drawn or
    forbidden, so the masks and numbers are those of one note.
    """
    context = piece_context(notes, bars)
    rows = len(notes) + 1
    classes = np.zeros((rows, 1, STYLE + 1), dtype=np.int64)
    classes[:, 0, :TRANSPOSITION] = context.classes
    classes[:, 0, BARS_LEFT] = BARS_UNKNOWN
    classes[:, 0, TRANSPOSITION], classes[:, 0, STYLE] = AS_WRITTEN, style
    sounds = np.empty((rows, 1, SOUND_WIDTH), dtype=np.float32)
    sounds[:, 0, : PLANES * PITCHES] = context.planes.reshape(rows, -1)
    sounds[:, 0, PLANES * PITCHES :] = context.chroma
    given = np.full((3, rows, 1), [[[BEGIN_PITCH]], [[NO_LENGTH]], [[NO_VELOCITY]]], dtype=np.int64)
    given[0, 1:, 0], given[1, 1:, 0] = notes.pitch, LENGTHS.classes(notes.length)
    if has_velocity:
        given[2, 1:, 0] = velocity_classes(notes.velocity)
    recalled: Inputs = {}
    if recall is not None:
        recalled = {"recall_classes": recall.classes[:, None], "recall_lengths": recall.lengths(slice(-1, None))}
    return {"classes": classes, "sounds": sounds, "given": given, **recalled, **neutral_inputs(1)}


def floors_of(inputs: Inputs, notes: GridNotes) -> npt.NDArray[np.int64]:
    """The pitches that those of :func:`given_inputs` lie above, −1 for any: int64 (notes + 1,)."""
    arrival = inputs["classes"][:, 0, ARRIVAL]
    before = np.concatenate([[BEGIN_PITCH, BEGIN_PITCH], notes.pitch[:-1]])[: len(arrival)]
    return np.where((arrival == 0) & (before < BEGIN_PITCH), before, -1)


def pitch_inputs(notes: GridNotes, lengths: Ints | None, floors: Ints, shown: slice = slice(None)) -> Inputs:
    """What pitches are chosen by, a row for each that is ``shown`` of the begin mark and ``notes``: for one row a take.

    ``lengths`` int64 (shown, 128) and ``floors`` (notes + 1,) are what is recalled, if anything may be, and what they are
    above.
    """
    references = np.full((len(notes) + 1, 3), NO_REFERENCE, dtype=np.int64)
    references[1:, :2] = references_of(notes)[:-1]
    references = references[shown]
    if lengths is None:
        return {"references": references}
    references[:, 2] = recalled_next(lengths, floors[shown])
    return {"references": references, "recall_lengths": lengths}


def rows_of(inputs: Inputs, rows: slice) -> Inputs:
    """The chosen rows of what is a row a note."""
    return {name: inputs[name][rows] for name in BY_ROW if name in inputs} | {"given": inputs["given"][:, rows]}


def neutral_inputs(takes: int) -> Inputs:
    """Masks that allow all, temperatures of 1 and numbers in the middle, for ``takes`` takes."""
    return {
        "floor": np.full(takes, -1, dtype=np.int64),
        "allowed": np.ones((takes, PITCHES), dtype=np.bool_),
        "onset_allowed": np.ones((takes, ONSET_CLASSES), dtype=np.bool_),
        "uniforms": np.full((takes, 4), 0.5, dtype=np.float32),
        "temperature": np.ones((takes, 1), dtype=np.float32),
        "time_temperature": np.ones((takes, 1), dtype=np.float32),
        "top_p": np.ones((1, 1), dtype=np.float32),
        "min_p": np.zeros((1, 1), dtype=np.float32),
        "is_silent": np.zeros((), dtype=np.bool_),
    }
