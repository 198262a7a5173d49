"""Chance: streams of uniform numbers that a seed number replays on any machine, and a guard against loops."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_BLOCK: Final = 256
_LEAST: Final = np.float32(1e-7)
_LONGEST_PERIOD: Final = 4
_REPEATS: Final = 3
LOOP_TEMPERATURE: Final = 1.2
"""Pitch temperature while a take is caught in a loop."""

Bar = tuple[tuple[int, int, int], ...]
"""Notes of a bar: steps after its line, pitch, length."""


class Uniforms:
    """Four uniform numbers a note for each take. A take's stream depends on the seed number and its own number alone."""

    def __init__(self, seed_number: int, takes: int) -> None:
        self._streams = [
            np.random.Generator(np.random.PCG64([abs(seed_number), int(seed_number < 0), k])) for k in range(takes)
        ]
        self._block = np.empty((_BLOCK, takes, 4), dtype=np.float32)
        self._row = _BLOCK

    def next(self) -> npt.NDArray[np.float32]:
        """The next numbers: float32 (takes, 4), above 0 and below 1."""
        if self._row == _BLOCK:
            for take, stream in enumerate(self._streams):
                self._block[:, take] = stream.random((_BLOCK, 4), dtype=np.float32)
            np.maximum(self._block, _LEAST, out=self._block)
            self._row = 0
        self._row += 1
        numbers: npt.NDArray[np.float32] = self._block[self._row - 1]
        return numbers

    def only(self, takes: list[int]) -> None:
        """Go on with these takes alone."""
        self._streams = [self._streams[take] for take in takes]
        self._block = np.ascontiguousarray(self._block[:, takes])


class LoopGuard:
    """Tells when a take repeats itself: its last bars are one period of up to four bars, exactly, three times over."""

    def __init__(self) -> None:
        self._bars: list[Bar] = []
        self._bar: list[tuple[int, int, int]] = []
        self._number: int | None = None
        self.caught = False

    def heard(self, bar: tuple[int, int], step: int, pitch: int, length: int) -> bool:
        """Take in a note at ``step`` of ``bar`` (its number and first step). True when :attr:`caught` changed."""
        number, line = bar
        changed = False
        if number != self._number:
            changed = self._begin(number)
        self._bar.append((step - line, pitch, length))
        return changed

    def _begin(self, number: int) -> bool:
        if self._number is not None:
            self._bars.append(tuple(self._bar))
            self._bars += [()] * (number - self._number - 1)
            del self._bars[: -_LONGEST_PERIOD * _REPEATS]
        self._bar, self._number = [], number
        was_caught = self.caught
        self.caught = any(self._repeats(period) for period in range(1, _LONGEST_PERIOD + 1))
        return self.caught != was_caught

    def _repeats(self, period: int) -> bool:
        tail = self._bars[-period * _REPEATS :]
        if len(tail) < period * _REPEATS or not any(tail):
            return False
        return all(a == b for a, b in zip(tail, tail[period:], strict=False))
