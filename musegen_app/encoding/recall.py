"""What the music recalls: the place, bars ago, that the last notes were most like, and what came there next.

A piece says things again: a verse, a theme in another key, a figure a bar higher. For every earlier bar and every
transposition up to an octave a score tells how well the last notes and their times were foreseen from there, each note
counting less as it recedes. Before a note is drawn the network sees what followed at the best of these places. It is the
memory of form that neither an LSTM nor a look one and two bars back has.

:func:`piece_recall` computes it for a whole piece at once (training, a seed),
:class:`~musegen_app.encoding.recall_tracker.RecallTracker` note by note for several takes (generation); a test holds the two
equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import NO_REFERENCE, RUN_CLASSES, BarGrid
from musegen_app.encoding.note_events import END, LENGTHS, NO_LENGTH, ONSET_CLASSES, ONSETS, PITCHES, GridNotes, Ints

AnyInts = npt.NDArray[np.integer[Any]]
Bools = npt.NDArray[np.bool_]
Floats32 = npt.NDArray[np.float32]

LONGEST_LAG: Final = 128
"""Bars back that a place may lie."""
MOST_SHIFT: Final = 12
"""Semitones up or down that a place may be transposed by."""
SHIFTS: Final = np.arange(MOST_SHIFT, -MOST_SHIFT - 1, -1)
"""Semitones from there to here, so that the keys there ascend."""
STAYS: Final = np.float32(0.85)
"""What stays of a score at each note, and at each time between onsets; of 0.85, 0.93 and 0.97 it foresaw best."""
COUNTS: Final = np.float32(1) - STAYS
"""What a note, or a time, that came as it did there adds: a score is 0–1."""
DOUBT: Final = np.where(SHIFTS == 0, 0, 0.03 + abs(SHIFTS) / 2000).astype(np.float32)
"""What a transposed place must be better by."""
WIDE: Final = PITCHES + 2 * MOST_SHIFT
"""Keys of a step's row: the pitches, and room beside them for what is transposed."""
QUALITIES: Final = np.array(
    [0.2, 0.35, 0.45, 0.55, 0.65, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999], dtype=np.float32
)
"""Where classes of scores part: close together at the top, where a score tells a repeat from its last bar."""
LAG_CLASSES: Final = np.searchsorted([1, 2, 4, 8, 16, 32], np.arange(LONGEST_LAG + 1)) + 1
MOVED_CLASSES: Final = np.select([SHIFTS == 0, abs(SHIFTS) == MOST_SHIFT], [1, 2], 3)
ONSET_CLASS_OF: Final = ONSETS.classes(np.arange(ONSETS.longest + 1))
LONGEST_RUN: Final = len(RUN_CLASSES) - 1
LEAST: Final = np.float32(1e-30)
"""What a place must be better by than one that nothing speaks for."""
_LEAD: Final = 64
"""Notes by which a score is as good as if it had counted from the beginning, but for places that little speaks for."""
_CHUNK: Final = 512

RECALL_SIZES: Final = (len(QUALITIES) + 2, 8, 4, int(RUN_CLASSES[-1]) + 1, ONSET_CLASSES)
"""Classes of how good the best place is, how many bars ago, how it is transposed, how many notes in a row came as they did
there, and the time to the next onset there; 0, the last END, where nothing is recalled."""
RECALL_CLASSES: Final = len(RECALL_SIZES)
NOTHING_RECALLED: Final = (0, 0, 0, 0, END)


