"""A note-event model that has heard all before a place, to be asked what it expects there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musegen_app.encoding.context import BarGrid
from musegen_app.encoding.note_events import GridNotes
from musegen_app.encoding.pieces import bar_line_before
from musegen_app.encoding.recall import PieceRecall
from musegen_app.generate.foresight import Foresight
from musegen_app.generate.insight import Floats, Ints
from musegen_app.generate.memory import HEARD_NOTES, Memory
from musegen_app.generate.priming import floors_of, given_inputs, rows_of
from musegen_app.generate.session import Inputs, NoteSession, State
from musegen_app.generate.surroundings import Surroundings
from musegen_app.score import Timeline


@dataclass(frozen=True)
class Past:
    """The model after ``notes``, which count from step ``origin``, a bar line, with bars up to the places asked about.

    ``style`` is the model's class of it; ``onset_log_probs`` float64 (classes,) are of the time to the next onset;
    ``recall`` is what the notes recall in ``memory``, ``foresight`` what is known of those places, None for nothing.
    """

    notes: GridNotes
    bars: BarGrid
    origin: int
    style: int
    state: State
    onset_log_probs: Floats
    memory: Memory
    recall: PieceRecall | None = None
    foresight: Foresight | None = None

    @property
    def last(self) -> int:
        """Step of the last onset; the origin's where there is none."""
        return int(self.notes.onset[-1]) if len(self.notes) else 0

    @classmethod
    def heard(
        cls,
        session: NoteSession,
        style: int,
        before: GridNotes,
        timeline: Timeline,
        places: tuple[int, int],
        foresight: Foresight | None = None,
    ) -> Past:
        """Hear the notes ``before`` some places, steps from the first up to the second: as many as a continuation hears.

        Raises:
            ModelError: ONNX Runtime refuses.
        """
        left_out = max(len(before) - HEARD_NOTES, 0)
        kept = before.rows(slice(left_out, None))
        origin = bar_line_before(timeline, int(kept.onset[0]) if len(kept) else places[0])
        notes = kept.moved(-origin)
        bars = BarGrid.of(timeline, origin, max(places[1] - origin, notes.end) + 1)
        memory = Memory.of(timeline, before.rows(slice(left_out)), origin, bars)
        recalls = session.recalls and (foresight is None or foresight.recalls)
        recall = memory.recall(notes) if recalls else None
        rows = given_inputs(notes, bars, recall, has_velocity=notes.has_velocity, style=style)
        if foresight is not None:
            rows = foresight.put_in(rows, np.concatenate([[0], notes.onset]) + origin, floors_of(rows, notes))
        rows = rows | rows_of(rows, slice(1, None)) if left_out else rows
        heard = session.step(rows, session.empty_state(1))
        return cls(
            notes, bars, origin, style, heard.state, heard.log_probs[3][0].astype(np.float64), memory, recall, foresight
        )

    def surroundings(self, takes: int) -> Surroundings:
        """What surrounds the next note, for as many takes."""
        return Surroundings(self.notes, self.bars, takes, self.recall, self.memory)

    def foreseeing(self, inputs: Inputs, at: Ints, floor: Ints) -> Inputs:
        """``inputs`` of lanes at steps ``at`` after these notes, with what is known to come."""
        return inputs if self.foresight is None else self.foresight.put_in(inputs, at + self.origin, floor)
