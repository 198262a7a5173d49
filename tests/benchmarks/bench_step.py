"""What it gains to draw most notes by a graph of their own, and to bind its tensors once."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from musegen_app.generate import GenerateRequest, find
from musegen_app.generate.batch import Batch
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.session import NoteSession
from musegen_app.generate.stepper import Stepper
from musegen_app.paths import bundle_dir
from musegen_app.score import NoteTable, Timeline

ROUNDS = 15
CALLS = 60


@pytest.fixture(scope="module")
def both() -> tuple[NoteEventGenerator, NoteEventGenerator]:
    """The flagship with both of its graphs, and with one for all."""
    manifest = find("", [bundle_dir() / "models"])
    return NoteEventGenerator(manifest), NoteEventGenerator(replace(manifest, step=""))


def asked(takes: int) -> GenerateRequest:
    pitch = np.random.default_rng(1).integers(36, 84, 256)
    notes = NoteTable.from_columns((np.arange(256) // 4 * 480).tolist(), [400] * 256, pitch)
    return GenerateRequest(notes, Timeline(), bars=64, takes=takes)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    for _ in range(CALLS):
        work()
    return time.perf_counter() - begun


def ratio(one: Callable[[], object], other: Callable[[], object]) -> float:
    """What one costs of the other: the median of pairs."""
    return statistics.median(seconds(one) / seconds(other) for _ in range(ROUNDS))


@pytest.mark.parametrize(("takes", "most"), [(1, 0.95), (8, 1.0)])
def test_a_note_by_its_own_graph_costs_less(
    both: tuple[NoteEventGenerator, NoteEventGenerator], takes: int, most: float
) -> None:
    """0.70 to 0.84 was measured for one take, 0.92 to 0.95 for eight, of the whole note with its bookkeeping."""
    continuations = [model.generate(asked(takes), lambda: False) for model in both]
    for continuation in continuations:
        next(continuation)
    one, other = (lambda: next(continuations[0])), (lambda: next(continuations[1]))
    assert ratio(one, other) < most


def test_tensors_that_are_bound_once_save_time(both: tuple[NoteEventGenerator, NoteEventGenerator]) -> None:
    """0.81 to 0.83 was measured for one take of the whole graph."""
    session: NoteSession = both[1].session
    batch, state = Batch(session, asked(1), 0), session.empty_state(1)
    batch.draw_numbers()
    stepper = Stepper(session, session.graph, batch.inputs, 1)
    assert ratio(lambda: stepper.step(batch.inputs, state), lambda: session.step(batch.inputs, state)) < 0.95