@dataclass(frozen=True)
class PieceRecall:
    """What the begin mark (row 0) and each of ``notes``, or the last of them, recall in the bars ``earlier``.

    ``classes`` int64 (rows, 5), see :data:`RECALL_SIZES`. ``source`` int64 (rows,): the first of the notes struck at the
    place, −1 for none; ``shift`` int64 (rows,): semitones from there to here. ``scores`` (lags, shifts) and ``run`` are
    where a :class:`~musegen_app.encoding.recall_tracker.RecallTracker` goes on.
    """

    notes: GridNotes
    earlier: EarlierBars
    classes: Ints
    source: Ints
    shift: Ints
    scores: Floats32
    run: int

    def lengths(self, rows: slice = slice(None)) -> Ints:
        """Classes of the lengths that the pitches have there, NO_LENGTH where not struck: int64 (rows, 128)."""
        notes, source, shift = self.notes, self.source[rows], self.shift[rows]
        return recalled_lengths(notes.pitch, LENGTHS.classes(notes.length), notes.onset, source, shift)


def recalled_lengths(pitch: AnyInts, length: AnyInts, onset: AnyInts, source: Ints, shift: Ints) -> Ints:
    """For each place the classes of the lengths struck there, by the pitches they have here.

    Args:
        pitch: of notes, sorted by onset.
        length: their classes.
        onset: their steps.
        source: row of the first note at each place, −1 for none: (…,).
        shift: semitones from there to here: (…,).

    Returns:
        int64 (…, 128), NO_LENGTH where a pitch is not struck.
    """
    found = np.full((*source.shape, PITCHES), NO_LENGTH, dtype=np.int64)
    place = np.nonzero(source >= 0)
    row = source[place].astype(np.int64)
    began, moved = onset[row], shift[place].astype(np.int64)
    while len(row):
        key = pitch[row].astype(np.int64) + moved
        fits = (key >= 0) & (key < PITCHES)
        found[(*(axis[fits] for axis in place), key[fits])] = length[row[fits]]
        row = row + 1
        goes_on = (row < len(onset)) & (onset[np.minimum(row, len(onset) - 1)] == began)
        place, row, began, moved = tuple(axis[goes_on] for axis in place), row[goes_on], began[goes_on], moved[goes_on]
    return found


def recalled_next(lengths: Ints, floor: Ints) -> Ints:
    """The lowest recalled pitch above each floor, :data:`NO_REFERENCE` for none: int64 (…,)."""
    there = (lengths < NO_LENGTH) & (np.arange(PITCHES) > floor[..., None])
    return np.where(there.any(axis=-1), there.argmax(axis=-1), NO_REFERENCE)


class EarlierBars:
    """Where earlier bars begin: a step's bar and its place in it, and the beginnings of the bars before each.

    Music has a row each step, the first being ``front``; what lies before it is silent.
    """

    def __init__(self, bars: BarGrid) -> None:
        starts, self.number = np.unique(bars.start, return_inverse=True)
        self.within = np.arange(len(bars)) - bars.start
        self.front = int(self.within.max()) + 1
        self.rows = self.front + len(bars)
        self.lags = max(min(LONGEST_LAG, len(starts) - 1), 1)
        before = np.arange(len(starts))[:, None] - np.arange(1, self.lags + 1)
        self.back = np.where(before >= 0, starts[np.maximum(before, 0)] + self.front, 0)


def piece_recall(notes: GridNotes, bars: BarGrid, since: int = 0) -> PieceRecall:
    """What every note of a piece recalls, or those from number ``since`` on; onsets count from the origin of ``bars``."""
    begin, table = max(since - _LEAD, 0), EarlierBars(bars)
    scores = np.zeros((table.lags, len(SHIFTS)), dtype=np.float32)
    nothing = np.array([NOTHING_RECALLED], dtype=np.int64)
    if not len(notes):
        return PieceRecall(notes, table, nothing, np.full(1, -1), np.zeros(1, dtype=np.int64), scores, 0)
    best, score, place = _best_places(notes, table, scores, begin)
    is_found = score > LEAST
    lag, moved = best // len(SHIFTS), best % len(SHIFTS)
    onsets = np.unique(notes.onset)
    ahead = onsets[np.minimum(np.searchsorted(onsets, place, side="right"), len(onsets) - 1)] - place
    first = np.minimum(np.searchsorted(notes.onset, place), len(notes) - 1)
    source = np.where(is_found & (notes.onset[first] == place), first, -1)
    shift = np.where(is_found, SHIFTS[moved], 0)
    runs = _runs(notes, source, shift)
    columns = [_quality(score), LAG_CLASSES[lag + 1], MOVED_CLASSES[moved], RUN_CLASSES[runs[:-1]], _time_class(ahead)]
    classes = np.where(is_found[:, None], np.stack(columns, axis=1), nothing)
    wanted = slice(since - begin, None)
    return PieceRecall(
        notes,
        table,
        np.concatenate([nothing, classes[wanted]]),
        np.concatenate([[-1], source[wanted]]),
        np.concatenate([[0], shift[wanted]]),
        scores,
        int(runs[-1]),
    )


