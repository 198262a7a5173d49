"""Where the piece's generated notes came from: the generations that were accepted, and those that may yet be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from musegen_app.editor.takes import Take
from musegen_app.generate.provenance import Accepted, Origin, record_of
from musegen_app.score import Generation, NoteTable, Provenance, Score
from musegen_app.score.provenance import numbers_of


@dataclass(frozen=True, slots=True)
class Sources:
    """A value. ``provenance`` holds what was accepted, ``asked`` what was asked for since the piece was opened."""

    provenance: Provenance = ()
    asked: Mapping[int, Origin] = field(default_factory=dict, hash=False)
    next_number: int = 1

    @classmethod
    def of(cls, provenance: Provenance, score: Score, asked: Mapping[int, Origin] | None = None) -> Sources:
        """Of a piece as it was read; ``asked`` is what the takes that came with it were drawn from."""
        known = [generation.number for generation in provenance]
        used = [int(numbers_of(track.notes).max()) for track in score.tracks if track.notes]
        asked = asked or {}
        return cls(provenance, asked, max([0, *known, *used, *asked]) + 1)

    def asked_for(self, number: int, origin: Origin) -> Sources:
        """With a request that was made."""
        return replace(self, asked={**self.asked, number: origin}, next_number=max(self.next_number, number + 1))

    def accepted(self, take: Take) -> Sources:
        """With the generations that the take's ghosts came from, and what is to be remembered of the take."""
        known = {generation.number: generation for generation in self.provenance}
        for number in np.unique(numbers_of(take.ghosts)).tolist():
            origin = self.asked.get(number)
            if origin is not None and number != take.generation:
                known.setdefault(number, Generation(number, record_of(origin)))
        origin = self.asked.get(take.generation)
        if origin is not None:
            known[take.generation] = Generation(take.generation, record_of(origin, _accepted(take)))
        return replace(self, provenance=tuple(known[number] for number in sorted(known)))

    def generation(self, number: int) -> Generation | None:
        """What is known of a generation, be it accepted or only asked for."""
        known = next((generation for generation in self.provenance if generation.number == number), None)
        origin = self.asked.get(number)
        return known or (Generation(number, record_of(origin)) if origin else None)

    def generation_of(self, notes: NoteTable) -> Generation | None:
        """The generation that most of these notes came from, None where none is known."""
        numbers, counts = np.unique(numbers_of(notes), return_counts=True)
        ordered = numbers[np.argsort(-counts, kind="stable")].tolist()
        return next((found for number in ordered if (found := self.generation(number)) is not None), None)


def _accepted(take: Take) -> Accepted:
    verdict = take.verdict
    liked = [(note.start, note.pitch) for note in take.likes]
    return Accepted(
        take.number,
        rank=verdict.rank if verdict else 0,
        shared_run=verdict.run.notes if verdict and verdict.run else 0,
        liked=tuple(liked),
        is_edited=take.is_edited,
    )
