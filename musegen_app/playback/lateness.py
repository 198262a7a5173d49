"""How late events leave: the last some thousand, summed up on request."""

from __future__ import annotations

from collections import deque
from typing import Final

_KEPT: Final = 2048


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

    def summary_ms(self) -> tuple[float, float, float] | None:
        """Median, 99th percentile and maximum in milliseconds; None before the first event."""
        if self._is_new:
            self._is_new = False
            ordered = sorted(self._seconds)
            last = len(ordered) - 1
            self._summary = ordered[last // 2] * 1000, ordered[round(last * 0.99)] * 1000, ordered[-1] * 1000
        return self._summary
