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
    """Clicks that begin in [start_s, end_s), each with its end, sorted; the ends may lie a little past ``end_s``."""
    found: list[Event] = []
    bar = timeline.bar_at(max(int(timeline.tick_at(start_s)), 0))
    while timeline.second_at(timeline.bar_start(bar)) < end_s:
        start, following = timeline.bar_start(bar), timeline.bar_start(bar + 1)
        for tick in range(start, following, timeline.metre_at(start).beat_ticks):
            second = timeline.second_at(tick)
            if start_s <= second < end_s:
                pitch, velocity = _BAR if tick == start else _BEAT
                found.append((second, NOTE_ON | DRUM_CHANNEL, pitch, velocity))
                found.append((second + _LENGTH_S, NOTE_OFF | DRUM_CHANNEL, pitch, 64))
        bar += 1
    return sorted(found)
