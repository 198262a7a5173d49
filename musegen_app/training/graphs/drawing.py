"""Drawing a class inside a graph from a uniform number that is given, after temperature, min-p and top-p."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from musegen_app.training.graph_builder import GraphBuilder


class Drawing:
    """Adds draws to ``b``, whose graph has the inputs ``uniforms`` (lanes, draws) and ``min_p`` (1, 1).

    It has ``top_p`` (1, 1), too, if that is to be obeyed.
    """

    def __init__(self, builder: GraphBuilder, draws: int, *, top_p: bool = True) -> None:
        self.b = b = builder
        self._last_axes = b.weight("int_-1", [-1])
        self._last_axis = b.weight("axis_-1", np.array(-1))
        self._nothing = b.weight("nothing", np.zeros((1, 1), dtype=np.float32))
        self._sharpened = ""
        if top_p:
            one = b.weight("one", np.array(1.0, dtype=np.float32))
            self._sharpened = b.op("Squeeze", b.op("Less", "top_p", one), b.weight("int_0_1", [0, 1]))
        self._uniforms = b.ops("Split", "uniforms", outputs=draws, axis=-1) if draws > 1 else ["uniforms"]

    def draw(self, log_probs: str, temperature: str, number: int, *, keep: bool = False) -> str:
        """A class for each lane, int64 (…, lanes), by its uniform ``number``; with ``keep`` (…, lanes, 1).

        ``log_probs`` are (…, lanes, classes), ``temperature`` is (lanes, 1).
        """
        b = self.b
        probs = b.op("Softmax", b.op("Div", log_probs, temperature), axis=-1)
        likeliest = b.op("ReduceMax", probs, axes=[-1], keepdims=1)
        least = b.op("Mul", likeliest, "min_p")
        least = b.op("Max", least, self._least_of_top(probs)) if self._sharpened else least
        kept = b.op("Where", b.op("GreaterOrEqual", probs, least), probs, self._nothing)
        total = b.op("CumSum", kept, self._last_axis)
        reach = b.op("ReduceMax", total, axes=[-1], keepdims=1)
        goal = b.op("Mul", reach, self._uniforms[number])
        passed = b.op("Cast", b.op("Less", total, goal), to=TensorProto.INT64)
        return b.op("ReduceSum", passed, self._last_axes, keepdims=int(keep))

    def _least_of_top(self, probs: str) -> str:
        """The smallest probability that top-p keeps, (lanes, 1). Sorting is slow, so it is done only where it is asked."""
        b, inside = self.b, GraphBuilder(f"{probs}_top_")
        count = inside.op("Gather", inside.op("Shape", probs), self._last_axes, axis=0)
        ranked, _ = inside.ops("TopK", probs, count, outputs=2, axis=-1, sorted=1)
        before = inside.op("Sub", inside.op("CumSum", ranked, self._last_axis), ranked)
        beyond = inside.op("Cast", inside.op("GreaterOrEqual", before, "top_p"), to=TensorProto.FLOAT)
        least = inside.op("ReduceMin", inside.op("Add", ranked, beyond), axes=[-1], keepdims=1)
        then = helper.make_graph(inside.nodes, f"{probs}_top", [], [_value(least)])
        nothing = helper.make_node("Identity", [self._nothing], [f"{probs}_none"])
        otherwise = helper.make_graph([nothing], f"{probs}_all", [], [_value(f"{probs}_none")])
        return b.op("If", self._sharpened, then_branch=then, else_branch=otherwise)


def _value(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
