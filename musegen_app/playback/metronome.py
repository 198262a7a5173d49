"""Clicks on the beats, louder on the bar."""

from __future__ import annotations

from typing import Final

from musegen_app.midi_io.messages import NOTE_OFF, NOTE_ON
from musegen_app.playback.schedule import Event
from musegen_app.score import DRUM_CHANNEL, Timeline

_BAR: Final = (76, 112)  # General MIDI's high wood block, and its velocity
_BEAT: Final = (77, 84)
_LENGTH_S: Final = 0.04


def clicks(timeline: Timeline, start_s: float, end_s: float) -> list[Event]:
    """Beginnings and ends of clicks in [start_s, end_s), sorted. An end may belong to a click before ``start_s``."""
    found: list[Event] = []
    for second, pitch, velocity in _beats(timeline, start_s - _LENGTH_S, end_s):
        found.append((second, NOTE_ON | DRUM_CHANNEL, pitch, velocity))
        found.append((second + _LENGTH_S, NOTE_OFF | DRUM_CHANNEL, pitch, 64))
    return sorted(event for event in found if start_s <= event[0] < end_s)


def sounding(timeline: Timeline, second: float) -> set[tuple[int, int]]:
    """Channel and pitch of the clicks that began before ``second`` and end at it or later."""
    beats = _beats(timeline, second - _LENGTH_S, second)
    return {(DRUM_CHANNEL, pitch) for began, pitch, _ in beats if second <= began + _LENGTH_S}


def _beats(timeline: Timeline, start_s: float, end_s: float) -> list[tuple[float, int, int]]:
    """Second, pitch and velocity of the beats in [start_s, end_s)."""
    found = []
    bar = timeline.bar_at(max(int(timeline.tick_at(max(start_s, 0.0))), 0))
    while timeline.second_at(timeline.bar_start(bar)) < end_s:
        start, following = timeline.bar_start(bar), timeline.bar_start(bar + 1)
        for tick in range(start, following, timeline.metre_at(start).beat_ticks):
            second = timeline.second_at(tick)
            if start_s <= second < end_s:
                found.append((second, *(_BAR if tick == start else _BEAT)))
        bar += 1
    return found
