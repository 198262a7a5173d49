"""Change velocities in the lane: set a stalk, or draw a ramp across many."""

from __future__ import annotations

from typing import Final

import numpy as np

from musegen_app.editor.tools.gesture import Context, Preview
from musegen_app.editor.tools.pointer import Pointer
from musegen_app.score import NoteTable
from musegen_app.score.notes import MAX_VELOCITY

REACH_PX: Final = 4.0
"""How far beside a stalk the pointer may be."""


class Velocity:
    """Stalks under the pointer take its height; where notes are selected only those do."""

    def __init__(self, context: Context, pointer: Pointer) -> None:
        self._context, self._reach = context, REACH_PX / context.px_per_tick
        notes = context.document.active_track.notes
        self._notes = context.document.selected or notes
        self._velocity = self._notes.velocity.copy()
        self._last = (pointer.tick, pointer.velocity)

    def drag(self, pointer: Pointer) -> Preview:
        """Set the stalks passed since the last place to the line between there and here."""
        tick, velocity = pointer.tick, pointer.velocity
        (start, v_start), (end, v_end) = sorted((self._last, (tick, velocity)))
        rows = self._notes.starting_in(int(start - self._reach), int(end + self._reach) + 1)
        at = self._notes.start[rows]
        along = np.clip((at - start) / (end - start), 0, 1) if end > start else np.ones(len(at))
        line = v_start + (v_end - v_start) * along if end > start else np.full(len(at), velocity)
        self._velocity[rows] = np.clip(np.rint(line), 1, MAX_VELOCITY).astype(np.int64)
        self._last = (tick, velocity)
        changed = self._notes.take(self._velocity != self._notes.velocity)
        return Preview(hidden=frozenset(changed.id.tolist()), shown=self._result(changed))

    def _result(self, changed: NoteTable) -> NoteTable:
        return changed.with_columns(velocity=self._velocity[self._notes.rows_of(changed.id)])

    def commit(self) -> None:
        """Set them in one step."""
        changed = self._notes.take(self._velocity != self._notes.velocity)
        self._context.replace("Change velocity", changed, self._result(changed))
