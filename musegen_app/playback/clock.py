"""MIDI clock, as the window plans it: 24 pulses a quarter along the tempo map, and when the others set off. Pure.

Start makes a receiver begin with the next pulse, so it goes out 1 ms before that one. Elsewhere than at the beginning
receivers are told a sixteenth (song position) and to continue there: again 1 ms before the pulse that falls on it.
"""

from __future__ import annotations

import math
from typing import Final

from musegen_app.midi_io import messages
from musegen_app.midi_io.messages import Message
from musegen_app.playback.plan import Plan
from musegen_app.score import TICKS_PER_QUARTER

PULSE_TICKS: Final = TICKS_PER_QUARTER // 24
SIXTEENTH_TICKS: Final = TICKS_PER_QUARTER // 4
LEAD_S: Final = 0.001
_TO_FIND_S: Final = 0.004  # receivers get this long to find the place
EARLY_S: Final = LEAD_S + _TO_FIND_S + 0.001
"""So long before the first note there may be something to send."""
_MAX_POSITION: Final = (1 << 14) - 1  # what a song position can tell: 1,024 bars of 4/4
_NEAR_TICKS: Final = 1e-3  # a playhead this close to a sixteenth stands on it

Due = tuple[float, Message]
"""Clock time in seconds, and what is sent then."""


class ClockTrain:
    """The pulses of one run of the playhead, from setting off to stopping. Edits change its plan on the way."""

    def __init__(self, plan: Plan, from_s: float) -> None:
        self._departure = _departure(plan, from_s, from_s - EARLY_S)

    def change(self, plan: Plan, turn_s: float) -> None:
        """From ``turn_s`` on the playhead goes by another plan; receivers that have not set off yet do so by it."""
        if self._departure[-1][0] >= turn_s:
            self._departure = _departure(plan, turn_s, turn_s)

    def due(self, plan: Plan, start_s: float, end_s: float) -> list[Due]:
        """What is sent in [start_s, end_s), sorted."""
        pulses: list[Due] = [(second, (messages.CLOCK,)) for second in plan.pulses(start_s, end_s, PULSE_TICKS)]
        departure = [due for due in self._departure if start_s <= due[0] < end_s]
        return sorted(departure + pulses, key=lambda due: due[0])


def _departure(plan: Plan, from_s: float, earliest_s: float) -> list[Due]:
    """How receivers set off that go along from ``from_s`` on."""
    from_s = max(from_s, plan.began_s)
    timeline, song_s = plan.score.timeline, plan.song_s(from_s)  # by the tempo alone: pulses do not swing
    sixteenth = math.ceil((timeline.tick_at(song_s) - _NEAR_TICKS) / SIXTEENTH_TICKS)
    if sixteenth <= 0:
        return [(max(from_s - LEAD_S, earliest_s), (messages.START,))]
    wait_s = max(timeline.second_at(sixteenth * SIXTEENTH_TICKS) - song_s, 0.0)
    place = messages.song_position(min(sixteenth, _MAX_POSITION))
    begins_s = max(from_s + wait_s - LEAD_S, earliest_s)
    return [(max(begins_s - _TO_FIND_S, earliest_s), place), (begins_s, (messages.CONTINUE,))]
