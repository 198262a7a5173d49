"""Move or copy notes: a block that keeps its shape, stopping at the edges of the music."""

from __future__ import annotations

from musegen_app.editor.tools.gesture import NOTHING, Context, Preview
from musegen_app.editor.tools.pointer import Modifier, Pointer
from musegen_app.score import NoteTable, transforms


class Move:
    """The selected notes follow the pointer. Shift keeps to the axis moved along most, Ctrl at the press leaves a copy."""

    def __init__(self, context: Context, pointer: Pointer, notes: NoteTable) -> None:
        self._context, self._notes, self._from = context, notes, pointer
        self._copies = pointer.holds(Modifier.CTRL)
        grabbed = notes.having([pointer.note_id])
        self._anchor_tick = int(grabbed.start[0]) if grabbed else int(notes.start[0])
        self._anchor_pitch = int(grabbed.pitch[0]) if grabbed else int(notes.pitch[0])
        self._moved = notes

    def drag(self, pointer: Pointer) -> Preview:
        """Where the block would be."""
        ticks, semitones = self._distance(pointer)
        self._moved = transforms.transpose(transforms.move(self._notes, ticks), semitones)
        if self._moved == self._notes:
            return Preview(sounding=self._sounding())
        hidden = frozenset() if self._copies else frozenset(self._notes.id.tolist())
        return Preview(hidden=hidden, shown=self._moved, sounding=self._sounding())

    def _sounding(self) -> int:
        return self._anchor_pitch + int(self._moved.pitch.min() - self._notes.pitch.min())

    def _distance(self, pointer: Pointer) -> tuple[int, int]:
        drawn_ticks = pointer.tick - self._from.tick
        semitones = pointer.pitch - self._from.pitch
        if pointer.holds(Modifier.SHIFT):
            rows_wide = abs(drawn_ticks) / max(self._context.step, 1)
            drawn_ticks, semitones = (drawn_ticks, 0) if rows_wide >= abs(semitones) else (0.0, semitones)
        if abs(drawn_ticks) < self._context.step_for(pointer) / 2:
            return 0, semitones
        return self._context.nearest(self._anchor_tick + drawn_ticks, pointer) - self._anchor_tick, semitones

    def commit(self) -> None:
        """Move or copy in one step; a drag back to the origin does nothing."""
        if self._moved == self._notes:
            return
        if self._copies:
            added = self._context.document.score.new_notes(self._moved)
            self._context.replace("Copy notes", NoteTable.empty(), added)
            self._context.document.select(added.id.tolist())
        else:
            self._context.replace("Move notes", self._notes, self._moved)


class Still:
    """A press that only selects (Shift or Alt on a note): nothing follows."""

    def drag(self, pointer: Pointer) -> Preview:  # noqa: ARG002  a gesture's signature
        """Nothing to show."""
        return NOTHING

    def commit(self) -> None:
        """Nothing to do."""
