"""Documents to edit, and pointers over them."""

from __future__ import annotations

from dataclasses import dataclass

from musegen_app.editor.document import Document, Topic
from musegen_app.editor.grid import snap_named
from musegen_app.editor.tools.gesture import Context, Gesture
from musegen_app.editor.tools.pointer import Modifier, Pointer, Zone
from musegen_app.score import Note, NoteTable, Score, Timeline, Track

PX_PER_TICK = 0.05
SIXTEENTH = 240
MELODY = (Note(0, 480, 60, 90), Note(960, 480, 64, 91), Note(1920, 960, 67, 92))


def document_of(*notes: Note, timeline: Timeline | None = None, snap: str = "1/16") -> Document:
    """One track with these notes, their ids from 1 in the order of time."""
    table = NoteTable.of(notes).numbered(1)
    document = Document(Score((Track(1, "Piano", notes=table),), timeline or Timeline(), next_id=len(table) + 1))
    document.snap = snap_named(snap)
    return document


def context_of(document: Document, length: int = 960) -> Context:
    return Context(document, PX_PER_TICK, length, 100)


def at(tick: float, pitch: int, *keys: Modifier, note: int = 0, zone: Zone = Zone.NONE, velocity: float = 0.0) -> Pointer:
    return Pointer(tick, pitch, note, zone, frozenset(keys), velocity)


def perform(gesture: Gesture, *path: Pointer) -> None:
    """Drag along the path and let go."""
    for pointer in path:
        gesture.drag(pointer)
    gesture.commit()


def shape(document: Document) -> list[tuple[int, int, int]]:
    return [(n.start, n.length, n.pitch) for n in document.active_track.notes]


@dataclass
class Told:
    """What a document told its subscribers."""

    topics: list[Topic]

    @classmethod
    def by(cls, document: Document) -> Told:
        told = cls([])
        document.subscribe(told.topics.append)
        return told

    def taken(self) -> set[Topic]:
        """The topics since the last time."""
        topics, self.topics[:] = set(self.topics), []
        return topics
