"""What the window asks a model about: what it hears now, where the next note would come, and which note is meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from musegen_app.editor.document import Document
from musegen_app.generate.request import span_of
from musegen_app.score import Change, Note, NoteTable, Timeline

SWAP: Final = "Swap pitch"


def heard_notes(document: Document) -> NoteTable:
    """What a model hears: the notes it would continue, with the ghosts in the place of those they would replace."""
    notes = document.seed_notes()
    take = document.take
    if take is None or take.instrument != document.instrument:
        return notes  # drums that wait are nothing to a pitched model, and the other way round
    replaced = document.replaced
    kept = notes.without(list(replaced)) if replaced else notes
    return kept.merged(document.ghosts)


def next_place(notes: NoteTable, timeline: Timeline, playhead_tick: float) -> int:
    """Where the note after ``notes`` is looked for: on the beat of a playhead within them, else where they end."""
    end = span_of(notes, timeline, 1)[0]
    tick = int(playhead_tick)
    if not 0 < tick < end:
        return end
    bar, beat = timeline.bar_start(timeline.bar_at(tick)), timeline.metre_at(tick).beat_ticks
    return bar + (tick - bar) // beat * beat


def note_of(document: Document, note_id: int) -> Note | None:
    """The note of the active track, or the ghost (ids below 0), with this id."""
    table = document.ghosts if note_id < 0 else document.active_track.notes
    rows = table.rows_of([note_id])
    return table[int(rows[0])] if len(rows) else None


def meant_note(document: Document, playhead_tick: float) -> Note | None:
    """The note that a key means: the first one selected, else the next ghost from the playhead on, else the last note."""
    if document.selected:
        return document.selected[0]
    ghosts = document.ghosts
    if ghosts:
        return ghosts[int(np.searchsorted(ghosts.start, playhead_tick)) % len(ghosts)]
    notes = document.active_track.notes
    row = int(np.searchsorted(notes.start, playhead_tick, side="right")) - 1
    return notes[max(row, 0)] if notes else None


def neighbour(document: Document, note: Note, towards: int) -> Note | None:
    """The note before (−1) or after (1) ``note`` among those of its kind, None at the ends."""
    table = document.ghosts if note.id < 0 else document.active_track.notes
    rows = table.rows_of([note.id])
    if not len(rows) or not 0 <= int(rows[0]) + towards < len(table):
        return None
    return table[int(rows[0]) + towards]


def swap_pitch(document: Document, note: Note, pitch: int) -> bool:
    """Give ``note`` another pitch: a ghost's take changes, a note's is one step of undo. Whether it is still there."""
    now = note_of(document, note.id)
    if now is None:
        return False
    if note.id < 0:
        document.swap_ghost(note.id, pitch)
        return True
    changed = NoteTable.of([replace(now, pitch=pitch)])
    return document.edit(SWAP, Change.of_notes(document.active_track_id, NoteTable.of([now]), changed))
