"""How late events leave: the last some thousand, summed up on request."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

_KEPT: Final = 2048


def summary_ms(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Median, 99th percentile and maximum in milliseconds of at least one value."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return ordered[last // 2] * 1000, ordered[round(last * 0.99)] * 1000, ordered[-1] * 1000


class Lateness:
    """Seconds between an event's deadline and its sending."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=_KEPT)
        self._summary: tuple[float, float, float] | None = None
        self._is_new = False

    def add(self, seconds: float) -> None:
        """One event left this late."""
        self._seconds.append(seconds)
        self._is_new = True

    def begin(self) -> None:
        """Forget what was."""
        self._seconds.clear()
        self._summary, self._is_new = None, False

    def keep(self, count: int) -> None:
        """Begin anew, and keep so many for :meth:`all_s`."""
        self._seconds = deque(maxlen=max(count, _KEPT))

    def all_s(self) -> tuple[float, ...]:
        """All that are kept, the oldest first."""
        return tuple(self._seconds)

    def summary_ms(self) -> tuple[float, float, float] | None:
        """Median, 99th percentile and maximum of the last some thousand in milliseconds; None before the first event."""
        if self._is_new and self._seconds:
            self._is_new = False
            self._summary = summary_ms(tuple(islice(reversed(self._seconds), _KEPT)))
        return self._summary
