"""Step input: each chord that is played goes in at the playhead, which then moves on by the grid."""

from __future__ import annotations

from typing import Final

from musegen_app.editor import grid
from musegen_app.editor.document import Document
from musegen_app.score import Change, Note, NoteTable, Timeline, transforms

STEP_NAME: Final = "Step input"


class StepInput:
    """Belongs to the document's thread. ``step`` is the grid's, in ticks; each answer is where the playhead belongs."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._down: set[int] = set()
        self._chord: dict[int, int] = {}  # pitch to note
        self._entered: set[int] = set()
        self._end = 0
        self._number = 0

    def press(self, tick: int, pitch: int, velocity: int, step: int) -> None:
        """A key goes down: its note goes in, together with those that are still held."""
        if not self._down:
            self._chord.clear()
            self._number += 1
            self._end = following(tick, step, self._timeline)
        self._down.add(pitch)
        if pitch in self._chord:
            return
        added = self._document.score.new_notes([Note(tick, max(self._end - tick, 1), pitch, velocity)])
        self._chord[pitch] = int(added.id[0])
        self._entered.add(int(added.id[0]))
        self._edit(Change.of_notes(self._document.active_track_id, added=added))

    def release(self, pitch: int) -> int | None:
        """A key comes up; with the last one the playhead moves on. None: it stays."""
        if pitch not in self._down:
            return None
        self._down.discard(pitch)
        return None if self._down else self._end

    def rest(self, tick: int, step: int) -> int:
        """A step of silence; while keys are held, their notes last a step longer instead, and the playhead stays."""
        if not self._down:
            return following(tick, step, self._timeline)
        end = following(self._end, step, self._timeline)
        notes = self._document.active_track.notes.having(list(self._chord.values()))
        longer = transforms.resize(notes, end - self._end)
        self._end = end
        self._edit(Change.of_notes(self._document.active_track_id, notes, longer))
        return tick

    def back(self, tick: int, step: int) -> int:
        """A step back; what was entered there goes."""
        start = grid.snap_down(max(tick - 1, 0), step, self._timeline)
        track = self._document.active_track
        there = track.notes.take(track.notes.starting_in(start, tick))
        gone: NoteTable = there.having(list(self._entered))
        self._document.edit("Step back", Change.of_notes(track.id, removed=gone))
        self.let_go()
        return start

    def let_go(self) -> None:
        """Forget the keys that are held (the hands are gone, or the mode is left)."""
        self._down.clear()

    def _edit(self, change: Change) -> None:
        self._document.edit(STEP_NAME, change, f"{STEP_NAME} {id(self)} {self._number}")

    @property
    def _timeline(self) -> Timeline:
        return self._document.score.timeline


def following(tick: int, step: int, timeline: Timeline) -> int:
    """The next line of the grid after ``tick``; a bar line counts as one."""
    return min(grid.snap_down(tick, step, timeline) + step, timeline.bar_ceil(tick + 1))
