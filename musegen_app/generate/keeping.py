"""Takes that keep something of the notes that are there: their rhythm, or their pitches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import neg

import numpy as np

from musegen_app.encoding.note_events import LENGTHS, STEP_TICKS
from musegen_app.errors import InputError
from musegen_app.generate.constraints import PITCHES, Mask
from musegen_app.generate.field import Field
from musegen_app.generate.line import Line, Plan, Reach, Silent, Spot
from musegen_app.generate.outlet import Outlet, Struck
from musegen_app.generate.request import GenerateRequest
from musegen_app.generate.scene import Scene
from musegen_app.score import NoteTable


@dataclass(frozen=True)
class Beat:
    """A note whose time is kept: ``step`` to ``end``, ``ticks``, class of ``length``, pitches ``free`` throughout."""

    step: int
    end: int
    ticks: tuple[int, int]
    length: int
    velocity: int
    free: Mask


def kept_within(request: GenerateRequest) -> NoteTable:
    """The kept notes that begin within the span.

    Raises:
        InputError: there is none.
    """
    start, end = request.span
    kept = request.kept.take(request.kept.starting_in(start, end))
    if not kept:
        raise InputError(f"There are no notes here whose {request.keep} could be kept.")
    return kept


def beats_of(request: GenerateRequest, scene: Scene, field: Field) -> list[Beat]:
    """The rhythm of the kept notes, in order of time."""
    obstacles = scene.obstacles.merged(scene.right)
    beats = []
    for note in kept_within(request):
        step = min(max((note.start + STEP_TICKS // 2) // STEP_TICKS - scene.seed.origin, field.start), field.end - 1)
        free = field.free(step).copy()
        free[obstacles.pitch[obstacles.overlapping(note.start, note.end)]] = False
        length = int(LENGTHS.classes(max((note.length + STEP_TICKS // 2) // STEP_TICKS, 1)))
        end = max((note.end + STEP_TICKS // 2) // STEP_TICKS - scene.seed.origin, step + 1)
        beats.append(Beat(step, end, (note.start, note.end), length, note.velocity, free))
    return sorted(beats, key=lambda beat: beat.step)


class RhythmLine(Line):
    """A take with the onsets, lengths and velocities of ``beats``; as many notes a chord, their pitches ascending.

    A note for which no pitch is left (a narrow range under notes that stand) is left out.
    """

    is_free = False

    def __init__(self, plan: Plan, outlet: Outlet, beats: list[Beat]) -> None:
        super().__init__(plan, outlet)
        self._beats, self._next = beats, 0
        self._busy = np.zeros(PITCHES, dtype=np.int64)

    def reach(self, at: int, _pitch: int, *, adds: bool) -> Reach | None:
        """See :meth:`Line.reach`: the next note's own time."""
        following = self._next + adds
        if following >= len(self._beats):
            return None
        step = self._beats[following].step
        return Reach(at, step, step, chord=step == at)

    def place(self, reach: Reach, _onset: int, floor: int, silent: Silent) -> Spot | None:
        """See :meth:`Line.place`."""
        while self._next < len(self._beats):
            beat = self._beats[self._next]
            pitches = self._pitches_of(floor if beat.step == reach.at else -1)
            pitches &= silent(beat.step, beat.step + 1)[0]  # on the model's grid, which it cannot be told to leave
            if pitches.any():
                return Spot(beat.step, pitches)
            self._next += 1
        return None

    def _pitches_of(self, floor: int) -> Mask:
        """The pitches of the next note that leave one above for each that is still to come in its chord."""
        beat = self._beats[self._next]
        found = self._free(beat)
        found[: floor + 1] = False
        ceiling = PITCHES
        for other in reversed(self._rest_of_chord()):
            under = np.flatnonzero(self._free(other)[:ceiling])
            ceiling = int(under[-1]) if len(under) else ceiling
        found[ceiling:] = False
        return found

    def _free(self, beat: Beat) -> Mask:
        return beat.free & (self._busy <= beat.ticks[0])

    def _rest_of_chord(self) -> list[Beat]:
        step, rest = self._beats[self._next].step, self._next + 1
        while rest < len(self._beats) and self._beats[rest].step == step:
            rest += 1
        return self._beats[self._next + 1 : rest]

    def given(self) -> tuple[int, int, int]:
        """See :meth:`Line.given`."""
        beat = self._beats[self._next]
        return -1, beat.length, beat.velocity

    def strike(self, note: Struck) -> list[Struck]:
        """See :meth:`Line.strike`."""
        beat = self._beats[self._next]
        note.ticks, note.velocity = beat.ticks, beat.velocity
        note.end = beat.end
        self._busy[note.pitch] = beat.ticks[1]
        self._next += 1
        self.own += 1
        return self.outlet.strike(note)


