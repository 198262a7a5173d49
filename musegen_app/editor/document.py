"""The open piece: score, history, selection, loop and the take being heard. The only place where the score changes.

Belongs to one thread (the window's). Views subscribe and are told the topic that changed; they read the new value here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path

import numpy as np

from musegen_app.editor.grid import DEFAULT_SNAP, Snap
from musegen_app.editor.hearing import heard_by, instrument_of
from musegen_app.editor.kept_takes import Kept
from musegen_app.editor.marks import Marks
from musegen_app.editor.shared import edits_of
from musegen_app.editor.shelf import Shelf
from musegen_app.editor.sources import Sources
from musegen_app.editor.takes import Take
from musegen_app.encoding.drums import PITCHED
from musegen_app.generate.provenance import Origin
from musegen_app.generate.request import GeneratedNote
from musegen_app.score import (
    Change,
    ChordsEdit,
    Edit,
    History,
    Key,
    NotesEdit,
    NoteTable,
    Provenance,
    Score,
    Step,
    TimelineEdit,
    Track,
    TrackEdit,
)

ACCEPT_NAME = "Accept continuation"
ACCEPT_FILL_NAME = "Accept fill"


class Topic(Enum):
    """What changed."""

    LOADED = auto()
    NOTES = auto()
    TRACKS = auto()
    TIMELINE = auto()
    CHORDS = auto()
    SELECTION = auto()
    GHOSTS = auto()
    TAKES = auto()
    KEPT = auto()
    LOOP = auto()
    MARKS = auto()
    KEY = auto()
    SNAP = auto()
    HISTORY = auto()
    PATH = auto()


Callback = Callable[[Topic], None]


class Document:
    """One piece being edited. Every edit goes through :meth:`edit`; nothing else touches the score."""

    def __init__(self, score: Score | None = None) -> None:
        self._callbacks: list[Callback] = []
        self._snap = DEFAULT_SNAP
        self._begin(score or Score(), None)

    def _begin(self, score: Score, path: Path | None) -> None:
        self.score = score if score.tracks else replace(score, tracks=Score().tracks)  # there is a track to draw on
        self.path = path
        self.history = History()
        self.selection: frozenset[int] = frozenset()
        self.shelf = Shelf()
        self.sources = Sources()
        self._loop: tuple[int, int] | None = None
        self._marks = Marks()
        self._key_lock: Key | None = None
        self._active_track_id = self.score.fullest_track_id
        self._never_saved = False
        self._saved_takes: tuple[Take, ...] = ()
        self._heard: tuple[Score, Shelf, Score] | None = None

    # --- telling ------------------------------------------------------------------------------------------------------

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Be told of every change; the answer ends it."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def _tell(self, *topics: Topic) -> None:
        for topic in topics:
            for callback in tuple(self._callbacks):
                callback(topic)

    # --- the whole piece ----------------------------------------------------------------------------------------------

    def load(
        self,
        score: Score,
        path: Path | None,
        *,
        loop: tuple[int, int] | None = None,
        key_lock: Key | None = None,
        provenance: Provenance = (),
        kept: Kept | None = None,
        modified: bool = False,
    ) -> None:
        """Another piece takes this one's place, without history. ``modified``: it is worth asking before it is lost."""
        self._begin(score, path)
        kept = kept or Kept()
        self.sources, self.shelf = Sources.of(provenance, score, kept.asked), kept.shelf
        self._saved_takes = self.shelf.marked_takes
        self._loop, self._key_lock, self._never_saved = loop, key_lock, modified
        self._tell(Topic.LOADED)

    @property
    def is_modified(self) -> bool:
        """Whether something would be lost by closing."""
        return self._never_saved or not self.history.is_saved or self.shelf.marked_takes != self._saved_takes

    def mark_saved(self, path: Path) -> None:
        """The piece is in this file now."""
        self.path = path
        self._never_saved, self._saved_takes = False, self.shelf.marked_takes
        self.history.mark_saved()
        self._tell(Topic.PATH)

    # --- editing ------------------------------------------------------------------------------------------------------

    def edit(self, name: str, change: Change, join_key: str = "") -> bool:
        """Apply a change as one named step of undo; whether anything changed.

        Steps of one ``join_key`` that follow each other closely become one step.

        Raises:
            KeyError: the change was made for another score.
        """
        if not change:
            return False
        self._apply(change)
        self.history.push(Step(name, change, join_key, time.monotonic()))
        self._tell(*_topics(change), Topic.HISTORY)
        return True

    def undo(self) -> str:
        """Take the last step back; its name, or "" at the beginning."""
        step = self.history.undo()
        return self._stepped(step, step.change.inverse()) if step else ""

    def redo(self) -> str:
        """Do the last undone step again; its name, or "" when there is none."""
        step = self.history.redo()
        return self._stepped(step, step.change) if step else ""

    def _stepped(self, step: Step, change: Change) -> str:
        brought = [edit.after.id for edit in change.edits if isinstance(edit, TrackEdit) and not edit.before and edit.after]
        self._apply(change)
        if brought:  # a track that comes back is what the musician is after
            self.set_active_track(brought[0])
        self._tell(*_topics(change), Topic.HISTORY)
        return step.name

    def _apply(self, change: Change) -> None:
        self.score = self.score.apply(change)
        if self._active_track_id not in {t.id for t in self.score.tracks}:
            self._active_track_id = self.score.fullest_track_id
        if self.selection:
            here = self.active_track.notes.having(list(self.selection)).id
            self._set_selection(frozenset(here.tolist()))

    # --- tracks and selection -----------------------------------------------------------------------------------------

    @property
    def active_track_id(self) -> int:
        """The track that is edited."""
        return self._active_track_id

    @property
    def active_track(self) -> Track:
        """The track that is edited."""
        return self.score.track(self._active_track_id)

    def set_active_track(self, track_id: int) -> None:
        """Edit another track; an unknown one is ignored (the file may name a track that is gone)."""
        if track_id != self._active_track_id and any(t.id == track_id for t in self.score.tracks):
            self._active_track_id = track_id
            self._set_selection(frozenset())
            self._tell(Topic.TRACKS)

    @property
    def selected(self) -> NoteTable:
        """The selected notes of the active track."""
        return self.active_track.notes.having(list(self.selection)) if self.selection else NoteTable.empty()

    def select(self, ids: Iterable[int]) -> None:
        """Select exactly these notes of the active track."""
        self._set_selection(frozenset(ids))

    def _set_selection(self, ids: frozenset[int]) -> None:
        if ids != self.selection:
            self.selection = ids
            self._tell(Topic.SELECTION)

    # --- what belongs to the piece, outside history ---------------------------------------------------------------------

    @property
    def loop(self) -> tuple[int, int] | None:
        """Ticks of the loop region, None when it is off."""
        return self._loop

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Loop this region; an empty one turns it off."""
        loop = loop if loop and loop[0] < loop[1] else None
        if loop != self._loop:
            self._loop = loop
            self._tell(Topic.LOOP)

    @property
    def marks(self) -> Marks:
        """What is marked to be filled, from here to there."""
        return self._marks

    def set_marks(self, marks: Marks) -> None:
        """Mark a stretch to be filled, or one end of it."""
        if marks != self._marks:
            self._marks = marks
            self._tell(Topic.MARKS)

    @property
    def key_lock(self) -> Key | None:
        """The key the musician has fixed."""
        return self._key_lock

    @key_lock.setter
    def key_lock(self, key: Key | None) -> None:
        if key != self._key_lock:
            self._key_lock = key
            self._tell(Topic.KEY)

    @property
    def snap(self) -> Snap:
        """The grid."""
        return self._snap

    @snap.setter
    def snap(self, snap: Snap) -> None:
        if snap != self._snap:
            self._snap = snap
            self._tell(Topic.SNAP)

    # --- the take -----------------------------------------------------------------------------------------------------

    @property
    def instrument(self) -> str:
        """What is continued: drums while a drum track is active, else notes of a pitch."""
        return instrument_of(self.score, self._active_track_id)

    def seed_notes(self) -> NoteTable:
        """What a model continues: the notes of all tracks that it hears."""
        return merged([track.notes for track in self.heard_tracks])

    def pitched_notes(self) -> NoteTable:
        """What key and chords are found in: the notes of all tracks that sound, drums aside."""
        return merged([track.notes for track in heard_by(self.score, PITCHED)])

    @property
    def heard_tracks(self) -> tuple[Track, ...]:
        """The tracks that a model hears: none muted, or silenced by a solo; those of drums, or all others."""
        return heard_by(self.score, self.instrument)

    @property
    def take(self) -> Take | None:
        """The take whose ghosts are in the roll."""
        return self.shelf.take

    def begin_takes(self, origin: Origin, number: int = 0) -> None:
        """Ghosts will come for each take of a request, and notes will know that they came from it.

        ``number`` is that of the generation that is drawn once more, 0 for a new one.
        """
        number = number or self.sources.next_number
        self.sources = self.sources.asked_for(number, origin)
        self.put_shelf(self.shelf.begun(origin, number).over(self.score))

    def asked(self, origin: Origin) -> int:
        """Something was asked of a model: the number by which its notes will know where they came from."""
        number = self.sources.next_number
        self.sources = self.sources.asked_for(number, origin)
        return number

    def put_shelf(self, shelf: Shelf) -> None:
        """Other takes, or another one of them shown, or ghosts changed."""
        before, self.shelf = self.shelf, shelf
        heard_differs = before.take is not shelf.take or before.switch != shelf.switch
        self._tell(*((Topic.GHOSTS, Topic.TAKES) if heard_differs else (Topic.TAKES,)))
        if shelf.marked_takes != before.marked_takes:
            self._tell(Topic.KEPT)

    def add_generated(self, request_id: int, notes: Sequence[GeneratedNote]) -> None:
        """More ghosts have arrived, for any of the takes of a request; those of takes that were rejected are dropped."""
        self.put_shelf(self.shelf.grown(request_id, notes))

    def show_take(self, index: int) -> None:
        """Put another take into the roll."""
        self.put_shelf(self.shelf.showing(index).over(self.score))

    def swap_ghost(self, ghost_id: int, pitch: int) -> None:
        """Give a ghost another pitch: the take changes."""
        if self.take is not None:
            self.put_shelf(self.shelf.put(self.shelf.shown, self.take.with_pitch(ghost_id, pitch)))

    def accept_take(self) -> bool:
        """The ghosts become notes, in the place of those a fill replaces, in one step of undo; whether there were any.

        Takes that are starred stay.
        """
        take = self.take
        if take is None:
            return False
        self.shelf = self.shelf.kept()
        self.sources = self.sources.accepted(take)
        edits = edits_of(self.score, take, self._active_track_id)
        changed = self.edit(ACCEPT_FILL_NAME if take.is_fill else ACCEPT_NAME, Change(edits))
        self._tell(Topic.GHOSTS, Topic.TAKES)
        return changed

    def reject_take(self) -> None:
        """The ghosts go, and all takes but the starred ones."""
        if self.shelf.takes:
            self.put_shelf(self.shelf.kept())

    @property
    def ghosts(self) -> NoteTable:
        """Ghosts of the take, none without one."""
        return self.take.ghosts if self.take else NoteTable.empty()

    @property
    def replaced(self) -> frozenset[int]:
        """Ids of the notes that accepting the take would replace."""
        return self.take.replaced if self.take else frozenset()

    def heard_score(self) -> Score:
        """The score as it sounds now: with the ghosts where they would be accepted, in the place of what they replace."""
        take, shelf = self.shelf.heard, self.shelf
        if take is None or not take.ghosts:
            return self.score
        if self._heard is None or self._heard[0] is not self.score or not self._heard[1].sounds_as(shelf):
            edits = edits_of(self.score, take, self._active_track_id)
            self._heard = (self.score, shelf, self.score.apply(Change(edits)))
        return self._heard[2]


def merged(tables: list[NoteTable]) -> NoteTable:
    """The notes of all tables, sorted once."""
    filled = [table for table in tables if table]
    if len(filled) < 2:
        return filled[0] if filled else NoteTable.empty()
    return NoteTable.from_columns(*(np.concatenate(same) for same in zip(*(t.columns for t in filled), strict=True)))


def _topics(change: Change) -> tuple[Topic, ...]:
    return tuple(dict.fromkeys(_topic(edit) for edit in change.edits))


def _topic(edit: Edit) -> Topic:
    match edit:
        case NotesEdit():
            return Topic.NOTES
        case TimelineEdit():
            return Topic.TIMELINE
        case ChordsEdit():
            return Topic.CHORDS
        case _:
            return Topic.TRACKS
