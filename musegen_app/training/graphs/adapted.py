"""An adapted network as a graph: the one it was adapted from with other numbers, and the state it begins with.

Nothing int8 is touched: a unit's gain changes the scale of its weights, a shift its bias, and a bias that rides along in a
table changes that table's rows.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from musegen_app.training.graph_builder import lstm_gates
from musegen_app.training.models.adapter import CLASS_TABLE, AdaptedNet
from musegen_app.training.models.note_events import NoteEventNet
from musegen_app.training.unpack import BIASED, Floats32

_TABLE_OF: Final = {
    "note_context": "note_pitch",
    "length_query": "length_pitch",
    "velocity_query": "velocity_length",
}
"""Where the bias of a layer rides along: every note has exactly one row of that table."""


def adapted_graph(base: onnx.ModelProto, net: AdaptedNet) -> onnx.ModelProto:
    """``base``, the graph that ``net`` was unpacked from, with what ``net`` learnt.

    Raises:
        KeyError: it has not the weights that there are to change.
    """
    graph = onnx.ModelProto()
    graph.CopyFrom(base)
    weights = _Weights(graph)
    for name, gain in net.gains.items():
        weights.scale(name, 1 + gain.detach().numpy())
    for name, shift in net.shifts.items():
        _shift(weights, net.base, name, shift.detach().numpy())
    table = weights[CLASS_TABLE]
    weights[CLASS_TABLE] = np.concatenate([table, net.style.detach().numpy()[None]])
    return with_initial_state(graph, net.initial.detach().numpy())


def _shift(weights: _Weights, base: NoteEventNet, name: str, shift: Floats32) -> None:
    if name.startswith("lstm_"):
        weights[f"{name}.B"] = weights[f"{name}.B"] + np.concatenate([lstm_gates(shift), np.zeros_like(shift)])
    elif name in BIASED:
        weights[f"{name}.bias"] = weights[f"{name}.bias"] + shift
    elif name in _TABLE_OF:
        weights[_TABLE_OF[name]] = weights[_TABLE_OF[name]] + shift
    else:  # the bias of the sounds rides along with the phase in the bar, of which every note has one
        table = weights[CLASS_TABLE].copy()
        table[: int(base.class_rows[1])] += shift
        weights[CLASS_TABLE] = table


def with_initial_state(graph: onnx.ModelProto, initial: Floats32) -> onnx.ModelProto:
    """``graph`` with constant outputs ``initial_h_0``, ``initial_c_0`` and so on, each (1, 1, hidden).

    ``initial`` is (2, layers, hidden): h and c. Outputs that are there already are replaced.
    """
    weights = _Weights(graph)
    there = {output.name for output in graph.graph.output}
    for kind, rows in zip("hc", initial, strict=True):
        for layer, row in enumerate(rows):
            name, constant = f"initial_{kind}_{layer}", f"learnt_{kind}_{layer}"
            weights[constant] = row[None, None]
            if name not in there:
                graph.graph.node.append(helper.make_node("Identity", [constant], [name]))
                graph.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, len(row)]))
    return graph


class _Weights:
    """The weights of a graph, to be changed in place."""

    def __init__(self, graph: onnx.ModelProto) -> None:
        self._graph = graph.graph
        self._rows = {tensor.name: row for row, tensor in enumerate(self._graph.initializer)}

    def __getitem__(self, name: str) -> Floats32:
        return np.array(numpy_helper.to_array(self._graph.initializer[self._rows[name]]))

    def __setitem__(self, name: str, value: Floats32) -> None:
        tensor = numpy_helper.from_array(np.ascontiguousarray(value, dtype=np.float32), name)
        if name in self._rows:
            self._graph.initializer[self._rows[name]].CopyFrom(tensor)
        else:
            self._rows[name] = len(self._graph.initializer)
            self._graph.initializer.append(tensor)

    def scale(self, name: str, gains: Floats32) -> None:
        """Multiply what each unit of the linear layer ``name`` answers, its bias aside."""
        small = f"{name}.weight_scale"
        where = small if small in self._rows else f"{name}.weight"
        self[where] = self[where] * gains  # (inputs, units) or (units,): the last axis is the units' in both
