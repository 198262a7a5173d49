"""Edits asked for by key or menu, on the selected notes. Each answers whether anything changed."""

from __future__ import annotations

from collections.abc import Callable

from musegen_app.editor import clipboard, grid
from musegen_app.editor.document import Document
from musegen_app.score import Change, NoteTable, transforms

OCTAVE = 12


def delete(document: Document, name: str = "Delete notes") -> bool:
    """Remove the selected notes."""
    return document.edit(name, Change.of_notes(document.active_track_id, removed=document.selected))


def select_all(document: Document) -> None:
    """Select every note of the active track."""
    document.select(document.active_track.notes.id.tolist())


def copy(document: Document) -> str:
    """The selected notes as text for the clipboard; "" without any."""
    return clipboard.to_text(document.selected) if document.selection else ""


def paste(document: Document, text: str, tick: int) -> int:
    """Insert copied notes at ``tick`` and select them; where the next paste goes, or ``tick`` when nothing was copied.

    What was pasted at a bar line is followed at a bar line, so that a phrase repeats in time; elsewhere on the grid.
    """
    notes = clipboard.from_text(text)
    if not notes:
        return tick
    added = document.score.new_notes(transforms.move(notes, tick))
    document.edit("Paste", Change.of_notes(document.active_track_id, added=added))
    document.select(added.id.tolist())
    timeline = document.score.timeline
    if timeline.bar_ceil(tick) == tick:
        return timeline.bar_ceil(added.end_tick)
    return tick + _whole_steps(document, added.end_tick - tick)


def duplicate(document: Document) -> bool:
    """The selected notes once more, right after themselves (whole grid steps later)."""
    notes = document.selected
    if not notes:
        return False
    length = _whole_steps(document, notes.end_tick - int(notes.start[0]))
    added = document.score.new_notes(transforms.move(notes, length))
    changed = document.edit("Duplicate", Change.of_notes(document.active_track_id, added=added))
    document.select(added.id.tolist())
    return changed


def _whole_steps(document: Document, ticks: int) -> int:
    step = max(document.snap.ticks, 1)
    return -(-ticks // step) * step


def transpose(document: Document, semitones: int) -> bool:
    """Higher or lower, as a block."""
    return _nudged(document, "Transpose", lambda n: transforms.transpose(n, semitones))


def nudge(document: Document, ticks: int) -> bool:
    """Later or earlier, as a block."""
    return _nudged(document, "Nudge", lambda n: transforms.move(n, ticks))


def lengthen(document: Document, ticks: int) -> bool:
    """Longer or shorter, each by the same."""
    return _nudged(document, "Change length", lambda n: transforms.resize(n, ticks))


def quantise(document: Document, step: int) -> bool:
    """Starts of the selected notes, or of all where none is selected, to the grid."""
    notes = document.selected or document.active_track.notes
    moved = notes.with_columns(start=grid.snapped(notes.start, step, document.score.timeline))
    return document.edit("Quantise", Change.of_notes(document.active_track_id, removed=notes, added=moved))


def _nudged(document: Document, name: str, made: Callable[[NoteTable], NoteTable]) -> bool:
    """Edit the selected notes in a step that joins with its like."""
    notes = document.selected
    change = Change.of_notes(document.active_track_id, removed=notes, added=made(notes))
    return document.edit(name, change, join_key=name)
