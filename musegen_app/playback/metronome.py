"""Clicks on the beats, louder on the bar, and the bars that are counted in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from musegen_app.midi_io.messages import NOTE_OFF, NOTE_ON
from musegen_app.playback.schedule import Event
from musegen_app.playback.sounding import Key
from musegen_app.score import DRUM_CHANNEL, TICKS_PER_QUARTER, Timeline

_BAR: Final = (76, 112)  # General MIDI's high wood block, and its velocity
_BEAT: Final = (77, 84)
_LENGTH_S: Final = 0.04

Beat = tuple[float, int, int]
"""Second, pitch and velocity."""


@dataclass(frozen=True, slots=True)
class Click:
    """Where it clicks: the port's name ("" is the main one) and the channel, 0–15."""

    port: str = ""
    channel: int = DRUM_CHANNEL

    def events(self, beats: list[Beat]) -> list[Event]:
        """Beginnings and ends of clicks, in no order."""
        ons = [(second, NOTE_ON | self.channel, pitch, velocity, self.port) for second, pitch, velocity in beats]
        offs = [(second + _LENGTH_S, NOTE_OFF | self.channel, pitch, 64, self.port) for second, pitch, _ in beats]
        return ons + offs

    def sounding(self, beats: list[Beat], second: float) -> set[Key]:
        """The clicks that began before ``second`` and end at it or later."""
        return {(self.port, self.channel, pitch) for began, pitch, _ in beats if began < second <= began + _LENGTH_S}


MAIN_DRUMS: Final = Click()


def clicks(timeline: Timeline, start_s: float, end_s: float, click: Click = MAIN_DRUMS) -> list[Event]:
    """Beginnings and ends of clicks in [start_s, end_s), sorted. An end may belong to a click before ``start_s``."""
    found = click.events(_beats(timeline, start_s - _LENGTH_S, end_s))
    return sorted(event for event in found if start_s <= event[0] < end_s)


def sounding(timeline: Timeline, second: float, click: Click = MAIN_DRUMS) -> set[Key]:
    """The clicks that began before ``second`` and end at it or later."""
    return click.sounding(_beats(timeline, second - _LENGTH_S, second), second)


def count_in(timeline: Timeline, tick: int, bars: int) -> tuple[float, list[Beat]]:
    """How long ``bars`` bars before ``tick`` last, in its tempo and metre; their beats, in (negative) seconds from there.

    Beats fall where the bar of ``tick`` has them, so that counting and music are one pulse wherever it begins.
    """
    metre, bar = timeline.metre_at(tick), timeline.bar_start(timeline.bar_at(tick))
    tick_s = timeline.tempo_at(tick).microseconds / 1e6 / TICKS_PER_QUARTER
    length = bars * metre.bar_ticks
    first = bar - (bar - tick + length) // metre.beat_ticks * metre.beat_ticks
    places = range(first, tick, metre.beat_ticks)
    return length * tick_s, [((at - tick) * tick_s, *(_BEAT if (at - bar) % metre.bar_ticks else _BAR)) for at in places]


def _beats(timeline: Timeline, start_s: float, end_s: float) -> list[Beat]:
    """The beats in [start_s, end_s)."""
    found: list[Beat] = []
    bar = timeline.bar_at(max(int(timeline.played_tick_at(max(start_s, 0.0))), 0))
    while timeline.played_second_at(timeline.bar_start(bar)) < end_s:
        start, following = timeline.bar_start(bar), timeline.bar_start(bar + 1)
        for tick in range(start, following, timeline.metre_at(start).beat_ticks):
            second = timeline.played_second_at(tick)
            if start_s <= second < end_s:
                found.append((second, *(_BAR if tick == start else _BEAT)))
        bar += 1
    return found
