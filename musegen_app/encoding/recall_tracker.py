"""What several takes recall as they grow: :mod:`musegen_app.encoding.recall`, note by note."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import NO_REFERENCE, RUN_CLASSES
from musegen_app.encoding.note_events import LENGTHS, NO_LENGTH, ONSETS, PITCHES, Ints
from musegen_app.encoding.recall import (
    COUNTS,
    DOUBT,
    LAG_CLASSES,
    LEAST,
    LONGEST_RUN,
    MOVED_CLASSES,
    NOTHING_RECALLED,
    ONSET_CLASS_OF,
    QUALITIES,
    RECALL_CLASSES,
    SHIFTS,
    STAYS,
    EarlierBars,
    Floats32,
    PieceRecall,
)
from musegen_app.encoding.struck import StruckChords

# The same as plain numbers, for what is one number a take.
_QUALITY_LIST: Final[list[float]] = QUALITIES.tolist()
_LAG_CLASS: Final[list[int]] = LAG_CLASSES.tolist()
_MOVED_CLASS: Final[list[int]] = MOVED_CLASSES.tolist()
_SHIFT: Final[list[int]] = SHIFTS.tolist()
_ONSET_CLASS: Final[list[int]] = ONSET_CLASS_OF.tolist()
_RUN_CLASS: Final[list[int]] = RUN_CLASSES.tolist()
_LENGTH_CLASS: Final[list[int]] = LENGTHS.classes(np.arange(LENGTHS.longest + 1)).tolist()
_ONE: Final = np.float32(1)
_FADING: Final = 128


class RecallTracker:
    """What several takes recall as they grow, one note each at a time, over the same bars.

    :meth:`look` at the step of the coming note, then :meth:`add` the note that was drawn there. Belongs to one thread.
    Written for few takes and speed: what is one number a take is a plain list, what is wide is one array for all.
    """

    def __init__(self, table: EarlierBars, takes: int = 1) -> None:
        self._table = table
        self._chords = StruckChords(takes, table.rows)
        self._onsets: list[list[int]] = [[] for _ in range(takes)]
        self._scores: Floats32 = np.zeros((takes, table.lags, len(SHIFTS)), dtype=np.float32)
        self._now: Floats32 = self._scores
        self._spaces = np.empty((2, self._scores.size), dtype=np.float32)
        self._back = np.zeros((takes, table.lags), dtype=np.int64)
        self._slots: npt.NDArray[np.int32] = np.zeros((takes, table.lags), dtype=np.int32)
        self._at, self._is_stale = [0] * takes, True
        self._pitch = [-1] * takes
        self._run = [0] * takes
        self._heard = 0
        self._told: list[list[int]] = [[] for _ in range(takes)]
        self.classes: Ints = np.tile(np.array(NOTHING_RECALLED, dtype=np.int64), (takes, 1))
        """Of what each take recalls at the step last looked at, see :data:`RECALL_SIZES`: (takes, 5)."""
        self.lengths: Ints = np.full((takes, PITCHES), NO_LENGTH, dtype=np.int64)
        """Classes of the lengths there, NO_LENGTH where a pitch is not struck: (takes, 128)."""
        self.following = [NO_REFERENCE] * takes
        """The next pitch that each take recalls, :data:`NO_REFERENCE` for none."""

    @classmethod
    def after(cls, recall: PieceRecall, takes: int) -> RecallTracker:
        """As if every take had looked at and added the notes of ``recall``."""
        tracker, notes = cls(recall.earlier, takes), recall.notes
        if not len(notes):
            return tracker
        tracker._chords.begin(notes, recall.earlier.front)
        onsets = np.unique(notes.onset).tolist()
        tracker._onsets = [onsets[:] for _ in range(takes)]
        tracker._scores[:, : len(recall.scores)] = recall.scores
        tracker._pitch = [int(notes.pitch[-1])] * takes
        tracker._run = [recall.run] * takes
        return tracker

    def only(self, takes: list[int]) -> None:
        """Go on with these takes alone."""
        self._chords.only(takes)
        for name in ("_scores", "_now", "_back", "_slots", "classes", "lengths"):
            setattr(self, name, getattr(self, name)[takes])
        for name in ("_onsets", "_at", "_pitch", "_run", "_told", "following"):
            values = getattr(self, name)
            setattr(self, name, [values[take] for take in takes])

    def look(self, at: list[int]) -> None:
        """Recall what followed at the best place for steps ``at``, none before the last note."""
        if at != self._at or self._is_stale:
            self._arrive(at)
        reach = self._slots.shape[1]
        gaps = [step - onsets[-1] if onsets else 0 for step, onsets in zip(at, self._onsets, strict=True)]
        self._now = self._passed(gaps) if any(gaps) else self._scores[:, :reach]
        margins = np.subtract(self._now, DOUBT, out=self._space(0))
        chosen = margins.reshape(len(at), -1).argmax(axis=1).tolist()
        for take, best in enumerate(chosen):
            lag, moved = divmod(best, len(SHIFTS))
            for key in self._told[take]:
                self.lengths[take, key] = NO_LENGTH
            score = float(self._now[take, lag, moved])
            if score > LEAST:
                floor = -1 if gaps[take] > 0 else self._pitch[take]
                self.classes[take] = self._recalled(take, lag, moved, score)
                self._tell(take, int(self._slots[take, lag]), _SHIFT[moved], floor)
            else:
                self.classes[take], self.following[take], self._told[take] = NOTHING_RECALLED, NO_REFERENCE, []

    def _arrive(self, at: list[int]) -> None:
        """Find the places in earlier bars: within a chord they stay."""
        self._at, self._is_stale, steps = at, False, np.array(at)
        bars = self._table.number[steps]
        reach = min(max(int(bars.max()), 1), self._table.lags)  # farther back there is no music yet
        self._back = self._table.back[bars, :reach] + self._table.within[steps, None]
        self._slots = self._chords.slots(self._back)

    def _space(self, number: int) -> Floats32:
        """Room for a number for each place in reach, to be written over: (takes, lags, shifts)."""
        shape = (*self._slots.shape, len(SHIFTS))
        return self._spaces[number, : math.prod(shape)].reshape(shape)

    def _passed(self, gaps: list[int]) -> Floats32:
        """The scores in reach after so much time since the last onset."""
        scores, times = self._scores[:, : self._slots.shape[1]], self._chords.since[self._slots]
        if len(gaps) == 1:  # the same, quicker
            in_time = times == gaps[0]
            passed = np.multiply(scores, STAYS, out=self._space(1))
        else:
            gap = np.array(gaps, dtype=np.int32)[:, None]
            later = gap > 0
            in_time = (times == gap) & later
            passed = np.multiply(scores, np.where(later, STAYS, _ONE)[:, :, None], out=self._space(1))
        passed += (COUNTS * in_time)[:, :, None]
        return passed

    def _recalled(self, take: int, lag: int, moved: int, score: float) -> tuple[int, ...]:
        """The classes of a place so many bars and 1 ago, at this of the shifts."""
        place, onsets = int(self._back[take, lag]) - self._table.front, self._onsets[take]
        number = bisect_right(onsets, place)
        ahead = (onsets[number] if number < len(onsets) else self._at[take]) - place
        told = (
            1 + bisect_right(_QUALITY_LIST, score),
            _LAG_CLASS[lag + 1],
            _MOVED_CLASS[moved],
            _RUN_CLASS[self._run[take]],
            _ONSET_CLASS[min(ahead, ONSETS.longest)],
        )
        assert len(told) == RECALL_CLASSES  # noqa: S101  a class more is one here, too
        return told

    def _tell(self, take: int, slot: int, shift: int, floor: int) -> None:
        """Note the lengths that are recalled, and the lowest pitch above the floor."""
        lengths, told, following = self.lengths[take], [], NO_REFERENCE
        for pitch, length in self._chords.notes(take, slot):
            key = pitch + shift
            if 0 <= key < PITCHES:
                lengths[key] = length
                told.append(key)
                if floor < key < following:
                    following = key
        self._told[take], self.following[take] = told, following

    def hide(self, take: int) -> None:
        """Tell nothing of what ``take`` recalls at the step last looked at; it is recalled all the same."""
        self.classes[take], self.lengths[take] = NOTHING_RECALLED, NO_LENGTH

    def add(self, pitch: list[int], length: list[int]) -> None:
        """Each take struck ``pitch`` for ``length`` steps at the step last looked at."""
        scores, keys = self._scores[:, : self._now.shape[1]], np.array(pitch)[:, None]
        np.multiply(self._now, STAYS, out=scores)
        scores += np.multiply(self._chords.around(self._slots, keys), COUNTS, out=self._space(0))
        self._heard += 1
        if self._heard % _FADING == 0:
            scores[scores < LEAST] = 0  # as there
        front = self._table.front
        for take, (key, steps) in enumerate(zip(pitch, length, strict=True)):
            now, onsets = self._at[take], self._onsets[take]
            self._run[take] = min(self._run[take] + 1, LONGEST_RUN) if self.following[take] == key else 0
            since = 0
            if not onsets or now > onsets[-1]:
                since = now - onsets[-1] if onsets else 0
                onsets.append(now)
            self._chords.strike(take, now + front, (key, _LENGTH_CLASS[min(steps, LENGTHS.longest)]), since)
        self._pitch = pitch

    def hush(self, take: int, pitch: int, at: int) -> None:
        """The last note of ``pitch`` before step ``at`` was cut short there, or held until it."""
        self._is_stale, front = True, self._table.front
        for onset in reversed(self._onsets[take]):
            length = _LENGTH_CLASS[min(max(at - onset, 1), LENGTHS.longest)]
            if onset < at and self._chords.shorten(take, onset + front, pitch, length):
                return
