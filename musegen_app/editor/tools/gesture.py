"""What every gesture has in common: it follows the pointer, shows what would be, and at the end does just that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from musegen_app.editor import grid
from musegen_app.editor.document import Document
from musegen_app.editor.tools.pointer import Modifier, Pointer
from musegen_app.score import EMPTY, Change, NoteTable


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of music: ticks, and pitches inclusive."""

    start_tick: float
    end_tick: float
    low_pitch: int
    high_pitch: int


@dataclass(frozen=True, slots=True)
class Preview:
    """How the roll looks now: ``hidden`` notes of the score are not drawn, ``shown`` ones are drawn in their place.

    ``area`` is the marquee, ``picked`` what it would select; ``sounding`` the pitch to be heard.
    """

    hidden: frozenset[int] = frozenset()
    shown: NoteTable = EMPTY
    area: Area | None = None
    picked: frozenset[int] | None = None
    sounding: int | None = None


NOTHING: Final = Preview()


class Gesture(Protocol):
    """From press to release."""

    def drag(self, pointer: Pointer) -> Preview:
        """The pointer moved."""
        ...

    def commit(self) -> None:
        """The button was released: do what was last shown."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a gesture needs to know: the document, the zoom (for adaptive grids), the length and velocity of new notes."""

    document: Document
    px_per_tick: float
    length: int
    velocity: int

    @property
    def step(self) -> int:
        """Ticks between grid lines."""
        return grid.step_ticks(self.document.snap, self.px_per_tick)

    def step_for(self, pointer: Pointer) -> int:
        """The same, 1 while Alt bypasses the grid."""
        return 1 if pointer.holds(Modifier.ALT) else self.step

    def nearest(self, tick: float, pointer: Pointer) -> int:
        """The grid line nearest to ``tick``."""
        return grid.snap_nearest(tick, self.step_for(pointer), self.document.score.timeline)

    def below(self, tick: float, pointer: Pointer) -> int:
        """The grid line at or before ``tick``."""
        return grid.snap_down(tick, self.step_for(pointer), self.document.score.timeline)

    def replace(self, name: str, removed: NoteTable, added: NoteTable) -> bool:
        """Edit the active track in one step."""
        return self.document.edit(name, Change.of_notes(self.document.active_track_id, removed, added))
