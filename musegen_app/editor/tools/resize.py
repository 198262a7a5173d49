"""Resize notes at either end."""

from __future__ import annotations

import numpy as np

from musegen_app.editor.tools.gesture import Context, Preview
from musegen_app.editor.tools.pointer import Modifier, Pointer, Zone
from musegen_app.score import Note, NoteTable, transforms


class Resize:
    """All selected notes change by as much as the grabbed one; with Shift in proportion to their lengths."""

    def __init__(self, context: Context, pointer: Pointer, notes: NoteTable) -> None:
        self._context, self._notes, self._from = context, notes, pointer
        self._at_start = pointer.zone is Zone.START
        self._grabbed: Note = notes.having([pointer.note_id])[0]
        self._resized = notes

    @property
    def length(self) -> int:
        """Length of the grabbed note as it would be: new notes take it over."""
        return self._resized.having([self._grabbed.id])[0].length

    def drag(self, pointer: Pointer) -> Preview:
        """How long the notes would be."""
        ticks = self._change(pointer)
        if pointer.holds(Modifier.SHIFT):
            self._resized = self._in_proportion(ticks)
        elif self._at_start:
            self._resized = transforms.resize_start(self._notes, ticks, self._shortest(pointer))
        else:
            self._resized = transforms.resize(self._notes, ticks, self._shortest(pointer))
        if self._resized == self._notes:
            return Preview()
        return Preview(hidden=frozenset(self._notes.id.tolist()), shown=self._resized)

    def _shortest(self, pointer: Pointer) -> int:
        return min(self._context.step_for(pointer), self._grabbed.length)

    def _change(self, pointer: Pointer) -> int:
        drawn = pointer.tick - self._from.tick
        if abs(drawn) < min(self._context.step_for(pointer), self._grabbed.length) / 2:
            return 0
        edge = self._grabbed.start if self._at_start else self._grabbed.end
        target = self._context.nearest(edge + drawn, pointer)
        shortest = self._shortest(pointer)
        if self._at_start:
            return min(target, self._grabbed.end - shortest) - edge
        return max(target, self._grabbed.start + shortest) - edge

    def _in_proportion(self, ticks: int) -> NoteTable:
        grown = -ticks if self._at_start else ticks
        factor = max(self._grabbed.length + grown, 1) / self._grabbed.length
        length = np.maximum(np.rint(self._notes.length * factor).astype(np.int64), 1)
        start = np.maximum(self._notes.end - length, 0) if self._at_start else self._notes.start
        return self._notes.with_columns(start=start, length=self._notes.end - start if self._at_start else length)

    def commit(self) -> None:
        """Resize in one step."""
        if self._resized != self._notes:
            self._context.replace("Resize notes", self._notes, self._resized)
