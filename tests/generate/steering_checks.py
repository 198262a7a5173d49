"""What every steered answer must hold, asked of the ticks that came out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import EMPTY, Note, NoteTable


def drawn(generator: NoteEventGenerator, request: GenerateRequest) -> list[GeneratedNote]:
    return list(generator.generate(request, lambda: False))


def takes_of(found: Sequence[GeneratedNote], request: GenerateRequest) -> list[NoteTable]:
    return [NoteTable.of(n.note for n in found if n.take == take) for take in range(request.takes)]


def around(request: GenerateRequest) -> NoteTable:
    """All that stands: the track's own notes around the span, and the other tracks."""
    start, end = request.span
    before = request.notes.take(request.notes.start < start)
    after = request.notes.take(request.notes.start >= end) if request.until_tick is not None else EMPTY
    return before.merged(after).merged(request.standing)


def overlaps(notes: NoteTable, others: NoteTable) -> list[tuple[Note, Note]]:
    """Pairs of one pitch that sound together."""
    return [
        (note, others[int(row)])
        for note in notes
        for row in others.overlapping(note.start, note.end)
        if others.pitch[row] == note.pitch
    ]


def assert_holds(found: Sequence[GeneratedNote], request: GenerateRequest) -> list[NoteTable]:
    """Within span, range and key; never on a known note; never twice at once. Returns the takes."""
    start, end = request.span
    low, high = request.pitch_range
    tables = takes_of(found, request)
    stands = around(request)
    for table in tables:
        assert (table.start >= start).all()
        assert request.keep == "rhythm" or (table.end <= end).all()
        assert (table.start < end).all()
        assert ((table.pitch >= low) & (table.pitch <= high)).all()
        assert request.key is None or request.key.mask()[table.pitch].all()
        assert overlaps(table, stands) == []
        for pitch in np.unique(table.pitch):
            rows = table.pitch == pitch
            assert (table.start[rows][1:] >= table.end[rows][:-1]).all()
    return tables


def most_at_once(notes: NoteTable) -> int:
    """The most notes that sound together."""
    events = sorted([(tick, 1) for tick in notes.start.tolist()] + [(tick, -1) for tick in notes.end.tolist()])
    return int(np.max(np.cumsum([change for _, change in events]), initial=0))
