"""What surrounds a note, computed exactly so that the network need not remember it.

Before a note is drawn the network sees: where in the bar it falls, the metre, how far the end is, what was struck and what
sounded one and two bars ago and just now, for how long those bars have been copied, when the bar before went on, and which
pitch classes prevailed lately. It is the long memory that an LSTM lacks.

:func:`piece_context` computes it for a whole piece at once (training),
:class:`~musegen_app.encoding.context_tracker.ContextTracker` note by note for several takes (generation); a test holds the
two equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import (
    END,
    ONSET_CLASSES,
    ONSETS,
    PITCHES,
    STEP_TICKS,
    GridNotes,
    Ints,
)
from musegen_app.score import Timeline

Bytes = npt.NDArray[np.uint8]
Floats32 = npt.NDArray[np.float32]

_METRES: Final = (
    (2, 4), (3, 4), (4, 4), (2, 2), (3, 8), (6, 8), (9, 8), (12, 8), (3, 2), (6, 4), (5, 4), (4, 8), (2, 8), (1, 4), (4, 2),
)  # fmt: skip
_PLACES: Final = 33
_LONGEST_BAR: Final = 384
BARS_UNKNOWN: Final = 33
"""Class of "how many bars are left" when nobody knows; 0–32 count them."""
_RUN_CLASS: Final = [0, 1, 2, *[3] * 2, *[4] * 4, *[5] * 8, *[6] * 16, *[7] * 32]
RUN_CLASSES: Final = np.array(_RUN_CLASS, dtype=np.int64)
"""Class of how many notes in a row came as expected."""
_LONGEST_RUN: Final = len(_RUN_CLASS) - 1
TRANSPOSITIONS: Final = 13
"""Offsets −6 to 6 that training moves a piece by; class 6 is "as written"."""
AS_WRITTEN: Final = 6

CLASS_SIZES: Final = {
    "phase": 24,
    "place": _PLACES,
    "metre": len(_METRES) + 1,
    "bars_left": BARS_UNKNOWN + 1,
    "copied_1": _RUN_CLASS[-1] + 1,
    "copied_2": _RUN_CLASS[-1] + 1,
    "ahead": ONSET_CLASSES,
    "arrival": ONSET_CLASSES,
    "transposition": TRANSPOSITIONS,
}
"""Classes of the context, in order, and how many values each has; the style follows them."""
BARS_LEFT, COPIED, AHEAD, ARRIVAL, TRANSPOSITION, STYLE = 3, 4, 6, 7, 8, 9
"""Columns of the context classes that others set or read."""

NO_REFERENCE: Final = PITCHES

MOMENTS: Final = 3
"""Moments looked at: one bar ago, two bars ago, now."""
PLANES: Final = MOMENTS * 2
"""For each moment, what was struck and what sounded, 128 pitches each."""
SOUND_WIDTH: Final = PLANES * PITCHES + 12
_CHROMA_STEPS: Final = 192.0  # two bars of 4/4: the time in which an onset's weight decays to 1/e
LEAST_CHROMA: Final = 1e-30
CHROMA_DECAY: Final = np.exp(-np.arange(ONSETS.longest + 1) / _CHROMA_STEPS)


@dataclass(frozen=True)
class BarGrid:
    """Bars by step, counted from an origin: int64 arrays of shape (steps,).

    ``start``, ``length`` (1–384) and ``number`` of the bar that holds the step, ``metre`` its class.
    """

    start: Ints
    length: Ints
    number: Ints
    metre: Ints

    def __len__(self) -> int:
        return len(self.start)

    @classmethod
    def of(cls, timeline: Timeline, origin: int, steps: int) -> BarGrid:
        """The ``steps`` steps from step ``origin`` of ``timeline`` on."""
        first, last = origin * STEP_TICKS, (origin + steps) * STEP_TICKS
        bars = np.arange(timeline.bar_at(first), timeline.bar_at(last) + 2)
        ticks = [timeline.bar_start(int(bar)) for bar in bars]
        lines = np.array(ticks) // STEP_TICKS - origin
        metres = np.array([_metre_class(timeline, tick) for tick in ticks[:-1]])
        row = np.searchsorted(lines[:-1], np.arange(steps), side="right") - 1
        lengths = np.clip(np.diff(lines), 1, _LONGEST_BAR)
        return cls(lines[row], lengths[row], bars[row], metres[row])

    def classes(self, step: Ints) -> Ints:
        """Phase, place and metre classes of each step: int64, one axis of 3 more than ``step``."""
        within = step - self.start[step]
        return np.stack([within % 24, np.minimum(within // 12, _PLACES - 1), self.metre[step]], axis=-1)

    def bars_left(self, step: Ints, end_step: int) -> Ints:
        """Bars that follow each step's bar until the music ends at ``end_step``, 0–32."""
        last = self.number[min(max(end_step - 1, 0), len(self) - 1)]
        left: Ints = np.clip(last - self.number[step], 0, BARS_UNKNOWN - 1)
        return left


def _metre_class(timeline: Timeline, tick: int) -> int:
    metre = timeline.metre_at(tick)
    signature = (metre.numerator, metre.denominator)
    return _METRES.index(signature) if signature in _METRES else len(_METRES)


