"""A take: generated notes beside the score, until the musician accepts them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from musegen_app.generate.request import GenerateRequest
from musegen_app.score import EMPTY, GENERATED, Note, NoteTable


@dataclass(frozen=True, slots=True)
class Take:
    """The request that asked for it and the ghosts that have arrived so far (ids negative, so that none is the score's).

    ``replaced`` are the ids of the score's notes whose place a fill takes; a continuation replaces none. ``track_id`` is the
    track that gets the notes, None where all that play share them.
    """

    request: GenerateRequest
    ghosts: NoteTable = EMPTY
    replaced: frozenset[int] = frozenset()
    track_id: int | None = None

    @classmethod
    def of(cls, request: GenerateRequest, track_id: int | None = None) -> Take:
        """A take without ghosts yet. A fill replaces those notes it was asked about that begin within its gap."""
        if request.until_tick is None:
            return cls(request, track_id=track_id)
        gone = frozenset(request.notes.id[request.notes.starting_in(*request.span)].tolist())
        return cls(request, replaced=gone, track_id=track_id)

    @property
    def is_fill(self) -> bool:
        """Whether it fills a gap, rather than continues."""
        return self.request.until_tick is not None

    @property
    def span(self) -> tuple[int, int]:
        """Ticks in which the take lies."""
        return self.request.span

    def with_pitch(self, ghost_id: int, pitch: int) -> Take:
        """With another pitch for one of its ghosts."""
        table = self.ghosts
        return replace(self, ghosts=table.with_columns(pitch=np.where(table.id == ghost_id, pitch, table.pitch)))

    def grown(self, notes: list[Note]) -> Take:
        """With more ghosts, in whatever order they come."""
        count = len(self.ghosts)
        more = NoteTable.of([replace(n, id=-(count + i), flags=n.flags | GENERATED) for i, n in enumerate(notes, start=1)])
        return replace(self, ghosts=self.ghosts.merged(more))
