"""What a Boltzmann machine draws on: the states around and within the span, and which of them are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.columns import COLUMN_TICKS
from musegen_app.encoding.state_window import HIGHEST, LOWEST, NO_PLACE, PITCHES, REST, States, places, states_at
from musegen_app.errors import InputError
from musegen_app.generate.constraints import pitch_mask
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import DEFAULT_VELOCITY, NoteTable, pitch_name

Bits = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
_LONGEST_BEAT: Final = 6


@dataclass(frozen=True)
class Canvas:
    """The steps from ``origin`` on, with room for a window before and after the span of ``begin`` to ``end``.

    ``states`` uint8 (takes, steps, 78) is what is given or drawn so far; ``given`` bool (steps, 78) says where, and is set
    by who draws. ``no_hold`` bool (steps, 78) forbids to go on with what ends there. ``place`` int64 (steps,) tells the
    beats. ``allowed`` bool (78,) are the pitches that may be struck. All steps count from tick 0, rows from ``origin``.
    """

    origin: int
    begin: int
    end: int
    states: States
    given: Bits
    no_hold: Bits
    place: Ints
    allowed: Bits
    velocity: int

    @classmethod
    def of(cls, request: GenerateRequest, window: int) -> Canvas:
        """The canvas of ``request`` for windows of so many steps.

        Raises:
            InputError: the scale and the range leave no pitch that the model knows.
        """
        begin, end = span_steps(request)
        origin, limit = begin - window - _LONGEST_BEAT, end + window + _LONGEST_BEAT
        seed, after = _seed(request, begin), _after(request, end)
        before = states_at([seed], origin, limit)
        before[end - origin :] = REST
        given = np.zeros((limit - origin, PITCHES), dtype=np.bool_)
        if len(seed):
            given[max(int(seed.start[0]) // COLUMN_TICKS - origin, 0) : begin - origin] = True
        given[begin - origin :] = before[begin - origin :] != REST
        no_hold = np.zeros_like(given)
        no_hold[begin - origin :] = (before[begin - origin - 1 : -1] != REST) & ~given[begin - origin :]
        if len(after):
            following = states_at([after], end, limit)
            before[end - origin :] = following
            given[end - origin : -(-after.end_tick // COLUMN_TICKS) - origin] = True
        states = np.repeat(before[None], request.takes, axis=0)
        heard = np.concatenate([seed.velocity, after.velocity])
        return cls(
            origin,
            begin,
            end,
            states,
            given,
            no_hold,
            places(request.timeline, origin, limit),
            _allowed(request),
            int(np.median(heard)) if len(heard) else DEFAULT_VELOCITY,
        )

    @property
    def beats(self) -> list[int]:
        """The steps on which a beat begins."""
        return (np.flatnonzero(self.place != NO_PLACE) + self.origin).tolist()

    def rows(self, begin: int, end: int) -> slice:
        """The rows of steps ``begin`` to ``end``."""
        return slice(begin - self.origin, end - self.origin)


def span_steps(request: GenerateRequest) -> tuple[int, int]:
    """The whole steps within the span."""
    start_tick, end_tick = request.span
    begin = -(-start_tick // COLUMN_TICKS)
    return begin, max(end_tick // COLUMN_TICKS, begin)


def _seed(request: GenerateRequest, begin: int) -> NoteTable:
    """What is heard before the span; a note that would be rounded into it begins just before."""
    notes = request.notes
    rows = notes.start < request.span[0]
    start = np.minimum(notes.start[rows], max((begin - 1) * COLUMN_TICKS, 0))
    return NoteTable.from_columns(start, notes.end[rows] - start, notes.pitch[rows], notes.velocity[rows])


def _after(request: GenerateRequest, end: int) -> NoteTable:
    """What is heard after the gap, where the request has one."""
    if request.until_tick is None:
        return NoteTable.empty()
    notes = request.notes
    rows = notes.start >= request.until_tick
    start = np.maximum(notes.start[rows], end * COLUMN_TICKS)
    return NoteTable.from_columns(start, np.maximum(notes.end[rows] - start, 1), notes.pitch[rows], notes.velocity[rows])


def _allowed(request: GenerateRequest) -> Bits:
    mask = pitch_mask(request.key, request.pitch_range)[LOWEST : HIGHEST + 1]
    if not mask.any():
        raise InputError(f"This model plays from {pitch_name(LOWEST)} to {pitch_name(HIGHEST)}; widen the range.")
    return mask
