"""Following another's MIDI clock: from pulses that come more or less in time to a tempo and a place. Pure.

A straight line is fitted (least squares) through the last pulses, at most eight beats of them: its slope is the tempo, its
value the place. n pulses with noise s give the tempo to s·√(12/n³): with 2 ms of noise 0.1 % after two beats at 120, and
0.02 % after six. That is the bound for any estimate from the pulses alone; but tempos are mostly whole numbers, and the
nearest one is taken as long as the pulses do not speak against it. When the newest pulses lie off the line, on one side,
the tempo has changed and only they are kept.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from musegen_app.midi_io.messages import CLOCK, CONTINUE, SONG_POSITION, START, STOP, Message
from musegen_app.playback.clock import PULSE_TICKS, SIXTEENTH_TICKS

LOST_AFTER_S: Final = 0.5
"""A clock that is silent for so long is lost. A pulse of the slowest tempo we know takes as long."""
LOCKED_PULSES: Final = 48
_MOST_PULSES: Final = 192
_FEWEST_PULSES: Final = 4
_NEWEST: Final = 8  # as many that lie off the line together are a change of tempo
_ALARM: Final = 4.0  # standard errors of their mean
_LEAST_NOISE_S: Final = 0.0004
_ODD: Final = 5.0  # a single pulse further off than so many standard deviations is an accident, and moves nothing
_WHOLE: Final = 2.5  # standard errors within which the nearest whole tempo is believed
_HEAP: Final = 0.25  # of a pulse: what comes closer together was held up on the way
_PULSES_A_QUARTER: Final = 24

_HEEDED: Final = frozenset({CLOCK, SONG_POSITION, START, CONTINUE, STOP})


class ClockFollower:
    """Give it the messages in their order; one thread. Times are those of :func:`time.perf_counter`.

    ``is_running`` tells whether the other plays, ``departures`` counts how often it set off or went elsewhere,
    ``departure`` is the tick from which it last did so and when, once :attr:`has_set_off`.
    """

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_MOST_PULSES)
        self._line = (0.0, 0.0)  # time of the newest pulse on the line, and seconds a pulse
        self._noise_s = 0.0
        self._newest_off_s: list[float] = []  # how far behind the line the newest pulses came
        self._pulse = -1  # number, from the piece's beginning, of the newest pulse
        self._next_pulse: int | None = None  # where the other goes with its next pulse
        self._heard_s = -math.inf
        self.departure = (0, 0.0)
        self.is_running = False
        self.departures = 0

    # --- what is heard ------------------------------------------------------------------------------------------------

    def hear(self, message: Message, at_s: float) -> None:
        """A message that came at ``at_s``; all that are not the clock's are let pass."""
        kind = message[0]
        if kind not in _HEEDED:
            return
        if kind == CLOCK:
            self._hear_pulse(at_s)
        elif kind == STOP:
            self.is_running = False
        elif kind == SONG_POSITION:
            self._set_off((message[1] | message[2] << 7) * SIXTEENTH_TICKS // PULSE_TICKS, running=self.is_running)
        else:
            following = self._pulse + 1 if self._next_pulse is None else self._next_pulse
            self._set_off(0 if kind == START else following, running=True)

    def _set_off(self, pulse: int, *, running: bool) -> None:
        self._next_pulse, self.is_running = pulse, running
        if running:
            self.departures += 1

    def _hear_pulse(self, at_s: float) -> None:
        if at_s - self._heard_s > LOST_AFTER_S:
            self._times.clear()
        gap_s, self._heard_s = at_s - self._heard_s, at_s
        if self._next_pulse is not None and self.is_running:
            self._pulse, self._next_pulse = self._next_pulse, None
            self.departure = (self._pulse * PULSE_TICKS, at_s)
        elif self.is_running:
            self._pulse += 1
        self._times.append(self._plausible(at_s, gap_s))
        self._fit()
        if self._has_changed():
            for _ in range(len(self._times) - self._beside()):
                self._times.popleft()
            self._fit()

    def _plausible(self, at_s: float, gap_s: float) -> float:
        """The time of a pulse; of one that is far off, and of those that make up for it in a heap, when it was to come."""
        if len(self._times) < LOCKED_PULSES:
            return at_s
        newest_s, pulse_s = self._line
        expected_s, odd_s = newest_s + pulse_s, _ODD * max(self._noise_s, _LEAST_NOISE_S)
        if gap_s < _HEAP * pulse_s and at_s > expected_s:
            return expected_s
        before_s = self._times[-1] - newest_s
        if abs(at_s - expected_s) <= odd_s or abs(before_s) >= odd_s / 2:
            return at_s
        return expected_s + math.copysign(odd_s, at_s - expected_s)

    def _fit(self) -> None:
        """The line through the pulses. Sums around the middle keep every digit."""
        count = len(self._times)
        if count < 2:
            self._line = (self._times[-1], 0.0)
            return
        origin, middle = self._times[0], (count - 1) / 2
        mean = sum(second - origin for second in self._times) / count
        slope = sum((i - middle) * (second - origin) for i, second in enumerate(self._times))
        slope /= count * (count * count - 1) / 12
        off = [second - origin - mean - (i - middle) * slope for i, second in enumerate(self._times)]
        self._noise_s = math.sqrt(sum(error * error for error in off) / max(count - 2, 1))
        self._newest_off_s = off[-_NEWEST:]
        self._line = (origin + mean + middle * slope, slope)

    def _has_changed(self) -> bool:
        """Whether the newest pulses lie beside the line together."""
        if len(self._times) < 3 * _NEWEST:
            return False
        error_s = max(self._noise_s, _LEAST_NOISE_S) / math.sqrt(_NEWEST)
        return abs(sum(self._newest_off_s)) / _NEWEST > _ALARM * error_s

    def _beside(self) -> int:
        """How many of the newest pulses lie on the same side of the line as the last."""
        later = self._newest_off_s[-1] > 0
        on_the_line = [place for place, off_s in enumerate(self._newest_off_s) if (off_s > 0) != later]
        return max(_NEWEST - 1 - max(on_the_line, default=-1), _FEWEST_PULSES)

    # --- what it tells ------------------------------------------------------------------------------------------------

    def is_lost(self, now_s: float) -> bool:
        """Whether no pulse has come for half a second; also before the first."""
        return now_s - self._heard_s > LOST_AFTER_S

    @property
    def is_locked(self) -> bool:
        """Whether it has heard two beats of this tempo."""
        return len(self._times) > LOCKED_PULSES

    @property
    def tempo_bpm(self) -> float | None:
        """Quarters a minute, a whole number where that may well be; None before the first few pulses."""
        count = len(self._times)
        if count < _FEWEST_PULSES:
            return None
        tempo = 60.0 / (self._line[1] * _PULSES_A_QUARTER)
        error = tempo * self._noise_s * math.sqrt(12 / count**3) / self._line[1]
        return float(round(tempo)) if abs(tempo - round(tempo)) <= _WHOLE * error else tempo

    @property
    def waits_at(self) -> int | None:
        """The tick from which the other will go on, told while it stands; None where none was told."""
        return None if self.is_running or self._next_pulse is None else self._next_pulse * PULSE_TICKS

    @property
    def has_set_off(self) -> bool:
        """Whether the other runs, and the pulse has come with which it began to."""
        return self.is_running and self._next_pulse is None

    def tick_at(self, clock_s: float) -> float:
        """Where the other is, in ticks: between and beyond the pulses at the tempo found; where it stopped, once it has."""
        newest_s, pulse_s = self._line
        ahead = (clock_s - newest_s) / pulse_s if pulse_s and self.is_running else 0.0
        return (self._pulse + ahead) * PULSE_TICKS
