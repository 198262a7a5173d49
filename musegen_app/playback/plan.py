"""The plan of what will be played: song time as it passes, with loops unrolled. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Final

from musegen_app.midi_io.messages import NOTE_OFF
from musegen_app.playback import metronome
from musegen_app.playback.metronome import MAIN_DRUMS, Beat, Click
from musegen_app.playback.schedule import Event, Schedule, Setting, in_order
from musegen_app.playback.sounding import Key
from musegen_app.score import Score

_EDGE_S: Final = 1e-3  # looked at beyond both ends of a stretch, so that rounding never hides an event
_SHORTEST_LOOP_S: Final = 1e-3


@dataclass(frozen=True)
class Plan:
    """From clock time ``began_s`` on, ``score`` plays from ``from_tick``, counted in before; ``loop`` in ticks.

    A note that began before the loop is struck again where it turns, and with ``strikes_held`` one that began before
    ``from_tick`` is there: else it is thought to sound on already.

    Time is cut into passes: the first from ``from_tick`` to the loop's end, each further one round the loop. Within a
    pass an event's clock time is one sum, and pieces of time are cut by that sum alone: no event is lost or doubled by
    rounding where pieces or passes meet.
    """

    score: Score
    began_s: float
    from_tick: float
    loop: tuple[int, int] | None = None
    metronome: bool = False
    click: Click = MAIN_DRUMS
    count_in_bars: int = 0
    strikes_held: bool = False

    @cached_property
    def schedule(self) -> Schedule:
        """All that sounds."""
        return Schedule.of(self.score)

    @cached_property
    def from_s(self) -> float:
        """The song time of ``from_tick``."""
        return self.score.timeline.played_second_at(self.from_tick)

    @property
    def counts_from_s(self) -> float:
        """Clock time at which counting in begins; ``began_s`` where there is none."""
        return self.began_s - self._count[0]

    @cached_property
    def _count(self) -> tuple[float, list[Beat]]:
        """How long it is counted in, and the beats in clock time."""
        if not self.count_in_bars:
            return 0.0, []
        length_s, beats = metronome.count_in(self.score.timeline, int(self.from_tick), self.count_in_bars)
        return length_s, [(self.began_s + second, pitch, velocity) for second, pitch, velocity in beats]

    @cached_property
    def loop_s(self) -> tuple[float, float] | None:
        """The loop in seconds; None where there is none, or playing began beyond it."""
        if self.loop is None:
            return None
        start, end = (self.score.timeline.played_second_at(tick) for tick in self.loop)
        return (start, end) if end - start >= _SHORTEST_LOOP_S and self.from_s < end else None

    def song_s(self, clock_s: float) -> float:
        """Song time at this clock time."""
        number = self._pass_at(clock_s)
        begins, start = self._pass(number)
        second = start + max(clock_s - begins, 0.0)
        return second if self.loop_s is None else min(second, self.loop_s[1])

    def tick(self, clock_s: float) -> float:
        """Song position in ticks at this clock time."""
        return self.from_tick if clock_s <= self.began_s else self.score.timeline.played_tick_at(self.song_s(clock_s))

    def events(self, start_s: float, end_s: float) -> list[Event]:
        """Events due in [start_s, end_s) of clock time, sorted; notes end where the loop turns."""
        found = self.click.events(self._count[1])
        for number in range(self._pass_at(start_s), self._pass_at(max(end_s, start_s)) + 1):
            found += self._turn(number) if number else []
            if number or self.strikes_held:
                begins, song = self._pass(number)
                found += [(begins, *message) for message in self.schedule.chased(song)]
            found += self._stretch(number, start_s, end_s)
        return sorted((event for event in found if start_s <= event[0] < end_s), key=itemgetter(0))

    def pulses(self, start_s: float, end_s: float, ticks: int) -> list[float]:
        """Clock times in [start_s, end_s) at which the playhead is at a multiple of ``ticks``, sorted."""
        timeline, found = self.score.timeline, []
        start_s = max(start_s, self.began_s)
        for number in range(self._pass_at(start_s), self._pass_at(max(end_s, start_s)) + 1):
            begins, song = self._pass(number)
            first = max(song, song + (start_s - begins) - _EDGE_S)
            last = song + (end_s - begins) + _EDGE_S
            if self.loop_s is not None:
                last = min(last, self.loop_s[1])
            for multiple in range(
                math.floor(timeline.tick_at(first) / ticks), math.ceil(timeline.tick_at(last) / ticks) + 1
            ):
                second = timeline.second_at(multiple * ticks)
                if song <= second and (self.loop_s is None or second < self.loop_s[1]):
                    found.append(begins + (second - song))
        return [clock_s for clock_s in found if start_s <= clock_s < end_s]

    def sounding(self, clock_s: float) -> tuple[Key, ...]:
        """What should sound at this clock time, clicks included."""
        held = self.click.sounding(self._count[1], clock_s)
        if clock_s >= self.began_s:
            held |= self._held(self.song_s(clock_s))
        return tuple(sorted(held))

    def setup(self, clock_s: float) -> list[Setting]:
        """Programmes and controllers in force at this clock time."""
        return self.schedule.setup(self.song_s(clock_s))

    def _pass_at(self, clock_s: float) -> int:
        """Number, from 0, of the pass that holds this clock time."""
        if self.loop_s is None or clock_s < self._pass(1)[0]:
            return 0
        number = 1 + math.floor((clock_s - self._pass(1)[0]) / (self.loop_s[1] - self.loop_s[0]))
        return max(number + (clock_s >= self._pass(number + 1)[0]) - (clock_s < self._pass(number)[0]), 0)

    def _pass(self, number: int) -> tuple[float, float]:
        """Clock time and song time where a pass begins."""
        if self.loop_s is None or not number:
            return self.began_s, self.from_s
        start, end = self.loop_s
        return self.began_s + (end - self.from_s) + (number - 1) * (end - start), start

    def _stretch(self, number: int, start_s: float, end_s: float) -> list[Event]:
        """The events of a pass that are due somewhat around [start_s, end_s)."""
        begins, song = self._pass(number)
        first = max(song, song + (start_s - begins) - _EDGE_S)
        last = song + (end_s - begins) + _EDGE_S
        if self.loop_s is not None:
            last = min(last, self.loop_s[1])
        events = self.schedule.between(first, last)
        if self.metronome:
            events = in_order(events + metronome.clicks(self.score.timeline, first, last, self.click))
        return [(begins + (event[0] - song), *event[1:]) for event in events]

    def _turn(self, number: int) -> list[Event]:
        """Where a pass begins: let go of what sounded at the loop's end, and set what held at its start."""
        if self.loop_s is None:
            return []
        clock_s = self._pass(number)[0]
        held = sorted(self._held(self.loop_s[1]))
        offs = [(clock_s, NOTE_OFF | channel, pitch, 64, port) for port, channel, pitch in held]
        return offs + [(clock_s, *message) for message in self.schedule.setup(self.loop_s[0])]

    def _held(self, second: float) -> set[Key]:
        """What sounds at this song time."""
        clicking = metronome.sounding(self.score.timeline, second, self.click) if self.metronome else set()
        return self.schedule.sounding(second) | clicking
