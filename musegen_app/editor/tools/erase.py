"""Erase: every note the pointer sweeps over."""

from __future__ import annotations

from musegen_app.editor.tools.gesture import Context, Preview
from musegen_app.editor.tools.pointer import Pointer


class Erase:
    """Right button: the note under it, and those it is dragged across."""

    def __init__(self, context: Context, pointer: Pointer) -> None:
        self._context = context
        self._last = pointer
        self._swept: set[int] = {pointer.note_id} - {0}

    def drag(self, pointer: Pointer) -> Preview:
        """Notes between the last place and this one go too, so that a quick stroke misses none."""
        low, high = sorted((self._last.pitch, pointer.pitch))
        start, end = sorted((self._last.tick, pointer.tick))
        notes = self._context.document.active_track.notes
        if pointer.note_id:
            self._swept.add(pointer.note_id)
        if (low, int(start)) != (high, int(end)):
            rows = notes.overlapping(int(start), int(end) + 1)
            inside = (notes.pitch[rows] >= low) & (notes.pitch[rows] <= high)
            crossed = notes.take(rows[inside])
            self._swept.update(n.id for n in crossed if self._crosses(n.start, n.end, n.pitch, pointer))
        self._last = pointer
        return Preview(hidden=frozenset(self._swept))

    def _crosses(self, note_start: int, note_end: int, pitch: int, to: Pointer) -> bool:
        """Whether the line from the last place to ``to`` passes through the note's row within its time."""
        rise = to.pitch - self._last.pitch
        if rise == 0:
            return True
        along = (pitch - self._last.pitch) / rise
        slack = 0.5 / abs(rise)
        ticks = [self._last.tick + (to.tick - self._last.tick) * min(max(a, 0), 1) for a in (along - slack, along + slack)]
        return min(ticks) < note_end and max(ticks) >= note_start

    def commit(self) -> None:
        """Remove them in one step."""
        removed = self._context.document.active_track.notes.having(list(self._swept))
        self._context.replace("Erase notes", removed, removed.take(slice(0, 0)))
