"""What a recorded take does to the piece: over what is there or in its place, drawn to the grid or as it was played.

While it goes on, the take lies beside the score; it becomes one step of undo when it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.editor import grid
from musegen_app.playback.recorder import Loop, Pass, Recorder
from musegen_app.score import EMPTY, Change, ControlChange, Edit, NotesEdit, NoteTable, Score, Timeline, Track, TrackEdit

RECORD_NAME: Final = "Record"
_FAR: Final = 1 << 40


class RecordMode(Enum):
    """What becomes of the notes that the active track has where something is recorded."""

    OVERDUB = "overdub"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Intake:
    """How a take comes in: ``step`` ticks of the grid its notes are drawn to, 0 for none, with ``strength`` 0–1."""

    mode: RecordMode = RecordMode.OVERDUB
    step: int = 0
    strength: float = 1.0


def quantised(notes: NoteTable, timeline: Timeline, intake: Intake, loop: Loop | None = None) -> NoteTable:
    """Starts drawn towards the grid, lengths kept; what is drawn onto the loop's end begins at its start."""
    if intake.step < 1 or not notes:
        return notes
    lines = grid.snapped(notes.start, intake.step, timeline)
    start = notes.start + np.rint((lines - notes.start) * intake.strength).astype(np.int64)
    if loop is not None:
        turned = (start >= loop[1]) & (notes.start < loop[1])
        start = np.where(turned, start - (loop[1] - loop[0]), start)
    return notes.with_columns(start=start)


def laid(track: Track, passes: Sequence[Pass], mode: RecordMode) -> Track:
    """The track with the passes on it, one after another; new notes have no ids yet.

    A pass in which no note was played leaves everything as it was. A controller that was moved replaces what it did
    between its first and last move.
    """
    kept, added, controls = track.notes, EMPTY, track.controls
    for turn in passes:
        if mode is RecordMode.REPLACE and turn.struck:
            kept, added = _cleared(kept, turn), _cleared(added, turn)
        added = added.merged(turn.notes)
        controls = _with_controls(controls, turn.controls)
    return replace(track, notes=kept.merged(added), controls=controls)


def change_of(score: Score, track_id: int, passes: Sequence[Pass], mode: RecordMode) -> Change:
    """The take as one change of the score.

    Raises:
        KeyError: the track is not there.
    """
    track = score.track(track_id)
    made = laid(track, passes, mode)
    added = score.new_notes(made.notes.take(made.notes.id == 0))
    removed = track.notes.without(made.notes.id)
    edits: list[Edit] = [NotesEdit(track_id, removed, added)]
    if made.controls != track.controls:
        noted = replace(track, notes=track.notes.without(removed.id).merged(added))
        edits.append(TrackEdit(score.index_of(track_id), noted, replace(noted, controls=made.controls)))
    return Change(tuple(edits))


class Take:
    """A take that is being recorded onto one track. One thread."""

    def __init__(self, track_id: int, tick: float, loop: Loop | None, intake: Intake) -> None:
        self.track_id, self.intake, self._loop = track_id, intake, loop
        self.recorder = Recorder.begin(tick, loop)

    def shown(self) -> NoteTable:
        """What was played, as it was played, to be looked at while it grows."""
        return self.recorder.notes_so_far()

    def heard(self, score: Score) -> Score:
        """The score with what of the take is to be heard: never what the hands have only just played."""
        if self.track_id not in {track.id for track in score.tracks}:
            return score
        index = score.index_of(self.track_id)
        track = laid(score.tracks[index], self._audible(score.timeline), self.intake.mode)
        return replace(score, tracks=(*score.tracks[:index], track, *score.tracks[index + 1 :]))

    def sign(self) -> tuple[int, int, bool]:
        """Changes whenever :meth:`heard` does: compare it from one frame to the next."""
        replaces = self.intake.mode is RecordMode.REPLACE and self.recorder.has_struck_now
        if self._loop is None:
            return 0, 0, replaces
        left = self._left_behind(self.recorder.notes_so_far())
        return self.recorder.at[0], int(np.count_nonzero(left)), replaces

    def change(self, score: Score) -> Change:
        """End the take: the change it makes.

        Raises:
            KeyError: its track is not there.
        """
        passes = [self._drawn(turn, score.timeline) for turn in self.recorder.end()]
        return change_of(score, self.track_id, passes, self.intake.mode)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _drawn(self, turn: Pass, timeline: Timeline) -> Pass:
        return replace(turn, notes=quantised(turn.notes, timeline, self.intake, self._loop))

    def _left_behind(self, notes: NoteTable) -> npt.NDArray[np.bool_]:
        """Which notes are over, and drawn to no place that lies ahead in this pass."""
        at, reach = self.recorder.at[1], self.intake.step // 2
        over = notes.end + reach <= at
        if self._loop is not None and self.intake.step and self.intake.strength == 1:
            over |= (notes.start + reach >= self._loop[1]) & (notes.end < at)  # it begins at the loop's start
        return over

    def _audible(self, timeline: Timeline) -> list[Pass]:
        """The passes behind us; of this one, round a loop, what the playhead has left behind.

        What is replaced falls silent from the first note of a pass to its end.
        """
        *behind, now = self.recorder.passes()
        left = now.notes.take(self._left_behind(now.notes)) if self._loop is not None else EMPTY
        heard = [*behind, Pass(now.start, _FAR, left, struck=now.struck)]
        return [self._drawn(turn, timeline) for turn in heard]


def _cleared(notes: NoteTable, turn: Pass) -> NoteTable:
    """The notes without those that begin in the pass."""
    inside = (notes.start >= turn.start) & (notes.start < turn.end)
    return notes.take(~inside)


def _with_controls(old: tuple[ControlChange, ...], new: tuple[ControlChange, ...]) -> tuple[ControlChange, ...]:
    """The new moves in the place of the old ones of the same controllers."""
    spans: dict[int, tuple[int, int]] = {}
    for change in new:
        first, last = spans.get(change.number, (change.tick, change.tick))
        spans[change.number] = min(first, change.tick), max(last, change.tick)
    kept = [c for c in old if c.number not in spans or not spans[c.number][0] <= c.tick <= spans[c.number][1]]
    return tuple(sorted([*kept, *new], key=lambda change: change.tick))
