"""What several takes recall as they grow: :mod:`musegen_app.encoding.recall`, note by note."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

import numpy as np

from musegen_app.encoding.context import NO_REFERENCE, RUN_CLASSES, BarGrid
from musegen_app.encoding.note_events import LENGTHS, NO_LENGTH, ONSETS, PITCHES, Ints
from musegen_app.encoding.recall import (
    COUNTS,
    DOUBT,
    LAG_CLASSES,
    LEAST,
    LONGEST_RUN,
    MOST_SHIFT,
    MOVED_CLASSES,
    NOTHING_RECALLED,
    ONSET_CLASS_OF,
    QUALITIES,
    SHIFTS,
    STAYS,
    WIDE,
    Bools,
    EarlierBars,
    Floats32,
    PieceRecall,
)

_LENGTH_OF: Final = np.concatenate([[NO_LENGTH], np.arange(NO_LENGTH)])
# The same as plain numbers, for what is one number a take.
_QUALITY_LIST: Final[list[float]] = QUALITIES.tolist()
_LAG_CLASS: Final[list[int]] = LAG_CLASSES.tolist()
_MOVED_CLASS: Final[list[int]] = MOVED_CLASSES.tolist()
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

    def __init__(self, bars: BarGrid, takes: int = 1) -> None:
        self._table = table = EarlierBars(bars)
        self._number, self._within = table.number.tolist(), table.within.tolist()
        self._rows = list(range(takes))  # of the two arrays below, whose rows stay where they are when takes leave
        self._struck = np.zeros((takes, table.rows, WIDE), dtype=np.uint8)  # class of the length and 1
        self._after = np.zeros((takes, table.rows), dtype=np.int64)
        self._onsets: list[list[int]] = [[] for _ in range(takes)]
        self._scores: Floats32 = np.zeros((takes, table.lags, len(SHIFTS)), dtype=np.float32)
        self._now, self._back = self._scores, np.zeros((takes, table.lags), dtype=np.int64)
        self._at = [0] * takes
        self._pitch = [-1] * takes
        self._run = [0] * takes
        self._heard = 0
        self.classes: Ints = np.tile(np.array(NOTHING_RECALLED, dtype=np.int64), (takes, 1))
        """Of what each take recalls at the step last looked at, see :data:`RECALL_SIZES`: (takes, 5)."""
        self.lengths: Ints = np.full((takes, PITCHES), NO_LENGTH, dtype=np.int64)
        """Classes of the lengths there, NO_LENGTH where a pitch is not struck: (takes, 128)."""
        self.following = [NO_REFERENCE] * takes
        """The next pitch that each take recalls, :data:`NO_REFERENCE` for none."""

    @classmethod
    def after(cls, recall: PieceRecall, bars: BarGrid, takes: int) -> RecallTracker:
        """As if every take had looked at and added the notes of ``recall``."""
        tracker, notes = cls(bars, takes), recall.notes
        if not len(notes):
            return tracker
        front = tracker._table.front
        tracker._struck[:, notes.onset + front, notes.pitch + MOST_SHIFT] = LENGTHS.classes(notes.length) + 1
        onsets = np.unique(notes.onset)
        tracker._after[:, onsets[1:] + front] = np.diff(onsets)
        tracker._onsets = [onsets.tolist() for _ in range(takes)]
        tracker._scores[:, : len(recall.scores)] = recall.scores
        tracker._pitch = [int(notes.pitch[-1])] * takes
        tracker._run = [recall.run] * takes
        return tracker

    def only(self, takes: list[int]) -> None:
        """Go on with these takes alone."""
        for name in ("_scores", "_now", "_back", "classes", "lengths"):
            setattr(self, name, getattr(self, name)[takes])
        for name in ("_rows", "_onsets", "_at", "_pitch", "_run", "following"):
            values = getattr(self, name)
            setattr(self, name, [values[take] for take in takes])

    def look(self, at: list[int]) -> None:
        """Recall what followed at the best place for steps ``at``, none before the last note."""
        self._at = at
        bars = [self._number[step] for step in at]
        reach = min(max(*bars, 1), self._table.lags)  # farther back there is no music yet
        if len(at) == 1:  # the same, quicker
            self._back = self._table.back[bars[0] : bars[0] + 1, :reach] + self._within[at[0]]
        else:
            self._back = self._table.back[bars, :reach] + np.array([self._within[step] for step in at])[:, None]
        gaps = [step - onsets[-1] if onsets else 0 for step, onsets in zip(at, self._onsets, strict=True)]
        self._now = self._passed(gaps) if any(gaps) else self._scores[:, :reach]
        chosen = (self._now - DOUBT).reshape(len(at), -1).argmax(axis=1).tolist()
        for take, best in enumerate(chosen):
            self._recall(take, *divmod(best, len(SHIFTS)), is_later=gaps[take] > 0)

    def _passed(self, gaps: list[int]) -> Floats32:
        """The scores in reach after so much time since the last onset."""
        scores = self._scores[:, : self._back.shape[1]]
        if len(gaps) == 1:  # the same, quicker
            in_time = self._after[self._rows[0]][self._back] == gaps[0]
            passed: Floats32 = scores * STAYS
        else:
            gap = np.array(gaps)[:, None]
            later = gap > 0
            in_time = (self._after[np.array(self._rows)[:, None], self._back] == gap) & later
            passed = scores * np.where(later, STAYS, _ONE)[:, :, None]
        passed += (COUNTS * in_time)[:, :, None]
        return passed

    def _recall(self, take: int, lag: int, moved: int, *, is_later: bool) -> None:
        """Note what a take recalls from so many bars and 1 ago, at this of the shifts."""
        score = float(self._now[take, lag, moved])
        if score <= LEAST:
            self.classes[take], self.lengths[take], self.following[take] = NOTHING_RECALLED, NO_LENGTH, NO_REFERENCE
            return
        place = int(self._back[take, lag])
        there = self._struck[self._rows[take], place, moved : moved + PITCHES]
        self.lengths[take] = _LENGTH_OF[there]
        floor = -1 if is_later else self._pitch[take]
        above = there[floor + 1 :] > 0
        following = int(above.argmax()) if len(above) else 0
        self.following[take] = floor + 1 + following if len(above) and above[following] else NO_REFERENCE
        place -= self._table.front
        onsets = self._onsets[take]
        number = bisect_right(onsets, place)
        ahead = (onsets[number] if number < len(onsets) else self._at[take]) - place
        run = _RUN_CLASS[self._run[take]]
        self.classes[take] = (
            *(1 + bisect_right(_QUALITY_LIST, score), _LAG_CLASS[lag + 1], _MOVED_CLASS[moved], run),
            _ONSET_CLASS[min(ahead, ONSETS.longest)],
        )

    def add(self, pitch: list[int], length: list[int]) -> None:
        """Each take struck ``pitch`` for ``length`` steps at the step last looked at."""
        front = self._table.front
        scores = self._scores[:, : self._now.shape[1]]
        np.multiply(self._now, STAYS, out=scores)
        scores += COUNTS * self._in_tune(pitch)
        self._heard += 1
        if self._heard % _FADING == 0:
            scores[scores < LEAST] = 0  # as there
        for take, (row, key, steps) in enumerate(zip(self._rows, pitch, length, strict=True)):
            now, onsets = self._at[take], self._onsets[take]
            self._run[take] = min(self._run[take] + 1, LONGEST_RUN) if self.following[take] == key else 0
            self._struck[row, now + front, key + MOST_SHIFT] = _LENGTH_CLASS[min(steps, LENGTHS.longest)] + 1
            if not onsets or now > onsets[-1]:
                self._after[row, now + front] = now - onsets[-1] if onsets else 0
                onsets.append(now)
        self._pitch = pitch

    def hush(self, take: int, pitch: int, at: int) -> None:
        """The last note of ``pitch`` before step ``at`` was cut short there."""
        struck = self._struck[self._rows[take], : at + self._table.front, pitch + MOST_SHIFT]
        found = np.flatnonzero(struck)
        if len(found):
            struck[found[-1]] = _LENGTH_CLASS[min(len(struck) - int(found[-1]), LENGTHS.longest)] + 1

    def _in_tune(self, pitch: list[int]) -> Bools:
        """Where the pitches were struck, by shift: bool (takes, lags, shifts)."""
        found = [
            self._struck[row, back, key : key + len(SHIFTS)]
            for row, back, key in zip(self._rows, self._back, pitch, strict=True)
        ]
        return np.array(found) > 0
