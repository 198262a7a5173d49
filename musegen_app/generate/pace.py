"""How many notes a bar: the model's own choice of the next onset, tilted toward sooner or later until the number is met.

Of all distributions with the asked mean, the tilted one is nearest to the model's (exponential tilting). One tilt serves a
stretch of notes, so that runs stay runs and rests stay rests; it is found anew at each note from what the last ones would
have been under every tilt. How likely a chord goes on is left nearly as it is, until onsets alone cannot meet the number.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import END, ONSETS, Ints

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_TOLERANCE: Final = 0.06
_BENDS: Final = np.linspace(-8.0, 8.0, 49)
_HOLDS: Final = np.linspace(0.5, 10.0, 20)
_TILTS: Final = np.concatenate([np.full(len(_HOLDS), -8.0), _BENDS, np.full(len(_HOLDS), 8.0)])
"""By what power of its time a later onset becomes less likely, from sparse to dense."""
_CHORDS: Final = np.concatenate([-1.0 - _HOLDS[::-1], _BENDS / 8, 1.0 + _HOLDS])
"""With each tilt, the nats by which a chord becomes likelier to go on."""
_STEPS: Final = np.append(ONSETS.high, ONSETS.longest * 2).astype(np.float64)
_NEUTRAL: Final = len(_HOLDS) + len(_BENDS) // 2
_ANY_NUMBER: Final = 1 << 40
_MEMORY: Final = 0.94
"""What a draw counts after the next one: the last sixteen or so say which tilt is needed."""
_LIKELY: Final = (1e-2, 0.3)
"""Of the likeliest choice that comes in time, what each must have that falls on a usual place, or on another: noise is not
to be heard, least of all off every grid."""
_LIKELY_LATE: Final = (1e-3, 0.05)
"""The same for a take that is far behind its number, or ahead of it."""
_TRIED: Final = 12
_SHORTEST, _LONGEST_SHORT = 3.0, 24.0
_QUARTER: Final = 24
_SIXTEENTH: Final = 6
_OFTEN: Final = 0.03
"""Of all onsets, how many must fall on a place of the quarter for it to be usual."""
_LEAST: Final = 1e-12


class Goal:
    """How many notes a span shall hold, from ``least`` to ``most``, and when: the same for all takes. Immutable.

    ``is_floor``: the model may write as many more as it likes, and is only kept from falling behind.
    """

    def __init__(
        self, notes: float, least: int, most: int, bar_lengths: Ints, usual: Bools | None = None, *, is_floor: bool = False
    ) -> None:
        """For each step of the span the length of its bar, in steps, and whether it is a ``usual`` place (None: all are)."""
        self.notes, self.least, self.most, self.is_floor = notes, least, most, is_floor
        self._bars: Floats = np.concatenate([[0.0], np.cumsum(1.0 / bar_lengths)])
        self._a_bar = notes / float(self._bars[-1])
        self.usual: Bools = np.ones(len(bar_lengths), dtype=np.bool_) if usual is None else usual
        self._usual_before = np.maximum.accumulate(np.where(self.usual, np.arange(len(self.usual)), 0))

    @classmethod
    def of_bars(cls, density: float, bar_lengths: Ints, usual: Bools | None = None) -> Goal:
        """``density`` notes a bar, within 6 % or to the nearest whole number."""
        notes = density * float((1.0 / bar_lengths).sum())
        least, most = ceil(notes * (1 - _TOLERANCE) - 1e-9), floor(notes * (1 + _TOLERANCE) + 1e-9)
        if least > most:
            least = most = max(round(notes), 1)
        return cls(notes, max(least, 1), most, bar_lengths, usual)

    @classmethod
    def at_least(cls, density: float, bar_lengths: Ints, usual: Bools | None = None) -> Goal:
        """About ``density`` notes a bar or more, and at least one."""
        return cls(density * float((1.0 / bar_lengths).sum()), 1, _ANY_NUMBER, bar_lengths, usual, is_floor=True)

    @property
    def slack(self) -> float:
        """How many notes it may fall behind: half a bar's."""
        return self._a_bar / 2

    def soonest(self, count: int) -> int:
        """The step of the span, from 0, before which note ``count`` (from 0) is too early: a bar's notes ahead of time.

        It is a usual place, since those that must wait fall on it.
        """
        if self.is_floor:
            return 0
        ahead = count - max(self._a_bar - 1, 1.0)
        step = int(np.searchsorted(self._bars, ahead / self._a_bar, side="left")) if ahead > 0 else 0
        return int(self._usual_before[min(step, len(self._bars) - 2)])


