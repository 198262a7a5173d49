"""Tempo and metre: from ticks to seconds and to bar.beat, and back.

Seconds and bars are computed here, at the edge; the score itself only stores ticks.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.score.notes import TICKS_PER_QUARTER, Ints
from musegen_app.score.swing import STRAIGHT, Floats, Swing

MICROSECONDS_A_MINUTE: Final = 60_000_000
MIN_BPM: Final = 5.0
MAX_BPM: Final = 999.0


@dataclass(frozen=True, slots=True)
class Tempo:
    """From ``tick`` on, a quarter lasts ``microseconds`` (MIDI's own unit, so files round-trip exactly)."""

    tick: int
    microseconds: int = 500_000

    @classmethod
    def of_bpm(cls, bpm: float, tick: int = 0) -> Tempo:
        """Tempo in quarters a minute, clamped to 5–999."""
        return cls(tick, round(MICROSECONDS_A_MINUTE / min(max(bpm, MIN_BPM), MAX_BPM)))

    @property
    def bpm(self) -> float:
        """Quarters a minute."""
        return MICROSECONDS_A_MINUTE / self.microseconds


@dataclass(frozen=True, slots=True)
class Metre:
    """From ``tick`` on, a bar has ``numerator`` beats of a 1/``denominator`` note (a power of two up to 64)."""

    tick: int
    numerator: int = 4
    denominator: int = 4

    @property
    def beat_ticks(self) -> int:
        """Ticks of one beat as the denominator counts it."""
        return TICKS_PER_QUARTER * 4 // self.denominator

    @property
    def bar_ticks(self) -> int:
        """Ticks of one bar."""
        return self.beat_ticks * self.numerator


@dataclass(frozen=True, slots=True)
class BarBeat:
    """A place as musicians count it: bar and beat from 1, ``tick`` the rest within the beat."""

    bar: int
    beat: int
    tick: int


@dataclass(frozen=True)
class Timeline:
    """Tempo changes and metres, each sorted by tick with one at tick 0. Immutable; use :meth:`made` to normalise.

    ``swing`` is heard and not seen: :meth:`played_second_at` and its kin heed it, everything else tells what is written.
    """

    tempos: tuple[Tempo, ...] = (Tempo(0),)
    metres: tuple[Metre, ...] = (Metre(0),)
    swing: Swing = STRAIGHT

    @classmethod
    def made(cls, tempos: tuple[Tempo, ...] = (), metres: tuple[Metre, ...] = ()) -> Timeline:
        """Sort, keep the last of several at one tick, and begin both at tick 0.

        Before the first tempo 120 quarters a minute hold, before the first metre 4/4, as MIDI files say.
        """
        tempo_at = {t.tick: t for t in tempos}
        metre_at = {m.tick: m for m in metres}
        ordered = tuple(tempo_at[k] for k in sorted(tempo_at)) or (Tempo(0),)
        if ordered[0].tick != 0:
            ordered = (Tempo(0), *ordered)
        ordered_metres = tuple(metre_at[k] for k in sorted(metre_at)) or (Metre(0),)
        if ordered_metres[0].tick != 0:
            ordered_metres = (Metre(0), *ordered_metres)
        return cls(ordered, ordered_metres)

    def with_tempo(self, bpm: float, tick: int = 0) -> Timeline:
        """A copy whose tempo in force at ``tick`` is changed where it began (the transport's tempo field)."""
        at = max(i for i, t in enumerate(self.tempos) if t.tick <= tick)
        changed = replace(Tempo.of_bpm(bpm), tick=self.tempos[at].tick)
        return replace(self, tempos=(*self.tempos[:at], changed, *self.tempos[at + 1 :]))

    def with_metre(self, numerator: int, denominator: int, tick: int = 0) -> Timeline:
        """A copy whose metre in force at ``tick`` is changed where it began."""
        at = max(i for i, m in enumerate(self.metres) if m.tick <= tick)
        changed = Metre(self.metres[at].tick, numerator, denominator)
        return replace(self, metres=(*self.metres[:at], changed, *self.metres[at + 1 :]))

    def with_swing(self, swing: Swing) -> Timeline:
        """A copy that swings so."""
        return replace(self, swing=swing)

    # --- seconds ------------------------------------------------------------------------------------------------------

    @cached_property
    def _tempo_table(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        ticks = np.array([t.tick for t in self.tempos], dtype=np.float64)
        rate = np.array([t.microseconds for t in self.tempos], dtype=np.float64) / 1e6 / TICKS_PER_QUARTER
        seconds = np.concatenate(([0.0], np.cumsum(np.diff(ticks) * rate[:-1])))
        return ticks, rate, seconds

    def seconds(self, ticks: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Seconds from tick 0 for each of ``ticks``."""
        starts, rate, seconds = self._tempo_table
        values = np.asarray(ticks, dtype=np.float64)
        at = np.maximum(np.searchsorted(starts, values, side="right") - 1, 0)
        result: npt.NDArray[np.float64] = seconds[at] + (values - starts[at]) * rate[at]
        return result

    def second_at(self, tick: float) -> float:
        """Seconds from tick 0 to ``tick``."""
        return float(self.seconds(tick))

    def tick_at(self, second: float) -> float:
        """The (fractional) tick that sounds ``second`` seconds after tick 0."""
        starts, rate, seconds = self._tempo_table
        at = max(int(np.searchsorted(seconds, second, side="right")) - 1, 0)
        return float(starts[at] + (second - seconds[at]) / rate[at])

    # --- as played ----------------------------------------------------------------------------------------------------

    def played_ticks(self, ticks: npt.ArrayLike) -> Floats:
        """The (fractional) ticks where ``ticks`` would stand if swing were written out."""
        written = np.asarray(ticks, dtype=np.float64)
        if not self.swing.percent:
            return written
        start, in_pair = self._pairs(written)
        return np.where(in_pair, start + self.swing.played(written - start), written)

    def played_seconds(self, ticks: npt.ArrayLike) -> Floats:
        """Seconds from tick 0 at which each of ``ticks`` sounds."""
        return self.seconds(self.played_ticks(ticks))

    def played_second_at(self, tick: float) -> float:
        """Seconds from tick 0 to the time at which ``tick`` sounds."""
        return float(self.played_seconds(tick))

    def played_tick_at(self, second: float) -> float:
        """The (fractional) tick that sounds ``second`` seconds after tick 0."""
        played = self.tick_at(second)
        if not self.swing.percent:
            return played
        start, in_pair = self._pairs(np.float64(played))
        return float(start + self.swing.written(played - start)) if in_pair else played

    def _pairs(self, ticks: Floats | np.float64) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Where the pair of steps that holds each tick begins, counted from its bar, and whether the bar leaves it whole."""
        starts = np.array([metre.tick for metre in self.metres], dtype=np.float64)
        widths = np.array([metre.bar_ticks for metre in self.metres], dtype=np.float64)
        at = np.maximum(np.searchsorted(starts, ticks, side="right") - 1, 0)
        in_bar = (ticks - starts[at]) % widths[at]
        start = np.asarray(ticks - in_bar % self.swing.pair_ticks)
        following = np.append(starts[1:], np.inf)[at]
        ends = np.minimum(ticks - in_bar + widths[at], following)
        return start, np.asarray((ticks >= 0) & (start + self.swing.pair_ticks <= ends))

    def tempo_at(self, tick: int) -> Tempo:
        """The tempo in force at ``tick``."""
        at = int(np.searchsorted(self._tempo_table[0], tick, side="right")) - 1
        return self.tempos[max(at, 0)]

    # --- bars ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _metre_starts(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Ticks where metres begin, and the number (from 0) of the bar that begins there.

        A metre that changes in the middle of a bar cuts that bar short.
        """
        bars = [0]
        for before, after in zip(self.metres, self.metres[1:], strict=False):
            bars.append(bars[-1] - (before.tick - after.tick) // before.bar_ticks)
        return tuple(m.tick for m in self.metres), tuple(bars)

    def metre_at(self, tick: int) -> Metre:
        """The metre in force at ``tick``."""
        return self.metres[max(bisect_right(self._metre_starts[0], tick) - 1, 0)]

    def bar_at(self, tick: int) -> int:
        """Number, from 0, of the bar that holds ``tick``."""
        ticks, bars = self._metre_starts
        at = max(bisect_right(ticks, tick) - 1, 0)
        return bars[at] + (tick - ticks[at]) // self.metres[at].bar_ticks

    def bar_start(self, bar: int) -> int:
        """Tick where bar ``bar`` (from 0) begins."""
        ticks, bars = self._metre_starts
        at = max(bisect_right(bars, bar) - 1, 0)
        return ticks[at] + (bar - bars[at]) * self.metres[at].bar_ticks

    def bar_ceil(self, tick: int) -> int:
        """The first bar line at or after ``tick``."""
        bar = self.bar_at(tick)
        start = self.bar_start(bar)
        return start if start == tick else self.bar_start(bar + 1)

    def bar_starts(self, start_tick: int, end_tick: int) -> Ints:
        """Ticks of the bar lines in [start_tick, end_tick)."""
        first = self.bar_at(max(start_tick, 0))
        last = self.bar_at(max(end_tick, 0)) + 1
        ticks, bars = (np.array(column, dtype=np.int64) for column in self._metre_starts)
        numbers = np.arange(first, last)
        at = np.searchsorted(bars, numbers, side="right") - 1
        widths = np.array([metre.bar_ticks for metre in self.metres], dtype=np.int64)
        lines: Ints = ticks[at] + (numbers - bars[at]) * widths[at]
        return lines[(lines >= start_tick) & (lines < end_tick)]

    def bar_beat(self, tick: int) -> BarBeat:
        """Bar, beat and rest of ``tick``, counted from 1."""
        bar = self.bar_at(tick)
        beat, rest = divmod(tick - self.bar_start(bar), self.metre_at(tick).beat_ticks)
        return BarBeat(bar + 1, beat + 1, rest)
