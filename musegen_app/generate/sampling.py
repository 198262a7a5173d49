"""Chance: streams of uniform numbers that a seed number replays on any machine."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_BLOCK: Final = 256
_LEAST: Final = np.float32(1e-7)


class Uniforms:
    """Uniform numbers, ``width`` a draw for each take. A take's stream depends on the seed and its number alone."""

    def __init__(self, seed_number: int, takes: int, width: int = 4) -> None:
        self._width = width
        self._streams = [
            np.random.Generator(np.random.PCG64([abs(seed_number), int(seed_number < 0), k])) for k in range(takes)
        ]
        self._block = np.empty((_BLOCK, takes, width), dtype=np.float32)
        self._row = _BLOCK

    def next(self) -> npt.NDArray[np.float32]:
        """The next numbers: float32 (takes, width), above 0 and below 1."""
        if self._row == _BLOCK:
            for take, stream in enumerate(self._streams):
                self._block[:, take] = stream.random((_BLOCK, self._width), dtype=np.float32)
            np.maximum(self._block, _LEAST, out=self._block)
            self._row = 0
        self._row += 1
        numbers: npt.NDArray[np.float32] = self._block[self._row - 1]
        return numbers

    def only(self, takes: list[int]) -> None:
        """Go on with these takes alone."""
        self._streams = [self._streams[take] for take in takes]
        self._block = np.ascontiguousarray(self._block[:, takes])
