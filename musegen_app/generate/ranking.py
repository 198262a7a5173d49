"""Which of several takes is the best: how likely it is, whether it loops or copies, and how well it goes with the seed.

Real music is neither as likely as can be nor unlikely: a take is held against what the model usually says of real pieces.
The mark is the weighted geometric mean of figures from 0 to 1, so that one bad figure is not made good by the others. What
is looked at follows MIREX's rule for piano continuation (the best of 8, 2025) and MGEval's figures (Yang & Lerch 2020).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from musegen_app.encoding.drums import DRUMS, PITCHED, meant
from musegen_app.encoding.note_events import PITCHES, Ints
from musegen_app.generate.measures import is_loop
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.shared_runs import Run
from musegen_app.score import NoteTable, Timeline

COPY_FROM: Final = 21
"""A shared run of so many notes is longer than 95 of 100 passages of real music, unknown to the model, share with it."""
_LIKELY_SPREAD: Final = 0.8  # nats a note by which passages of real music differ
_RIGHT_SPREAD: Final = 0.5
_OCTAVE: Final = 12
_SEED_BARS: Final = 8
_LOOPED: Final = 0.05
_WEIGHTS: Final = {"likely": 2.0, "right": 3.0, "loop": 2.0, "copy": 2.0, "density": 1.0, "register": 1.0, "pitches": 1.5}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one take beside its notes.

    ``usual_nats``: what a note of real music, or of what else ``usual_of`` names, costs, and ``own_nats`` a note of the
    take, None where the model does not tell; ``right_nats``: what a note of the right side of a gap costs after it;
    ``run``: what it shares with what the model learnt from, None where unknown.
    """

    usual_nats: float | None = None
    own_nats: float | None = None
    right_nats: float | None = None
    run: Run | None = None
    usual_of: str = "real music"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``rank`` counts from 1, ``score`` is 0–1, ``reasons`` are short sentences. ``marks`` are the figures by name, 0–1."""

    take: int
    rank: int
    score: float
    run: Run | None = None
    reasons: tuple[str, ...] = ()
    marks: dict[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class _Figure:
    name: str
    mark: float
    reason: str


_Sound = Callable[[NoteTable, NoteTable], list[_Figure]]
"""What the pitches of a take's notes say beside those of the seed."""


def rank(
    request: GenerateRequest,
    takes: Sequence[Sequence[GeneratedNote]],
    known: Sequence[Evidence],
    instrument: str = PITCHED,
) -> tuple[Verdict, ...]:
    """The verdict on each of ``takes``, in their order; a take without notes comes last.

    Drums are held against the drums of the seed, and have no register.
    """
    rights = [evidence.right_nats for evidence in known if evidence.right_nats is not None]
    best_right = min(rights) if rights else None
    sound = _drums if instrument == DRUMS else _pitches
    found = [_verdict(request, number, take, known[number], best_right, sound) for number, take in enumerate(takes)]
    order = sorted(found, key=lambda verdict: (-verdict.score, verdict.take))
    ranks = {verdict.take: place for place, verdict in enumerate(order, start=1)}
    return tuple(replace(verdict, rank=ranks[verdict.take]) for verdict in found)


def _verdict(
    request: GenerateRequest,
    number: int,
    take: Sequence[GeneratedNote],
    evidence: Evidence,
    best_right: float | None,
    sound: _Sound,
) -> Verdict:
    if not take:
        return Verdict(number, 0, 0.0, evidence.run, ("no notes",))
    figures = [*_of_model(evidence, best_right), *_of_music(request, NoteTable.of(made.note for made in take), sound)]
    weight = sum(_WEIGHTS[figure.name] for figure in figures)
    score = math.exp(sum(_WEIGHTS[figure.name] * math.log(max(figure.mark, 1e-6)) for figure in figures) / weight)
    marks = {figure.name: figure.mark for figure in figures}
    return Verdict(number, 0, score, evidence.run, tuple(figure.reason for figure in figures), marks)


