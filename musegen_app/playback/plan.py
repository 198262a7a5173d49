"""The plan of what will be played: song time as it passes, with loops unrolled. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from musegen_app.midi_io.messages import NOTE_OFF
from musegen_app.playback.metronome import clicks
from musegen_app.playback.schedule import Event, Schedule
from musegen_app.score import Score


@dataclass(frozen=True)
class Plan:
    """From clock time ``began_s`` on, ``score`` plays from song time ``from_s``; ``loop`` in ticks."""

    score: Score
    began_s: float
    from_s: float
    loop: tuple[int, int] | None = None
    metronome: bool = False

    @cached_property
    def schedule(self) -> Schedule:
        """All that sounds."""
        return Schedule.of(self.score)

    @cached_property
    def loop_s(self) -> tuple[float, float] | None:
        """The loop in seconds; None where there is none, or playing began beyond it."""
        if self.loop is None:
            return None
        start, end = (self.score.timeline.second_at(tick) for tick in self.loop)
        return (start, end) if start < end and self.from_s < end else None

    def song_s(self, clock_s: float) -> float:
        """Song time at this clock time."""
        second = self.from_s + max(clock_s - self.began_s, 0.0)
        if self.loop_s is None or second < self.loop_s[1]:
            return second
        start, end = self.loop_s
        return start + (second - end) % (end - start)

    def tick(self, clock_s: float) -> float:
        """Song position in ticks at this clock time."""
        return self.score.timeline.tick_at(self.song_s(clock_s))

    def events(self, start_s: float, end_s: float) -> list[Event]:
        """Events due in [start_s, end_s) of clock time, sorted; notes end where the loop turns."""
        found: list[Event] = []
        clock = max(start_s, self.began_s)
        while clock < end_s:
            song = self.song_s(clock)
            span = end_s - clock
            turns = self.loop_s is not None and song + span >= self.loop_s[1]
            if turns and self.loop_s is not None:
                span = max(self.loop_s[1] - song, 1e-6)
            found += self._stretch(song, song + span, clock - song)
            if turns and self.loop_s is not None:
                found += self._turn(self.loop_s, clock + span)
            clock += span
        return found

    def _stretch(self, song_start: float, song_end: float, offset: float) -> list[Event]:
        events = self.schedule.between(song_start, song_end)
        if self.metronome:
            events = sorted(events + clicks(self.score.timeline, song_start, song_end), key=lambda event: event[0])
        return [(second + offset, status, first, value) for second, status, first, value in events]

    def _turn(self, loop_s: tuple[float, float], clock_s: float) -> list[Event]:
        """At the loop's end: let go of what sounds, and set what held at its start."""
        offs = [(clock_s, NOTE_OFF | channel, pitch, 64) for channel, pitch in sorted(self.schedule.sounding(loop_s[1]))]
        return offs + [(clock_s, *message) for message in self.schedule.setup(loop_s[0])]

    def sounding(self, clock_s: float) -> tuple[tuple[int, int], ...]:
        """Channel and pitch of what should sound at this clock time, having begun since playing did."""
        return tuple(sorted(self.schedule.sounding(self.song_s(clock_s))))
