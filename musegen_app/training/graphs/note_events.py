"""The note-event network as an ONNX graph: one call a note, drawing inside the graph from random numbers that are given.

Built by hand rather than traced, since the call is short: every operator less counts. Weights are MatMul's right-hand sides
and LSTM's own, so that ``quantize_dynamic`` finds them. Gate order in ONNX is i o f c, in PyTorch i f c o.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from musegen_app.encoding.context import PLANES, SOUND_WIDTH, STYLE
from musegen_app.encoding.note_events import BEGIN_PITCH, LENGTHS, ONSET_CLASSES, PITCHES, VELOCITY_CLASSES
from musegen_app.training.graph_builder import GraphBuilder, Row, finished_model, lstm_gates
from musegen_app.training.models.note_events import IMPOSSIBLE, NoteEventNet


class _NoteGraph:
    def __init__(self, net: NoteEventNet) -> None:
        self.net = net
        self.b = GraphBuilder()
        self.w = {name: tensor.detach().numpy() for name, tensor in net.state_dict().items()}
        self.none = self.b.weight("impossible", np.array(IMPOSSIBLE, dtype=np.float32))
        self.half = self.b.weight("half", np.array(0.5, dtype=np.float32))
        self.zero = self.b.weight("index_0", np.array(0))
        self.last_axes = self.b.weight("int_-1", [-1])
        self.last_axis = self.b.weight("axis_-1", np.array(-1))
        self.pitches = self.b.weight("pitches", np.arange(PITCHES))

    def build(self) -> None:
        b = self.b
        one = b.weight("one", np.array(1.0, dtype=np.float32))
        self.sharpened = b.op("Squeeze", b.op("Less", "top_p", one), b.weight("int_0_1", [0, 1]))
        self.uniforms = b.ops("Split", "uniforms", outputs=4, axis=-1)
        context = self._context()
        self.last_context, self.last_sounds = b.at(context, -1), b.at("sounds", -1)
        self.sounding = b.op("Greater", b.part(self.last_sounds, (PLANES - 1) * PITCHES, PLANES * PITCHES), self.half)
        pitch, length, velocity = self._heads()
        heard = self._listen(context, pitch, length, velocity)
        self._onset(heard)
        if self.begins_knowing:
            self._initial()

    @property
    def begins_knowing(self) -> bool:
        """Whether the state before anything was heard is a learnt one."""
        return bool(self.net.initial.any())

    def _initial(self) -> None:
        """Give out the learnt state: outputs that do not depend on the inputs."""
        for kind, rows in zip("hc", self.net.initial.numpy(), strict=True):
            for layer, row in enumerate(rows):
                name = f"{kind}_{layer}"
                self.b.rename(self.b.op("Identity", self.b.weight(f"learnt_{name}", row[None, None])), f"initial_{name}")

    def _context(self) -> str:
        b, w = self.b, self.w
        table = w["context_classes.weight"].copy()
        phases = int(self.net.class_rows[1])
        table[:phases] += w["context_sounds.bias"]  # every note has one phase: the bias rides along
        rows = b.op("Add", "classes", b.weight("class_rows", self.net.class_rows.numpy()))
        classes = b.op("Gather", b.weight("context_classes", table), rows, axis=0)
        summed = b.op("ReduceSum", classes, b.weight("int_2", [2]), keepdims=0)
        return b.op("Relu", b.op("Add", summed, b.linear("sounds", "context_sounds", w["context_sounds.weight"])))

    def _heads(self) -> tuple[str, str, str]:
        """Draw pitch, length and velocity of the last note; returns all notes' as (time, lanes), given ones as given."""
        b, w = self.b, self.w
        top = b.op("Squeeze", f"h_{self.net.size.layers - 1}", b.weight("int_0", [0]))
        both = b.op("Concat", top, self.last_context, axis=-1)
        query = b.op("Relu", b.linear(both, "query", w["query.weight"], w["query.bias"]))
        floor = b.op("LessOrEqual", self.pitches, b.columns("floor"))
        logits = b.linear(query, "pitch_head", w["pitch_head.weight"], w["pitch_head.bias"])
        log_probs = b.op("LogSoftmax", b.op("Where", b.op("Or", self.sounding, floor), self.none, logits), axis=-1)
        drawn = self._draw(b.op("Where", "allowed", log_probs, self.none), "temperature", 0)
        pitches, self.pitch = self._chosen(drawn, 0)
        b.rename(log_probs, "pitch_log_probs")

        query = self._chained("length", query, "pitch", self.pitch)
        lengths, length = self._chosen(self._time(query, "length", 1), 1)
        query = self._chained("velocity", query, "length", length)
        velocities, velocity = self._chosen(self._time(query, "velocity", 2), 2)
        for name, chosen in (("length", length), ("velocity", velocity)):
            b.rename(chosen, name)
        return pitches, lengths, velocities

    def _chained(self, head: str, query: str, seen: str, chosen: str) -> str:
        """The query of ``head``, which sees what the head before it chose."""
        b, w = self.b, self.w
        table = b.weight(f"{head}_{seen}", w[f"{head}_{seen}.weight"] + w[f"{head}_query.bias"])
        query = b.linear(query, f"{head}_query", w[f"{head}_query.weight"])
        return b.op("Relu", b.op("Add", query, b.op("Gather", table, chosen, axis=0)))

    def _time(self, query: str, head: str, field: int) -> str:
        """A class drawn by ``head``, (lanes,)."""
        b, w = self.b, self.w
        logits = b.linear(query, f"{head}_head", w[f"{head}_head.weight"], w[f"{head}_head.bias"])
        log_probs = b.op("LogSoftmax", logits, axis=-1)
        drawn = self._draw(log_probs, "time_temperature", field)
        b.rename(log_probs, f"{head}_log_probs")
        return drawn

    def _draw(self, log_probs: str, temperature: str, uniform: int) -> str:
        """A class for each lane, (lanes,), from its uniform number, after temperature, min-p and top-p."""
        b = self.b
        probs = b.op("Softmax", b.op("Div", log_probs, temperature), axis=-1)
        likeliest = b.op("ReduceMax", probs, axes=[-1], keepdims=1)
        least = b.op("Max", b.op("Mul", likeliest, "min_p"), self._least_of_top(probs))
        nothing = b.weight("nothing", np.zeros((1, 1), dtype=np.float32))
        kept = b.op("Where", b.op("GreaterOrEqual", probs, least), probs, nothing)
        total = b.op("CumSum", kept, self.last_axis)
        reach = b.op("ReduceMax", total, axes=[-1], keepdims=1)
        goal = b.op("Mul", reach, self.uniforms[uniform])
        passed = b.op("Cast", b.op("Less", total, goal), to=TensorProto.INT64)
        return b.op("ReduceSum", passed, self.last_axes, keepdims=0)

    def _least_of_top(self, probs: str) -> str:
        """The smallest probability that top-p keeps, (lanes, 1). Sorting is slow, so it is done only where it is asked."""
        b, inside = self.b, GraphBuilder(f"{probs}_top_")
        count = inside.op("Gather", inside.op("Shape", probs), self.last_axes, axis=0)
        ranked, _ = inside.ops("TopK", probs, count, outputs=2, axis=-1, sorted=1)
        before = inside.op("Sub", inside.op("CumSum", ranked, self.last_axis), ranked)
        beyond = inside.op("Cast", inside.op("GreaterOrEqual", before, "top_p"), to=TensorProto.FLOAT)
        least = inside.op("ReduceMin", inside.op("Add", ranked, beyond), axes=[-1], keepdims=1)
        then = helper.make_graph(inside.nodes, f"{probs}_top", [], [_value(least)])
        nothing = helper.make_node("Identity", [b.weight("nothing", np.zeros((1, 1), dtype=np.float32))], [f"{probs}_none"])
        otherwise = helper.make_graph([nothing], f"{probs}_all", [], [_value(f"{probs}_none")])
        return b.op("If", self.sharpened, then_branch=then, else_branch=otherwise)

    def _chosen(self, drawn: str, field: int) -> tuple[str, str]:
        """The given values where there are any, else the drawn: (time, lanes), and of the last note (lanes,)."""
        b = self.b
        given = b.at("given", field)
        chosen = b.op("Where", b.op("Less", given, self.zero), drawn, given)
        return chosen, b.at(chosen, -1)

    def _listen(self, context: str, pitch: str, length: str, velocity: str) -> str:
        """Take the notes in; the top layer's last output, (lanes, hidden)."""
        b, w = self.b, self.w
        note = b.op("Gather", b.weight("note_pitch", w["note_pitch.weight"] + w["note_context.bias"]), pitch, axis=0)
        note = b.op("Add", note, b.op("Gather", b.weight("note_length", w["note_length.weight"]), length, axis=0))
        note = b.op("Add", note, b.op("Gather", b.weight("note_velocity", w["note_velocity.weight"]), velocity, axis=0))
        x = b.op("Relu", b.op("Add", note, b.linear(context, "note_context", w["note_context.weight"])))
        hidden = ""
        for layer in range(self.net.size.layers):
            weights = self._lstm_weights(layer)
            inputs = [x, *weights, "", f"h_{layer}", f"c_{layer}"]
            heard, hidden, cell = b.ops("LSTM", *inputs, outputs=3, hidden_size=self.net.size.hidden)
            b.rename(hidden, f"next_h_{layer}")
            b.rename(cell, f"next_c_{layer}")
            x = b.op("Squeeze", heard, b.weight("int_1", [1]))
        return b.op("Squeeze", hidden, b.weight("int_0", [0]))

    def _lstm_weights(self, layer: int) -> list[str]:
        b, w = self.b, self.w
        packed = [lstm_gates(w[f"lstm.{kind}_l{layer}"]) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        bias = np.concatenate(packed[2:])
        return [
            b.weight(f"lstm_{layer}.W", packed[0][None]),
            b.weight(f"lstm_{layer}.R", packed[1][None]),
            b.weight(f"lstm_{layer}.B", bias[None]),
        ]

    def _onset(self, heard: str) -> None:
        """Draw the time to the next onset and give everything its name outside."""
        b, w = self.b, self.w
        # The begin mark's pitch is 128, and every pitch may follow it.
        last_pitch = b.op("Mod", self.pitch, b.weight("begin_pitch", np.array(BEGIN_PITCH)))
        above = b.op("Greater", self.pitches, b.columns(last_pitch))
        struck = b.op("Greater", b.part(self.last_sounds, 0, PITCHES), self.half)
        more = self._any(b.op("And", above, struck))
        both = b.op("Concat", heard, self.last_context, axis=-1)
        query = b.linear(both, "onset_query", w["onset_query.weight"], w["onset_query.bias"])
        query = b.op("Relu", b.op("Add", query, b.op("Mul", more, b.weight("more_above", w["more_above"]))))
        log_probs = b.op("LogSoftmax", b.linear(query, "onset_head", w["onset_head.weight"], w["onset_head.bias"]), axis=-1)
        left = self._any(b.op("And", b.op("And", above, "allowed"), b.op("Not", self.sounding)))
        is_later = b.op("Greater", b.weight("onsets", np.arange(ONSET_CLASSES)), self.zero)
        allowed = b.op("And", "onset_allowed", b.op("Or", is_later, b.op("Greater", left, self.half)))
        onset = self._draw(b.op("Where", allowed, log_probs, self.none), "time_temperature", 3)
        for made, name in ((onset, "onset"), (self.pitch, "pitch"), (log_probs, "onset_log_probs")):
            b.rename(made, name)

    def _any(self, truths: str) -> str:
        b = self.b
        return b.op("ReduceMax", b.op("Cast", truths, to=TensorProto.FLOAT), axes=[-1], keepdims=1)


def _value(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, None)


def note_graph(net: NoteEventNet) -> onnx.ModelProto:
    """The graph of ``net`` with fp32 weights; see ``generate/session.py`` for what goes in and comes out.

    A network that learnt how to begin has constant outputs ``initial_h_0``, ``initial_c_0`` and so on, (1, 1, hidden).
    """
    graph = _NoteGraph(net)
    graph.build()
    outputs = _outputs(net) + (_initial_rows(net) if graph.begins_knowing else [])
    return finished_model(graph.b, "note_events", _inputs(net), outputs)


def _inputs(net: NoteEventNet) -> list[Row]:
    real, whole, truth = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
    rows: list[Row] = [
        ("classes", whole, ["time", "takes", STYLE + 1]),
        ("sounds", real, ["time", "takes", SOUND_WIDTH]),
        ("given", whole, [3, "time", "takes"]),
        ("floor", whole, ["takes"]),
        ("allowed", truth, ["takes", PITCHES]),
        ("onset_allowed", truth, ["takes", ONSET_CLASSES]),
        ("uniforms", real, ["takes", 4]),
        ("temperature", real, ["takes", 1]),
        ("time_temperature", real, ["takes", 1]),
        ("top_p", real, [1, 1]),
        ("min_p", real, [1, 1]),
    ]
    return rows + _states(net, "")


def _outputs(net: NoteEventNet) -> list[Row]:
    rows: list[Row] = [
        ("pitch", TensorProto.INT64, ["takes"]),
        ("length", TensorProto.INT64, ["takes"]),
        ("velocity", TensorProto.INT64, ["takes"]),
        ("onset", TensorProto.INT64, ["takes"]),
        ("pitch_log_probs", TensorProto.FLOAT, ["takes", PITCHES]),
        ("length_log_probs", TensorProto.FLOAT, ["takes", len(LENGTHS)]),
        ("velocity_log_probs", TensorProto.FLOAT, ["takes", VELOCITY_CLASSES]),
        ("onset_log_probs", TensorProto.FLOAT, ["takes", ONSET_CLASSES]),
    ]
    return rows + _states(net, "next_")


def _states(net: NoteEventNet, prefix: str) -> list[Row]:
    shape: list[int | str] = [1, "takes", net.size.hidden]
    return [(f"{prefix}{kind}_{n}", TensorProto.FLOAT, shape) for n in range(net.size.layers) for kind in "hc"]


def _initial_rows(net: NoteEventNet) -> list[Row]:
    return [
        (f"initial_{kind}_{n}", TensorProto.FLOAT, [1, 1, net.size.hidden]) for n in range(net.size.layers) for kind in "hc"
    ]
