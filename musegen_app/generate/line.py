"""One take on its way through the span: where its next note may fall, which pitches it may have, and when it is over."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from operator import neg
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import END, LENGTHS, ONSETS, Ints
from musegen_app.generate.constraints import PITCHES, Mask
from musegen_app.generate.field import Field
from musegen_app.generate.outlet import Outlet, Struck
from musegen_app.generate.pace import Goal, Pace

_FOREVER: Final = 1 << 40
_QUICKEST: Final = 3  # steps: a voice that is asked to be one runs in 32nds at most
_UNBOUNDED: Final[Ints] = np.append(ONSETS.high[:-1], _FOREVER)
_CROWD: Final = 4
"""Notes that are put on one step where nothing limits them, when a number must still be reached."""
_EASY_CROWD: Final = 2
_HEADROOM: Final = 1.5
"""By what a step may have more notes than all steps must have on average."""

Silent = Callable[[int, int], npt.NDArray[np.bool_]]
"""Asked for two steps: the pitches that are silent in the take from the first to before the second, (steps, 128)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What all takes of a request share.

    ``goal`` is how many notes it shall be, if that was asked; ``last_bar`` the step from which on a take may be over;
    ``patience`` the longest wait for the first note, in steps; ``may_close``: the model may say that the piece ends.
    ``crowd``: how many notes may be struck at once, 0 for any number; ``top``: the pitch above which no chord is piled up
    for the sake of a number. ``rests`` are the steps of the last bar at which a phrase that closes comes to rest, none
    where it need not.
    """

    field: Field
    goal: Goal | None
    last_bar: int
    patience: int
    polyphony: int
    may_close: bool
    crowd: int = 0
    top: int = PITCHES
    rests: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the next own onset may fall after an event at ``at``: from ``soonest`` to ``latest``, at ``at`` in a ``chord``.

    ``may_end``: or nowhere, the take being over; ``may_close``: the model may say so. ``must_join``: at ``at``, or the notes
    that are missing find no place.
    """

    at: int
    soonest: int
    latest: int
    chord: bool
    may_end: bool = False
    may_close: bool = False
    must_join: bool = False

    def allowed(self, field: Field) -> npt.NDArray[np.bool_]:
        """Onset classes that lead there, bool (onset classes,): at least END."""
        found = np.zeros(END + 1, dtype=np.bool_)
        low, high = self.at + ONSETS.low, self.at + _UNBOUNDED
        found[:END] = field.any_open(np.maximum(low, self.soonest), np.minimum(high, self.latest))
        found[0] &= self.chord
        if self.may_end:
            found[:END] |= high >= field.end
        found[END] = self.may_close or not found.any()
        return found

    def step(self, onset: int, field: Field) -> int | None:
        """The step that an allowed class leads to, or None where the take is over."""
        if onset == END or (self.may_end and self.at + int(_UNBOUNDED[onset]) >= field.end):
            return None
        soonest = max(self.soonest, self.at if self.chord else self.at + 1)
        step = field.last_open(min(max(self.at + int(ONSETS.high[onset]), soonest), self.latest))
        return step if step is not None and step >= soonest else field.first_open(soonest)


class Spot(NamedTuple):
    """Where a note is to be drawn, and the pitches that it may have: bool (128,), not none."""

    step: int
    pitches: Mask


