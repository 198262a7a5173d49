"""A track: notes and controllers for one channel of one port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from musegen_app.score.notes import EMPTY, NoteTable

DRUM_CHANNEL: Final = 9
MAX_BANK: Final = 16383
PITCH_BEND: Final = 128
"""Controller number under which a track keeps pitch bend (value 0–16383, centre 8192)."""


@dataclass(frozen=True, slots=True)
class ControlChange:
    """A controller's new value: ``number`` 0–127 with value 0–127, or :data:`PITCH_BEND`."""

    tick: int
    number: int
    value: int


@dataclass(frozen=True, slots=True)
class Track:
    """Immutable. ``channel`` 0–15 (9 = drums), ``program`` 0–127; ``controls`` sorted by tick.

    ``port`` is the name of the MIDI port it is sent to, "" for the main one. ``bank`` 0–16383 (128 × coarse + fine) is
    chosen before the programme; None leaves the instrument in the bank it is in.
    """

    id: int
    name: str = ""
    channel: int = 0
    program: int = 0
    notes: NoteTable = EMPTY
    controls: tuple[ControlChange, ...] = ()
    muted: bool = False
    soloed: bool = False
    port: str = ""
    bank: int | None = None

    @property
    def is_drums(self) -> bool:
        """Whether the channel is General MIDI's drum channel."""
        return self.channel == DRUM_CHANNEL
