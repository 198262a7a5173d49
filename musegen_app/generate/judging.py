"""What a loaded model knows of its own takes: gathers the evidence by which they are ranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.encoding.note_events import STEP_TICKS
from musegen_app.encoding.pieces import piece_of
from musegen_app.generate.evaluation import score_notes
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.ranking import Evidence, Verdict, rank
from musegen_app.generate.request import GeneratedNote, GenerateRequest, Generator
from musegen_app.generate.shared_runs import Run, shared_runs_of
from musegen_app.generate.steering import recalls
from musegen_app.score import DRUM_CHANNEL, EMPTY, NoteTable, Score, Track

_LEFT_NOTES: Final = 48
"""Notes before the span that the model hears again."""
_RIGHT_NOTES: Final = 32
_SEED_STROKES: Final = 64
"""Strokes of the seed that tell a drummer how easily it is foretold."""
_MOST_NOTES: Final = 512
"""A take of more notes is not heard again: that would hold up the next request."""


@runtime_checkable
class Described(Protocol):
    """A generator that knows its manifest."""

    @property
    def manifest(self) -> Manifest:
        """Everything about the model that is known without its graph."""
        ...


def judge(generator: Generator, request: GenerateRequest, notes: Sequence[GeneratedNote]) -> tuple[Verdict, ...]:
    """A verdict on each of the takes that ``notes`` make, in the order of the takes. Takes up to some tenths of a second.

    Raises:
        ModelError: ONNX Runtime refuses.
    """
    takes = by_take(request, notes)
    seed = _seed_nats(generator, request)
    usual, of = (usual_nats(generator, request), "real music") if seed is None else (seed, "the seed")
    own, right = _nats(generator, request, takes)
    known = [Evidence(usual, own[number], right[number], _run(generator, take), of) for number, take in enumerate(takes)]
    return rank(request, takes, known, _instrument(generator))


def by_take(request: GenerateRequest, notes: Sequence[GeneratedNote]) -> list[list[GeneratedNote]]:
    """The notes of each take of ``request``."""
    takes: list[list[GeneratedNote]] = [[] for _ in range(request.takes)]
    for made in notes:
        takes[made.take].append(made)
    return takes


def usual_nats(generator: Generator, request: GenerateRequest) -> float | None:
    """What a note of held-out music of the style costs, in nats, None where the manifest does not tell it by the note.

    Onset, pitch and length; what a velocity costs depends on who plays, not on the style.
    """
    if not isinstance(generator, Described):
        return None
    metrics = generator.manifest.metrics
    by_style = metrics.get("nats_by_style")
    style = request.style or generator.manifest.default_style
    usual = by_style.get(style) if not isinstance(by_style, (int, float)) and by_style else None
    return generator.manifest.metric("nats_per_note") if usual is None else usual


def _seed_nats(generator: Generator, request: GenerateRequest) -> float | None:
    """What a stroke of the seed costs a drummer; None for others, and where the seed is too short to tell.

    Written drums are far easier to foretell than played ones, so a style has no usual cost.
    """
    if not isinstance(generator, NoteEventGenerator) or generator.manifest.instrument != DRUMS:
        return None
    before = request.notes.take(request.notes.start < request.span[0])
    seed = Track(1, "", DRUM_CHANNEL, notes=_last(before, _SEED_STROKES))
    piece = piece_of(Score((seed,), request.timeline), DRUMS)
    if piece is None or len(piece.notes) < _SEED_STROKES // 2:
        return None
    cost = score_notes(generator.session, [piece], generator.style_class(request.style))[0][:, :3].sum(axis=1)
    return _mean(cost[len(cost) // 4 :])  # the first ones are heard without what was before them


def _instrument(generator: Generator) -> str:
    return generator.manifest.instrument if isinstance(generator, Described) else PITCHED


def _run(generator: Generator, take: Sequence[GeneratedNote]) -> Run | None:
    runs = shared_runs_of(generator.manifest) if isinstance(generator, Described) else None
    return None if runs is None else runs.longest(NoteTable.of(made.note for made in take))


_Nats = list[float | None]


def _nats(generator: Generator, request: GenerateRequest, takes: Sequence[Sequence[GeneratedNote]]) -> tuple[_Nats, _Nats]:
    """What a note of each take costs, and a note of what follows it, None where that is not told."""
    nothing: _Nats = [None] * len(takes)
    drawn = [-sum(made.log_prob for made in take) / len(take) if take else None for take in takes]
    right = _right(request)
    has_velocity = len({made.note.velocity for take in takes for made in take}) > 1
    if not isinstance(generator, NoteEventGenerator) or not (right or has_velocity):
        return drawn, nothing
    if max(len(take) for take in takes) > _MOST_NOTES:
        return nothing if has_velocity else drawn, nothing
    return _heard_nats(generator, request, takes, right)


def _heard_nats(
    generator: NoteEventGenerator, request: GenerateRequest, takes: Sequence[Sequence[GeneratedNote]], right: NoteTable
) -> tuple[_Nats, _Nats]:
    """The same by hearing each take again, after what stands before it and before what follows; velocities cost nothing."""
    start, end = request.span
    left = _last(request.notes.take(request.notes.start < start))
    stood = request.standing.take(request.standing.starting_in(start, end))
    tables = [left.merged(stood).merged(NoteTable.of(made.note for made in take)).merged(right) for take in takes]
    instrument = generator.manifest.instrument
    channel = DRUM_CHANNEL if instrument == DRUMS else 0
    scores = [Score((Track(1, "", channel, notes=notes),), request.timeline) for notes in tables]
    pieces = [piece_of(score, instrument) if score.note_count else None for score in scores]
    known = [piece for piece in pieces if piece is not None]
    costs = iter(score_notes(generator.session, known, generator.style_class(request.style), recalling=recalls(request)))
    own: _Nats = []
    after: _Nats = []
    for piece in pieces:
        cost = next(costs)[:, :3].sum(axis=1) if piece is not None else np.zeros(0)
        onset = piece.notes.onset + piece.origin if piece is not None else np.zeros(0)
        first, last = -(-start // STEP_TICKS), -(-end // STEP_TICKS)
        own.append(_mean(cost[(onset >= first) & (onset < last)]))
        after.append(_mean(cost[onset >= last]))
    return own, after


def _mean(costs: npt.NDArray[np.float64]) -> float | None:
    return float(np.mean(costs)) if len(costs) else None


def _right(request: GenerateRequest) -> NoteTable:
    """What follows a gap, as far as the model shall hear it again."""
    if request.until_tick is None:
        return EMPTY
    return request.notes.take(request.notes.start >= request.until_tick).take(slice(0, _RIGHT_NOTES))


def _last(notes: NoteTable, count: int = _LEFT_NOTES) -> NoteTable:
    return notes.take(slice(max(len(notes) - count, 0), None))
