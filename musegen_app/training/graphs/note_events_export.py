"""The note-event model's export: its graph, quantised, and checked against PyTorch note by note."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch

from musegen_app.encoding.note_events import GRID
from musegen_app.errors import TrainingError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.priming import neutral_inputs
from musegen_app.generate.session import NoteSession
from musegen_app.training.export import described, put, quantised
from musegen_app.training.graphs.note_events import note_graph
from musegen_app.training.models.note_events import NoteEventNet, Window
from musegen_app.training.task import Check

FAMILY: Final = "note-events"
_LARGEST_DIFFERENCE: Final = 1e-3


def export(
    net: NoteEventNet, manifest: Manifest, window: Window, more_settings: Mapping[str, object] | None = None
) -> tuple[Manifest, Check]:
    """Write the graph and manifest of ``net`` into ``manifest.path``, checked on the notes of ``window``.

    ``more_settings`` go to the manifest beside the sizes.

    Returns the manifest as written: names, sizes, states and checksum filled in.

    Raises:
        TrainingError: the exported graph does not compute what PyTorch computes.
        ModelError: the folder cannot be written.
    """
    net = net.eval()
    graph = note_graph(net)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "fp32.onnx"
        onnx.save(graph, exact)
        small = quantised(exact)
        made = replace(described(manifest, graph, net.size.as_dict() | dict(more_settings or {})), family=FAMILY, grid=GRID)
        check = _check(net, made, (exact, small), window)
        return put(made, small), check


def _check(net: NoteEventNet, manifest: Manifest, graphs: tuple[Path, Path], window: Window) -> Check:
    with torch.inference_mode():
        nats, _ = net.nats(window, net.empty_state(window.pitch.shape[1]))
    expected = torch.stack([nats.pitch, nats.length, nats.velocity, nats.onset]).numpy()
    counted = expected > 0
    costs = [_costs(replace(manifest, path=path.parent, graph=path.name), window) for path in graphs]
    largest = float(np.abs((costs[0] - expected)[counted]).max())
    if not largest < _LARGEST_DIFFERENCE:
        raise TrainingError(f"The exported graph differs from PyTorch by {largest:.4f}; it was not written.")
    weight = window.weight.sum().item()
    fields = [0, 1, 3]
    lost = float((np.where(counted, costs[1] - costs[0], 0)[fields]).sum() / weight)
    return Check(largest, lost)


def _costs(manifest: Manifest, window: Window) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Cost of each note by the graph, one call a note: (pitch, length, velocity, onset) × time × lanes."""
    session = NoteSession(manifest)
    steps, lanes = window.pitch.shape
    state = session.empty_state(lanes)
    given = torch.stack([window.pitch, window.length, window.velocity]).numpy()
    costs = np.zeros((4, steps, lanes))
    for step in range(steps):
        inputs = neutral_inputs(lanes) | {
            "classes": window.classes[step : step + 1].numpy(),
            "sounds": window.sounds[step : step + 1].numpy(),
            "given": given[:, step : step + 1],
            "floor": window.floor[step].numpy(),
            "known_classes": window.known_classes[step : step + 1].numpy(),
            "known_sounds": window.known_sounds[step : step + 1].numpy(),
            "references": window.references[step].numpy(),
            "recall_classes": window.recall_classes[step : step + 1].numpy(),
            "recall_lengths": window.recall_lengths[step].numpy(),
        }
        heard = session.step(inputs, state)
        state = heard.state
        costs[:, step] = heard.costs(given[0, step], given[1, step], given[2, step], window.onset[step].numpy())
    return costs
