"""Building an ONNX graph by hand: shorter than a traced one, and its weights lie where ``quantize_dynamic`` finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

OPSET: Final = 17
_IR_VERSION: Final = 8
Array = npt.NDArray[np.float32] | npt.NDArray[np.int64]
Row = tuple[str, int, list[int | str]]
"""Name, element type (``TensorProto``) and shape of an input or output."""


class GraphBuilder:
    """Collects nodes and weights; methods named like operators return the name of their output."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}
        self._outside: dict[str, str] = {}
        self._count = 0

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        return self.ops(kind, *inputs, outputs=outputs, **attributes)[0]

    def ops(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> list[str]:
        self._count += 1
        names = [f"{self.prefix}{kind.lower()}_{self._count}_{n}" for n in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names

    def rename(self, name: str, wanted: str) -> None:
        """Give ``name`` the name it shall have outside, once all nodes are there."""
        self._outside[name] = wanted

    def finished(self) -> list[onnx.NodeProto]:
        """The nodes, with outside names where such were given."""
        for node in self.nodes:
            for names in (node.input, node.output):
                names[:] = [self._outside.get(name, name) for name in names]
        return self.nodes

    def weight(self, name: str, value: Array | list[int] | list[float]) -> str:
        if name not in self.weights:
            array = np.asarray(value)
            kept = array.astype(np.int64 if array.dtype.kind == "i" else np.float32)
            self.weights[name] = numpy_helper.from_array(kept, name)
        return name

    def linear(self, x: str, name: str, weight: Array, bias: Array | None = None) -> str:
        product = self.op("MatMul", x, self.weight(f"{name}.weight", weight.T))
        return product if bias is None else self.op("Add", product, self.weight(f"{name}.bias", bias))

    def at(self, x: str, index: int, axis: int = 0) -> str:
        return self.op("Gather", x, self.weight(f"index_{index}", np.array(index)), axis=axis)

    def part(self, x: str, start: int, end: int) -> str:
        return self.op("Slice", x, *(self.weight(f"int_{n}", [n]) for n in (start, end)), self.weight("int_-1", [-1]))

    def columns(self, x: str) -> str:
        """(lanes,) as (lanes, 1)."""
        return self.op("Unsqueeze", x, self.weight("int_-1", [-1]))


def lstm_gates(packed: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """PyTorch's gates (i f c o, stacked along the first axis) in the order of ONNX (i o f c)."""
    i, f, c, o = np.split(packed, 4)
    return np.concatenate([i, o, f, c])


def finished_model(builder: GraphBuilder, name: str, inputs: Sequence[Row], outputs: Sequence[Row]) -> onnx.ModelProto:
    """The checked model of what ``builder`` holds."""
    graph = helper.make_graph(
        builder.finished(),
        name,
        [helper.make_tensor_value_info(*row) for row in inputs],
        [helper.make_tensor_value_info(*row) for row in outputs],
        list(builder.weights.values()),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="MuseGen")
    model.ir_version = _IR_VERSION
    onnx.checker.check_model(model)
    return model
