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
    """Insert copied notes at ``tick`` and select them; the tick after them (for the next paste), or ``tick``."""
    notes = clipboard.from_text(text)
    if not notes:
        return tick
    added = document.score.new_notes(transforms.move(notes, tick))
    document.edit("Paste", Change.of_notes(document.active_track_id, added=added))
    document.select(added.id.tolist())
    return document.score.timeline.bar_ceil(added.end_tick) if tick_on_bar(document, tick) else added.end_tick


def tick_on_bar(document: Document, tick: int) -> bool:
    """Whether ``tick`` is a bar line."""
    return document.score.timeline.bar_ceil(tick) == tick


def duplicate(document: Document) -> bool:
    """The selected notes once more, right after themselves (whole grid steps later)."""
    notes = document.selected
    if not notes:
        return False
    step = max(document.snap.ticks, 1)
    length = -(-(notes.end_tick - int(notes.start[0])) // step) * step
    added = document.score.new_notes(transforms.move(notes, length))
    changed = document.edit("Duplicate", Change.of_notes(document.active_track_id, added=added))
    document.select(added.id.tolist())
    return changed


def transpose(document: Document, semitones: int) -> bool:
    """Higher or lower, as a block."""
    return _replace(document, "Transpose", lambda n: transforms.transpose(n, semitones), join=True)


def nudge(document: Document, ticks: int) -> bool:
    """Later or earlier, as a block."""
    return _replace(document, "Nudge", lambda n: transforms.move(n, ticks), join=True)


def lengthen(document: Document, ticks: int) -> bool:
    """Longer or shorter, each by the same."""
    return _replace(document, "Change length", lambda n: transforms.resize(n, ticks), join=True)


def quantise(document: Document, step: int) -> bool:
    """Starts of the selected notes, or of all where none is selected, to the grid."""
    if not document.selection:
        select_all(document)
    timeline = document.score.timeline

    def snapped(notes: NoteTable) -> NoteTable:
        return notes.with_columns(start=[grid.snap_nearest(int(t), step, timeline) for t in notes.start])

    return _replace(document, "Quantise", snapped)


def _replace(document: Document, name: str, made: Callable[[NoteTable], NoteTable], *, join: bool = False) -> bool:
    notes = document.selected
    if not notes:
        return False
    change = Change.of_notes(document.active_track_id, removed=notes, added=made(notes))
    return document.edit(name, change, name if join else "")
