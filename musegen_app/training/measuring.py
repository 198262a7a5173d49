"""What the new model's continuations are like, and how fast it draws: for its manifest and card."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Final

from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.generate.comparison import Outcome, Passage, compare, means, passage_of, played_notes
from musegen_app.generate.manifest import Metrics
from musegen_app.generate.originality import RunIndex
from musegen_app.generate.request import Generator
from musegen_app.training.corpus import Corpus

BARS: Final = (8, 4, 2)
"""Bars that pieces are continued by: the first at which one of them is long enough."""
_MOST: Final = 200
_OF_PITCH: Final = ("pitch_class_entropy", "scale_consistency", "mean_length")


def measured(generator: Generator, corpus: Corpus, most_s: float, instrument: str = PITCHED) -> tuple[Metrics, float]:
    """Continue the beginnings of held-out pieces, for ``most_s`` seconds at most.

    Returns the metrics, and the notes a second that were drawn (one take at a time, hearing the seed counted in).
    """
    usable, bars = passages_of(corpus, instrument)
    chosen = usable[:: max(len(usable) // _MOST, 1)][:_MOST]
    learnt = RunIndex.of(played_notes(piece.score, instrument) for piece in corpus.train)
    lock_every = 2 if instrument == PITCHED else 0
    began = time.monotonic()
    outcomes = compare(generator, _until(chosen, began + most_s), bars, lock_every=lock_every, learnt=learnt)
    speed = sum(outcome.notes for outcome in outcomes) / max(time.monotonic() - began, 1e-9)
    told = _continuations(outcomes)
    if instrument == DRUMS:
        told = {name: _without_pitch(value) for name, value in told.items()}
    return rounded({"continuations_bars": float(bars), **told}), speed


def _without_pitch(value: float | Mapping[str, float]) -> float | Mapping[str, float]:
    """Of a table of figures those that say something of drums."""
    if not isinstance(value, Mapping):
        return value
    return {name: figure for name, figure in value.items() if name not in _OF_PITCH}


def passages_of(corpus: Corpus, instrument: str = PITCHED) -> tuple[list[Passage], int]:
    """The beginnings of the held-out pieces that can be continued, and by how many bars."""
    for bars in BARS:
        found = (passage_of(piece.score, bars, instrument=instrument) for piece in corpus.held_out)
        usable = [passage for passage in found if passage is not None]
        if usable:
            return usable, bars
    return [], BARS[-1]


def _until(passages: list[Passage], latest: float) -> Iterator[Passage]:
    for passage in passages:
        if time.monotonic() > latest:
            return
        yield passage


def _continuations(outcomes: list[Outcome]) -> Metrics:
    free = [outcome for outcome in outcomes if not outcome.is_locked]
    if not free:
        return {}
    return {
        "continuations": float(len(free)),
        "continuations_drawn": means(o.drawn for o in free) | {"copied": fmean(o.copied for o in free)},
        "continuations_real": means(o.real for o in free) | {"copied": fmean(o.real_copied for o in free)},
        "continuations_locked": float(len(outcomes) - len(free)),
        "continuations_out_of_scale": float(sum(outcome.outside for outcome in outcomes)),
        "continuations_short": float(sum(outcome.is_short for outcome in outcomes)),
    }


def rounded(metrics: Metrics) -> dict[str, float | Mapping[str, float]]:
    """The metrics to four places."""
    return {
        name: {key: round(part, 4) for key, part in value.items()} if isinstance(value, Mapping) else round(value, 4)
        for name, value in metrics.items()
    }
