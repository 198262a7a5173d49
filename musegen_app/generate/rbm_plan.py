"""Which windows a Boltzmann machine draws in which order: sliding onwards, or into a gap from both its ends. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """Draw the window that begins at step ``window`` and keep its steps ``begin`` to ``end``."""

    window: int
    begin: int
    end: int


@dataclass(frozen=True)
class Sliding:
    """Windows of ``steps`` that begin on ``beats`` (ascending steps), each bringing at least ``stride`` new steps.

    ``beats`` reach from a window before the first step that is drawn to a window after the last one.
    """

    beats: Sequence[int]
    steps: int
    stride: int

    def onwards(self, begin: int, end: int) -> list[Stretch]:
        """From ``begin`` to ``end``, each window hearing as much of what came before as it can."""
        found = []
        while begin < end:
            stretch = self._after(begin, end)
            found.append(stretch)
            begin = stretch.end
        return found

    def inwards(self, begin: int, end: int) -> list[Stretch]:
        """From both ends by turns, and at last what is left in the middle, in the midst of a window."""
        found = []
        while end - begin > self.steps // 2:
            found.append(self._after(begin, end))
            begin = found[-1].end
            if end - begin > self.steps // 2:
                found.append(self._before(begin, end))
                end = found[-1].begin
        if begin < end:
            found.append(Stretch(self._around(begin, end), begin, end))
        return found

    def _after(self, begin: int, end: int) -> Stretch:
        first = self._beat_from(begin + self.stride - self.steps)
        return Stretch(first, begin, min(first + self.steps, end))

    def _before(self, begin: int, end: int) -> Stretch:
        first = max(self._beat_to(end - self.stride), self._beat_from(end - self.steps))
        return Stretch(first, max(first, begin), end)

    def _around(self, begin: int, end: int) -> int:
        wanted = begin - (self.steps - (end - begin)) // 2
        first = self._beat_to(wanted)
        return first if first + self.steps >= end else self._beat_from(wanted)

    def _beat_from(self, step: int) -> int:
        """The first beat at or after ``step``."""
        return self.beats[min(bisect_left(self.beats, step), len(self.beats) - 1)]

    def _beat_to(self, step: int) -> int:
        """The last beat at or before ``step``."""
        return self.beats[max(bisect_right(self.beats, step) - 1, 0)]
