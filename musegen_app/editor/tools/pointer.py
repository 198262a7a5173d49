"""Where the pointer is, in the music's own terms."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from musegen_app.score import NoteTable

EDGE_PX: Final = 8.0


class Zone(Enum):
    """Which part of a note the pointer is on."""

    NONE = auto()
    START = auto()
    BODY = auto()
    END = auto()


class Modifier(Enum):
    """Keys held."""

    SHIFT = auto()
    CTRL = auto()
    ALT = auto()


@dataclass(frozen=True, slots=True)
class Pointer:
    """``tick`` may be fractional; ``note_id`` is the note under the pointer (0 = none) and ``zone`` its part there.

    In the velocity lane the pointer has a ``velocity`` (beyond 1–127 above and below the lane) and no meaningful pitch.
    """

    tick: float
    pitch: int
    note_id: int = 0
    zone: Zone = Zone.NONE
    modifiers: frozenset[Modifier] = frozenset()
    velocity: float = 0.0

    def holds(self, modifier: Modifier) -> bool:
        """Whether this key is held."""
        return modifier in self.modifiers


def hit(notes: NoteTable, tick: float, pitch: int, px_per_tick: float) -> tuple[int, Zone]:
    """Id and part of the note at this place; of several the one that began last. (0, NONE) where there is none.

    The edges are 8 px wide, but never more than a third of the note each.
    """
    rows = notes.overlapping(int(tick), int(tick) + 1)
    rows = rows[notes.pitch[rows] == pitch]
    if not len(rows):
        return 0, Zone.NONE
    note = notes[int(rows[-1])]
    edge = min(EDGE_PX / px_per_tick, note.length / 3)
    if tick >= note.end - edge:
        return note.id, Zone.END
    return note.id, Zone.START if tick < note.start + edge else Zone.BODY
