"""How fast a note-event model is on this machine: what ``musegen bench`` asks of a generator."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Final

from musegen_app.encoding.pieces import piece_of
from musegen_app.encoding.recall import piece_recall
from musegen_app.errors import ModelError
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.priming import given_inputs, rows_of
from musegen_app.generate.request import GenerateRequest, Generator
from musegen_app.score import TICKS_PER_QUARTER, NoteTable, Score, Timeline, Track

_SEED_NOTES: Final = 256
_WINDOW: Final = 100
_TAKE_NOTES: Final = 300
_BARS: Final = 128
_ROUNDS: Final = 9
_CHORDS: Final = ((48, 64, 67, 72), (53, 60, 65, 69), (55, 62, 65, 71), (45, 60, 64, 69))


def measure(generator: Generator) -> dict[str, float]:
    """Measure ``generator``; a few seconds.

    ``notes_per_s`` of one take, ``takes8_over_1`` (time for eight takes to grow by as many notes each, by that of one),
    ``first_note_ms`` from the request to the first note after a seed of 256 notes, and ``speedup_vs_window`` (a note drawn
    from the carried state against hearing a window of 100 notes anew for each). Of several rounds the best counts, which
    others on the machine disturbed least; of first notes the median.

    Raises:
        ModelError: the model is of another family.
    """
    if not isinstance(generator, NoteEventGenerator):
        raise ModelError(f'Model "{generator.name}" cannot be measured.', generator.name)
    _timed(generator, 1)
    alone, together = zip(*[(_timed(generator, 1), _timed(generator, 8)) for _ in range(_ROUNDS)], strict=True)
    step_s = min(run.step_s for run in alone)
    return {
        "notes_per_s": 1 / step_s,
        "takes8_over_1": min(run.step_s for run in together) / step_s,
        "first_note_ms": 1000 * statistics.median(run.first_s for run in alone),
        "speedup_vs_window": _window_s(generator) / step_s,
    }


@dataclass(frozen=True, slots=True)
class _Run:
    first_s: float
    step_s: float


def _timed(generator: NoteEventGenerator, takes: int) -> _Run:
    """Draw some hundred notes a take; seconds until the first note, and from then on for each note of the first take."""
    begun = time.perf_counter()
    heard: list[float] = []
    for drawn in generator.generate(GenerateRequest(_seed(), Timeline(), bars=_BARS, takes=takes), lambda: False):
        if drawn.take == 0:
            heard.append(time.perf_counter())
        if len(heard) > _TAKE_NOTES:
            break
    return _Run(heard[0] - begun, (heard[-1] - heard[0]) / (len(heard) - 1))


def _seed() -> NoteTable:
    """Chords in quarters: 256 notes in 16 bars."""
    chords = range(_SEED_NOTES // 4)
    pitches = [pitch for chord in chords for pitch in _CHORDS[chord % len(_CHORDS)]]
    starts = [chord * TICKS_PER_QUARTER for chord in chords for _ in range(4)]
    return NoteTable.from_columns(starts, [TICKS_PER_QUARTER] * len(starts), pitches)


def _window_s(generator: NoteEventGenerator) -> float:
    """Seconds a note for the recipe without carried state: hear the last hundred notes anew, then draw the next."""
    piece = piece_of(Score((Track(1, notes=_seed()),)))
    assert piece is not None  # noqa: S101 - the seed has notes
    recall = piece_recall(piece.notes, piece.bars) if generator.session.recalls else None
    rows = given_inputs(piece.notes, piece.bars, recall, has_velocity=False, style=0)
    window = rows | rows_of(rows, slice(-_WINDOW, -1))
    last = rows | rows_of(rows, slice(-1, None))
    session, times = generator.session, []
    for _ in range(_ROUNDS * 5):
        begun = time.perf_counter()
        session.step(last, session.step(window, session.empty_state(1)).state)
        times.append(time.perf_counter() - begun)
    return min(times)
