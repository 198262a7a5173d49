"""The mended piano-roll network as an ONNX graph: one call a column, its changes drawn in a loop inside the graph.

Built by hand. What the loop needs of a column is computed outside it, in reach of ``quantize_dynamic``; the loop's own small
weights stay fp32. See ``generate/roll_session.py`` for what goes in and comes out.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from musegen_app.encoding.columns import PITCHES
from musegen_app.encoding.piano_roll import CHANGES, END, PLANES, SURROUNDINGS
from musegen_app.training.graph_builder import GraphBuilder, Row, finished_model, lstm_gates
from musegen_app.training.models.roll_lstm import IMPOSSIBLE, NO_CHANGE, SOUNDING, STYLE, RollNet

_REAL, _WHOLE, _TRUTH = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
_SHARPER = 4.0
_CARRIED = ("sum", "newest", "done", "struck")


class _ColumnGraph:
    """Hears the columns and works out what their last one is followed by."""

    def __init__(self, net: RollNet) -> None:
        self.net, self.b = net, GraphBuilder()
        self.w = {name: tensor.detach().numpy() for name, tensor in net.state_dict().items()}

    def linear(self, x: str, name: str) -> str:
        return self.b.linear(x, name, self.w[f"{name}.weight"], self.w.get(f"{name}.bias"))

    def build(self) -> None:
        b, net = self.b, self.net
        rows = b.op("Add", "classes", b.weight("class_rows", net.class_rows.numpy()))
        classes = b.op("Gather", b.weight("class_table", self.w["classes.weight"]), rows, axis=0)
        summed = b.op("ReduceSum", classes, b.weight("int_2", [2]), keepdims=0)
        context = b.op("Relu", b.op("Add", summed, self.linear("planes", "planes")))
        heard = context
        for layer in range(net.size.layers):
            heard = self._lstm(heard, layer)
        attended = self._attended(heard)
        top = b.op("Concat", b.at(heard, -1), attended, b.at(context, -1), axis=-1)
        known = self.linear(top, "column")
        around = b.op("Reshape", b.at("planes", -1), b.weight("plane_shape", [-1, len(PLANES), PITCHES]))
        _Changes(self, known, around).build()

    def _lstm(self, x: str, layer: int) -> str:
        b, w = self.b, self.w
        packed = [lstm_gates(w[f"lstm.{kind}_l{layer}"]) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        values = (packed[0][None], packed[1][None], np.concatenate(packed[2:])[None])
        weights = [b.weight(f"lstm_{layer}.{name}", value) for name, value in zip("WRB", values, strict=True)]
        inputs = [x, *weights, "", f"h_{layer}", f"c_{layer}"]
        heard, hidden, cell = b.ops("LSTM", *inputs, outputs=3, hidden_size=self.net.size.hidden)
        b.rename(hidden, f"next_h_{layer}")
        b.rename(cell, f"next_c_{layer}")
        return b.op("Squeeze", heard, b.weight("int_1", [1]))

    def _attended(self, heard: str) -> str:
        """The last columns, weighed: (takes, hidden)."""
        b, size = self.b, self.net.size
        first, last, zero = (b.weight(f"int_{n}", [n]) for n in (-size.memory, np.iinfo(np.int64).max, 0))
        remembered = b.op("Slice", b.op("Concat", "memory", heard, axis=0), first, last, zero)
        query = b.op("Div", self.linear(b.at(heard, -1), "attention_query"), b.weight("scale", [size.keys**0.5]))
        keys = self.linear(remembered, "attention_key")
        scores = b.op("ReduceSum", b.op("Mul", keys, query), b.weight("int_-1", [-1]), keepdims=1)
        lags = b.weight("attention_lag", np.ascontiguousarray(self.w["attention_lag"][::-1])[:, None, None])
        weights = b.op("Softmax", b.op("Add", scores, lags), axis=0)
        b.rename(remembered, "next_memory")
        return b.op("ReduceSum", b.op("Mul", weights, remembered), zero, keepdims=0)


class _Changes:
    """The loop that draws changes. Names from outside it may be used within, so they must not be renamed."""

    def __init__(self, column: _ColumnGraph, known: str, around: str) -> None:
        self.w, self.outer, self.known, self.around = column.w, column.b, known, around
        self.head = column.net.size.head
        self.b = GraphBuilder("change_")
        self.b.weights = self.outer.weights  # what the loop holds is kept outside it
        weight = self.outer.weight
        self.none = weight("impossible", np.array(IMPOSSIBLE, dtype=np.float32))
        self.zero, self.last = weight("index_0", np.array(0)), weight("int_-1", [-1])
        self.end = weight("end", np.array(END))
        self.pitches = weight("pitches", np.arange(PITCHES))

    def build(self) -> None:
        outer = self.outer
        takes = outer.op("Slice", outer.op("Shape", self.known), *(outer.weight(f"int_{n}", [n]) for n in (0, 1)))
        nobody = outer.op("ConstantOfShape", takes, value=_single(_TRUTH, 0))
        begin = {
            "sum": self.known,
            "newest": outer.op("ConstantOfShape", takes, value=_single(_WHOLE, NO_CHANGE)),
            "done": nobody,
            "struck": outer.columns(nobody),
        }
        self.possible_release = outer.op("Greater", outer.at(self.around, SOUNDING, 1), outer.weight("half", np.array(0.5)))
        self.is_other = outer.op(
            "Greater", outer.weight("all_changes", np.arange(CHANGES)), outer.weight("top", np.array(PITCHES - 1))
        )
        one = outer.weight("one", np.array(1.0, dtype=np.float32))
        self.sharpened = outer.op("Squeeze", outer.op("Less", "top_p", one), outer.weight("int_0_1", [0, 1]))
        count = outer.op("Gather", outer.op("Shape", "given"), outer.weight("index_1", np.array(1)), axis=0)
        results = outer.ops("Loop", count, "", *begin.values(), outputs=len(begin) + 2, body=self._body())
        outer.rename(results[-2], "changes")
        outer.rename(results[-1], "log_probs")

    def _body(self) -> onnx.GraphProto:
        b = self.b
        log_probs = b.op("LogSoftmax", self._logits(), axis=-1)
        given = b.op("Gather", "given", "round", axis=1)
        change = b.op("Where", b.op("Less", given, self.zero), self._drawn(log_probs), given)
        change = b.op("Where", "done", self.end, change)
        cost = b.op("Squeeze", b.op("GatherElements", log_probs, b.columns(change), axis=-1), self.last)
        cost = b.op("Where", "done", b.weight("nil", np.array(0, dtype=np.float32)), cost)
        chosen = b.op("Gather", b.weight("chosen", self.w["chosen.weight"]), change, axis=0)
        done = b.op("Equal", change, self.end)
        is_strike = b.op("Less", b.columns(change), b.weight("release", np.array(PITCHES)))
        left = b.op("ReduceMin", b.op("Cast", done, to=_WHOLE), keepdims=0)
        names = {
            "more": b.op("Equal", left, self.zero),
            "next_sum": b.op("Add", "sum", chosen),
            "next_newest": b.op("Identity", change),
            "next_done": done,
            "next_struck": b.op("Or", "struck", is_strike),
            "each_change": b.op("Identity", change),
            "each_cost": cost,
        }
        for wanted, name in names.items():
            b.rename(name, wanted)
        kinds = (_REAL, _WHOLE, _TRUTH, _TRUTH)
        shapes: tuple[list[int | str], ...] = (["takes", self.head], ["takes"], ["takes"], ["takes", 1])
        carried = list(zip(_CARRIED, kinds, shapes, strict=True))
        nothing: list[int | str] = []
        inputs = [("round", _WHOLE, nothing), ("go_on", _TRUTH, nothing), *carried]
        outputs = [("more", _TRUTH, nothing), *((f"next_{name}", kind, shape) for name, kind, shape in carried)]
        outputs += [("each_change", _WHOLE, ["takes"]), ("each_cost", _REAL, ["takes"])]
        taken, made = ([helper.make_tensor_value_info(*row) for row in rows] for rows in (inputs, outputs))
        return helper.make_graph(b.finished(), "changes", taken, made)

    def _logits(self) -> str:
        """Logits of the next change, what cannot be at an impossible one: (takes, CHANGES)."""
        b, w = self.b, self.w
        is_first = b.op("GreaterOrEqual", "newest", self.end)
        pitch = b.op("Mod", "newest", b.weight("release", np.array(PITCHES)))
        floor = b.op("Where", is_first, b.weight("below_all", np.array(-1)), pitch)
        above = b.op("Greater", self.pitches, b.columns(floor))
        aside = b.op("Cast", b.op("Unsqueeze", above, b.weight("int_1", [1])), to=_REAL)
        left = b.op("ReduceMax", b.op("Mul", self.around, aside), axes=[-1], keepdims=0)
        query = b.op("Add", "sum", b.op("Gather", b.weight("newest_table", w["newest.weight"]), "newest", axis=0))
        query = b.op("Relu", b.op("Add", query, b.linear(left, "above", w["above.weight"])))
        gates = b.linear(query, "gates", w["gates.weight"], w["gates.bias"])
        gates = b.op("Reshape", gates, b.weight("gate_shape", [-1, 2, len(PLANES)]))
        carried = b.op("Reshape", b.op("MatMul", gates, self.around), b.weight("carried_shape", [-1, END]))
        carried = b.op("Pad", carried, b.weight("one_more", [0, 0, 0, 1]))
        logits = b.op("Add", b.linear(query, "head", w["head.weight"], w["head.bias"]), carried)
        release = b.op("And", above, self.possible_release)
        self.possible = b.op("Concat", above, release, b.op("Equal", b.columns("newest"), b.columns("newest")), axis=-1)
        return b.op("Where", self.possible, logits, self.none)

    def _drawn(self, log_probs: str) -> str:
        """A change for each take, (takes,), within what is allowed, after bias, temperature, min-p and top-p."""
        b = self.b
        must = b.op("And", "must_strike", b.op("Not", "struck"))
        others = b.op("And", b.op("Not", must), self.is_other)
        strikes = b.op("Pad", b.op("Cast", "allowed", to=_REAL), b.weight("to_changes", [0, 0, 0, CHANGES - PITCHES]))
        allowed = b.op("Or", b.op("Greater", strikes, b.weight("half", np.array(0.5))), others)
        biased = b.op("Add", log_probs, "bias")
        masked = b.op("Where", b.op("And", allowed, self.possible), biased, self.none)
        probs = b.op("Softmax", b.op("Div", masked, "temperature"), axis=-1)
        kept = self._kept(probs)
        total = b.op("CumSum", kept, b.weight("axis_-1", np.array(-1)))
        number = b.columns(b.op("Gather", "uniforms", "round", axis=1))
        goal = b.op("Mul", b.op("ReduceMax", total, axes=[-1], keepdims=1), number)
        passed = b.op("Cast", b.op("Less", total, goal), to=_WHOLE)
        return b.op("ReduceSum", passed, self.last, keepdims=0)

    def _kept(self, probs: str) -> str:
        """``probs`` without what is too unlikely.

        The end mark takes most of a column's probability and pitches are many: measured by the end mark, min-p would thin
        out what is struck, and measured by pitches it lets wrong ones add up. So strikes are cut four times as sharply, by
        the likeliest of them, and what is left of them keeps their share.
        """
        b, top = self.b, self._least_of_top(probs)
        nil, one = b.weight("nil", np.array(0, dtype=np.float32)), b.weight("one", np.array(1.0, dtype=np.float32))
        strikes, others = b.part(probs, 0, PITCHES), b.part(probs, PITCHES, CHANGES)
        sharp = b.op("Min", b.op("Mul", "min_p", b.weight("sharper", np.array(_SHARPER))), one)
        least = b.op("Max", b.op("Mul", b.op("ReduceMax", strikes, axes=[-1], keepdims=1), sharp), top)
        kept = b.op("Where", b.op("GreaterOrEqual", strikes, least), strikes, nil)
        share = b.op("ReduceSum", strikes, self.last, keepdims=1)
        left = b.op("Max", b.op("ReduceSum", kept, self.last, keepdims=1), b.weight("tiny", np.array(1e-12)))
        kept = b.op("Mul", kept, b.op("Div", share, left))
        likeliest = b.op("ReduceMax", b.part(probs, 0, END), axes=[-1], keepdims=1)
        least = b.op("Max", b.op("Mul", likeliest, "min_p"), top)
        return b.op("Concat", kept, b.op("Where", b.op("GreaterOrEqual", others, least), others, nil), axis=-1)

    def _least_of_top(self, probs: str) -> str:
        """The smallest probability that top-p keeps, (takes, 1). Sorting is slow, so it is done only where it is asked."""
        inside, axis = GraphBuilder("top_"), self.b.weight("axis_-1", np.array(-1))
        ranked, _ = inside.ops("TopK", probs, self.b.weight("count_changes", [CHANGES]), outputs=2, axis=-1, sorted=1)
        before = inside.op("Sub", inside.op("CumSum", ranked, axis), ranked)
        beyond = inside.op("Cast", inside.op("GreaterOrEqual", before, "top_p"), to=_REAL)
        least = inside.op("ReduceMin", inside.op("Add", ranked, beyond), axes=[-1], keepdims=1)
        then = helper.make_graph(inside.nodes, "top", [], [helper.make_tensor_value_info(least, _REAL, None)])
        nothing = helper.make_node("Identity", [self.b.weight("nothing", np.zeros((1, 1), dtype=np.float32))], ["top_none"])
        otherwise = helper.make_graph([nothing], "all", [], [helper.make_tensor_value_info("top_none", _REAL, None)])
        return self.b.op("If", self.sharpened, then_branch=then, else_branch=otherwise)


def _single(kind: int, value: int) -> onnx.TensorProto:
    return helper.make_tensor("value", kind, [1], [value])


def column_graph(net: RollNet) -> onnx.ModelProto:
    """The graph of ``net`` with fp32 weights."""
    graph = _ColumnGraph(net)
    graph.build()
    inputs: list[Row] = [
        ("classes", _WHOLE, ["time", "takes", STYLE + 1]),
        ("planes", _REAL, ["time", "takes", SURROUNDINGS]),
        ("given", _WHOLE, ["takes", "slots"]),
        ("allowed", _TRUTH, ["takes", PITCHES]),
        ("must_strike", _TRUTH, ["takes", 1]),
        ("bias", _REAL, [1, CHANGES]),
        ("uniforms", _REAL, ["takes", "slots"]),
        ("temperature", _REAL, ["takes", 1]),
        ("top_p", _REAL, [1, 1]),
        ("min_p", _REAL, [1, 1]),
    ]
    outputs: list[Row] = [("changes", _WHOLE, ["drawn", "takes"]), ("log_probs", _REAL, ["drawn", "takes"])]
    return finished_model(graph.b, "roll_lstm", inputs + _states(net, ""), outputs + _states(net, "next_"))


def _states(net: RollNet, prefix: str) -> list[Row]:
    shape: list[int | str] = [1, "takes", net.size.hidden]
    carried: list[Row] = [(f"{prefix}{kind}_{n}", _REAL, shape) for n in range(net.size.layers) for kind in "hc"]
    return [*carried, (f"{prefix}memory", _REAL, [net.size.memory, "takes", net.size.hidden])]
