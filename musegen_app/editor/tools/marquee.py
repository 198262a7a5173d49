"""Marquee: select what lies in a rectangle."""

from __future__ import annotations

from musegen_app.editor.tools.gesture import Area, Context, Preview
from musegen_app.editor.tools.pointer import Modifier, Pointer
from musegen_app.score import NoteTable


def notes_in(notes: NoteTable, area: Area) -> NoteTable:
    """The notes that touch the rectangle."""
    rows = notes.overlapping(int(area.start_tick), int(area.end_tick) + 1)
    pitch = notes.pitch[rows]
    return notes.take(rows[(pitch >= area.low_pitch) & (pitch <= area.high_pitch)])


class Marquee:
    """Shift adds to the selection, Alt takes from it."""

    def __init__(self, context: Context, pointer: Pointer) -> None:
        self._context, self._from = context, pointer
        self._before = context.document.selection
        self._picked = self._before if pointer.modifiers & {Modifier.SHIFT, Modifier.ALT} else frozenset[int]()

    def drag(self, pointer: Pointer) -> Preview:
        """The rectangle and what it would select."""
        start, end = sorted((self._from.tick, pointer.tick))
        low, high = sorted((self._from.pitch, pointer.pitch))
        area = Area(start, end, low, high)
        inside = frozenset(notes_in(self._context.document.active_track.notes, area).id.tolist())
        if self._from.holds(Modifier.SHIFT):
            self._picked = self._before | inside
        elif self._from.holds(Modifier.ALT):
            self._picked = self._before - inside
        else:
            self._picked = inside
        return Preview(area=area, picked=self._picked)

    def commit(self) -> None:
        """Select."""
        self._context.document.select(self._picked)
