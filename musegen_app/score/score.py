"""The score: a value. Every edit passes through :meth:`Score.apply`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce

from musegen_app.score.change import Change, ChordsEdit, Edit, NotesEdit, TimelineEdit, TrackEdit
from musegen_app.score.chord_track import Chords
from musegen_app.score.notes import Note, NoteTable
from musegen_app.score.timeline import Timeline
from musegen_app.score.track import Track


@dataclass(frozen=True, slots=True)
class Score:
    """Tracks and chords over one timeline. Immutable; note ids are unique within a score, and ``next_id`` is free."""

    tracks: tuple[Track, ...] = (Track(1, "Piano"),)
    timeline: Timeline = field(default_factory=Timeline)
    title: str = ""
    next_id: int = 1
    chords: Chords = ()

    @property
    def end_tick(self) -> int:
        """First tick after the last note of any track."""
        return max((t.notes.end_tick for t in self.tracks), default=0)

    @property
    def note_count(self) -> int:
        """Notes of all tracks."""
        return sum(len(t.notes) for t in self.tracks)

    def track(self, track_id: int) -> Track:
        """The track with this id.

        Raises:
            KeyError: there is none.
        """
        return self.tracks[self.index_of(track_id)]

    def index_of(self, track_id: int) -> int:
        """Place of the track with this id among the tracks.

        Raises:
            KeyError: there is none.
        """
        for index, track in enumerate(self.tracks):
            if track.id == track_id:
                return index
        raise KeyError(track_id)

    def new_notes(self, notes: NoteTable | list[Note]) -> NoteTable:
        """The notes with fresh ids, ready to be the ``added`` of a change."""
        table = notes if isinstance(notes, NoteTable) else NoteTable.of(notes)
        return table.numbered(self.next_id)

    @property
    def fullest_track_id(self) -> int:
        """The track a musician most likely wants to edit first: the first of those with most notes, drums last."""
        best = max(self.tracks, key=lambda t: (not t.is_drums, len(t.notes)), default=None)
        return best.id if best else 0

    def next_track_id(self) -> int:
        """An id no track has."""
        return max((t.id for t in self.tracks), default=0) + 1

    def apply(self, change: Change) -> Score:
        """The score after ``change``; the only way a score changes.

        Raises:
            KeyError: the change names a track or a note that is not here (it was made for another score).
        """
        return reduce(_applied, change.edits, self)


def _applied(score: Score, edit: Edit) -> Score:
    match edit:
        case NotesEdit():
            return _with_notes(score, edit)
        case TimelineEdit():
            return replace(score, timeline=edit.after)
        case ChordsEdit():
            return replace(score, chords=edit.after)
        case TrackEdit():
            return _with_track(score, edit)


def _with_notes(score: Score, edit: NotesEdit) -> Score:
    index = score.index_of(edit.track_id)
    track = score.tracks[index]
    kept = track.notes
    if len(edit.removed):
        kept = kept.without(edit.removed.id)
        if len(kept) != len(track.notes) - len(edit.removed):
            raise KeyError("the change removes a note that is not in the score")
    notes = kept.merged(edit.added)
    next_id = max(score.next_id, int(edit.added.id.max()) + 1) if len(edit.added) else score.next_id
    tracks = (*score.tracks[:index], replace(track, notes=notes), *score.tracks[index + 1 :])
    return replace(score, tracks=tracks, next_id=next_id)


def _with_track(score: Score, edit: TrackEdit) -> Score:
    after = () if edit.after is None else (edit.after,)
    here = score.tracks[edit.index : edit.index + (edit.before is not None)]
    rest = score.tracks[edit.index + len(here) :]
    if edit.before is not None and [track.id for track in here] != [edit.before.id]:
        raise KeyError(edit.before.id)
    highest = max((int(t.notes.id.max()) + 1 for t in after if len(t.notes)), default=1)
    return replace(score, tracks=(*score.tracks[: edit.index], *after, *rest), next_id=max(score.next_id, highest))
