"""Back from a shipped note-event graph to the network it was made of, so that it can learn on.

Weights that were made int8 come back as the numbers that the int8 stands for; biases that ride along in a table (see
:mod:`musegen_app.training.graphs.note_events`) stay there. What is computed is the same.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper

from musegen_app.errors import TrainingError
from musegen_app.generate.manifest import Manifest
from musegen_app.training.graphs.note_events import QUERY_HEADS
from musegen_app.training.models.note_events import REFERENCES, STEPS, NoteEventNet, Size

Floats32 = npt.NDArray[np.float32]

_LATER: Final = ("known_", "copy_head", "interval_head")
"""Weights that graphs from before what is known to come lack; others are from before recall."""
_RECALL: Final = ("recall_", "length_gate", "length_recalled", "onset_gate", "onset_recalled")
_TABLES: Final = ("context_classes", "length_pitch", "velocity_length", "note_pitch", "note_length", "note_velocity")
_BIASED: Final = ("query", "pitch_head", "length_head", "velocity_head", "onset_query", "onset_head")
_UNBIASED: Final = ("context_sounds", "note_context", "length_query", "velocity_query")


def read_graph(manifest: Manifest) -> onnx.ModelProto:
    """The graph of ``manifest``.

    Raises:
        TrainingError: it cannot be read as one.
    """
    try:
        return onnx.load(manifest.graph_path)
    except Exception as error:  # protobuf and the disk raise what they like
        raise _foreign(manifest) from error


def unpacked(manifest: Manifest, graph: onnx.ModelProto) -> NoteEventNet:
    """The network that ``graph``, of the family note-events, computes; its weights do not ask for gradients.

    Raises:
        TrainingError: the graph is not one that MuseGen writes for this family.
    """
    stored = _Stored(graph)
    try:
        net = NoteEventNet(_size_of(manifest))
        net.load_state_dict(_weights(stored, net.size))
        if stored.has("learnt_h_0"):
            layers = range(net.size.layers)
            states = [[stored[f"learnt_{kind}_{layer}"].reshape(-1) for layer in layers] for kind in "hc"]
            net.initial.copy_(torch.from_numpy(np.array(states)))
    except (KeyError, ValueError, RuntimeError) as error:
        raise _foreign(manifest) from error
    return net.requires_grad_(requires_grad=False).eval()


def _size_of(manifest: Manifest) -> Size:
    """The widths that the manifest tells.

    Raises:
        KeyError: it does not tell them.
        ValueError: they are no numbers.
    """
    sizes: dict[str, Any] = {name: manifest.settings[name] for name in ("hidden", "layers", "head", "styles")}
    if not all(isinstance(value, int) and 0 < value <= 1 << 14 for value in sizes.values()):
        raise ValueError("sizes")
    return Size(**sizes)


def _foreign(manifest: Manifest) -> TrainingError:
    return TrainingError(f'Model "{manifest.name}" cannot be adapted: {manifest.graph} is not a graph that MuseGen made.')


class _Stored:
    """The weights of a graph by the names they had before they were made smaller, as float32."""

    def __init__(self, graph: onnx.ModelProto) -> None:
        self._tensors = {tensor.name: tensor for tensor in graph.graph.initializer}

    def has(self, name: str) -> bool:
        """Whether there is such a weight, small or not."""
        return name in self._tensors or f"{name}_quantized" in self._tensors

    def __getitem__(self, name: str) -> Floats32:
        """The weight called ``name``; int8 ones as what they stand for. Axes as in the graph.

        Raises:
            KeyError: there is none.
        """
        if name in self._tensors:
            return np.array(numpy_helper.to_array(self._tensors[name]), dtype=np.float32)
        small, scale, zero = (
            numpy_helper.to_array(self._tensors[f"{name}_{part}"]) for part in ("quantized", "scale", "zero_point")
        )
        exact: Floats32 = ((small.astype(np.int16) - zero.astype(np.int16)) * scale).astype(np.float32)
        return exact

    def put(self, name: str, value: Floats32) -> None:
        """Store ``value`` under a name of its own."""
        self._tensors[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)

    def recurrent(self, name: str) -> Floats32:
        """An LSTM's weight as (gates, inputs): ONNX Runtime wants it the other way round where it is int8."""
        weight: Floats32 = self[name][0]
        return weight if name in self._tensors else weight.T


