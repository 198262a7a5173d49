"""A take: generated notes beside the score, until the musician accepts them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from musegen_app.encoding.drums import PITCHED
from musegen_app.generate.provenance import Origin
from musegen_app.generate.ranking import Verdict
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.score import EMPTY, GENERATED, GENERATION, LIKED, LOCKED, Note, NoteTable

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Take:
    """The request that asked for it and the ghosts that have arrived so far (ids negative, so that none is the score's).

    ``replaced`` are the ids of the score's notes whose place a fill takes; a continuation replaces none. ``track_id`` is the
    track that gets the notes, None where all that play share them. ``number`` counts the takes of its request from 0,
    ``generation`` is the number of that request in the piece's provenance, 0 for none. ``locked`` ghosts stood before the
    request was made, and are ghosts of the take from the beginning. ``is_edited``: its ghosts were changed by hand.
    ``instrument`` is what its notes are for. ``is_jam``: a jam grew it, so that no request draws it again.
    """

    request: GenerateRequest
    ghosts: NoteTable = EMPTY
    replaced: frozenset[int] = frozenset()
    track_id: int | None = None
    number: int = 0
    generation: int = 0
    locked: NoteTable = EMPTY
    verdict: Verdict | None = field(default=None, hash=False)
    is_starred: bool = False
    is_edited: bool = False
    instrument: str = PITCHED
    is_jam: bool = False

    @classmethod
    def of(cls, origin: Origin, number: int = 0, generation: int = 0) -> Take:
        """A take with no ghosts yet but the locked ones. A fill replaces the notes of its request that begin within it."""
        request, locked = origin.request, origin.locked
        gone: frozenset[int] = frozenset()
        if request.until_tick is not None:
            gone = frozenset(request.notes.id[request.notes.starting_in(*request.span)].tolist())
        first = locked.with_columns(ids=-1 - np.arange(len(locked))) if locked else EMPTY
        return cls(request, first, gone, origin.track_id, number, generation, locked, instrument=origin.instrument)

    @property
    def is_fill(self) -> bool:
        """Whether it fills a gap, rather than continues."""
        return self.request.until_tick is not None

    @property
    def span(self) -> Span:
        """Ticks in which the take lies."""
        return self.request.span

    def with_pitch(self, ghost_id: int, pitch: int) -> Take:
        """With another pitch for one of its ghosts."""
        table = self.ghosts
        changed = table.with_columns(pitch=np.where(table.id == ghost_id, pitch, table.pitch))
        return replace(self, ghosts=changed, is_edited=True)

    def grown(self, notes: Sequence[Note]) -> Take:
        """With more ghosts, in whatever order they come; one that sounds over a locked one of its pitch is left out."""
        flags = GENERATED + self.generation * GENERATION
        taken = [(note.start, note.end, note.pitch) for note in self.locked] if self.locked else []
        fresh = [note for note in notes if not any(_meet(note, other) for other in taken)] if taken else notes
        first = -int(self.ghosts.id.min()) if self.ghosts else 0
        more = NoteTable.of([replace(n, id=-(first + i), flags=n.flags | flags) for i, n in enumerate(fresh, start=1)])
        return replace(self, ghosts=self.ghosts.merged(more))

    def marked(self, ids: Collection[int], flag: int) -> Take:
        """With a flag (:data:`LOCKED`, :data:`LIKED`) turned over for these ghosts: set, unless all of them have it."""
        table = self.ghosts
        chosen = np.isin(table.id, list(ids))
        is_set = bool((table.flags[chosen] & flag).all())
        flags = np.where(chosen, table.flags & ~flag if is_set else table.flags | flag, table.flags)
        return replace(self, ghosts=table.with_columns(flags=flags))

    def in_span(self, span: Span) -> NoteTable:
        """The ghosts that begin within ``span``."""
        return self.ghosts.take(self.ghosts.starting_in(*span))

    @property
    def locks(self) -> NoteTable:
        """The ghosts that stay when others are drawn."""
        return self.ghosts.take((self.ghosts.flags & LOCKED) > 0)

    @property
    def is_marked(self) -> bool:
        """Whether somebody put a hand to it: played to it, kept, liked or locked some of it, or changed it."""
        is_touched = self.is_starred or self.is_edited or self.is_played
        return is_touched or bool((self.ghosts.flags & (LIKED | LOCKED)).any())

    @property
    def is_played(self) -> bool:
        """Whether it holds what a jam wrote, which nobody can ask for once more."""
        return self.is_jam and bool(self.ghosts)

    @property
    def likes(self) -> NoteTable:
        """The ghosts that are liked."""
        return self.ghosts.take((self.ghosts.flags & LIKED) > 0)

    def joined(self, other: Take, span: Span) -> Take:
        """With the notes that begin within ``span`` taken from ``other``; on either side of it all stays.

        What rings into the span, or out of it, is cut at its edge.
        """
        table = spliced(self.ghosts, other.ghosts, span)
        return replace(self, ghosts=table.with_columns(ids=-1 - np.arange(len(table))), is_edited=True)


def spliced(outside: NoteTable, inside: NoteTable, span: Span) -> NoteTable:
    """``inside`` within ``span`` and ``outside`` on either side of it; notes that ring over its edges are cut there."""
    start, end = span
    before = outside.take(outside.start < start)
    within = inside.take(inside.starting_in(start, end))
    after = outside.take(outside.start >= end)
    return _cut(before, start).merged(_cut(within, end)).merged(after)


def _cut(notes: NoteTable, at: int) -> NoteTable:
    """``notes``, which all begin before ``at``, ended there at the latest."""
    return notes.with_columns(length=np.minimum(notes.end, at) - notes.start) if notes else notes


def _meet(note: Note, taken: tuple[int, int, int]) -> bool:
    start, end, pitch = taken
    return note.pitch == pitch and note.start < end and note.end > start


def notes_of(made: Sequence[GeneratedNote], number: int) -> list[Note]:
    """The notes of one take."""
    return [generated.note for generated in made if generated.take == number]
