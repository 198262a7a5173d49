"""How far back a model remembers: it listens to the last notes before a place, and recalls bars long before them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from musegen_app.encoding.context import BarGrid
from musegen_app.encoding.note_events import STEP_TICKS, GridNotes
from musegen_app.encoding.pieces import bar_line_before
from musegen_app.encoding.recall import LONGEST_LAG, PieceRecall, piece_recall
from musegen_app.score import Timeline

HEARD_NOTES: Final = 512
"""How many notes the model listens to; longer seeds are heard from there."""
MEMORY_NOTES: Final = 8_192
"""Of how many notes bars may come back, see also :data:`~musegen_app.encoding.recall.LONGEST_LAG`."""


@dataclass(frozen=True)
class Memory:
    """The notes ``earlier`` than those listened to; they and ``bars`` count from a bar ``lead`` steps before those do."""

    earlier: GridNotes
    bars: BarGrid
    lead: int

    @classmethod
    def of(cls, timeline: Timeline, earlier: GridNotes, origin: int, bars: BarGrid) -> Memory:
        """What is remembered of ``earlier`` beyond what is listened to, which counts from step ``origin`` in ``bars``.

        ``earlier`` are steps of the piece, from its beginning.
        """
        bar = max(timeline.bar_at(origin * STEP_TICKS) - LONGEST_LAG, 0)
        kept = earlier.rows(slice(max(len(earlier) - MEMORY_NOTES, 0), None))
        kept = kept.rows(kept.onset >= timeline.bar_start(bar) // STEP_TICKS)
        start = bar_line_before(timeline, int(kept.onset[0])) if len(kept) else origin
        # What stands at the very end may be rounded to the step after it.
        return cls(kept.moved(-start), BarGrid.of(timeline, start, origin - start + len(bars) + 1), origin - start)

    def recall(self, heard: GridNotes, since: int = 0) -> PieceRecall:
        """What each of the notes ``heard`` recalls, or those from number ``since`` on."""
        late = heard.moved(self.lead)
        columns = {name: np.concatenate([getattr(self.earlier, name), getattr(late, name)]) for name in _COLUMNS}
        return piece_recall(replace(late, **columns), self.bars, len(self.earlier) + since)


_COLUMNS: Final = ("onset", "pitch", "length", "velocity")
