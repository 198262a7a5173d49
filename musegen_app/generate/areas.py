"""How far the figures of many continuations lie where those of real music lie: overlapped areas.

After MGEval (Yang & Lerch 2020): the smoothed distributions of a figure in the two sets, and the area that is under both, 0
for sets that have nothing in common and 1 for like ones. MGEval smooths the distances within and between the sets; here the
figures themselves are smoothed, which also sees when both sets are as varied but lie elsewhere.

What a stretch has one of (``BY_PIECE``) is smoothed over the stretches by a Gaussian kernel of Scott's width. What each
note or moment has one of (``BY_NOTE``) is counted by its exact value, without smoothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import STEP_TICKS
from musegen_app.generate.comparison import Outcome
from musegen_app.generate.measures import measure
from musegen_app.score import NoteTable, Timeline

_POINTS: Final = 2_000
_MOST_SEMITONES: Final = 24
_LONGEST_STEPS: Final = 192  # eight quarters
_MOST_VOICES: Final = 12
_POLYPHONY_TICKS: Final = 240  # a sixteenth

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """``notes`` that all start within ``span`` (ticks)."""

    notes: NoteTable
    timeline: Timeline
    span: tuple[int, int]


def areas_of(outcomes: Sequence[Outcome]) -> tuple[dict[str, float], dict[str, float]]:
    """The areas of continuations and the real ones; and those of one half of the real ones and the other, for comparison."""
    drawn = [Stretch(outcome.made, outcome.passage.timeline, outcome.passage.span) for outcome in outcomes]
    real = [Stretch(outcome.passage.real, outcome.passage.timeline, outcome.passage.span) for outcome in outcomes]
    return areas(drawn, real), areas(real[::2], real[1::2])


def areas(drawn: Sequence[Stretch], real: Sequence[Stretch]) -> dict[str, float]:
    """The overlapped area, 0–1, of each figure; stretches without notes count in notes a bar alone."""
    sets = drawn, real
    found: dict[str, float] = {}
    for name, figure in BY_PIECE.items():
        found[name] = smooth_overlap(
            *(np.array([figure(s) for s in some if s.notes or name in _OF_SILENCE]) for some in sets)
        )
    for name, values in BY_NOTE.items():
        found[name] = exact_overlap(*(np.concatenate([np.zeros(0, np.int64), *map(values, some)]) for some in sets))
    return found


def smooth_overlap(ours: Floats, theirs: Floats) -> float:
    """The area under both of two smoothed distributions; two sets of one and the same value are alike."""
    if not len(ours) or not len(theirs):
        return 0.0
    widths = _width(ours), _width(theirs)
    widths = widths[0] or widths[1], widths[1] or widths[0]
    if not widths[0]:
        return float(ours[0] == theirs[0])
    both = np.concatenate([ours, theirs])
    points = np.linspace(both.min() - 4 * max(widths), both.max() + 4 * max(widths), _POINTS)
    lower = np.minimum(_density(ours, points, widths[0]), _density(theirs, points, widths[1]))
    return float(np.trapezoid(lower, points))


def _width(values: Floats) -> float:
    """Scott's rule for one dimension."""
    return float(np.std(values) * len(values) ** -0.2)


def _density(values: Floats, points: Floats, width: float) -> Floats:
    away = (points[:, None] - values) / width
    density: Floats = np.exp(-(away**2) / 2).mean(axis=1) / (width * np.sqrt(2 * np.pi))
    return density


def exact_overlap(ours: Ints, theirs: Ints) -> float:
    """The share that two distributions of whole numbers have in common."""
    if not len(ours) or not len(theirs):
        return 0.0
    low = min(ours.min(), theirs.min())
    size = int(max(ours.max(), theirs.max()) - low) + 1
    shares = [np.bincount(values - low, minlength=size) / len(values) for values in (ours, theirs)]
    return float(np.minimum(*shares).sum())


def intervals(stretch: Stretch) -> Ints:
    """Semitones from each note to the next in order of (start, pitch), up to two octaves either way."""
    steps = np.diff(stretch.notes.pitch.astype(np.int64))
    return np.minimum(np.maximum(steps, -_MOST_SEMITONES), _MOST_SEMITONES)


def lengths(stretch: Stretch) -> Ints:
    """Lengths in steps of 1/24 quarter, up to eight quarters."""
    steps: Ints = np.minimum(stretch.notes.length // STEP_TICKS, _LONGEST_STEPS).astype(np.int64)
    return steps


def onsets(stretch: Stretch) -> Ints:
    """Where notes start in their bars, in steps of 1/24 quarter."""
    bars = [stretch.timeline.bar_start(stretch.timeline.bar_at(int(start))) for start in stretch.notes.start]
    return ((stretch.notes.start - np.array(bars, np.int64)) // STEP_TICKS).astype(np.int64)


def polyphony(stretch: Stretch) -> Ints:
    """How many notes sound at each sixteenth of the span, up to twelve."""
    at = np.arange(*stretch.span, _POLYPHONY_TICKS)
    start, end = stretch.notes.start, np.sort(stretch.notes.start + stretch.notes.length)
    sounding = np.searchsorted(start, at, side="right") - np.searchsorted(end, at, side="right")
    voices: Ints = np.minimum(sounding, _MOST_VOICES).astype(np.int64)
    return voices


BY_PIECE: Final[dict[str, Callable[[Stretch], float]]] = {
    "pitch_class_entropy": lambda stretch: measure(*_parts(stretch)).pitch_class_entropy,
    "scale_consistency": lambda stretch: measure(*_parts(stretch)).scale_consistency,
    "notes_per_bar": lambda stretch: measure(*_parts(stretch)).notes_per_bar,
}
BY_NOTE: Final[dict[str, Callable[[Stretch], Ints]]] = {
    "interval": intervals,
    "length": lengths,
    "onset": onsets,
    "polyphony": polyphony,
}
_OF_SILENCE: Final = {"notes_per_bar"}


def _parts(stretch: Stretch) -> tuple[NoteTable, Timeline, tuple[int, int]]:
    return stretch.notes, stretch.timeline, stretch.span