def _of_model(evidence: Evidence, best_right: float | None) -> list[_Figure]:
    """What likelihoods and the index of shared runs say."""
    found: list[_Figure] = []
    nats = evidence.own_nats
    if evidence.usual_nats is not None and nats is not None:
        mark = _bell(nats - evidence.usual_nats, _LIKELY_SPREAD)
        found.append(_Figure("likely", mark, f"{nats:.1f} nats a note, {evidence.usual_of} {evidence.usual_nats:.1f}"))
    if evidence.right_nats is not None and best_right is not None:
        mark = math.exp(-(evidence.right_nats - best_right) / _RIGHT_SPREAD)
        found.append(_Figure("right", mark, f"what follows costs {evidence.right_nats:.1f} nats a note after it"))
    if evidence.run is not None:
        mark = min(1.0, COPY_FROM / max(evidence.run.notes, 1))
        found.append(_Figure("copy", mark, evidence.run.words))
    return found


def _of_music(request: GenerateRequest, notes: NoteTable, sound: _Sound) -> list[_Figure]:
    """What the notes alone say, beside those of the seed."""
    timeline, span = request.timeline, request.span
    looped = is_loop(notes, timeline, span)
    found = [_Figure("loop", _LOOPED if looped else 1.0, "it goes round in a loop" if looped else "no loop")]
    seed, stretch = _seed(request)
    if not seed:
        return found
    ours, theirs = len(notes) / _bars(timeline, span), len(seed) / _bars(timeline, stretch)
    if not request.control("density", 0):
        mark = math.exp(-abs(math.log(ours / theirs)))
        found.append(_Figure("density", mark, f"{ours:.0f} notes a bar, the seed {theirs:.0f}"))
    return [*found, *sound(notes, seed)]


def _pitches(notes: NoteTable, seed: NoteTable) -> list[_Figure]:
    """How high ``notes`` are, and which pitch classes they share with the seed."""
    away = float(np.mean(notes.pitch) - np.mean(seed.pitch))
    steps = "1 semitone" if round(abs(away)) == 1 else f"{abs(away):.0f} semitones"
    where = f"{steps} {'higher' if away > 0 else 'lower'} than the seed"
    register = _Figure("register", math.exp(-abs(away) / _OCTAVE), where if abs(away) >= 1 else "as high as the seed")
    overlap = _shared(notes.pitch % _OCTAVE, seed.pitch % _OCTAVE)
    return [register, _Figure("pitches", overlap, f"{100 * overlap:.0f} % of the seed's pitches, octaves aside")]


def _drums(notes: NoteTable, seed: NoteTable) -> list[_Figure]:
    """Which drums ``notes`` share with the seed."""
    overlap = _shared(meant(notes.pitch), meant(seed.pitch))
    return [_Figure("pitches", overlap, f"{100 * overlap:.0f} % of the seed's drums")]


def _shared(ours: Ints, theirs: Ints) -> float:
    """How much the shares of the values have in common, 0–1."""
    counts = [np.bincount(values, minlength=PITCHES) / len(values) for values in (ours, theirs)]
    return float(np.minimum(*counts).sum())


def _seed(request: GenerateRequest) -> tuple[NoteTable, tuple[int, int]]:
    """The last bars before the span that hold notes, else, in a fill, the first ones after it; and where they lie."""
    start, end = request.span
    timeline = request.timeline
    before = request.notes.take(request.notes.start < start)
    if before:
        until = min(timeline.bar_ceil(int(before.start[-1]) + 1), start)
        begin = timeline.bar_start(max(timeline.bar_at(until - 1) - _SEED_BARS + 1, timeline.bar_at(int(before.start[0]))))
        return before.take(before.start >= begin), (begin, until)
    after = request.notes.take(request.notes.start >= end)
    until = timeline.bar_start(timeline.bar_at(end) + _SEED_BARS)
    return after.take(after.start < until), (end, until)


def _bars(timeline: Timeline, span: tuple[int, int]) -> float:
    """How long ``span`` is, in bars of its beginning."""
    return max((span[1] - span[0]) / timeline.metre_at(span[0]).bar_ticks, 0.25)


def _bell(away: float, spread: float) -> float:
    return math.exp(-((away / spread) ** 2) / 2)
