"""When music repeats itself: its last notes are one period, exactly, several times over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

REPEATS: Final = 4
"""A period must come that often to be a loop."""
LONGEST_PERIOD: Final = 128
LOOP_TEMPERATURE: Final = 1.2
"""Pitch temperature while a take is caught in a loop."""
_LEAST_BARS: Final = 3

Event = tuple[int, int, int]
"""Time since the onset before, pitch and length of a note."""


def looping_time(events: Sequence[Event]) -> int:
    """How long the loop at the end of ``events`` has lasted, over its last four periods; 0 where there is none.

    A period of up to 128 notes that comes four times is a loop; of several, the one that lasts longest counts.
    """
    longest = 0
    for period in range(1, min(LONGEST_PERIOD, len(events) // REPEATS) + 1):
        if events[-1] == events[-1 - period]:
            tail = events[-REPEATS * period :]
            if tail[period:] == tail[:-period]:
                longest = max(longest, REPEATS * sum(gap for gap, _, _ in tail[-period:]))
    return longest


class LoopGuard:
    """Watches a take as it grows and tells when it is caught in a loop of at least three bars."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._last_step = 0
        self._bar: int | None = None
        self.caught = False

    def heard(self, bar: tuple[int, int], step: int, pitch: int, length: int) -> bool:
        """Take in a note at ``step`` of ``bar`` (its number and length). True when :attr:`caught` changed."""
        number, bar_length = bar
        changed = False
        if number != self._bar:  # looked at once a bar: it costs as much as drawing a tenth of a note
            self._bar = number
            is_caught = looping_time(self._events) >= _LEAST_BARS * bar_length
            changed, self.caught = is_caught != self.caught, is_caught
            del self._events[: -REPEATS * LONGEST_PERIOD]
        self._events.append((step - self._last_step, pitch, length))
        self._last_step = step
        return changed
