"""Few and round numbers for the axes of the curves. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from musegen_app.ui.train.course import Point

_STEPS: Final = (1.0, 2.0, 5.0, 10.0)
_SETTLED: Final = 0.15
"""The beginning of a training falls steeply and would squash the rest: it does not count for the height."""
_LEAST_SPAN: Final = 0.05


@dataclass(frozen=True, slots=True)
class Axis:
    """From ``low`` to ``high``, with labels at ``ticks``."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Where a value lies between the ends, 0–1."""
        return (value - self.low) / (self.high - self.low)


def units_axis(last: int, count: int = 4) -> Axis:
    """From 0 to the last unit, labels at about ``count`` round numbers."""
    high = float(max(last, 1))
    step = round_step(high, count)
    return Axis(0.0, high, tuple(i * step for i in range(int(high / step) + 1)))


def loss_axis(curves: Sequence[Sequence[Point]], count: int = 4) -> Axis:
    """Over the losses of the curves but for their steep beginning."""
    last = max((curve[-1][0] for curve in curves if curve), default=0)
    settled = [loss for curve in curves for units, loss in curve if units >= _SETTLED * last]
    low, high = min(settled, default=0.0), max(settled, default=1.0)
    middle, span = (low + high) / 2, max(high - low, _LEAST_SPAN)
    step = round_step(span, count)
    first = math.floor((middle - 0.54 * span) / step)
    end = math.ceil((middle + 0.54 * span) / step)
    return Axis(first * step, end * step, tuple(i * step for i in range(first, end + 1)))


def round_step(span: float, count: int) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides ``span`` into ``count`` parts or fewer."""
    rough = span / count
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * 0.999)


def loss_words(value: float, step: float) -> str:
    """A loss with as many digits as the steps between labels ask for."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:.{digits}f}"


def units_words(value: float) -> str:
    """Such as "12k" or "1.5M"."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value:.0f}"


def time_words(seconds: float) -> str:
    """Such as "3:20" or "1 h 05 min"."""
    whole = max(round(seconds), 0)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 60}:{whole % 60:02d}"
