"""Draw a note: press for one of the last length, hold on and drag for its length and pitch."""

from __future__ import annotations

from musegen_app.editor.tools.gesture import Context, Preview
from musegen_app.editor.tools.pointer import Pointer
from musegen_app.score import Note, NoteTable


class Draw:
    """One new note."""

    def __init__(self, context: Context, pointer: Pointer) -> None:
        self._context = context
        self._pressed_tick = pointer.tick
        self._stretched = False
        start = context.below(pointer.tick, pointer)
        self._note = Note(start, max(context.length, 1), pointer.pitch, context.velocity)

    @property
    def note(self) -> Note:
        """The note as it would be."""
        return self._note

    def drag(self, pointer: Pointer) -> Preview:
        """Sideways is length, up and down is pitch."""
        step = self._context.step_for(pointer)
        self._stretched = self._stretched or abs(pointer.tick - self._pressed_tick) >= step / 2
        length = self._note.length
        if self._stretched:
            length = max(self._context.nearest(pointer.tick, pointer) - self._note.start, step)
        self._note = Note(self._note.start, length, pointer.pitch, self._note.velocity)
        return self.preview()

    def preview(self) -> Preview:
        """The note in its place."""
        return Preview(shown=NoteTable.of([self._note]), sounding=self._note.pitch)

    def commit(self) -> None:
        """Put it in and select it."""
        added = self._context.document.score.new_notes([self._note])
        self._context.replace("Draw note", NoteTable.empty(), added)
        self._context.document.select(added.id.tolist())
