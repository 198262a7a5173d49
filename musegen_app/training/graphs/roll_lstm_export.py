"""The piano-roll families' export: the graph (int8 for the mended one), checked against PyTorch on held-out columns."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
import torch

from musegen_app.encoding.columns import COLUMNS_A_QUARTER
from musegen_app.encoding.piano_roll import END
from musegen_app.errors import TrainingError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.roll_session import RollSession, WindowSession, neutral_inputs
from musegen_app.training.export import described, put, quantised
from musegen_app.training.graphs.roll_lstm import column_graph
from musegen_app.training.graphs.roll_lstm_published import window_graph
from musegen_app.training.models.roll_lstm import Batch, RollNet
from musegen_app.training.models.roll_lstm_published import PublishedBatch, PublishedRollNet
from musegen_app.training.task import Check

FAMILY: Final = "roll-lstm"
_LARGEST_DIFFERENCE: Final = 1e-3
Floats = npt.NDArray[np.float64]


def export_mended(net: RollNet, manifest: Manifest, settings: Mapping[str, object], batch: Batch) -> tuple[Manifest, Check]:
    """Write graph and manifest of ``net`` into ``manifest.path``, checked on the columns of ``batch``.

    Raises:
        TrainingError: the graph does not compute what PyTorch computes.
        ModelError: the folder cannot be written.
    """
    net = net.cpu().eval()
    graph = column_graph(net)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "fp32.onnx"
        onnx.save(graph, exact)
        small = quantised(exact)
        made = replace(described(manifest, graph, settings), family=FAMILY, grid=COLUMNS_A_QUARTER)
        with torch.inference_mode():
            expected = net.nats(batch, net.empty_state(batch.planes.shape[1]))[0].double().numpy()
        costs = [_costs(replace(made, path=path.parent, graph=path.name), batch) for path in (exact, small)]
        largest = _checked(costs[0], expected)
        lost = float((costs[1] - costs[0]).sum()) / float(batch.columns)
        return put(made, small), Check(largest, lost)


def export_published(
    net: PublishedRollNet, manifest: Manifest, settings: Mapping[str, object], batch: PublishedBatch
) -> tuple[Manifest, Check]:
    """Likewise, as published: its weights stay fp32.

    Raises:
        TrainingError: the graph does not compute what PyTorch computes.
        ModelError: the folder cannot be written.
    """
    net = net.cpu().eval()
    graph = window_graph(net)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "fp32.onnx"
        onnx.save(graph, exact)
        made = replace(described(manifest, graph, settings), family=FAMILY, grid=COLUMNS_A_QUARTER)
        session = WindowSession(replace(made, path=exact.parent, graph=exact.name))
        with torch.inference_mode():
            expected = net.log_probs(batch.columns).double().numpy()
        largest = _checked(session.log_probs(batch.columns.numpy()).astype(np.float64), expected)
        return put(made, exact), Check(largest)


def _checked(found: Floats, expected: Floats) -> float:
    largest = float(np.abs(found - expected).max())
    if not largest < _LARGEST_DIFFERENCE:
        raise TrainingError(f"The exported graph differs from PyTorch by {largest:.4f}; it was not written.")
    return largest


def _costs(manifest: Manifest, batch: Batch) -> Floats:
    """Cost of each change of ``batch`` by the graph, one call a column, in the batch's order."""
    session = RollSession(manifest)
    time, lanes = batch.planes.shape[:2]
    by_column = _by_column(batch)
    costs: list[list[float]] = []
    state = session.empty_state(lanes)
    for at in range(time):
        named = by_column[at * lanes : (at + 1) * lanes]
        rounds = max(1, *(len(changes) for changes in named))
        inputs = neutral_inputs(lanes, rounds) | {
            "planes": batch.planes[at : at + 1].numpy(),
            "classes": batch.classes[at : at + 1].numpy(),
        }
        for lane, changes in enumerate(named):
            inputs["given"][lane] = [*changes, *[END] * (rounds - len(changes))]
        drawn = session.step(inputs, state)
        state = drawn.state
        costs += [(-drawn.log_probs[: len(changes), lane]).tolist() for lane, changes in enumerate(named)]
    return np.array([cost for column in costs for cost in column], dtype=np.float64)


def _by_column(batch: Batch) -> list[Sequence[int]]:
    count = batch.planes.shape[0] * batch.planes.shape[1]
    ends = torch.searchsorted(batch.column, torch.arange(count + 1)).tolist()
    changes = batch.change.tolist()
    return [changes[ends[n] : ends[n + 1]] for n in range(count)]