def _weights(stored: _Stored, size: Size) -> dict[str, torch.Tensor]:
    if stored.has("query_heads.weight"):
        _take_heads_apart(stored, size)
    found = {f"{name}.weight": stored[name] for name in _TABLES}
    for name in (*_BIASED, *_UNBIASED):
        weight = found[f"{name}.weight"] = stored[f"{name}.weight"].T
        found[f"{name}.bias"] = stored[f"{name}.bias"] if name in _BIASED else np.zeros(len(weight), dtype=np.float32)
    found["more_above"] = stored["above"][0] if stored.has("above") else stored["more_above"]
    blank = NoteEventNet(size)
    _take_recall_apart(found, stored, blank)
    _take_known_apart(found, stored, blank)
    for layer in range(size.layers):
        found[f"lstm.weight_ih_l{layer}"] = _torch_gates(stored.recurrent(f"lstm_{layer}.W"))
        found[f"lstm.weight_hh_l{layer}"] = _torch_gates(stored.recurrent(f"lstm_{layer}.R"))
        both = np.split(stored[f"lstm_{layer}.B"][0], 2)
        found[f"lstm.bias_ih_l{layer}"], found[f"lstm.bias_hh_l{layer}"] = (_torch_gates(bias) for bias in both)
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in found.items()}


def _take_heads_apart(stored: _Stored, size: Size) -> None:
    """Give the heads that are one matrix in the graph the names they have in the network."""
    blank = NoteEventNet(size).state_dict()
    units = {head: len(blank[f"{head}.bias"]) for head in QUERY_HEADS}
    units["interval_head"] = _references(stored) * (STEPS + 1)
    if not _recalls(stored):
        del units["recall_gate"]
    for kind in ("weight", "bias"):
        parts = np.split(stored[f"query_heads.{kind}"], np.cumsum(list(units.values()))[:-1], axis=-1)
        for head, part in zip(units, parts, strict=True):
            stored.put(f"{head}.{kind}", part)


def _recalls(stored: _Stored) -> bool:
    """Whether the graph is told what the music recalls."""
    return stored.has("length_recalled")


def _references(stored: _Stored) -> int:
    return REFERENCES if _recalls(stored) else REFERENCES - 1


def _take_recall_apart(found: dict[str, Floats32], stored: _Stored, blank: NoteEventNet) -> None:
    """Part what is recalled from what it shares a matrix or a table with; an older graph gets weights that say nothing."""
    if not _recalls(stored):
        found |= {name: tensor.numpy() for name, tensor in blank.state_dict().items() if name.startswith(_RECALL)}
        return
    table, rows = found["context_classes.weight"], blank.recall_classes.num_embeddings
    found["context_classes.weight"], found["recall_classes.weight"] = table[:-rows], table[-rows:]
    found["recall_gate.weight"], found["recall_gate.bias"] = stored["recall_gate.weight"].T, stored["recall_gate.bias"]
    for head in ("length", "onset"):
        found[f"{head}_recalled.weight"] = stored[f"{head}_recalled"]
        for kind in ("weight", "bias"):
            both = found[f"{head}_head.{kind}"]
            found[f"{head}_head.{kind}"], found[f"{head}_gate.{kind}"] = both[:-1], both[-1:]


def _take_known_apart(found: dict[str, Floats32], stored: _Stored, blank: NoteEventNet) -> None:
    """Part what is known to come from what was heard; a graph from before it came gets weights that say nothing."""
    classes, sounds = found["context_classes.weight"], found["context_sounds.weight"]
    rows, columns = blank.context_classes.num_embeddings, blank.context_sounds.in_features
    found["context_classes.weight"], found["context_sounds.weight"] = classes[:rows], sounds[:, :columns]
    if stored.has("above") or stored.has("known_above"):
        found["known_classes.weight"], found["known_sounds.weight"] = classes[rows:], sounds[:, columns:]
        found["known_above"] = stored["above"][1] if stored.has("above") else stored["known_above"]
        found["copy_head.weight"], found["copy_head.bias"] = stored["copy_head.weight"].T, stored["copy_head.bias"]
        for kind, head in (("weight", stored["interval_head.weight"].T), ("bias", stored["interval_head.bias"])):
            steps = head.reshape(_references(stored), STEPS + 1, -1)[:, :STEPS].reshape(-1, *head.shape[1:])
            missing = REFERENCES * STEPS - len(steps)
            found[f"interval_head.{kind}"] = np.concatenate([steps, np.zeros((missing, *steps.shape[1:]), np.float32)])
        return
    for name, tensor in blank.state_dict().items():
        if name.startswith(_LATER):
            found[name] = np.zeros(tensor.shape, dtype=np.float32)


def _torch_gates(packed: Floats32) -> Floats32:
    """ONNX's gates (i o f c, stacked along the first axis) in the order of PyTorch (i f c o)."""
    i, o, f, c = np.split(packed, 4)
    return np.concatenate([i, f, c, o])
