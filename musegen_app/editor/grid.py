"""The grid: what things snap to, and which lines show at which zoom.

Snapping counts from the bar line, so a grid of triplets or an odd metre begins anew with every bar. Preview and commit of a
gesture both come here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from musegen_app.score import TICKS_PER_QUARTER, Timeline
from musegen_app.score.notes import Ints

_WHOLE: Final = 4 * TICKS_PER_QUARTER
_MIN_LINE_PX: Final = 9.0
_ADAPTIVE: Final = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class Snap:
    """A grid step: ``ticks`` between lines; 0 adapts to the zoom, 1 is off."""

    name: str
    ticks: int


def _steps() -> tuple[Snap, ...]:
    straight = [Snap(f"1/{n}", _WHOLE // n) for n in (1, 2, 4, 8, 16, 32, 64)]
    triplets = [Snap(f"1/{n} triplet", _WHOLE * 2 // (3 * n)) for n in (4, 8, 16, 32)]
    dotted = [Snap(f"1/{n} dotted", _WHOLE * 3 // (2 * n)) for n in (4, 8, 16)]
    return (Snap("Adaptive", 0), *straight, *triplets, *dotted, Snap("Off", 1))


SNAPS: Final = _steps()
"""Every step offered, in the order of the menu."""
DEFAULT_SNAP: Final = next(s for s in SNAPS if s.name == "1/16")


def snap_named(name: str) -> Snap:
    """The step of this name; the default where none has it (a setting of another version)."""
    return next((s for s in SNAPS if s.name == name), DEFAULT_SNAP)


def step_ticks(snap: Snap, px_per_tick: float) -> int:
    """Ticks between lines; an adaptive grid takes the finest whose lines are far enough apart to hit."""
    if snap.ticks:
        return snap.ticks
    for divisor in reversed(_ADAPTIVE):
        if _WHOLE // divisor * px_per_tick >= 2 * _MIN_LINE_PX:
            return _WHOLE // divisor
    return _WHOLE


def snap_nearest(tick: float, step: int, timeline: Timeline) -> int:
    """The grid line nearest to ``tick``, never before 0; a bar line counts as one."""
    below = snap_down(tick, step, timeline)
    above = min(below + step, timeline.bar_ceil(below + 1))
    return below if tick - below < above - tick else above


def snapped(ticks: Ints, step: int, timeline: Timeline) -> Ints:
    """:func:`snap_nearest` for many ticks ≥ 0 at once: int64, of the same shape."""
    if not len(ticks):
        return ticks
    bars = timeline.bar_starts(0, timeline.bar_ceil(int(ticks.max()) + 1) + 1)
    bar = np.searchsorted(bars, ticks, side="right") - 1
    below = bars[bar] + (ticks - bars[bar]) // step * step
    above = np.minimum(below + step, bars[bar + 1])
    return np.where(ticks - below < above - ticks, below, above)


def snap_down(tick: float, step: int, timeline: Timeline) -> int:
    """The last grid line at or before ``tick``, never before 0."""
    at = max(math.floor(tick), 0)
    bar = timeline.bar_start(timeline.bar_at(at))
    return bar + (at - bar) // step * step


@dataclass(frozen=True, slots=True)
class Lines:
    """Ticks of the lines to draw, each strength apart: int64 arrays."""

    bars: Ints
    beats: Ints
    steps: Ints


def lines(timeline: Timeline, start_tick: int, end_tick: int, step: int, px_per_tick: float) -> Lines:
    """Lines in [start_tick, end_tick): those too dense to tell apart are left out; far out only every 2nd, 4th, … bar."""
    bars = timeline.bar_starts(start_tick, end_tick)
    first = timeline.bar_start(timeline.bar_at(max(start_tick, 0)))
    starts = bars if len(bars) and bars[0] == first else np.concatenate((np.array([first], dtype=np.int64), bars))
    beats = _within_bars(timeline, starts, end_tick, None, px_per_tick)
    fine = _within_bars(timeline, starts, end_tick, step, px_per_tick)
    inside = [a[(a >= start_tick) & (a < end_tick)] for a in (beats, fine)]
    stride = bar_stride(timeline, (start_tick + end_tick) // 2, px_per_tick)
    return Lines(bars[_bar_numbers(timeline, bars) % stride == 0], inside[0], inside[1])


def bar_stride(timeline: Timeline, tick: int, px_per_tick: float, min_px: float = _MIN_LINE_PX) -> int:
    """Every how many bars of the metre at ``tick`` a line (or a number) has room, a power of two."""
    bar_px = max(timeline.metre_at(tick).bar_ticks * px_per_tick, 1e-6)
    return 1 << max(math.ceil(math.log2(max(min_px / bar_px, 1.0))), 0)


def _bar_numbers(timeline: Timeline, bars: Ints) -> Ints:
    return np.array([timeline.bar_at(int(b)) for b in bars], dtype=np.int64)


def _within_bars(timeline: Timeline, bars: Ints, end_tick: int, step: int | None, px_per_tick: float) -> Ints:
    """Lines ``step`` apart (None: a beat) within each bar, none on the bar lines; empty where they would stand too close."""
    found = [np.empty(0, dtype=np.int64)]
    for start, following in zip(bars.tolist(), [*bars[1:].tolist(), end_tick], strict=True):
        distance = step or timeline.metre_at(start).beat_ticks
        if distance * px_per_tick >= _MIN_LINE_PX:
            found.append(np.arange(start + distance, following, distance, dtype=np.int64))
    return np.concatenate(found)
