"""Undo and redo. The history keeps changes, not copies; a step has a name that the menu shows."""

from __future__ import annotations

from dataclasses import dataclass, field

from musegen_app.score.change import Change

JOIN_WITHIN_S = 0.6
"""Nudges that follow one another within this time become one step."""


@dataclass(frozen=True, slots=True)
class Step:
    """One undoable step. Steps of the same ``join_key`` made in quick succession are joined."""

    name: str
    change: Change
    join_key: str = ""
    made_at_s: float = 0.0


@dataclass
class History:
    """Steps done and undone. Belongs to the thread that owns the document."""

    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)
    _saved_step: Step | None = None

    def push(self, step: Step) -> None:
        """Record a step that was just applied; what was undone before is forgotten.

        A saved step is never joined with a later one, so that undo finds the way back to what was saved.
        """
        self.undone.clear()
        last = self.done[-1] if self.done else None
        if last and last is not self._saved_step and _joins(last, step):
            self.done[-1] = Step(last.name, last.change.then(step.change), step.join_key, step.made_at_s)
        else:
            self.done.append(step)

    def undo(self) -> Step | None:
        """The step to take back (apply its inverse), or None at the beginning."""
        if not self.done:
            return None
        self.undone.append(self.done.pop())
        return self.undone[-1]

    def redo(self) -> Step | None:
        """The step to do again (apply its change), or None when nothing was undone."""
        if not self.undone:
            return None
        self.done.append(self.undone.pop())
        return self.done[-1]

    @property
    def undo_name(self) -> str:
        """Name of the step that undo would take back, or ""."""
        return self.done[-1].name if self.done else ""

    @property
    def redo_name(self) -> str:
        """Name of the step that redo would bring back, or ""."""
        return self.undone[-1].name if self.undone else ""

    def mark_saved(self) -> None:
        """Remember that the document is saved as it is now."""
        self._saved_step = self.done[-1] if self.done else None

    @property
    def is_saved(self) -> bool:
        """Whether nothing changed since :meth:`mark_saved` (undoing back to it counts)."""
        return (self.done[-1] if self.done else None) is self._saved_step


def _joins(last: Step, step: Step) -> bool:
    return bool(step.join_key) and last.join_key == step.join_key and step.made_at_s - last.made_at_s < JOIN_WITHIN_S
