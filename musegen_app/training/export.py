"""From trained weights to a model folder: the graph, quantised and checked, and its manifest."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from musegen_app.encoding.note_events import GRID
from musegen_app.errors import TrainingError
from musegen_app.generate.manifest import Manifest, Tensor
from musegen_app.generate.priming import neutral_inputs
from musegen_app.generate.session import NoteSession
from musegen_app.training.graph import note_graph
from musegen_app.training.models.note_events import NoteEventNet, Window

FAMILY: Final = "note-events"
_DTYPES: Final[dict[int, str]] = {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.BOOL: "bool",
}
_LARGEST_DIFFERENCE: Final = 1e-3


@dataclass(frozen=True)
class Check:
    """How the graphs differ from PyTorch: the largest difference of a log-probability, and nats a note lost by int8."""

    largest_difference: float
    int8_nats_lost: float


def export(net: NoteEventNet, manifest: Manifest, window: Window) -> tuple[Manifest, Check]:
    """Write the graph and manifest of ``net`` into ``manifest.path``, checked on the notes of ``window``.

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
        small = Path(scratch) / "int8.onnx"
        _quantise(exact, small)
        described = _described(manifest, graph, net)
        check = _check(net, described, exact, small, window)
        manifest.path.mkdir(parents=True, exist_ok=True)
        partial = described.graph_path.with_suffix(".partial")
        partial.write_bytes(small.read_bytes())
        partial.replace(described.graph_path)
    made = described.sealed()
    made.write()
    return made, check


def _quantise(exact: Path, small: Path) -> None:
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # it logs a line for every tensor to the root
    try:
        # A scale for each output unit of the heads loses a fifth of the nats that one for all loses, at no cost in time.
        recurrent = exact.with_name("recurrent.onnx")
        quantize_dynamic(exact, recurrent, op_types_to_quantize=["LSTM"], weight_type=QuantType.QInt8)
        quantize_dynamic(recurrent, small, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8, per_channel=True)
    finally:
        root.setLevel(level)


def _described(manifest: Manifest, graph: onnx.ModelProto, net: NoteEventNet) -> Manifest:
    inputs = tuple(_tensor(value) for value in graph.graph.input)
    return replace(
        manifest,
        family=FAMILY,
        grid=GRID,
        inputs=inputs,
        outputs=tuple(_tensor(value) for value in graph.graph.output),
        states=tuple(tensor for tensor in inputs if tensor.name[:2] in {"h_", "c_"}),
        settings=net.size.as_dict(),
        created=datetime.now(UTC).strftime("%Y-%m-%d"),
    )


def _tensor(value: onnx.ValueInfoProto) -> Tensor:
    kind = value.type.tensor_type
    return Tensor(value.name, _DTYPES[kind.elem_type], tuple(d.dim_param or d.dim_value for d in kind.shape.dim))


def _check(net: NoteEventNet, manifest: Manifest, exact: Path, small: Path, window: Window) -> Check:
    with torch.inference_mode():
        nats, _ = net(window, net.empty_state(window.pitch.shape[1]))
    expected = torch.stack([nats.pitch, nats.length, nats.velocity, nats.onset]).numpy()
    counted = expected > 0
    costs = [_costs(replace(manifest, path=path.parent, graph=path.name), window) for path in (exact, small)]
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
        }
        heard = session.step(inputs, state)
        state = heard.state
        costs[:, step] = heard.costs(given[0, step], given[1, step], given[2, step], window.onset[step].numpy())
    return costs
