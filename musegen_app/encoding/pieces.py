"""A score as a piece on the grid: the notes of all its parts but the drums, from the first bar line that matters."""

from __future__ import annotations

from dataclasses import dataclass

from musegen_app.encoding.context import BarGrid
from musegen_app.encoding.note_events import STEP_TICKS, GridNotes, on_grid
from musegen_app.score import Score, Timeline


@dataclass(frozen=True)
class Piece:
    """Notes whose onsets count from step ``origin``, the bar line at or before the first, and the bars up to the end."""

    notes: GridNotes
    bars: BarGrid
    origin: int


def piece_of(score: Score) -> Piece | None:
    """The piece in ``score``, its drums left out, or None if there is no note."""
    notes = on_grid(track.notes for track in score.tracks if not track.is_drums)
    if not len(notes):
        return None
    origin = bar_line_before(score.timeline, int(notes.onset[0]))
    notes = notes.moved(-origin)
    return Piece(notes, BarGrid.of(score.timeline, origin, notes.end), origin)


def bar_line_before(timeline: Timeline, step: int) -> int:
    """The bar line at or before ``step``, in steps."""
    return timeline.bar_start(timeline.bar_at(step * STEP_TICKS)) // STEP_TICKS
