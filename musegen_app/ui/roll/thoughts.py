"""What the roll shows of a model's thoughts: what would come next, how much each note surprises, an alternative tried."""

from __future__ import annotations

from typing import Final

import numpy as np

from musegen_app.generate.insight import Coming, Floats, Ints, Surprise
from musegen_app.score import Note, NoteTable

CALM_NATS: Final = 1.5
"""A note up to here is what anybody would have written."""
WILD_NATS: Final = 9.0
"""A note from here on is as surprising as the tint shows."""
_LOWEST: Final = 1
_HIGHEST: Final = 127
_KEPT: Final = 8
CELL_STEPS: Final = 6
"""Steps of the model's grid in a column of the heat map: a sixteenth."""


def depths_of(nats: Floats) -> Ints:
    """How deep the tint of each note is, 1–127 as velocities are: from calm to surprising."""
    share = np.clip((nats - CALM_NATS) / (WILD_NATS - CALM_NATS), 0, 1)
    found: Ints = np.round(_LOWEST + (_HIGHEST - _LOWEST) * share).astype(np.int64)
    return found


class Tint:
    """Surprise as depth of colour: tables of notes whose velocity is how much each surprises, kept while they are the same.

    So whatever draws notes by their velocity draws the tint at no further cost.
    """

    def __init__(self, surprise: Surprise) -> None:
        self.surprise = surprise
        self._depths = depths_of(surprise.total)
        self._made: dict[int, tuple[NoteTable, NoteTable, NoteTable]] = {}

    def split(self, notes: NoteTable) -> tuple[NoteTable, NoteTable]:
        """The notes that have a figure, tinted, and those that have none (drums, or drawn a moment ago)."""
        kept = self._made.get(id(notes))
        if kept is not None and kept[0] is notes:
            return kept[1], kept[2]
        made = self._split(notes)
        if len(self._made) >= _KEPT:
            del self._made[next(iter(self._made))]
        self._made[id(notes)] = (notes, *made)
        return made

    def _split(self, notes: NoteTable) -> tuple[NoteTable, NoteTable]:
        ids = self.surprise.ids
        if not len(ids) or not notes:
            return notes.take(slice(0, 0)), notes
        row = np.minimum(np.searchsorted(ids, notes.id), len(ids) - 1)
        known = ids[row] == notes.id
        tinted = NoteTable(notes.start, notes.length, notes.pitch, self._depths[row], notes.id, notes.flags)
        return (tinted, notes.take(~known)) if known.all() else (tinted.take(known), notes.take(~known))


class Thoughts:
    """What is shown now; None and empty for nothing. Belongs to the canvas, which repaints when it is told."""

    def __init__(self) -> None:
        self.heat: Coming | None = None
        """In columns of a sixteenth, see :data:`CELL_STEPS`."""
        self.tint: Tint | None = None
        self.tried: Note | None = None
        """An alternative that is being tried, drawn over the notes."""
        self.asked: Note | None = None
        """The note that is asked about, marked while it is."""

    def words_of(self, note_id: int) -> str:
        """What a tooltip says of a note, "" where nothing is known."""
        nats = self.tint.surprise.of(note_id) if self.tint else None
        if nats is None:
            return ""
        onset, pitch, length = (max(part, 0.0) for part in nats)
        total = onset + pitch + length
        return f"Surprise {total:.1f} nats: moment {onset:.1f}, pitch {pitch:.1f}, length {length:.1f}"

    def words_at(self, tick: float, pitch: int, name: str) -> str:
        """What a tooltip says of a place in the heat map, in a row of this name; "" beside it."""
        if self.heat is None:
            return ""
        cells = self.heat
        column = int((tick - cells.start_tick) // cells.step_ticks)
        if not 0 <= column < len(cells.onset):
            return ""
        struck = f"{name} if a note comes here: {_percent(cells.pitch[column, pitch])}"
        return f"{struck}; that the next note comes here: {_percent(cells.onset[column])}"


def _percent(share: float) -> str:
    return "under 1 %" if share < 0.01 else f"{100 * share:.0f} %"
