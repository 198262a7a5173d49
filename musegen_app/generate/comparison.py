"""Continuations of pieces beside what really follows in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.encoding.note_events import STEP_TICKS
from musegen_app.encoding.pieces import heard_notes
from musegen_app.generate.measures import Measures, measure, out_of_scale
from musegen_app.generate.originality import RunIndex
from musegen_app.generate.request import GenerateRequest, Generator
from musegen_app.score import Note, NoteTable, Score, Timeline, find_key

_SEED_BARS: Final = (8, 4)
_LEAST_SEED_NOTES: Final = 12


@dataclass(frozen=True, slots=True)
class Passage:
    """A seed cut from a piece, and what really follows it within ``span`` (ticks)."""

    seed: NoteTable
    timeline: Timeline
    span: tuple[int, int]
    real: NoteTable


@dataclass(frozen=True, slots=True)
class Outcome:
    """One continuation, ``made``, beside the real one of ``passage``.

    ``outside`` counts notes outside the key it was locked to; ``is_short`` says that nothing is struck or sounds in the last
    bar asked for. ``copied`` and ``real_copied`` are the shares of runs found in what the model learnt from, 0–1.
    """

    passage: Passage
    made: NoteTable
    drawn: Measures
    real: Measures
    notes: int
    is_locked: bool
    outside: int
    is_short: bool
    copied: float = 0.0
    real_copied: float = 0.0


def played_notes(score: Score, instrument: str = PITCHED) -> NoteTable:
    """What a model of ``instrument`` hears of all parts as one, the drums or the rest, on the grid of 24 steps a quarter."""
    grid = heard_notes((track.notes for track in score.tracks if track.is_drums == (instrument == DRUMS)), instrument)
    return NoteTable.from_columns(grid.onset * STEP_TICKS, grid.length * STEP_TICKS, grid.pitch, grid.velocity)


def passage_of(score: Score, bars: int, skipped: int = 0, instrument: str = PITCHED) -> Passage | None:
    """The first 8 (or 4) bars of a piece after ``skipped`` ones, and the ``bars`` after them, as ``instrument`` plays them.

    None if the piece is too short or too sparse.
    """
    notes = played_notes(score, instrument)
    if not notes:
        return None
    timeline = score.timeline
    begin = timeline.bar_at(int(notes.start[0])) + skipped
    first = timeline.bar_start(begin)
    for seed_bars in _SEED_BARS:
        span = (timeline.bar_start(begin + seed_bars), timeline.bar_start(begin + seed_bars + bars))
        seed, real = (_within(notes, *ends) for ends in ((first, span[0]), span))
        last_bar = timeline.bar_start(begin + seed_bars + bars - 1)
        reaches = notes.start[-1] >= last_bar if instrument == DRUMS else notes.end_tick >= span[1] - 1
        if len(seed) >= _LEAST_SEED_NOTES and len(real) and reaches:
            return Passage(seed, timeline, span, real)
    return None


def _within(notes: NoteTable, begin: int, end: int) -> NoteTable:
    rows = (notes.start >= begin) & (notes.start < end)
    return NoteTable.from_columns(notes.start[rows], notes.length[rows], notes.pitch[rows], notes.velocity[rows])


def compare(
    generator: Generator,
    passages: Iterable[Passage],
    bars: int,
    seed_number: int = 1,
    *,
    lock_every: int = 2,
    learnt: RunIndex | None = None,
) -> list[Outcome]:
    """Continue each passage's seed by ``bars`` bars, every ``lock_every``-th one (0: none) locked to the key found in it.

    ``learnt`` are the runs of what the model learnt from.
    """
    outcomes = []
    for number, passage in enumerate(passages):
        is_locked = lock_every > 0 and number % lock_every == lock_every - 1
        guess = find_key(passage.seed) if is_locked else None
        request = GenerateRequest(
            passage.seed,
            passage.timeline,
            bars=bars,
            start_tick=passage.span[0],
            key=guess.key if guess else None,
            seed_number=seed_number + number,
        )
        drawn = NoteTable.of(Note(n.start, n.length, n.pitch, n.velocity) for n in _notes(generator, request))
        outcomes.append(_outcome(request, passage, drawn, learnt))
    return outcomes


def _notes(generator: Generator, request: GenerateRequest) -> Iterable[Note]:
    return (drawn.note for drawn in generator.generate(request, lambda: False))


def _outcome(request: GenerateRequest, passage: Passage, drawn: NoteTable, learnt: RunIndex | None) -> Outcome:
    begin, end = request.span
    last_bar = request.timeline.bar_start(request.timeline.bar_at(end - 1))
    return Outcome(
        passage=passage,
        made=drawn,
        drawn=measure(drawn, request.timeline, (begin, end), passage.seed),
        real=measure(passage.real, request.timeline, passage.span, passage.seed),
        notes=len(drawn),
        is_locked=request.key is not None,
        outside=out_of_scale(drawn, request.key) if request.key else 0,
        is_short=not drawn or drawn.end_tick <= last_bar,
        copied=learnt.share(drawn) if learnt else 0.0,
        real_copied=learnt.share(passage.real) if learnt else 0.0,
    )


def means(measures: Iterable[Measures]) -> dict[str, float]:
    """The mean of each measure; ``loops`` is the share of loops."""
    names = ("pitch_class_entropy", "scale_consistency", "notes_per_bar", "mean_length", "returning", "loops")
    rows = [[float(getattr(m, name)) for name in (*names[:-1], "is_loop")] for m in measures]
    return dict(zip(names, np.mean(rows, axis=0).tolist(), strict=True))
