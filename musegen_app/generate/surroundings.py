"""What surrounds the next note of several takes: what was heard, and what that recalls, told to the graph together."""

from __future__ import annotations

import numpy as np

from musegen_app.encoding.context import NO_REFERENCE, BarGrid, Floats32
from musegen_app.encoding.context_tracker import ContextTracker
from musegen_app.encoding.note_events import GridNotes, Ints
from musegen_app.encoding.recall import PieceRecall
from musegen_app.encoding.recall_tracker import RecallTracker
from musegen_app.generate.memory import Memory
from musegen_app.generate.session import Inputs


class Surroundings:
    """The takes as they grow after a seed, one note each at a time. Belongs to one thread.

    :meth:`look` at the step of the coming note, then :meth:`add` the note that was drawn. ``heard`` answers what sounds.
    """

    def __init__(self, notes: GridNotes, bars: BarGrid, takes: int, recall: PieceRecall | None, memory: Memory) -> None:
        """``recall`` is what the seed's ``notes`` recall in ``memory``, None where nothing shall be recalled."""
        self.heard = ContextTracker(notes, bars, takes)
        self._lead = memory.lead
        self._recall = RecallTracker.after(recall, takes) if recall else None
        self._references = np.full((takes, 3), NO_REFERENCE, dtype=np.int64)
        self._told = self._inputs()

    def _inputs(self) -> Inputs:
        """What is told beside the context, in arrays that the next look writes over."""
        if self._recall is None:
            return {"references": self._references}
        return {
            "references": self._references,
            "recall_classes": self._recall.classes[None],
            "recall_lengths": self._recall.lengths,
        }

    def only(self, takes: list[int]) -> None:
        """Go on with these takes alone."""
        self.heard.only(takes)
        self._references = self._references[takes]
        if self._recall:
            self._recall.only(takes)
        self._told = self._inputs()

    def look(self, at: list[int], arrival: list[int], classes: Ints, sounds: Floats32) -> Inputs:
        """Write the context of steps ``at`` as :meth:`ContextTracker.look` does; answers the other inputs, a row a take.

        The answer is good until the next look.
        """
        self.heard.look(at, arrival, classes, sounds)
        following = [NO_REFERENCE] * len(at)
        if self._recall:
            self._recall.look([step + self._lead for step in at])
            following = self._recall.following
        self._references[:] = list(zip(self.heard.last_pitch, self.heard.lowest, following, strict=True))
        return self._told

    def hide(self, take: int) -> None:
        """Tell nothing of what ``take`` recalls at the step last looked at."""
        if self._recall:
            self._recall.hide(take)
            self._references[take, 2] = NO_REFERENCE

    def hush(self, take: int, pitch: int, at: int) -> None:
        """The last note of ``pitch`` in ``take`` was cut short at step ``at``, or held until it."""
        self.heard.hush(take, pitch, at)
        if self._recall:
            self._recall.hush(take, pitch, at + self._lead)

    def add(self, pitch: list[int], length: list[int]) -> None:
        """Each take struck ``pitch`` for ``length`` steps at the step last looked at."""
        self.heard.add(pitch, length)
        if self._recall:
            self._recall.add(pitch, length)
