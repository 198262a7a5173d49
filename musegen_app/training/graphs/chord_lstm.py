"""The word LSTMs as ONNX graphs, built by hand as the note-event one is: short, weights where quantising finds them."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from musegen_app.encoding.chord_context import PITCH_CLASSES, PLANES, SOUND_WIDTH
from musegen_app.encoding.chord_tokens import PITCHES, REST, ROOTS, STEPS
from musegen_app.encoding.note_events import LENGTHS
from musegen_app.training.graph_builder import GraphBuilder, Row, finished_model, lstm_gates
from musegen_app.training.graphs.drawing import Drawing
from musegen_app.training.models.chord_lstm import IMPOSSIBLE, REACH, SPAN, ChordNet, NameNet

_REAL, _WHOLE, _TRUTH = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def chord_graph(net: ChordNet) -> onnx.ModelProto:
    """The mended network with fp32 weights; see ``generate/chord_session.py`` for what goes in and comes out."""
    graph = _ChordGraph(net)
    graph.build()
    return finished_model(graph.b, "chord_words", _inputs(net), _outputs(net))


class _ChordGraph:
    def __init__(self, net: ChordNet) -> None:
        self.net = net
        self.b = GraphBuilder()
        self.w = {name: tensor.detach().numpy() for name, tensor in net.state_dict().items()}
        self.none = self.b.weight("impossible", np.array(IMPOSSIBLE, dtype=np.float32))
        self.half = self.b.weight("half", np.array(0.5, dtype=np.float32))
        self.zero = self.b.weight("index_0", np.array(0))
        self.roots = self.b.weight("roots", np.arange(ROOTS))
        self.offsets = self.b.weight("offsets", np.arange(PITCHES))
        self.shapes = self._shapes()

    def _shapes(self) -> str:
        """The vocabulary's matrix as floats: kept as bytes, so that it is small and not taken for weights."""
        matrix = self.net.shapes.numpy().astype(np.uint8)
        self.b.weights["shapes"] = numpy_helper.from_array(matrix, "shapes")
        return self.b.op("Cast", "shapes", to=_REAL)

    def build(self) -> None:
        b = self.b
        self.drawing = Drawing(b, 4)
        self.word = b.ops("Split", "word", outputs=4, axis=-1)
        query = self._query()
        root = self._root(query)
        shape = self._shape(query, root)
        self._times(query, root, shape)

    def _query(self) -> str:
        """Take the words in; what the heads see, (takes, hidden)."""
        b, w = self.b, self.w
        x = self._taken_in()
        last, hidden = b.at(x, -1), ""
        for layer in range(self.net.size.layers):
            inputs = [x, *_lstm_weights(b, w, layer), "", f"h_{layer}", f"c_{layer}"]
            heard, hidden, cell = b.ops("LSTM", *inputs, outputs=3, hidden_size=self.net.size.hidden)
            b.rename(hidden, f"next_h_{layer}")
            b.rename(cell, f"next_c_{layer}")
            x = b.op("Squeeze", heard, b.weight("int_1", [1]))
        top = b.op("Squeeze", hidden, b.weight("int_0", [0]))
        return b.op("Relu", b.linear(b.op("Concat", top, last, axis=-1), "query", w["query.weight"], w["query.bias"]))

    def _taken_in(self) -> str:
        b, w = self.b, self.w
        root, shape, length, step = self.word
        rows = b.op("Add", b.op("Concat", root, length, step, "place", axis=-1), self._class_rows())
        summed = b.op("ReduceSum", b.op("Gather", b.weight("classes", w["classes.weight"]), rows), self._two(), keepdims=0)
        last_row = b.weight("no_shape", np.array(len(self.net.shapes) - 1))
        number = b.op("Where", b.op("Less", shape, self.zero), last_row, shape)
        above = b.op("Gather", self.shapes, b.op("Squeeze", number, b.weight("int_-1", [-1])), axis=0)
        sounds = b.linear(b.op("Concat", above, "sounds", axis=-1), "sounds_in", w["sounds.weight"], w["sounds.bias"])
        return b.op("Relu", b.op("Add", summed, sounds))

    def _class_rows(self) -> str:
        return self.b.weight("class_rows", self.net.class_rows.numpy())

    def _two(self) -> str:
        return self.b.weight("int_2", [2])

    def _root(self, query: str) -> str:
        b, w = self.b, self.w
        before, step = (b.at(self.word[n], -1) for n in (0, 3))  # (takes, 1)
        outside = b.op("LessOrEqual", self.roots, before)
        outside = b.op("Or", outside, b.op("GreaterOrEqual", self.roots, b.weight("rest", np.array(REST))))
        impossible = b.op("And", outside, b.op("Equal", step, self.zero))
        self.planes = self._planes()
        logits = b.linear(query, "root_head", w["root_head.weight"], w["root_head.bias"])
        logits = b.op("Add", logits, self._near(query))
        log_probs = b.op("LogSoftmax", b.op("Where", impossible, self.none, logits), axis=-1)
        return self._chosen("root", log_probs, b.op("Where", "root_allowed", log_probs, self.none), "temperature", 0)

    def _planes(self) -> str:
        """The last word's planes and the chroma as one more: (takes, 4, 128)."""
        b = self.b
        sounds = b.at("sounds", -1)
        shape = b.weight("planes_shape", [0, PLANES, PITCHES])
        planes = b.op("Reshape", b.part(sounds, 0, PLANES * PITCHES), shape)
        classes = b.weight("pitch_classes", PLANES * PITCHES + np.arange(PITCHES) % PITCH_CLASSES)
        chroma = b.op("Unsqueeze", b.op("Gather", sounds, classes, axis=-1), b.weight("int_1", [1]))
        return b.op("Concat", planes, chroma, axis=1)

    def _near(self, query: str) -> str:
        """What each root gains by what sounds near it: (takes, 130)."""
        b, w = self.b, self.w
        weights = (b.weight(f"near.{kind}", w[f"near.{kind}"]) for kind in ("weight", "bias"))
        features = b.op("Relu", b.op("Conv", self.planes, *weights, pads=[REACH, REACH]))
        asked = b.op("Unsqueeze", b.linear(query, "near_query", w["near_query.weight"], w["near_query.bias"]), self._one())
        gains = b.op("Squeeze", b.op("MatMul", asked, features), self._one())
        return b.op("Pad", gains, b.weight("rest_and_end", [0, 0, 0, ROOTS - PITCHES]))

    def _one(self) -> str:
        return self.b.weight("int_1", [1])

    def _around(self, root: str) -> str:
        """What lies from an octave below the root on, in all planes: (takes, 256)."""
        b = self.b
        padded = b.op("Pad", self.planes, b.weight("around", [0, 0, REACH, 0, 0, SPAN]))
        index = b.op("Add", b.op("Unsqueeze", root, b.weight("int_1_2", [1, 2])), b.weight("span", np.arange(SPAN)))
        index = b.op("Expand", index, b.weight("around_shape", [1, PLANES + 1, SPAN]))
        return b.op("Flatten", b.op("GatherElements", padded, index, axis=2))

    def _shape(self, query: str, root: str) -> str:
        """Shapes that strike what is not free are left out; a shape that reaches beyond 127 is one of them."""
        b, w = self.b, self.w
        self.above = self._free_above(root)
        around = b.linear(self._around(root), "shape_near", w["shape_near.weight"])
        query = self._seeing("shape", query, b.op("Add", around, self._looked_up("shape_root", root)))
        log_probs = b.op("LogSoftmax", b.linear(query, "shape_head", w["shape_head.weight"], w["shape_head.bias"]), axis=-1)
        known = b.op("Slice", self.shapes, b.weight("int_0", [0]), b.weight("int_-1", [-1]), b.weight("int_0", [0]))
        taken = b.op("Sub", b.weight("one", np.array(1.0, dtype=np.float32)), self.above)
        struck = b.op("MatMul", taken, b.op("Transpose", known, perm=[1, 0]))
        allowed = b.op("Where", b.op("Greater", struck, self.half), self.none, log_probs)
        return self._chosen("shape", log_probs, allowed, "temperature", 1)

    def _free_above(self, root: str) -> str:
        """Which steps above the root are free, 1 or 0: float (takes, 128). Above a rest nothing is."""
        b = self.b
        room = b.weight("no_room", np.zeros((1, PITCHES), dtype=np.float32))
        free = b.op("Cast", "free", to=_REAL)
        beyond = b.op("Expand", room, b.op("Shape", free))
        pitches = b.op("Add", b.columns(root), self.offsets)
        return b.op("GatherElements", b.op("Concat", free, beyond, beyond, axis=-1), pitches, axis=1)

    def _times(self, query: str, root: str, shape: str) -> None:
        b, w = self.b, self.w
        rests = b.op("GreaterOrEqual", root, b.weight("rest", np.array(REST)))
        row = b.op("Where", rests, b.weight("no_shape", np.array(len(self.net.shapes) - 1)), shape)
        struck = b.op("Gather", self.shapes, row, axis=0)
        seen = b.op("Add", b.linear(struck, "length_shape", w["length_shape.weight"]), self._looked_up("length_root", root))
        query = self._seeing("length", query, seen)
        log_probs = b.op(
            "LogSoftmax", b.linear(query, "length_head", w["length_head.weight"], w["length_head.bias"]), axis=-1
        )
        length = self._chosen("length", log_probs, log_probs, "time_temperature", 2)
        no_length = b.weight("no_length", np.array(len(LENGTHS)))
        query = self._seeing("step", query, self._looked_up("step_length", b.op("Where", rests, no_length, length)))
        log_probs = b.op("LogSoftmax", b.linear(query, "step_head", w["step_head.weight"], w["step_head.bias"]), axis=-1)
        left = b.op("Sub", self.above, struck)
        left = b.op("Mul", left, b.weight("above_root", (np.arange(PITCHES) > 0).astype(np.float32)))
        more = b.op("Greater", b.op("ReduceMax", left, axes=[-1], keepdims=1), self.half)
        is_later = b.op("Greater", b.weight("steps", np.arange(STEPS)), self.zero)
        allowed = b.op("And", "step_allowed", b.op("Or", is_later, more))
        self._chosen("step", log_probs, b.op("Where", allowed, log_probs, self.none), "time_temperature", 3)

    def _looked_up(self, table: str, index: str) -> str:
        return self.b.op("Gather", self.b.weight(table, self.w[f"{table}.weight"]), index, axis=0)

    def _seeing(self, head: str, query: str, seen: str) -> str:
        """The query of ``head``, which sees what was chosen before."""
        b, w = self.b, self.w
        query = b.linear(query, f"{head}_query", w[f"{head}_query.weight"], w[f"{head}_query.bias"])
        return b.op("Relu", b.op("Add", query, seen))

    def _chosen(self, name: str, log_probs: str, allowed: str, temperature: str, number: int) -> str:
        """The given class where there is one, else one drawn; (takes,)."""
        b = self.b
        drawn = self.drawing.draw(allowed, temperature, number)
        given = b.at("given", number)
        chosen = b.op("Where", b.op("Less", given, self.zero), drawn, given)
        b.rename(log_probs, f"{name}_log_probs")
        b.rename(chosen, name)
        return chosen


