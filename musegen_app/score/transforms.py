"""Pure functions from notes to notes: move, transpose, quantise, resize. Ids and flags are kept."""

from __future__ import annotations

import numpy as np

from musegen_app.score.notes import MAX_PITCH, Ints, NoteTable


def move(notes: NoteTable, ticks: int) -> NoteTable:
    """All notes ``ticks`` later (earlier when negative), as one block: none moves before tick 0."""
    if not notes:
        return notes
    return _shifted(notes, max(ticks, -int(notes.start[0])), 0)


def transpose(notes: NoteTable, semitones: int) -> NoteTable:
    """All notes higher or lower, as one block: at pitch 0 or 127 the block stops, so no chord is flattened."""
    if not notes:
        return notes
    lowest, highest = int(notes.pitch.min()), int(notes.pitch.max())
    return _shifted(notes, 0, min(max(semitones, -lowest), MAX_PITCH - highest))


def _shifted(notes: NoteTable, ticks: int, semitones: int) -> NoteTable:
    """A block keeps its order, so a drag of 100,000 notes need not sort them."""
    return NoteTable(notes.start + ticks, notes.length, notes.pitch + semitones, notes.velocity, notes.id, notes.flags)


def quantise(notes: NoteTable, grid_ticks: int, strength: float = 1.0, *, ends: bool = False) -> NoteTable:
    """Starts drawn towards the nearest line of a grid; lengths are kept.

    Args:
        notes: the notes.
        grid_ticks: distance of the grid lines, ≥ 1; halves go to the later line.
        strength: 0 leaves notes where they are, 1 puts them on the line.
        ends: also draw the ends to the grid (a note keeps at least one tick).

    Raises:
        ValueError: ``grid_ticks`` < 1 or ``strength`` outside 0 to 1.
    """
    if grid_ticks < 1 or not 0 <= strength <= 1:
        raise ValueError(f"cannot quantise to {grid_ticks} ticks with strength {strength}")

    def drawn(ticks: Ints) -> Ints:
        lines = (ticks + grid_ticks // 2) // grid_ticks * grid_ticks
        moved: Ints = ticks + np.rint((lines - ticks) * strength).astype(np.int64)
        return moved

    start = drawn(notes.start)
    length = np.maximum(drawn(notes.end) - start, 1) if ends else notes.length
    return notes.with_columns(start=start, length=length)


def resize(notes: NoteTable, ticks: int, min_length: int = 1) -> NoteTable:
    """All notes end ``ticks`` later (earlier when negative); none gets shorter than ``min_length`` or than it was."""
    return notes.with_columns(length=np.maximum(notes.length + ticks, np.minimum(notes.length, max(min_length, 1))))


def resize_start(notes: NoteTable, ticks: int, min_length: int = 1) -> NoteTable:
    """All notes begin ``ticks`` later (earlier when negative) and end where they did; none begins before tick 0."""
    shortest = np.minimum(notes.length, max(min_length, 1))
    start = np.clip(notes.start + ticks, 0, notes.end - shortest)
    return notes.with_columns(start=start, length=notes.end - start)


def without_overlaps(notes: NoteTable) -> NoteTable:
    """No pitch sounds twice at once: a note ends where its pitch begins again; of equal starts the longest note stays."""
    if len(notes) < 2:
        return notes
    order = np.lexsort((notes.length, notes.start, notes.pitch))
    start, pitch, end = notes.start[order], notes.pitch[order], notes.end[order]
    same = pitch[1:] == pitch[:-1]
    end[:-1] = np.where(same, np.minimum(end[:-1], start[1:]), end[:-1])
    keep = end > start
    if keep.all() and np.array_equal(end, notes.end[order]):
        return notes
    rows = order[keep]
    by_row = np.argsort(rows)
    cut = notes.take(rows[by_row])
    return cut.with_columns(length=(end - start)[keep][by_row])
