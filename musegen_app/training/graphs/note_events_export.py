"""The note-event model's export: its graph, quantised, and checked against PyTorch note by note."""

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
from musegen_app.generate.manifest import GRAPH_FILE, STEP_FILE, Manifest
from musegen_app.generate.priming import neutral_inputs
from musegen_app.generate.session import Heard, Inputs, NoteSession
from musegen_app.generate.stepper import Stepper
from musegen_app.training.export import described, put, quantised
from musegen_app.training.graphs.note_events import note_graph
from musegen_app.training.graphs.note_step import step_graph
from musegen_app.training.models.note_events import IMPOSSIBLE, NoteEventNet, Window
from musegen_app.training.task import Check

FAMILY: Final = "note-events"
_LARGEST_DIFFERENCE: Final = 1e-3
_MOST_DIFFERENT: Final = 0.02
"""Share of the notes for which a random number may lie so near a border that rounding draws another class."""


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
    settings = net.size.as_dict() | dict(more_settings or {})
    with tempfile.TemporaryDirectory() as scratch:
        exact, small = _saved(graph, Path(scratch) / "whole")
        exact_step, small_step = _saved(step_graph(net), Path(scratch) / "step")
        made = replace(described(manifest, graph, settings), family=FAMILY, grid=GRID, step=STEP_FILE)
        check = _check(net, made, (exact, small), window)
        _check_step(made, exact, exact_step, window)
        return put(made, small, small_step), check


def _saved(graph: onnx.ModelProto, folder: Path) -> tuple[Path, Path]:
    """The graph on disk, exact and quantised."""
    folder.mkdir()
    exact = folder / "fp32.onnx"
    onnx.save(graph, exact)
    return exact, quantised(exact)


def _check(net: NoteEventNet, manifest: Manifest, graphs: tuple[Path, Path], window: Window) -> Check:
    with torch.inference_mode():
        nats, _ = net.nats(window, net.empty_state(window.pitch.shape[1]))
    expected = torch.stack([nats.pitch, nats.length, nats.velocity, nats.onset]).numpy()
    counted = expected > 0
    costs = [_costs(replace(manifest, path=path.parent, graph=path.name, step=""), window) for path in graphs]
    largest = float(np.abs((costs[0] - expected)[counted]).max())
    if not largest < _LARGEST_DIFFERENCE:
        raise TrainingError(f"The exported graph differs from PyTorch by {largest:.4f}; it was not written.")
    weight = window.weight.sum().item()
    fields = [0, 1, 3]
    lost = float((np.where(counted, costs[1] - costs[0], 0)[fields]).sum() / weight)
    return Check(largest, lost)


def _check_step(manifest: Manifest, whole: Path, step: Path, window: Window) -> None:
    """That both graphs, in 32 bits, draw the same after hearing the same, where nothing is given or known to come."""
    folder = step.parent
    (folder / GRAPH_FILE).write_bytes(whole.read_bytes())
    (folder / STEP_FILE).write_bytes(step.read_bytes())
    session = NoteSession(replace(manifest, path=folder))
    lanes = window.pitch.shape[1]
    uniforms = np.random.default_rng(len(window.pitch)).random((len(window.pitch), lanes, 4), dtype=np.float32)
    state, differ = session.empty_state(lanes), 0
    for moment, numbers in enumerate(uniforms):
        inputs = _surroundings(window, moment) | {"uniforms": numbers, "given": np.full((3, 1, lanes), -1)}
        whole_heard = session.step(inputs, state)
        same = _drawn_alike(whole_heard, Stepper(session, session.step_graph, inputs, lanes).step(inputs, state))
        differ += int(lanes - same.sum())
        state = whole_heard.state
    if differ > _MOST_DIFFERENT * uniforms.shape[0] * lanes:
        raise TrainingError(f"The exported graphs draw {differ} different notes; they were not written.")


def _drawn_alike(whole: Heard, step: Heard) -> npt.NDArray[np.bool_]:
    """In which lanes both graphs drew the same; what those cost, and the states after them, is the same."""
    fields = ("pitch", "length", "velocity", "onset")
    same: npt.NDArray[np.bool_] = np.logical_and.reduce([getattr(whole, field) == getattr(step, field) for field in fields])
    tables = zip(whole.log_probs, step.log_probs, strict=True)
    off = [np.abs(a - b)[same][a[same] > IMPOSSIBLE / 2] for a, b in tables]
    off += [np.abs(a - b)[:, same].ravel() for a, b in zip(whole.state, step.state, strict=True)]
    largest = max(float(part.max(initial=0.0)) for part in off)
    if not largest < _LARGEST_DIFFERENCE:
        raise TrainingError(f"The exported graphs differ by {largest:.4f}; they were not written.")
    return same


def _surroundings(window: Window, moment: int) -> Inputs:
    """What surrounds the notes of one moment, nothing of it being known to come."""
    rows = slice(moment, moment + 1)
    return neutral_inputs(window.pitch.shape[1]) | {
        "classes": window.classes[rows].numpy(),
        "sounds": window.sounds[rows].numpy(),
        "floor": window.floor[moment].numpy(),
        "references": window.references[moment].numpy(),
        "recall_classes": window.recall_classes[rows].numpy(),
        "recall_lengths": window.recall_lengths[moment].numpy(),
    }


def _costs(manifest: Manifest, window: Window) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Cost of each note by the graph, one call a note: (pitch, length, velocity, onset) × time × lanes."""
    session = NoteSession(manifest)
    steps, lanes = window.pitch.shape
    state = session.empty_state(lanes)
    given = torch.stack([window.pitch, window.length, window.velocity]).numpy()
    costs = np.zeros((4, steps, lanes))
    for step in range(steps):
        inputs = _surroundings(window, step) | {
            "given": given[:, step : step + 1],
            "known_classes": window.known_classes[step : step + 1].numpy(),
            "known_sounds": window.known_sounds[step : step + 1].numpy(),
        }
        heard = session.step(inputs, state)
        state = heard.state
        costs[:, step] = heard.costs(given[0, step], given[1, step], given[2, step], window.onset[step].numpy())
    return costs