def _lstm_weights(b: GraphBuilder, w: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]], layer: int) -> list[str]:
    packed = [lstm_gates(w[f"lstm.{kind}_l{layer}"]) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    return [
        b.weight(f"lstm_{layer}.W", packed[0][None]),
        b.weight(f"lstm_{layer}.R", packed[1][None]),
        b.weight(f"lstm_{layer}.B", np.concatenate(packed[2:])[None]),
    ]


def _inputs(net: ChordNet) -> list[Row]:
    rows: list[Row] = [
        ("word", _WHOLE, ["time", "takes", 4]),
        ("place", _WHOLE, ["time", "takes", 4]),
        ("sounds", _REAL, ["time", "takes", SOUND_WIDTH]),
        ("given", _WHOLE, [4, "takes"]),
        ("root_allowed", _TRUTH, ["takes", ROOTS]),
        ("free", _TRUTH, ["takes", PITCHES]),
        ("step_allowed", _TRUTH, ["takes", STEPS]),
        ("uniforms", _REAL, ["takes", 4]),
        ("temperature", _REAL, ["takes", 1]),
        ("time_temperature", _REAL, ["takes", 1]),
        ("top_p", _REAL, [1, 1]),
        ("min_p", _REAL, [1, 1]),
    ]
    return rows + _states(net, "")


def _outputs(net: ChordNet) -> list[Row]:
    known = len(net.shapes) - 1
    rows: list[Row] = [(name, _WHOLE, ["takes"]) for name in ("root", "shape", "length", "step")]
    widths = {"root": ROOTS, "shape": known, "length": len(LENGTHS), "step": STEPS}
    rows += [(f"{name}_log_probs", _REAL, ["takes", width]) for name, width in widths.items()]
    return rows + _states(net, "next_")


def _states(net: ChordNet, prefix: str) -> list[Row]:
    shape: list[int | str] = [1, "takes", net.size.hidden]
    return [(f"{prefix}{kind}_{n}", _REAL, shape) for n in range(net.size.layers) for kind in "hc"]


# --- as published -----------------------------------------------------------------------------------------------------


def name_graph(net: NameNet) -> onnx.ModelProto:
    """The published network, a window of words in and the log-probabilities of the next one out.

    ``heard`` float32 (100, takes, 1); ``log_probs`` float32 (takes, words). Batch norms are folded into what follows them.
    """
    b = GraphBuilder()
    w = {name: tensor.detach().numpy() for name, tensor in net.state_dict().items()}
    x, hidden = "heard", ""
    for layer in range(3):
        heard, hidden, _ = b.ops("LSTM", x, *_lstm_weights(b, w, layer), outputs=3, hidden_size=net.size.hidden)
        x = b.op("Squeeze", heard, b.weight("int_1", [1]))
    top = b.op("Squeeze", hidden, b.weight("int_0", [0]))
    middle = b.op("Relu", b.linear(top, "dense", *_after_norm(w, 0, 2)))
    log_probs = b.op("LogSoftmax", b.linear(middle, "words", *_after_norm(w, 4, 6)), axis=-1)
    b.rename(log_probs, "log_probs")
    inputs: list[Row] = [("heard", _REAL, ["time", "takes", 1])]
    return finished_model(b, "chord_names", inputs, [("log_probs", _REAL, ["takes", net.size.words])])


def _after_norm(
    w: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]], norm: int, dense: int
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float32]], np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Weight and bias of a dense layer that does the batch norm before it as well."""
    scale = w[f"head.{norm}.weight"] / np.sqrt(w[f"head.{norm}.running_var"] + 1e-5)
    shift = w[f"head.{norm}.bias"] - w[f"head.{norm}.running_mean"] * scale
    weight, bias = w[f"head.{dense}.weight"], w[f"head.{dense}.bias"]
    return weight * scale, bias + weight @ shift
