"""What surrounds the next note of several takes as they grow: :mod:`musegen_app.encoding.context`, note by note."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import (
    ARRIVAL,
    BARS_UNKNOWN,
    CHROMA_DECAY,
    LEAST_CHROMA,
    PLANES,
    RUN_CLASSES,
    BarGrid,
    Floats32,
    chroma_weights,
    references_of,
    roll_of,
    runs_before,
)
from musegen_app.encoding.note_events import END, ONSETS, PITCHES, GridNotes, Ints

_ONSET_CLASS: Final[list[int]] = ONSETS.classes(np.arange(ONSETS.longest + 1)).tolist()
_RUN_CLASS: Final[list[int]] = RUN_CLASSES.tolist()
_LONGEST_RUN: Final = len(_RUN_CLASS) - 1
_LISTS: Final = (
    *("_moved", "_onsets", "_last", "_chord_at", "_runs", "_seen", "_place", "_ahead", "_struck"),
    *("last_pitch", "lowest"),
)
"""What is one number or list a take."""
_MOMENT: Final = 2 * PITCHES
_NOW: Final = 2 * _MOMENT
"""Where the planes of now begin: what was struck, then what sounds."""


class ContextTracker:
    """Context of several takes as they grow after what they all heard, one note each at a time, over the same bars.

    :meth:`look` at the step of the coming note, then :meth:`add` the note that was drawn. Belongs to one thread. Written for
    few takes and speed: what is one number a take is a plain list; what all takes heard is stored once.
    """

    def __init__(self, notes: GridNotes, bars: BarGrid, takes: int) -> None:
        """As if every take had looked at and added ``notes``, whose onsets count from the origin of ``bars``."""
        steps = np.arange(len(bars))
        self._pad = pad = 2 * int(bars.length.max())
        self._steps = len(bars)
        self._a_bar_ago, self._two_bars_ago = steps - bars.length + pad, steps - 2 * bars.length + pad
        self._bar_classes = bars.classes(steps)
        last = int(notes.onset[-1]) if len(notes) else 0
        # Rows of the roll: up to the last onset those of all takes, from there on each take's own, one take after the other.
        # What sounds is written there as time passes; until then it is known by the steps that pitches sound until.
        self._own = pad + last
        width = pad + len(bars) - self._own
        self._moved = [take * width for take in range(takes)]
        roll = roll_of(notes, last + 1, pad)
        self._roll = np.zeros((self._own + takes * width, 2, PITCHES), dtype=np.uint8)
        self._roll[: self._own] = roll[: self._own]
        self._roll[[self._own + moved for moved in self._moved], 0] = roll[self._own, 0]
        until = np.zeros(PITCHES, dtype=np.int64)
        np.maximum.at(until, notes.pitch, notes.onset + notes.length)
        self._until: Ints = np.tile(until, (takes, 1))
        self._flat, self._sounds_at = self._roll.reshape(-1, _MOMENT), self._roll[:, 1].view(np.bool_)
        self._steps_from = steps[:, None]
        self._onsets = [np.unique(notes.onset).tolist() for _ in range(takes)]
        self._last = [last] * takes
        self._chord_at = [last if len(notes) else -1] * takes
        weights = chroma_weights(notes)[-1]
        self._chroma = np.tile(np.append(weights, max(weights.sum(), LEAST_CHROMA)), (takes, 1))  # and their sum
        self._runs = [self._runs_after(notes, roll)] * takes
        # Of the last look: where it was written, rows of the roll, classes, the pitch that was struck there (−1: none).
        self._sounds: Floats32 | None = None
        self._seen = [(0, 0, 0)] * takes
        self._place: list[tuple[int, ...]] = [()] * takes
        self._ahead, self._struck = [END] * takes, [-1] * takes
        last_pitch, lowest = references_of(notes)[-1].tolist()
        self.last_pitch, self.lowest = [last_pitch] * takes, [lowest] * takes
        """The last pitch of each take and the lowest of its last chord, see :func:`references_of`."""

    def _runs_after(self, notes: GridNotes, roll: npt.NDArray[np.uint8]) -> tuple[int, int]:
        """How many of the last notes were struck a bar before, too, and two bars before."""
        found = []
        for ago in (self._a_bar_ago, self._two_bars_ago):
            struck = roll[ago[notes.onset], 0, notes.pitch] > 0
            found.append(int(runs_before(np.concatenate([[False], struck, [False]]))[-1]))
        return found[0], found[1]

    def only(self, takes: list[int]) -> None:
        """Go on with these takes alone."""
        for name in ("_chroma", "_until"):
            setattr(self, name, getattr(self, name)[takes])
        for name in _LISTS:
            values = getattr(self, name)
            setattr(self, name, [values[take] for take in takes])

    def look(self, at: list[int], arrival: list[int], classes: Ints, sounds: Floats32) -> None:
        """Write the context at steps ``at``, none before the last look, reached by onset classes ``arrival``.

        ``classes`` int64 (takes, ≥8) gets the columns up to the arrival, the number of bars left as unknown; ``sounds``
        float32 (takes, SOUND_WIDTH) gets the planes and the chroma.
        """
        is_elsewhere, self._sounds = sounds is not self._sounds, sounds
        rows = []
        for take, (step, way, (run_1, run_2)) in enumerate(zip(at, arrival, self._runs, strict=True)):
            if is_elsewhere or step != self._last[take] or not self._place[take]:
                self._arrive(take, step, sounds[take])
            elif (key := self._struck[take]) >= 0:
                sounds[take, _NOW + key] = sounds[take, _NOW + PITCHES + key] = 1
            self._struck[take] = -1
            rows.append((*self._place[take], _RUN_CLASS[run_1], _RUN_CLASS[run_2], self._ahead[take], way))
        classes[:, : ARRIVAL + 1] = rows
        self._pass_time(at)
        np.divide(self._chroma[:, :12], self._chroma[:, 12:], out=sounds[:, PLANES * PITCHES :], casting="same_kind")

    def _arrive(self, take: int, step: int, sound: Floats32) -> None:
        """Look at all there is at a step: within a chord nothing of it changes but the note that was struck."""
        flat, back, until = self._flat, self._a_bar_ago.item(step), self._until[take]
        now = step + self._pad + self._moved[take]
        passed = now - step + self._last[take]
        if passed < now:
            np.greater(until, self._steps_from[self._last[take] : step], out=self._sounds_at[passed:now])
        first, second = self._row(take, back), self._row(take, self._two_bars_ago.item(step))
        self._seen[take] = first, second, now
        sound[:_MOMENT] = flat[first]
        sound[_MOMENT:_NOW] = flat[second]
        sound[_NOW : _NOW + PITCHES] = flat[now, :PITCHES]
        np.greater(until, step, out=sound[_NOW + PITCHES : _NOW + _MOMENT])
        self._ahead[take] = self._ahead_class(take, back - self._pad, step)
        self._place[take] = *self._bar_classes[step].tolist(), BARS_UNKNOWN

    def _row(self, take: int, moment: int) -> int:
        """The row of the roll, of a step counted with the padding."""
        return moment if moment < self._own else moment + self._moved[take]

    def _ahead_class(self, take: int, back: int, at: int) -> int:
        """Class of the time from step ``back`` to the onset after it, ``at`` being one."""
        onsets = self._onsets[take]
        number = bisect_right(onsets, back)
        following = onsets[number] if number < len(onsets) else at
        return _ONSET_CLASS[min(following - back, ONSETS.longest)] if 0 <= back < following else END

    def _pass_time(self, at: list[int]) -> None:
        gaps = [now - last for now, last in zip(at, self._last, strict=True)]
        if any(gaps):
            self._chroma *= CHROMA_DECAY[[min(gap, ONSETS.longest) for gap in gaps]][:, None]
            self._last = at

    def next_silent(self, take: int, at: int, pitches: npt.NDArray[np.bool_]) -> int:
        """First step from ``at`` on where one of ``pitches`` (128,) is silent in ``take``, or the end of the bars."""
        until = self._until[take, pitches]
        return min(max(int(until.min(initial=self._steps)), at), self._steps)

    def silent(self, take: int, at: int, until: int) -> npt.NDArray[np.bool_]:
        """Which pitches are silent in ``take`` at the steps from ``at`` to before ``until``: bool (steps, 128).

        ``at`` is not before the last look.
        """
        quiet: npt.NDArray[np.bool_] = self._until[take] <= self._steps_from[at:until]
        return quiet

    def hush(self, take: int, pitch: int, at: int) -> None:
        """The note of ``pitch`` that sounds in ``take`` was cut short: it is silent from step ``at`` on.

        ``at`` is not before the last look.
        """
        self._until[take, pitch] = min(self._until[take, pitch], at)
        self._place[take] = ()  # to be looked at anew

    def add(self, pitch: list[int], length: list[int]) -> None:
        """Each take struck ``pitch`` for ``length`` steps at the step last looked at."""
        self.last_pitch = pitch
        flat, until, chroma = self._flat, self._until, self._chroma
        for take, (key, steps) in enumerate(zip(pitch, length, strict=True)):
            at = self._last[take]
            (first, second, now), (run_1, run_2) = self._seen[take], self._runs[take]
            run_1 = min(run_1 + 1, _LONGEST_RUN) if flat[first, key] else 0
            self._runs[take] = run_1, min(run_2 + 1, _LONGEST_RUN) if flat[second, key] else 0
            if at != self._chord_at[take]:
                self._chord_at[take] = at
                self.lowest[take] = key
                self._onsets[take].append(at)
            self._struck[take] = key
            flat[now, key] = 1
            until[take, key] = max(until.item(take, key), at + steps)
            chroma[take, key % 12] += 1
            chroma[take, 12] += 1
