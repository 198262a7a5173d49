"""What a loaded model knows of its own takes: gathers the evidence by which they are ranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

import numpy as np

from musegen_app.encoding.note_events import STEP_TICKS
from musegen_app.encoding.pieces import piece_of
from musegen_app.generate.evaluation import score_notes
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.ranking import Evidence, Verdict, rank
from musegen_app.generate.request import GeneratedNote, GenerateRequest, Generator
from musegen_app.generate.shared_runs import Run, shared_runs_of
from musegen_app.score import NoteTable, Score, Track

_LEFT_NOTES: Final = 96
"""Notes of the take and of what stands before the right side that the model hears again."""
_RIGHT_NOTES: Final = 32


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
    usual = usual_nats(generator, request, notes)
    runs = [_run(generator, take) for take in takes]
    rights = _right_nats(generator, request, takes)
    known = [Evidence(usual, right, run) for right, run in zip(rights, runs, strict=True)]
    return rank(request, takes, known)


def by_take(request: GenerateRequest, notes: Sequence[GeneratedNote]) -> list[list[GeneratedNote]]:
    """The notes of each take of ``request``."""
    takes: list[list[GeneratedNote]] = [[] for _ in range(request.takes)]
    for made in notes:
        takes[made.take].append(made)
    return takes


def usual_nats(generator: Generator, request: GenerateRequest, notes: Sequence[GeneratedNote]) -> float | None:
    """What a note of held-out music of the style costs, in nats, None where the manifest does not tell it by the note."""
    if not isinstance(generator, Described):
        return None
    metrics = generator.manifest.metrics
    by_style = metrics.get("nats_by_style")
    style = request.style or generator.manifest.default_style
    usual = by_style.get(style) if not isinstance(by_style, (int, float)) and by_style else None
    usual = generator.manifest.metric("nats_per_note") if usual is None else usual
    if usual is None:
        return None
    has_velocity = len({made.note.velocity for made in notes}) > 1
    return usual + (generator.manifest.metric("nats_velocity") or 0.0 if has_velocity else 0.0)


def _run(generator: Generator, take: Sequence[GeneratedNote]) -> Run | None:
    runs = shared_runs_of(generator.manifest) if isinstance(generator, Described) else None
    return None if runs is None else runs.longest(NoteTable.of(made.note for made in take))


def _right_nats(
    generator: Generator, request: GenerateRequest, takes: Sequence[Sequence[GeneratedNote]]
) -> list[float | None]:
    """What a note of the right side of a gap costs after each take; None for all where nothing follows, or none can tell."""
    nothing: list[float | None] = [None] * len(takes)
    if request.until_tick is None or not isinstance(generator, NoteEventGenerator):
        return nothing
    start, end = request.span
    others = request.standing.take(request.standing.start < end)
    left = request.notes.take(request.notes.start < start).merged(others)
    right = request.notes.take(request.notes.start >= end).take(slice(0, _RIGHT_NOTES))
    if not right:
        return nothing
    heard = [_last(left.merged(NoteTable.of(made.note for made in take))).merged(right) for take in takes]
    pieces = [piece_of(Score((Track(1, "", notes=notes),), request.timeline)) for notes in heard]
    known = [piece for piece in pieces if piece is not None]
    costs = score_notes(generator.session, known, generator.style_class(request.style))
    found: list[float | None] = []
    for piece, cost in zip(known, costs, strict=True):
        after = piece.notes.onset + piece.origin >= -(-end // STEP_TICKS)
        found.append(float(np.mean(cost[after, :3].sum(axis=1))) if after.any() else None)
    return found


def _last(notes: NoteTable) -> NoteTable:
    return notes.take(slice(max(len(notes) - _LEFT_NOTES, 0), None))
