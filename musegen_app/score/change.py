"""What an edit does: notes removed and added, a track, the timeline or the chords replaced.

Changes are values that can be inverted.
"""

from __future__ import annotations

from dataclasses import dataclass

from musegen_app.score.chord_track import Chords
from musegen_app.score.notes import EMPTY, NoteTable
from musegen_app.score.timeline import Timeline
from musegen_app.score.track import Track


@dataclass(frozen=True, slots=True)
class NotesEdit:
    """On track ``track_id``, take ``removed`` (matched by id) out and put ``added`` in."""

    track_id: int
    removed: NoteTable = EMPTY
    added: NoteTable = EMPTY

    def inverse(self) -> NotesEdit:
        """The edit that takes this one back."""
        return NotesEdit(self.track_id, self.added, self.removed)


@dataclass(frozen=True, slots=True)
class TrackEdit:
    """At place ``index``, ``before`` becomes ``after``; None before adds a track, None after removes it."""

    index: int
    before: Track | None
    after: Track | None

    def inverse(self) -> TrackEdit:
        """The edit that takes this one back."""
        return TrackEdit(self.index, self.after, self.before)


@dataclass(frozen=True, slots=True)
class TimelineEdit:
    """The tempo map and metres ``before`` become ``after``."""

    before: Timeline
    after: Timeline

    def inverse(self) -> TimelineEdit:
        """The edit that takes this one back."""
        return TimelineEdit(self.after, self.before)


@dataclass(frozen=True, slots=True)
class ChordsEdit:
    """The chord track ``before`` becomes ``after``."""

    before: Chords
    after: Chords

    def inverse(self) -> ChordsEdit:
        """The edit that takes this one back."""
        return ChordsEdit(self.after, self.before)


Edit = NotesEdit | TrackEdit | TimelineEdit | ChordsEdit


@dataclass(frozen=True, slots=True)
class Change:
    """Edits applied together, in order: one gesture, one recorded take, one accepted continuation."""

    edits: tuple[Edit, ...]

    @classmethod
    def of_notes(cls, track_id: int, removed: NoteTable = EMPTY, added: NoteTable = EMPTY) -> Change:
        """A change of one track's notes."""
        return cls((NotesEdit(track_id, removed, added),))

    def inverse(self) -> Change:
        """The change that takes this one back."""
        return Change(tuple(edit.inverse() for edit in reversed(self.edits)))

    def then(self, later: Change) -> Change:
        """This change and ``later`` as one."""
        return Change(self.edits + later.edits)

    def __bool__(self) -> bool:
        return any(
            (edit.removed != edit.added) if isinstance(edit, NotesEdit) else edit.before != edit.after for edit in self.edits
        )
