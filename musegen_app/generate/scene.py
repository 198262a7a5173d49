"""What surrounds the notes to be drawn: what was heard before them, and what is known to come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from musegen_app.encoding.anticipation import Anticipation
from musegen_app.encoding.note_events import GRID, ONSETS, STEP_TICKS, GridNotes, on_grid
from musegen_app.errors import InputError
from musegen_app.generate.dynamics import Dynamics
from musegen_app.generate.memory import HEARD_NOTES, MEMORY_NOTES
from musegen_app.generate.priming import Seed
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import EMPTY, NoteTable, Timeline

_NEAR_BARS: Final = 8
_FAR: Final = (ONSETS.longest + 4 * GRID * 8) * STEP_TICKS
"""How far beyond the span something may be seen coming: the longest time between onsets, and some bars."""


@dataclass(frozen=True)
class Scene:
    """The seed, what stands in and after the span, and whose velocities are gone on with.

    ``seed`` holds the notes before the span, those of other tracks among them. ``known`` are the notes that are known to
    come, on the grid of the seed: what stands and, of a fill, its right side. ``obstacles`` are in ticks: no generated note
    may sound a pitch while one of them does. ``own`` are the track's own notes around the span, ``right`` those after it.
    ``anticipation`` shows what was known from the beginning: in the left side of a gap its other notes, too. ``stands``:
    other tracks play in the span; ``notes_a_bar``: how busy the track itself is around it; ``timeline`` is the request's.
    """

    seed: Seed
    known: GridNotes
    obstacles: NoteTable
    own: NoteTable
    right: NoteTable
    anticipation: Anticipation
    stands: bool
    notes_a_bar: float
    timeline: Timeline

    @classmethod
    def of(cls, request: GenerateRequest) -> Scene:
        """The scene of ``request``.

        Raises:
            InputError: the gap is shorter than a step of the grid.
        """
        start, end = request.span
        before, stood = _lately(request.notes, start), _lately(request.standing, start)
        after = request.notes.take(request.notes.starting_in(end, end + _FAR)) if request.until_tick is not None else EMPTY
        coming = request.standing.take(request.standing.starting_in(start, end + _FAR))
        seed = _seed(request, [before, stood])
        known = _from(on_grid([coming, after]).moved(-seed.origin), seed.start)
        sure = [stood, coming, after, EMPTY if request.standing else before] if len(known) else []
        ahead = on_grid(sure).moved(-seed.origin)
        stands = bool(len(coming)) and int(coming.start[0]) < end
        busy = _notes_a_bar(before, after, request)
        anticipation = Anticipation(ahead.rows(ahead.onset >= 0))
        obstacles, own = before.merged(stood).merged(coming), before.merged(after)
        return cls(seed, known, obstacles, own, after, anticipation, stands, busy, request.timeline)

    @cached_property
    def has_velocity(self) -> bool:
        """Whether the track's own velocities are played, so that the model shall go on with them."""
        return on_grid([self.own]).has_velocity if self.own else self.seed.has_velocity

    @cached_property
    def dynamics(self) -> Dynamics:
        """How loud the track's own notes are, before the span if there are any, else what stands."""
        before = self.own.take(self.own.start < (self.seed.origin + self.seed.start) * STEP_TICKS)
        heard = before or self.own or self.obstacles
        return Dynamics(self.timeline, heard.start, heard.velocity)


def _notes_a_bar(before: NoteTable, after: NoteTable, request: GenerateRequest) -> float:
    """Notes a bar of the eight bars on either side, where there are any, as the mean of the sides."""
    start, end = request.span
    timeline = request.timeline
    first = timeline.bar_start(max(timeline.bar_at(start) - _NEAR_BARS, 0))
    last = timeline.bar_start(timeline.bar_at(end) + _NEAR_BARS)
    sides = [(before, first, start), (after, end, last)]
    counts = [
        len(notes.start[notes.starting_in(*side)]) / max(timeline.bar_at(side[1] - 1) - timeline.bar_at(side[0]) + 1, 1)
        for notes, *side in sides
        if len(notes.start[notes.starting_in(*side)])
    ]
    return sum(counts) / len(counts) if counts else 0.0


def _lately(notes: NoteTable, tick: int) -> NoteTable:
    """Of the notes before ``tick`` those that can matter: as many as are heard and remembered, and what still sounds."""
    last = int(np.searchsorted(notes.start, tick))
    rows = np.arange(max(last - HEARD_NOTES - MEMORY_NOTES, 0), last)
    sounding = notes.overlapping(tick, tick + 1)
    return notes.take(np.union1d(rows, sounding[sounding < last]))


def _from(notes: GridNotes, start: int) -> GridNotes:
    """``notes``, sorted, none before step ``start``: what rounds to the step before it belongs to the span."""
    onset = np.maximum(notes.onset, start)
    order = np.lexsort((notes.pitch, onset))
    return GridNotes(onset, notes.pitch, notes.length, notes.velocity).rows(order)


def _seed(request: GenerateRequest, before: list[NoteTable]) -> Seed:
    start_tick, end_tick = request.span
    if end_tick // STEP_TICKS <= -(-start_tick // STEP_TICKS):
        raise InputError("The gap is too short to hold a note.")
    return Seed.before(request, before)