class Line:
    """A take whose notes are free: the model chooses their times, pitches and lengths within the field.

    ``own`` counts its notes. ``is_free`` says that a note known at the same step may be preferred to one of its own.
    """

    is_free = True

    def __init__(self, plan: Plan, outlet: Outlet) -> None:
        self.plan, self.outlet, self.own = plan, outlet, 0
        self.field = plan.field
        self._last_own, self._crowd = -1, 0
        self._slots, self._usual = _slots(plan)
        self.pace = Pace(plan.goal, self.field.end - self.field.start) if plan.goal else None

    # --- when ---------------------------------------------------------------------------------------------------------

    def reach(self, at: int, pitch: int, *, adds: bool) -> Reach | None:
        """Where the next note may fall after an event at ``at`` of ``pitch``, an own one where it ``adds`` to the take.

        None: no other own note is to come.
        """
        field, goal, own = self.field, self.plan.goal, self.own + adds
        if goal and own >= goal.most:
            return None
        soonest = field.start + (goal.soonest(own) if goal else 0)
        missing = goal.least - own if goal else 0
        chord = self.may_join(at, pitch, adds=adds) and soonest <= at
        if own and missing <= 0 and at >= self.plan.last_bar:
            return self._near_end(at, max(soonest, at), chord=chord, adds=adds)
        if adds and self.plan.polyphony and not chord:
            # Whoever cannot strike the rest of a chord would else strum it, a step a note.
            soonest = max(soonest, min(at + _QUICKEST, field.end - 1))
        latest = self._latest(missing)
        if own == 0:
            waited = (field.first_open(soonest) or soonest) + self.plan.patience
            latest = min(latest, waited) if at < waited + (self.plan.patience == 0) else latest
        is_due = own == 0 and chord and latest <= at
        following = field.first_open(at if is_due else max(at + 1, soonest))
        if following is None:
            following = at
        return Reach(at, max(soonest, at), max(latest, following), chord, must_join=chord and latest < following)

    def _near_end(self, at: int, soonest: int, *, chord: bool, adds: bool) -> Reach:
        """Where the next note may fall in the last bar: nothing need follow, but where a phrase closes it comes to rest.

        It rests on a note of its own, whatever other tracks strike.
        """
        end, rests = self.field.end - 1, self.plan.rests
        if not rests:
            return Reach(at, soonest, end, chord, may_end=True, may_close=self.plan.may_close)
        own = at if adds else self._last_own
        is_at_rest = own in rests or at > max(rests) or own >= max(rests)
        return Reach(at, soonest, max(at, *rests), chord, may_end=is_at_rest, may_close=is_at_rest)

    def _latest(self, missing: int) -> int:
        """The last open step, or the last from which on ``missing`` notes still find a place."""
        needed = max(-(-missing // (self.plan.polyphony or _CROWD)), 1)
        return self._slots[min(needed, len(self._slots)) - 1]

    def may_join(self, at: int, _pitch: int, *, adds: bool) -> bool:
        """Whether a further own note may be struck at ``at``, where one of ``_pitch`` was."""
        here = (self._crowd if at == self._last_own else 0) + adds
        is_crowded = 0 < self.plan.crowd <= here and here >= self._most_at_once(at, self.own + adds - here)
        return at >= self.field.start and not is_crowded and self.outlet.has_room(at, int(adds))

    def is_at_ease(self, at: int) -> bool:
        """Whether from ``at`` on chords need not grow thicker than what was heard for the sake of a number."""
        return self._most_at_once(at, self.own) <= self.plan.crowd

    def _most_at_once(self, at: int, own: int) -> int:
        """How many notes a step may have from ``at`` on, before which ``own`` were struck: more where the number asks it."""
        if self.plan.goal is None:
            return self.plan.crowd
        left = max(bisect_right(self._usual, -at, key=neg), 1)
        return max(self.plan.crowd, 1 + ceil(_HEADROOM * (self.plan.goal.least - own) / left))

    def place(self, reach: Reach, onset: int, floor: int, silent: Silent) -> Spot | None:
        """Where the drawn class ``onset`` leads to, None where the take is over; ``floor`` counts at ``reach.at`` alone."""
        field, step = self.field, reach.step(onset, self.field)
        if step is None:
            return None
        pitches = self._pitches(reach, step, floor, silent(step, step + 1)[0])
        if pitches.any():
            return Spot(step, pitches)
        later = max(step, reach.at + 1)
        found = field.first_playable(later, silent(later, field.end)) if later < field.end else None
        return None if found is None else Spot(found, self._pitches(reach, found, floor, silent(found, found + 1)[0]))

    def _pitches(self, reach: Reach, step: int, floor: int, silent: Mask) -> Mask:
        found: Mask = self.field.free(step) & silent
        if step == reach.at:
            found[: floor + 1] = False
        return found

    # --- what ---------------------------------------------------------------------------------------------------------

    def coming(self, step: int) -> Mask:
        """The pitches that a further note at a step may have, to be told beforehand: bool (128,)."""
        return self.field.free(step) if step >= self.field.start else np.zeros(PITCHES, dtype=np.bool_)

    def may_yield(self, step: int) -> bool:
        """Whether a known note at ``step`` may be preferred to one of its own: not where it is far behind its number.

        Under a lone tune a model takes all for tune, and would leave every moment to it.
        """
        goal, field = self.plan.goal, self.field
        if not self.is_free or goal is None:
            return self.is_free
        share = (step - field.start) / max(field.end - field.start, 1)
        return self.own >= goal.notes * share - goal.slack

    def given(self) -> tuple[int, int, int]:
        """Pitch, class of the length and velocity of the next note where they are not drawn, else −1."""
        return -1, -1, -1

    def strike(self, note: Struck) -> list[Struck]:
        """Take in the note that was drawn, shortened where it must be; returns earlier ones that were cut short by it."""
        note.end = min(note.end, self.field.free_until(note.step, note.pitch))
        self.own += 1
        self._crowd = self._crowd + 1 if note.step == self._last_own else 1
        self._last_own = note.step
        return self.outlet.strike(note)


def usual_opens(plan: Plan) -> list[int]:
    """The open steps that are usual places, where notes are counted."""
    goal, field = plan.goal, plan.field
    return [step for step in field.opens if goal.usual[step - field.start]] if goal else []


def _slots(plan: Plan) -> tuple[list[int], list[int]]:
    """Steps, from the last on, on which as many notes as are asked for find a place; and those that are usual places.

    They are the same where these are enough.
    """
    field, goal = plan.field, plan.goal
    if goal is None:
        return field.opens[-1:], []
    usual = _apart(usual_opens(plan), _QUICKEST)
    if len(usual) * min(plan.polyphony or _EASY_CROWD, _EASY_CROWD) >= goal.least:
        return usual, usual
    return _apart(field.opens, _QUICKEST if plan.polyphony else 1), usual


def _apart(steps: Sequence[int], least: int) -> list[int]:
    """Ascending steps from the last on, at least so many steps apart."""
    found: list[int] = []
    for step in reversed(steps):
        if not found or found[-1] - step >= least:
            found.append(step)
    return found


def steps_of(length: int) -> int:
    """Steps of a class of lengths."""
    return int(LENGTHS.high[length])
