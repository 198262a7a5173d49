"""The music that lateness is measured with, and the player that a first attempt would be: a thread that sleeps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from musegen_app.score import TICKS_PER_QUARTER, NoteTable, Score, Timeline, Track

EVENTS_A_SECOND: Final = 96
_BPM: Final = 120
_STEP_TICKS: Final = TICKS_PER_QUARTER * _BPM // 60 // EVENTS_A_SECOND


def steady_music(events: int) -> Score:
    """Beginnings and ends of notes in turn, 96 a second."""
    notes = max(events // 2, 1)
    start = [2 * _STEP_TICKS * row for row in range(notes)]
    table = NoteTable.from_columns(start, [_STEP_TICKS] * notes, [48 + row % 24 for row in range(notes)])
    return Score((Track(1, notes=table),), Timeline().with_tempo(_BPM))


class SleepingThread:
    """Sends at absolute times, as well as ``time.sleep`` in a thread of this process can."""

    def __init__(self, events: int, send: Callable[[], None] = lambda: None) -> None:
        self._events, self._send = events, send
        self.lateness_s: list[float] = []
        self._thread = threading.Thread(target=self._play, name="naive player", daemon=True)

    def start(self) -> None:
        """Play now."""
        self._thread.start()

    @property
    def is_playing(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    def _play(self) -> None:
        began = time.perf_counter()
        for number in range(self._events):
            deadline = began + number / EVENTS_A_SECOND
            time.sleep(max(deadline - time.perf_counter(), 0.0))
            self.lateness_s.append(time.perf_counter() - deadline)
            self._send()
