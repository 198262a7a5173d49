"""How many notes a bar: the model's own choice of the next onset, tilted toward sooner or later until the number is met.

Of all distributions with the asked mean, the tilted one is nearest to the model's (exponential tilting). One tilt serves a
stretch of notes, so that chords stay chords and rests stay rests; it is found anew at each note from what the last ones
would have been under every tilt.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import END, ONSETS, Ints

Floats = npt.NDArray[np.float64]

_TOLERANCE: Final = 0.06
_TILTS: Final = np.linspace(-6.0, 6.0, 49)
_STEPS: Final = np.append(ONSETS.high, ONSETS.longest * 2).astype(np.float64)
_MEMORY: Final = 0.94
"""What a draw counts after the next one: the last sixteen or so say which tilt is needed."""
_LIKELY: Final = np.where((_STEPS % 3 == 0) | (_STEPS % 4 == 0), 1e-3, 2e-2)
"""Of the likeliest choice that comes in time, what each must have: noise is not to be heard, least of all off every grid."""
_SHORTEST, _LONGEST_SHORT = 3.0, 24.0


class Goal:
    """How many notes a span shall hold, from ``least`` to ``most``, and when: the same for all takes. Immutable."""

    def __init__(self, notes: float, least: int, most: int, bar_lengths: Ints) -> None:
        """``bar_lengths`` are, for each step of the span, the length of its bar in steps."""
        self.notes, self.least, self.most = notes, least, most
        self._bars: Floats = np.concatenate([[0.0], np.cumsum(1.0 / bar_lengths)])
        self._a_bar = notes / float(self._bars[-1])

    @classmethod
    def of_bars(cls, density: float, bar_lengths: Ints) -> Goal:
        """``density`` notes a bar, within 6 % or to the nearest whole number."""
        notes = density * float((1.0 / bar_lengths).sum())
        least, most = ceil(notes * (1 - _TOLERANCE) - 1e-9), floor(notes * (1 + _TOLERANCE) + 1e-9)
        if least > most:
            least = most = max(round(notes), 1)
        return cls(notes, max(least, 1), most, bar_lengths)

    def soonest(self, count: int) -> int:
        """The step of the span, from 0, before which note ``count`` (from 0) is too early: a bar's notes ahead of time."""
        ahead = count - max(self._a_bar - 1, 1.0)
        return int(np.searchsorted(self._bars, ahead / self._a_bar, side="left")) if ahead > 0 else 0


class Pace:
    """The pace of one take."""

    def __init__(self, goal: Goal, steps: int) -> None:
        """A span of ``steps`` steps."""
        self.goal, self._steps = goal, steps
        self._struck = np.zeros(len(_TILTS))
        self._passed = np.zeros(len(_TILTS))
        # What is shorter than half the mean, a chord too, is not preferred to it, or every tune would become chords.
        short = min(max(steps / goal.notes / 2, _SHORTEST), _LONGEST_SHORT)
        self._weights = np.exp(-_TILTS[:, None] * np.log(np.maximum(_STEPS, short) / short))

    def draw(self, probs: Floats, uniform: float, place: tuple[int, int], wait: int) -> int:
        """The class of the next onset.

        Args:
            probs: float64 (onset classes,), what the model holds likely, 0 for what is not allowed; not all 0.
            uniform: a number in (0, 1).
            place: steps of the span that have passed, and notes struck.
            wait: steps until something else is known to be struck; 0 says nothing of the pace.
        """
        near = wait > _STEPS
        best = np.where(near, np.max(probs, where=near, initial=0.0), probs.max())
        probs = np.where(probs >= best * _LIKELY, probs, 0.0)
        passed, count = place
        tilted = self._weights * probs
        tilted /= tilted.sum(axis=1, keepdims=True)
        if wait or not self._passed.any():
            self._struck = _MEMORY * self._struck + tilted @ near
            self._passed = _MEMORY * self._passed + tilted @ np.minimum(_STEPS, wait)
        least = self.goal.notes / self._steps / 4
        rate = max((self.goal.notes - count) / max(self._steps - passed, 1), least)
        surplus = self._struck - rate * self._passed  # grows with the tilt
        row = int(np.searchsorted(np.maximum.accumulate(surplus), 0.0))
        total = tilted[min(row, len(_TILTS) - 1)].cumsum()
        return int(min(np.searchsorted(total, uniform * total[-1], side="right"), END))


def probabilities(log_probs: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_], temperature: float) -> Floats:
    """Of the classes that are ``allowed`` (not none), after ``temperature``: float64 (onset classes,)."""
    logits = np.where(allowed, log_probs.astype(np.float64) / temperature, -np.inf)
    probs: Floats = np.exp(logits - logits.max())
    return probs