class PitchLine(Line):
    """A take with these ``pitches``, in their order, all of them; the model chooses when, and for how long."""

    is_free = False

    def __init__(self, plan: Plan, outlet: Outlet, pitches: list[int], latest: list[int]) -> None:
        super().__init__(plan, outlet)
        self._pitches_kept, self._latest_of = pitches, latest
        self._busy = np.zeros(PITCHES, dtype=np.int64)

    def reach(self, at: int, pitch: int, *, adds: bool) -> Reach | None:
        """See :meth:`Line.reach`: in time for all that are still to come."""
        following = self.own + adds
        if following >= len(self._pitches_kept):
            return None
        free = super().reach(at, pitch, adds=adds)
        latest = self._latest_of[following]
        soonest = min(free.soonest, latest) if free else at
        return Reach(at, soonest, min(free.latest if free else latest, latest), chord=bool(free and free.chord))

    def may_join(self, at: int, pitch: int, *, adds: bool) -> bool:
        """See :meth:`Line.may_join`: in a chord pitches ascend."""
        return self._pitches_kept[self.own + adds] > pitch and super().may_join(at, pitch, adds=adds)

    def place(self, reach: Reach, onset: int, _floor: int, _silent: Silent) -> Spot | None:
        """See :meth:`Line.place`: no later than it must be."""
        if self.own >= len(self._pitches_kept):
            return None
        latest = self._latest_of[self.own]
        step = reach.step(onset, self.field)
        step = latest if step is None else step
        while step < latest and not self._is_free(step):
            step = self._next_place(step, latest)
        return Spot(min(step, latest), self.coming(step))

    def _next_place(self, step: int, latest: int) -> int:
        """The usual place after ``step`` where there is one before ``latest``, else any."""
        row = bisect_right(self._usual, -step - 1, key=neg) - 1
        if row >= 0 and self._usual[row] <= latest:
            return self._usual[row]
        return self.field.first_open(step + 1) or latest

    def _is_free(self, step: int) -> bool:
        pitch = self._pitches_kept[self.own]
        return bool(self.field.free(step)[pitch]) and self._busy[pitch] <= step

    def coming(self, _step: int) -> Mask:
        """See :meth:`Line.coming`."""
        found = np.zeros(PITCHES, dtype=np.bool_)
        found[self._pitches_kept[min(self.own, len(self._pitches_kept) - 1)]] = True
        return found

    def given(self) -> tuple[int, int, int]:
        """See :meth:`Line.given`."""
        return self._pitches_kept[self.own], -1, -1

    def strike(self, note: Struck) -> list[Struck]:
        """See :meth:`Line.strike`: it is over in time for the next of its pitch."""
        for row in range(self.own + 1, len(self._pitches_kept)):
            if self._pitches_kept[row] == note.pitch:
                note.end = min(note.end, self._latest_of[row])
                break
        cut = super().strike(note)
        self._busy[note.pitch] = note.end
        return cut


def latest_steps(pitches: list[int], field: Field, polyphony: int, usual: Sequence[int] = ()) -> list[int]:
    """For each of ``pitches`` the last step at which it may be struck so that all after it still find a place.

    Those are ``usual`` steps (ascending, open ones) where all find a place there, so that the last are no flurry.

    Raises:
        InputError: they do not all find one.
    """
    found = _latest_of(pitches, field, polyphony, usual) or _latest_of(pitches, field, polyphony, field.opens)
    if not found and pitches:
        raise InputError(f"Of the {len(pitches)} pitches that are kept not all find a place here.")
    return found


def _latest_of(pitches: list[int], field: Field, polyphony: int, steps: Sequence[int]) -> list[int]:
    """The same on these steps alone; nothing where not all find a place."""
    latest: list[int] = []
    number, room = len(steps), 0
    for row in range(len(pitches) - 1, -1, -1):
        pitch = pitches[row]
        joins = row + 1 < len(pitches) and pitch < pitches[row + 1] and room > 0 and bool(field.free(steps[number])[pitch])
        if not joins:
            number -= 1
            while number >= 0 and not field.free(steps[number])[pitch]:
                number -= 1
            if number < 0:
                return []
            room = polyphony - field.ringing[steps[number] - field.start] if polyphony else PITCHES
        room -= 1
        latest.append(steps[number])
    return latest[::-1]