class Pace:
    """The pace of one take."""

    def __init__(self, goal: Goal, steps: int) -> None:
        """A span of ``steps`` steps."""
        self.goal, self._steps = goal, steps
        self._drawn = 0
        self._struck = np.zeros(len(_TILTS))
        self._passed = np.zeros(len(_TILTS))
        short = min(max(steps / goal.notes / 2, _SHORTEST), _LONGEST_SHORT)  # what is shorter yet is not preferred to it
        self._weights = np.exp(-_TILTS[:, None] * np.log(np.maximum(_STEPS[1:], short) / short))

    def draw(self, probs: Floats, uniform: float, place: tuple[int, int], wait: int) -> int:
        """The class of the next onset.

        Args:
            probs: float64 (onset classes,), what the model holds likely, 0 for what is not allowed; not all 0.
            uniform: a number in (0, 1).
            place: steps of the span that have passed, negative before it, and notes struck.
            wait: steps until something else is known to be struck; 0 says nothing of the pace.
        """
        near = wait > _STEPS
        passed, count = max(place[0], 0), place[1]
        is_off = abs(self.goal.notes * passed / self._steps - count) > 2 * self.goal.slack
        tilted = self._tilted(probs, near, self._usual_from(place[0]), _LIKELY_LATE if is_off else _LIKELY)
        if wait or not self._passed.any():
            self._struck = _MEMORY * self._struck + tilted @ near
            self._passed = _MEMORY * self._passed + tilted @ np.minimum(_STEPS, wait)
        least = self.goal.notes / self._steps / 4
        rate = max((self.goal.notes - count) / max(self._steps - passed, 1), least)
        surplus = self._struck - rate * self._passed  # grows with the tilt
        spare = len(_HOLDS) if self._drawn < _TRIED else 0  # chords are bent when onsets have been seen not to be enough
        row = int(np.searchsorted(np.maximum.accumulate(surplus), 0.0))
        lowest = _NEUTRAL if self.goal.is_floor else spare
        self._drawn += 1
        return drawn_from(tilted[min(max(row, lowest), len(_TILTS) - 1 - spare)], uniform)

    def _usual_from(self, at: int) -> Bools:
        """Whether each time from step ``at`` of the span on leads to a usual place, or beyond the span: bool (classes,)."""
        places = at + _STEPS.astype(np.int64)
        found: Bools = self.goal.usual[np.clip(places, 0, self._steps - 1)] | (places >= self._steps)
        return found

    def _tilted(self, probs: Floats, near: Bools, usual: Bools, likely: tuple[float, float]) -> Floats:
        """The distribution under every tilt, (tilts, onset classes); of what is not ``near`` more is taken for noise."""
        later = probs[1:]
        best = np.where(near[1:] & usual[1:], np.max(later, where=near[1:], initial=0.0), later.max())
        least = best * np.where(usual[1:], *likely)
        tilted = self._weights * np.where(later >= least, later, 0.0)
        weight = tilted.sum(axis=1)
        odds = np.exp(_CHORDS) * probs[0]
        rest = later.sum()
        chord = odds / (odds + rest)
        scale = np.divide(1.0 - chord, weight, out=np.zeros_like(weight), where=weight > 0)
        return np.concatenate([chord[:, None], tilted * scale[:, None]], axis=1)


def usual_places(heard: Ints, within: Ints) -> Bools:
    """Which steps, ``within`` their bars, are places where onsets usually fall: bool (steps,).

    Those are the sixteenths, and what places of the quarter were often ``heard``, within their bars as well.
    """
    phases = np.bincount(heard % _QUARTER, minlength=_QUARTER)
    is_usual = (phases > _OFTEN * len(heard)) | (np.arange(_QUARTER) % _SIXTEENTH == 0)
    found: Bools = is_usual[within % _QUARTER]
    return found


def probabilities(log_probs: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_], temperature: float) -> Floats:
    """Of the classes that are ``allowed`` (not none), after ``temperature``: float64 (onset classes,).

    A later onset that is not allowed waits for the next one that is; where there is none, those before it take its share.
    Else a chord would go on for as long as the model wants nothing but what it may not have.
    """
    logits = log_probs.astype(np.float64) / temperature
    probs: Floats = np.exp(logits - logits.max())
    later = np.flatnonzero(allowed[1:]) + 1
    total, found = probs.cumsum(), np.zeros_like(probs)
    if len(later):
        shares = np.diff(total[later], prepend=total[0])
        shares = shares if shares.any() else np.ones(len(later))
        found[later] = shares * (max(total[-1] - total[0], _LEAST) / shares.sum())
    found[0] = probs[0] if allowed[0] else 0.0
    return found


def drawn_from(probs: Floats, uniform: float) -> int:
    """The class that a number in (0, 1) draws."""
    total = probs.cumsum()
    return int(min(np.searchsorted(total, uniform * total[-1], side="right"), END))
