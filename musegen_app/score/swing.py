"""Swing: off-beats that come late. A way of playing, which leaves the notes where they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.score.notes import TICKS_PER_QUARTER

EIGHTHS: Final = TICKS_PER_QUARTER // 2
SIXTEENTHS: Final = TICKS_PER_QUARTER // 4
MAX_PERCENT: Final = 75

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Swing:
    """The second step of each pair is late by ``percent`` (0–75) of a step: 33 is nearly a triplet, 50 a dotted rhythm.

    What lies between is drawn along, so that order and legato stay: a pair's first step is stretched, its second squeezed.
    ``step_ticks`` is :data:`EIGHTHS` or :data:`SIXTEENTHS`.
    """

    percent: int = 0
    step_ticks: int = EIGHTHS

    @property
    def pair_ticks(self) -> int:
        """Ticks of two steps."""
        return 2 * self.step_ticks

    def played(self, phase: Floats) -> Floats:
        """Ticks from a pair's start as written to ticks as played, 0–:attr:`pair_ticks`."""
        step, late = self.step_ticks, self._late_ticks
        first = phase * (step + late) / step
        return np.where(phase <= step, first, step + late + (phase - step) * (step - late) / step)

    def written(self, phase: Floats) -> Floats:
        """The way back."""
        step, late = self.step_ticks, self._late_ticks
        first = phase * step / (step + late)
        return np.where(phase <= step + late, first, step + (phase - step - late) * step / (step - late))

    @property
    def _late_ticks(self) -> float:
        return self.step_ticks * self.percent / 100


STRAIGHT: Final = Swing()
