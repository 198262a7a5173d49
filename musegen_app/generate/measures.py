"""What a stretch of music is like, in numbers: compare continuations with the real ones of the same seeds, never alone.

Pitch-class entropy and scale consistency as in MusPy (Dong et al. 2020); a loop is a tail that is exactly periodic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from musegen_app.generate.loops import loop_of
from musegen_app.score import EMPTY, Key, NoteTable, Timeline

_LIKE: Final = 0.7


@dataclass(frozen=True, slots=True)
class Measures:
    """Numbers of one stretch: entropy in bits (0–3.58), consistency 0–1, notes a bar, mean length in quarters.

    ``returning`` is the share of its bars that are like an earlier one, 0–1, see :func:`returning`.
    """

    pitch_class_entropy: float
    scale_consistency: float
    notes_per_bar: float
    mean_length: float
    returning: float
    is_loop: bool


def measure(notes: NoteTable, timeline: Timeline, span: tuple[int, int], before: NoteTable = EMPTY) -> Measures:
    """The measures of ``notes``, all of which start within ``span`` (ticks), after those ``before`` it."""
    bars = max(timeline.bar_at(span[1] - 1) - timeline.bar_at(span[0]) + 1, 1)
    if not notes:
        return Measures(0.0, 1.0, 0.0, 0.0, 0.0, is_loop=False)
    shares = np.bincount(notes.pitch % 12, minlength=12) / len(notes)
    entropy = -float(np.sum(shares * np.log2(np.where(shares > 0, shares, 1))))
    quarters = float(np.mean(notes.length)) / 960
    again = returning(notes, timeline, span, before)
    return Measures(entropy, scale_consistency(notes), len(notes) / bars, quarters, again, is_loop(notes, timeline, span))


def returning(notes: NoteTable, timeline: Timeline, span: tuple[int, int], before: NoteTable = EMPTY) -> float:
    """The share of the bars of ``span`` that hold notes and are like an earlier one, of it or of the notes ``before``.

    Like are those that strike seven of ten of the pitches of both, each at the same place in the bar. A bar that the span
    enters in its middle is an earlier one. 0 where there are no notes.
    """
    first = timeline.bar_at(int(before.start[0])) if before else timeline.bar_at(span[0])
    known: list[set[tuple[int, int]]] = []
    count, again = 0, 0
    together = before.merged(notes)
    for bar in range(first, timeline.bar_at(span[1] - 1) + 1):
        begin = timeline.bar_start(bar)
        struck = together.take(together.starting_in(begin, timeline.bar_start(bar + 1)))
        strokes = set(zip((struck.start - begin).tolist(), struck.pitch.tolist(), strict=True))
        if not strokes:
            continue
        if begin >= span[0]:
            count += 1
            again += any(len(strokes & others) >= _LIKE * len(strokes | others) for others in known)
        known.append(strokes)
    return again / max(count, 1)


def scale_consistency(notes: NoteTable) -> float:
    """The largest share of notes that one major or natural minor scale holds."""
    counts = np.bincount(notes.pitch % 12, minlength=12)
    inside = [counts[Key(tonic, scale).mask()[:12]].sum() for scale in ("major", "minor") for tonic in range(12)]
    return float(max(inside)) / max(len(notes), 1)


def out_of_scale(notes: NoteTable, key: Key) -> int:
    """How many notes lie outside ``key``."""
    return int(np.count_nonzero(~key.mask()[notes.pitch]))


def is_loop(notes: NoteTable, timeline: Timeline, span: tuple[int, int]) -> bool:
    """Whether the end of ``notes`` is a loop (see :mod:`musegen_app.generate.loops`) that lasts half of ``span`` or more."""
    gaps = np.diff(notes.start, prepend=span[0]).tolist()
    events = list(zip(gaps, notes.pitch.tolist(), notes.length.tolist(), strict=True))
    least = max((span[1] - span[0]) // 2, timeline.metre_at(span[0]).bar_ticks)
    loop = loop_of(events) if events else None
    return loop is not None and loop.time >= least