@dataclass(frozen=True)
class PieceContext:
    """Context of the begin mark (row 0) and of each note of a piece, without transposition and style.

    ``classes`` int64 (notes + 1, 8), ``planes`` uint8 0/1 (notes + 1, 6, 128), ``chroma`` float32 (notes + 1, 12).
    """

    classes: Ints
    planes: Bytes
    chroma: Floats32


def piece_context(notes: GridNotes, bars: BarGrid) -> PieceContext:
    """Context of every note of a piece at once; onsets count from the origin of ``bars``."""
    at = np.concatenate([[0], notes.onset])
    back = np.stack([at - bars.length[at], at - 2 * bars.length[at]], axis=1)
    pad = 2 * int(bars.length.max())
    roll = roll_of(notes, len(bars), pad)
    planes = roll[np.concatenate([back, at[:, None]], axis=1) + pad]
    _forget_coming(planes[:, 2], notes.pitch)
    onset_class = np.concatenate([[END], ONSETS.classes(np.diff(notes.onset, prepend=0))])
    classes = np.zeros((len(at), TRANSPOSITION), dtype=np.int64)
    classes[:, :3] = bars.classes(at)
    classes[:, BARS_LEFT] = bars.bars_left(at, notes.end)
    for column in (0, 1):
        struck = np.concatenate([[False], planes[np.arange(1, len(at)), column, 0, notes.pitch] > 0])
        classes[:, COPIED + column] = RUN_CLASSES[runs_before(struck)]
    classes[:, AHEAD] = _ahead(notes.onset, back[:, 0])
    classes[:, ARRIVAL] = onset_class
    weights = chroma_weights(notes)[:-1]
    total = weights.sum(axis=1, keepdims=True)
    chroma = (weights / np.maximum(total, LEAST_CHROMA)).astype(np.float32)
    return PieceContext(classes, planes.reshape(len(at), PLANES, PITCHES), chroma)


def roll_of(notes: GridNotes, steps: int, pad: int) -> Bytes:
    """Struck and sounding pitches by step: uint8 (pad + steps, 2, 128), the origin at row ``pad``."""
    roll = np.zeros((pad + steps, 2, PITCHES), dtype=np.uint8)
    roll[notes.onset + pad, 0, notes.pitch] = 1
    for onset, pitch, length in zip(notes.onset.tolist(), notes.pitch.tolist(), notes.length.tolist(), strict=True):
        roll[pad + onset : pad + onset + length, 1, pitch] = 1
    return roll


def _forget_coming(now: Bytes, pitch: Ints) -> None:
    """Take out of "now" (rows of the begin mark and the notes) the notes of the chord that are still to come."""
    ceiling = np.concatenate([[0], pitch])
    coming = (now[:, 0] > 0) & (np.arange(PITCHES) >= ceiling[:, None])
    now[:, 0][coming] = 0
    now[:, 1][coming] = 0


def runs_before(hit: npt.NDArray[np.bool_]) -> Ints:
    """For each row, how many rows right before it were hits, at most the longest run that is told apart."""
    rows = np.arange(len(hit))
    last_miss = np.maximum.accumulate(np.where(hit, -1, rows))
    run = np.concatenate([[0], (rows - last_miss)[:-1]])
    runs: Ints = np.minimum(run, _LONGEST_RUN)
    return runs


def _ahead(onset: Ints, back: Ints) -> Ints:
    """Class of the time from each step ``back`` to the next onset after it; END where ``back`` lies before the origin."""
    if not len(onset):
        return np.full(len(back), END, dtype=np.int64)
    following = onset[np.minimum(np.searchsorted(onset, back, side="right"), len(onset) - 1)]
    is_silent = (back < 0) | (following <= back)
    ahead: Ints = np.where(is_silent, END, ONSETS.classes(np.maximum(following - back, 0)))
    return ahead


def chroma_weights(notes: GridNotes) -> npt.NDArray[np.float64]:
    """Weight of each pitch class, decaying over two bars: before the begin mark, before each note, and after the last."""
    gaps = np.minimum(np.diff(notes.onset, prepend=0), ONSETS.longest)
    weights = np.zeros(12)
    rows = np.zeros((len(notes) + 2, 12))
    for row, (decay, pitch) in enumerate(zip(CHROMA_DECAY[gaps].tolist(), notes.pitch.tolist(), strict=True), start=1):
        weights *= decay
        rows[row] = weights
        weights[pitch % 12] += 1
    rows[-1] = weights
    return rows


def references_of(notes: GridNotes) -> Ints:
    """What the next pitch is measured from, before each note and after the last: int64 (notes + 1, 2).

    The last pitch and the lowest of the last chord; :data:`NO_REFERENCE` before the first note.
    """
    rows = np.arange(len(notes))
    lowest = np.maximum.accumulate(np.where(np.diff(notes.onset, prepend=-1) != 0, rows, 0)) if len(notes) else rows
    found = np.full((len(notes) + 1, 2), NO_REFERENCE, dtype=np.int64)
    found[1:, 0], found[1:, 1] = notes.pitch, notes.pitch[lowest]
    return found
