"""A take: generated notes beside the score, until the musician accepts them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from musegen_app.generate.request import GenerateRequest
from musegen_app.score import EMPTY, GENERATED, Note, NoteTable


@dataclass(frozen=True, slots=True)
class Take:
    """The request that asked for it and the ghosts that have arrived so far (ids negative, so that none is the score's)."""

    request: GenerateRequest
    ghosts: NoteTable = EMPTY

    @property
    def span(self) -> tuple[int, int]:
        """Ticks in which the take lies."""
        return self.request.span

    def grown(self, notes: list[Note]) -> Take:
        """With more ghosts."""
        count = len(self.ghosts)
        more = NoteTable.of([replace(n, id=-(count + i), flags=n.flags | GENERATED) for i, n in enumerate(notes, start=1)])
        return replace(self, ghosts=self.ghosts.merged(more))
