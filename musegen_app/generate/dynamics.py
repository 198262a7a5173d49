"""How loud music is whose velocities were set rather than played: by the weight of a note's place in its bar."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.score import DEFAULT_VELOCITY, Timeline

_LATELY: Final = 64
"""Notes that tell it: the last section's, where there are several."""
_FEW: Final = 3
"""Notes on places of one weight that tell too little of them."""

Ints = npt.NDArray[np.int64]


class Dynamics:
    """Velocities by the weight of the place, learnt from notes at ``ticks``, ascending, with ``velocities``. Immutable.

    Notation programs write accents so, and sections at one level; a continuation without them stands out.
    """

    def __init__(self, timeline: Timeline, ticks: Ints, velocities: Ints) -> None:
        self._timeline = timeline
        lately = velocities[-_LATELY:]
        self.median = int(np.median(lately)) if len(lately) else DEFAULT_VELOCITY
        """The middle velocity, DEFAULT_VELOCITY of no notes."""
        self._by_weight: dict[float, int] = {}
        if len(np.unique(lately)) > 1:
            weights = np.array([accent(timeline, tick) for tick in ticks[-_LATELY:].tolist()])
            values, counts = np.unique(weights, return_counts=True)
            self._by_weight = {float(weight): int(np.median(lately[weights == weight])) for weight in values[counts >= _FEW]}

    def at(self, tick: int) -> int:
        """The velocity of a note at ``tick``: as on places of that weight, or the next to it."""
        if not self._by_weight:
            return self.median
        weight = accent(self._timeline, tick)
        return self._by_weight[min(self._by_weight, key=lambda known: abs(known - weight))]


def accent(timeline: Timeline, tick: int) -> float:
    """How strong the metre makes a place: 1 on the first beat, 0.3 on other beats, down to −0.7 between half-beats."""
    metre = timeline.metre_at(tick)
    within = tick - timeline.bar_start(timeline.bar_at(tick))
    beat = metre.beat_ticks * (3 if metre.denominator >= 8 and metre.numerator % 3 == 0 else 1)
    if within % beat == 0:
        return 1.0 if within == 0 else 0.3
    return -0.3 if within * 2 % beat == 0 or (beat > metre.beat_ticks and within % metre.beat_ticks == 0) else -0.7
