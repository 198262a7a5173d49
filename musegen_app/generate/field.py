"""Where notes may lie: which pitches are free at which step, where onsets are allowed, and which tick a step is.

Steps count from the seed's origin. Everything here holds without exception, and is computed once a request.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import BarGrid
from musegen_app.encoding.note_events import STEP_TICKS, Ints
from musegen_app.errors import InputError
from musegen_app.generate.constraints import PITCHES, Mask, pitch_mask
from musegen_app.generate.request import GenerateRequest
from musegen_app.generate.scene import Scene
from musegen_app.generate.steering import Steering
from musegen_app.score import TICKS_PER_QUARTER, NoteTable, Timeline

_TRIPLET: Final = TICKS_PER_QUARTER // 6
"""How late an off-eighth is in full swing."""
_EVERY_PITCH: Final = (1 << 12) - 1


class Field:
    """The span of a request, step by step.

    A step is open where at least one pitch may be struck at it. A note may sound from an open step to before the first step
    at which its pitch is not free.

    Raises:
        InputError: no pitch is left, or no step is open.
    """

    def __init__(self, request: GenerateRequest, scene: Scene, steering: Steering) -> None:
        seed = scene.seed
        self.start, self.end = seed.start, seed.end
        self.mask = pitch_mask(request.key, request.pitch_range)
        self.ticks = swung(request.timeline, seed.origin, (seed.start, seed.end), steering.swing)
        self.chords = _chords(request.chords, self.ticks)
        self._free = np.tile(self.mask, (self.end - self.start, 1))
        for note in scene.obstacles.take(scene.obstacles.overlapping(int(self.ticks[0]), int(self.ticks[-1]))):
            low, high = self._steps(note.start, note.end)
            self._free[low:high, note.pitch] = False
        if steering.only_chords:
            self._free &= self.chords
        ringing = self._ringing(scene.own)
        self.ringing: list[int] = ringing.tolist()
        """How many notes of the track itself still sound from before, by step of the span."""
        is_open = self._free.any(axis=1) & on_grid_steps(seed.bars, (seed.start, seed.end), steering.grid)
        if steering.polyphony:
            is_open &= ringing < steering.polyphony
        self._open = np.flatnonzero(is_open) + self.start
        if not len(self._open):
            raise InputError("Range, key, chords, grid and the notes that stand leave no place for a note.")
        self._opens: list[int] = self._open.tolist()
        self._before = np.concatenate([[0], np.cumsum(is_open)])
        self._taken: dict[int, list[int]] = {}

    def _steps(self, start: int, end: int) -> tuple[int, int]:
        """The steps of the span, from 0, in which something sounds from tick ``start`` to before ``end``."""
        low = int(np.searchsorted(self.ticks, start, side="right")) - 1
        return max(low, 0), int(np.searchsorted(self.ticks[:-1], end, side="left"))

    def _ringing(self, own: NoteTable) -> Ints:
        count = np.zeros(self.end - self.start, dtype=np.int64)
        rings = (own.start < self.ticks[0]) & (own.end > self.ticks[0])
        for start, end in zip(own.start[rings].tolist(), own.end[rings].tolist(), strict=True):
            low, high = self._steps(start, end)
            count[low:high] += 1
        return count

    # --- asking -------------------------------------------------------------------------------------------------------

    def free(self, step: int) -> Mask:
        """The pitches that may be struck at ``step``: bool (128,)."""
        found: Mask = self._free[step - self.start]
        return found

    def free_until(self, step: int, pitch: int) -> int:
        """The first step after ``step`` at which ``pitch`` may not sound, or the end of the span."""
        if pitch not in self._taken:
            self._taken[pitch] = np.flatnonzero(~self._free[:, pitch]).tolist()
        taken = self._taken[pitch]
        after = bisect_right(taken, step - self.start)
        return taken[after] + self.start if after < len(taken) else self.end

    def tick(self, step: int) -> int:
        """The tick of a step of the span or of its end."""
        return int(self.ticks[step - self.start])

    @property
    def opens(self) -> list[int]:
        """The open steps, ascending."""
        return self._opens

    def last_open(self, until: int) -> int | None:
        """The last open step not after ``until``."""
        at = bisect_right(self._opens, until)
        return self._opens[at - 1] if at else None

    def first_open(self, since: int) -> int | None:
        """The first open step not before ``since``."""
        at = bisect_right(self._opens, since - 1)
        return self._opens[at] if at < len(self._opens) else None

    def any_open(self, low: Ints, high: Ints) -> npt.NDArray[np.bool_]:
        """Whether a step is open from each of ``low`` to each of ``high``, both included."""
        size = self.end - self.start
        first = np.minimum(np.maximum(low - self.start, 0), size)  # np.clip takes thrice as long for so few numbers
        last = np.minimum(np.maximum(high - self.start + 1, first), size)
        found: npt.NDArray[np.bool_] = self._before[last] > self._before[first]
        return found

    def first_playable(self, since: int, silent: npt.NDArray[np.bool_]) -> int | None:
        """The first open step not before ``since`` with a free pitch that is ``silent``: bool (steps from it on, 128)."""
        rows = self._free[since - self.start :] & silent
        at = bisect_right(self._opens, since - 1)
        playable = rows[self._open[at:] - since].any(axis=1)
        return self._opens[at + int(playable.argmax())] if playable.any() else None


def swung(timeline: Timeline, origin: int, span: tuple[int, int], swing: float) -> Ints:
    """The tick of each step of ``span`` and of its end; off-eighths late by ``swing`` of a triplet's delay.

    The first half of each quarter is stretched and the second pressed, so no two steps change places. Metres counted in
    eighths stay straight, and so does what is left of a quarter at a bar line or at the end.
    """
    straight = (np.arange(span[0], span[1] + 1) + origin) * STEP_TICKS
    late = swing * _TRIPLET
    if not late:
        return straight
    ticks, end, half = straight.copy(), int(straight[-1]), TICKS_PER_QUARTER // 2
    first = timeline.bar_start(timeline.bar_at(int(straight[0])))
    for line, following in pairwise([*timeline.bar_starts(first, end).tolist(), end]):
        if timeline.metre_at(line).denominator > 4:
            continue
        whole = line + (following - line) // TICKS_PER_QUARTER * TICKS_PER_QUARTER
        rows = (straight >= line) & (straight < whole)
        phase = (straight[rows] - line) % TICKS_PER_QUARTER
        delay = np.where(phase < half, phase, TICKS_PER_QUARTER - phase) * late / half
        ticks[rows] += np.round(delay).astype(np.int64)
    return ticks


def on_grid_steps(bars: BarGrid, span: tuple[int, int], grid: int) -> npt.NDArray[np.bool_]:
    """Which steps of ``span`` lie a multiple of ``grid`` steps after their bar line."""
    steps = np.arange(*span)
    found: npt.NDArray[np.bool_] = (steps - bars.start[steps]) % grid == 0
    return found


def _chords(chords: tuple[tuple[int, int], ...], ticks: Ints) -> npt.NDArray[np.bool_]:
    """The pitches of the chord in force at each step, (steps, 128); all where there is none."""
    ordered = sorted(chords)
    masks = np.array([_EVERY_PITCH, *((classes & _EVERY_PITCH) or _EVERY_PITCH for _, classes in ordered)])
    number = np.searchsorted([tick for tick, _ in ordered], ticks[:-1], side="right")
    bits = (masks[:, None] >> (np.arange(PITCHES) % 12)) & 1
    found: npt.NDArray[np.bool_] = bits[number] > 0
    return found
