"""When music repeats itself: its last notes are one period, exactly, several times over."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from musegen_app.encoding.context import BarGrid

_log = logging.getLogger(__name__)

REPEATS: Final = 4
"""A period must come that often to be a loop."""
LONGEST_PERIOD: Final = 128
LOOP_TEMPERATURE: Final = 1.2
"""Pitch temperature while a take is caught in a loop."""
_LEAST_BARS: Final = 3

Event = tuple[int, int, int]
"""Time since the onset before, pitch and length of a note."""


@dataclass(frozen=True, slots=True)
class Loop:
    """The loop at the end of some events: ``period`` in notes, and the ``time`` of its last four periods."""

    period: int
    time: int


def loop_of(events: Sequence[Event]) -> Loop | None:
    """The loop at the end of ``events``, or None: a period of up to 128 notes that comes four times.

    Of several periods (a loop of one bar is one of two bars as well), the one that has lasted longest counts.
    """
    found: Loop | None = None
    for period in range(1, min(LONGEST_PERIOD, len(events) // REPEATS) + 1):
        if events[-1] == events[-1 - period]:
            tail = events[-REPEATS * period :]
            time = REPEATS * sum(gap for gap, _, _ in tail[-period:])
            if tail[period:] == tail[:-period] and (found is None or time > found.time):
                found = Loop(period, time)
    return found


class LoopGuard:
    """Watches a take as it grows and tells when it is caught in a loop of at least three bars.

    ``bars_caught`` counts the bar lines since, 0 while it is free; the first note that breaks the loop frees it.
    """

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._last_step = 0
        self._bar: int | None = None
        self._period = 0
        self.bars_caught = 0

    @property
    def coming_pitch(self) -> int:
        """The pitch that would go on with the loop; only while caught."""
        return self._events[-self._period][1]

    def heard(self, bar: tuple[int, int], step: int, pitch: int, length: int) -> None:
        """Take in a note at ``step`` of ``bar`` (its number and length)."""
        number, bar_length = bar
        if number != self._bar:  # looked at once a bar: it costs as much as drawing a tenth of a note
            self._bar = number
            self._look(bar_length)
        event = (step - self._last_step, pitch, length)
        if self.bars_caught and event != self._events[-self._period]:
            self.bars_caught = 0
        self._events.append(event)
        self._last_step = step

    def _look(self, bar_length: int) -> None:
        loop = loop_of(self._events) if self._events else None
        if loop is not None and loop.time >= _LEAST_BARS * bar_length:
            self._period = loop.period
            self.bars_caught += 1
        else:
            self.bars_caught = 0
        del self._events[: -REPEATS * LONGEST_PERIOD]


class LoopWatch:
    """Looks after a take: warms it up while it is caught in a loop, and in the end makes it move. Says so in the log."""

    def __init__(self, take: int) -> None:
        self._take, self._guard = take, LoopGuard()

    def heard(self, bars: BarGrid, step: int, pitch: int, length: int) -> bool:
        """Take in a note at ``step``; whether the take is caught, or was until now."""
        before = self._guard.bars_caught
        self._guard.heard((int(bars.number[step]), int(bars.length[step])), step, pitch, length)
        if self._guard.bars_caught and not before:
            _log.info("Take %d repeats itself; its pitches are drawn more freely.", self._take + 1)
        return bool(before or self._guard.bars_caught)

    def temperature(self, asked: float) -> float:
        """The temperature of pitches, ``asked`` while the take is free."""
        return max(asked, LOOP_TEMPERATURE) if self._guard.bars_caught else asked

    def shunned(self, *, is_late: bool) -> int | None:
        """The pitch that must not come, since it would go on with a loop of more than a bar; ``is_late``: with any."""
        caught = self._guard.bars_caught
        return self._guard.coming_pitch if caught > 1 or (caught and is_late) else None
