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


class Uniforms:
    """Four uniform numbers a note for each take. A take's stream depends on the seed number and its own number alone."""

    def __init__(self, seed_number: int, takes: int) -> None:
        self._streams = [np.random.Generator(np.random.PCG64([abs(seed_number), int(seed_number < 0), k])) for k in range(takes)]
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
        return self._block[self._row - 1]

    def only(self, takes: npt.NDArray[np.int64]) -> None:
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

    def heard(self, bar: int, place: int, pitch: int, length: int) -> bool:
        """Take in a note of bar number ``bar``, ``place`` steps after its line. True when this bar is the first of a loop."""
        begins = self._number is not None and bar != self._number
        was_caught = self.caught
        if begins:
            self._bars.append(tuple(self._bar))
            self._bars += [()] * (bar - (self._number or 0) - 1)
            del self._bars[: -_LONGEST_PERIOD * _REPEATS]
            self._bar = []
            self.caught = any(self._repeats(period) for period in range(1, _LONGEST_PERIOD + 1))
        self._number = bar
        self._bar.append((place, pitch, length))
        return self.caught and not was_caught

    def _repeats(self, period: int) -> bool:
        tail = self._bars[-period * _REPEATS :]
        if len(tail) < period * _REPEATS or not any(tail):
            return False
        return all(a == b for a, b in zip(tail, tail[period:], strict=False))
