"""A score as a piece on the grid: its drums, or the notes of all other parts, from the first bar line that matters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from musegen_app.encoding.context import BarGrid
from musegen_app.encoding.drums import DRUMS, PITCHED, as_struck
from musegen_app.encoding.note_events import STEP_TICKS, GridNotes, on_grid
from musegen_app.score import NoteTable, Score, Timeline


@dataclass(frozen=True)
class Piece:
    """Notes whose onsets count from step ``origin``, the bar line at or before the first, and the bars up to the end."""

    notes: GridNotes
    bars: BarGrid
    origin: int


def piece_of(score: Score, instrument: str = PITCHED) -> Piece | None:
    """The piece in ``score`` for a model of ``instrument``: its drums alone, or without them. None if there is no note."""
    notes = heard_notes((track.notes for track in score.tracks if track.is_drums == (instrument == DRUMS)), instrument)
    if not len(notes):
        return None
    origin = bar_line_before(score.timeline, int(notes.onset[0]))
    notes = notes.moved(-origin)
    return Piece(notes, BarGrid.of(score.timeline, origin, notes.end), origin)


def heard_notes(tables: Iterable[NoteTable], instrument: str) -> GridNotes:
    """The notes of several tracks as a model of ``instrument`` hears them: on the grid, and drums as strokes."""
    notes = on_grid(tables)
    return as_struck(notes) if instrument == DRUMS else notes


def bar_line_before(timeline: Timeline, step: int) -> int:
    """The bar line at or before ``step``, in steps."""
    return timeline.bar_start(timeline.bar_at(step * STEP_TICKS)) // STEP_TICKS
