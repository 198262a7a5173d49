"""The word models' export: the graph, quantised, and checked against PyTorch word by word."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
import torch

from musegen_app.encoding.note_events import GRID
from musegen_app.errors import TrainingError
from musegen_app.generate.chord_names import NameSession, heard_numbers
from musegen_app.generate.chord_session import ChordSession, neutral_inputs
from musegen_app.generate.manifest import Manifest
from musegen_app.training.export import described, put, quantised
from musegen_app.training.graphs.chord_lstm import chord_graph, name_graph
from musegen_app.training.models.chord_lstm import ChordNet, NameNet, Window
from musegen_app.training.task import Check

FAMILY: Final = "chord-lstm"
_LARGEST_DIFFERENCE: Final = 1e-3
Floats = npt.NDArray[np.float64]


def export(net: ChordNet, manifest: Manifest, window: Window, settings: Mapping[str, object]) -> tuple[Manifest, Check]:
    """Write the graph and manifest of ``net`` into ``manifest.path``, checked on the words of ``window``.

    Raises:
        TrainingError: the exported graph does not compute what PyTorch computes.
        ModelError: the folder cannot be written.
    """
    net = net.eval()
    graph = chord_graph(net)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "fp32.onnx"
        onnx.save(graph, exact)
        small = quantised(exact)
        made = replace(described(manifest, graph, settings), family=FAMILY, grid=GRID, styles=())
        with torch.inference_mode():
            nats, _ = net.nats(window, net.empty_state(window.weight.shape[1]))
        expected = nats.numpy().astype(np.float64)
        costs = [_costs(replace(made, path=path.parent, graph=path.name), window) for path in (exact, small)]
        largest = _agreed(float(np.abs(costs[0] - expected).max()))
        lost = float((costs[1] - costs[0]).sum() / max(window.weight.sum().item(), 1.0))
        return put(made, small), Check(largest, lost)


def _agreed(largest: float) -> float:
    if not largest < _LARGEST_DIFFERENCE:
        raise TrainingError(f"The exported graph differs from PyTorch by {largest:.4f}; it was not written.")
    return largest


def _costs(manifest: Manifest, window: Window) -> Floats:
    """Cost of each next word by the graph, one call a word: (root, shape, length, step) × time × lanes."""
    session = ChordSession(manifest)
    steps, lanes = window.weight.shape
    state = session.empty_state(lanes)
    costs = np.zeros((4, steps, lanes))
    for step in range(steps):
        here = slice(step, step + 1)
        target = window.target[step].numpy().T
        inputs = neutral_inputs(lanes) | {
            "word": window.word[here].numpy(),
            "place": window.place[here].numpy(),
            "sounds": window.sounds[here].numpy(),
            "given": target,
        }
        answer = session.step(inputs, state)
        state = answer.state
        costs[:, step] = answer.costs(*target) * window.weight[step].numpy()
    return costs


def export_names(
    net: NameNet, manifest: Manifest, windows: npt.NDArray[np.int64], settings: Mapping[str, object]
) -> tuple[Manifest, Check]:
    """Write the graph and manifest of a published ``net``, checked on ``windows`` int64 (lanes, 100).

    Raises:
        TrainingError: the exported graph does not compute what PyTorch computes.
        ModelError: the folder cannot be written.
    """
    net = net.eval()
    graph = name_graph(net)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "fp32.onnx"
        onnx.save(graph, exact)
        made = replace(described(manifest, graph, settings), family=FAMILY, grid=GRID, styles=())
        with torch.inference_mode():
            heard = torch.from_numpy(heard_numbers(windows, net.size.words))
            expected = torch.log_softmax(net.logits(heard), dim=-1).numpy()
        answer = NameSession(replace(made, path=exact.parent, graph=exact.name)).log_probs(windows)
        return put(made, exact), Check(_agreed(float(np.abs(answer - expected).max())))
