"""How long the way from one port to another is: notes go out at known times, and come in at times that are looked at. Pure.

The engine plays the notes as it plays everything, and an input port tells when they arrived; what lies between is the
system, the cables and whatever instruments are on the way.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Final

from musegen_app.errors import PortError
from musegen_app.midi_io.messages import NOTE_ON, Message
from musegen_app.score import TICKS_PER_QUARTER, Note, NoteTable, Score, Tempo, Timeline, Track

NOTES: Final = 32
_GAP_S: Final = 0.12
_LEAD: Final = 5  # gaps before the first note: a port takes a moment to open
_TAIL: Final = 6  # gaps after the last: no way we know is longer
_LOWEST: Final = 48
_BPM: Final = 60 / _GAP_S
_ENOUGH: Final = 24
_EARLIEST_S: Final = -0.005


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Milliseconds from sending to arrival: the median, and how far the middle nine tenths lie apart."""

    median_ms: float
    spread_ms: float
    heard: int


class Calibration:
    """Play :attr:`score` from its start, and hand over what comes in meanwhile."""

    def __init__(self, output: str, input_name: str) -> None:
        self._output, self.input_name = output, input_name
        self._late_s: dict[int, float] = {}

    @property
    def score(self) -> Score:
        """What is played: a note on each beat through the output; a mute note keeps the playhead running for the last."""
        beats = range(_LEAD, _LEAD + NOTES)
        notes = [Note(b * TICKS_PER_QUARTER, TICKS_PER_QUARTER // 2, _LOWEST + b - _LEAD, 64) for b in beats]
        end = Note((_LEAD + NOTES + _TAIL) * TICKS_PER_QUARTER, TICKS_PER_QUARTER, _LOWEST)
        sent = Track(1, "Loopback", notes=NoteTable.of(notes), port=self._output)
        tail = Track(2, "Tail", notes=NoteTable.of([end]).numbered(NOTES + 1), muted=True)
        return Score((sent, tail), Timeline((Tempo.of_bpm(_BPM),)), next_id=NOTES + 2)

    @property
    def length_s(self) -> float:
        """How long it takes."""
        return (_LEAD + NOTES + _TAIL) * _GAP_S

    @property
    def heard(self) -> int:
        """How many notes have come back."""
        return len(self._late_s)

    def hear(self, message: Message, tick: float) -> None:
        """A message that came in when the playhead was at ``tick``. Each note counts when it comes first."""
        if message[0] & 0xF0 != NOTE_ON or not message[2]:
            return
        number = message[1] - _LOWEST
        late_s = (tick / TICKS_PER_QUARTER - _LEAD - number) * _GAP_S
        if 0 <= number < NOTES and number not in self._late_s and late_s > _EARLIEST_S:
            self._late_s[number] = late_s

    def result(self) -> RoundTrip:
        """What was measured.

        Raises:
            PortError: nothing came back, or too little.
        """
        there = f"at {self.input_name}"
        if not self.heard:
            none = f"Nothing came back {there}: connect {self._output} to it, or choose other ports."
            raise PortError(none, self.input_name)
        if self.heard < _ENOUGH:
            few = f"Only {self.heard} of {NOTES} notes came back {there}"
            raise PortError(f"{few}; look at the way there from {self._output}.", self.input_name)
        late_ms = sorted(1000 * late_s for late_s in self._late_s.values())
        last = len(late_ms) - 1
        spread_ms = late_ms[round(last * 0.95)] - late_ms[round(last * 0.05)]
        return RoundTrip(statistics.median(late_ms), spread_ms, self.heard)