def _quality(score: Floats32) -> Ints:
    return 1 + np.searchsorted(QUALITIES, score, side="right")


def _time_class(steps: Ints) -> Ints:
    found: Ints = ONSET_CLASS_OF[np.clip(steps, 0, ONSETS.longest)]
    return found


def _runs(notes: GridNotes, source: Ints, shift: Ints) -> Ints:
    """How many notes right before each of the last ones, and after them all, were the next that was recalled."""
    floor = np.where(np.diff(notes.onset, prepend=-1) == 0, np.concatenate([[-1], notes.pitch[:-1]]), -1)[-len(source) :]
    pitch, nothing = notes.pitch[-len(source) :], np.zeros_like(notes.pitch)
    hits: list[bool] = []
    for begin in range(0, len(source), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        there = recalled_lengths(notes.pitch, nothing, notes.onset, source[rows], shift[rows])
        hits += (recalled_next(there, floor[rows]) == pitch[rows]).tolist()
    runs = [0]
    for hit in hits:
        runs.append(min(runs[-1] + 1, LONGEST_RUN) if hit else 0)
    return np.array(runs)


def _best_places(notes: GridNotes, table: EarlierBars, scores: Floats32, first: int) -> tuple[Ints, Floats32, Ints]:
    """For each note from ``first`` on, itself unheard, the best place: lag and shift as one index, its score, and its step.

    ``scores`` (lags, shifts) become what they are after the last note.
    """
    struck = np.zeros((table.rows, WIDE), dtype=np.bool_)
    struck[notes.onset + table.front, notes.pitch + MOST_SHIFT] = True
    gaps = np.diff(notes.onset, prepend=notes.onset[0])
    after = np.zeros(table.rows, dtype=np.int64)  # how long before an onset the last one was
    later = gaps > 0
    after[notes.onset[later] + table.front] = gaps[later]
    best, place = np.zeros(len(notes), dtype=np.int64), np.zeros(len(notes), dtype=np.int64)
    score = np.zeros(len(notes), dtype=np.float32)
    for begin in range(first, len(notes), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        bar = table.number[notes.onset[rows]]
        back = table.back[bar] + table.within[notes.onset[rows], None]
        in_time = COUNTS * (after[back] == gaps[rows, None])[:, :, None]
        in_tune = COUNTS * struck[back[:, :, None], (notes.pitch[rows, None] + np.arange(len(SHIFTS)))[:, None]]
        reached = np.clip(bar, 1, table.lags)  # farther back there is no music yet
        scores[scores < LEAST] = 0  # numbers that only fade for ever are slow to reckon with
        for row, (lags, is_later) in enumerate(zip(reached.tolist(), later[rows].tolist(), strict=True)):
            here = scores[:lags]
            if is_later:
                here *= STAYS
                here += in_time[row, :lags]
            chosen = int((here - DOUBT).argmax())
            best[begin + row], score[begin + row] = chosen, here.flat[chosen]
            place[begin + row] = back[row, chosen // len(SHIFTS)] - table.front
            here *= STAYS
            here += in_tune[row, :lags]
    return best[first:], score[first:], place[first:]
