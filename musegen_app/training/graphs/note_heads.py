"""What both graphs of a note-event network are made of: heads that see what is already chosen, draws, the LSTM's weights."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from musegen_app.encoding.context import SOUND_WIDTH, STYLE
from musegen_app.encoding.note_events import LENGTHS, NO_VELOCITY, ONSET_CLASSES, PITCHES, VELOCITY_CLASSES
from musegen_app.encoding.recall import RECALL_CLASSES
from musegen_app.training.graph_builder import GraphBuilder, Row, lstm_gates
from musegen_app.training.graphs.drawing import Drawing
from musegen_app.training.models.note_events import IMPOSSIBLE, REFERENCES, STEPS, NoteEventNet

_SEES: Final = {"length": "pitch", "velocity": "length"}
_DRAWS: Final = 4
"""Pitch, length, velocity, onset: each has a number of its own."""


class NoteHeads:
    """Builds parts of the graph of ``net`` with ``b``; ``w`` are its weights by their names."""

    def __init__(self, net: NoteEventNet, *, top_p: bool) -> None:
        self.net = net
        self.b = GraphBuilder()
        self.w = {name: tensor.detach().numpy() for name, tensor in net.state_dict().items()}
        self.none = self.b.weight("impossible", np.array(IMPOSSIBLE, dtype=np.float32))
        self.half = self.b.weight("half", np.array(0.5, dtype=np.float32))
        self.zero = self.b.weight("index_0", np.array(0))
        self.pitches = self.b.weight("pitches", np.arange(PITCHES))
        self.drawing = Drawing(self.b, _DRAWS, top_p=top_p)

    def chained(self, head: str, query: str, chosen: str) -> str:
        """The query of ``head``, which sees what the head before it chose."""
        b, w, seen = self.b, self.w, _SEES[head]
        table = b.weight(f"{head}_{seen}", w[f"{head}_{seen}.weight"] + w[f"{head}_query.bias"])
        return b.op("Relu", b.op("Add", query, b.op("Gather", table, chosen, axis=0)))

    def time(self, query: str, head: str, number: int, recalled: str = "") -> tuple[str, str]:
        """A class drawn by ``head`` with its ``number``, and the log-probabilities of all; see :meth:`logits`."""
        log_probs = self.b.op("LogSoftmax", self.logits(query, head, recalled), axis=-1)
        return self.drawing.draw(log_probs, "time_temperature", number), log_probs

    def logits(self, query: str, head: str, recalled: str) -> str:
        """Logits of the classes of ``head``, the last axis, leaning to the ``recalled`` ones, if any."""
        b, w = self.b, self.w
        weight, bias = w[f"{head}_head.weight"], w[f"{head}_head.bias"]
        if not recalled:
            return b.linear(query, f"{head}_head", weight, bias)
        weight = np.concatenate([weight, w[f"{head}_gate.weight"]])
        made = b.linear(query, f"{head}_head", weight, np.concatenate([bias, w[f"{head}_gate.bias"]]))
        sizes = b.weight(f"{head}_parts", [len(bias), 1])
        by_itself, gate = b.ops("Split", made, sizes, outputs=2, axis=-1)
        lean = b.op("Gather", b.weight(f"{head}_recalled", w[f"{head}_recalled.weight"]), recalled, axis=0)
        return b.op("Add", by_itself, b.op("Mul", gate, lean))

    def velocity(self, query: str, length: str, is_silent: str) -> tuple[str, str]:
        """Like :meth:`time`, shaped like ``length``.

        Where the truth ``is_silent`` says that no take has velocities nothing is computed: a tenth of the call.
        """
        outer, length = self.b, self.b.op("Identity", length)  # what has a name outside has another one in a branch
        silent = GraphBuilder("no_velocity_")
        lanes = silent.op("Concat", silent.op("Shape", length), outer.weight("velocities", [VELOCITY_CLASSES]), axis=0)
        none = helper.make_tensor("none", TensorProto.INT64, [1], [NO_VELOCITY])
        nothing = silent.op("ConstantOfShape", silent.op("Shape", length), value=none), silent.op("ConstantOfShape", lanes)
        self.b = self.drawing.b = voiced = GraphBuilder("velocity_")
        voiced.weights = outer.weights
        heard = voiced.linear(query, "velocity_query", self.w["velocity_query.weight"])
        drawn = self.time(self.chained("velocity", heard, length), "velocity", 2)
        self.b = self.drawing.b = outer
        branches = [_branch(builder, *made) for builder, made in ((silent, nothing), (voiced, drawn))]
        drawn_class, log_probs = outer.ops("If", is_silent, outputs=2, then_branch=branches[0], else_branch=branches[1])
        return drawn_class, log_probs

    def lstm_weights(self, layer: int) -> list[str]:
        """The weights of a layer, as LSTM wants them."""
        b, w = self.b, self.w
        packed = [lstm_gates(w[f"lstm.{kind}_l{layer}"]) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        bias = np.concatenate(packed[2:])
        return [
            b.weight(f"lstm_{layer}.W", packed[0][None]),
            b.weight(f"lstm_{layer}.R", packed[1][None]),
            b.weight(f"lstm_{layer}.B", bias[None]),
        ]

    def states(self, prefix: str) -> list[Row]:
        """The rows of the LSTM's states, as inputs or outputs."""
        shape: list[int | str] = [1, "takes", self.net.size.hidden]
        return [(f"{prefix}{kind}_{n}", TensorProto.FLOAT, shape) for n in range(self.net.size.layers) for kind in "hc"]


def input_rows(time: int | str) -> list[Row]:
    """The inputs that both graphs have, of so many notes a take; see ``generate/session.py``."""
    real, whole, truth = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
    return [
        ("classes", whole, [time, "takes", STYLE + 1]),
        ("sounds", real, [time, "takes", SOUND_WIDTH]),
        ("references", whole, ["takes", REFERENCES]),
        ("recall_classes", whole, [time, "takes", RECALL_CLASSES]),
        ("recall_lengths", whole, ["takes", PITCHES]),
        ("floor", whole, ["takes"]),
        ("allowed", truth, ["takes", PITCHES]),
        ("onset_allowed", truth, ["takes", ONSET_CLASSES]),
        ("uniforms", real, ["takes", _DRAWS]),
        ("temperature", real, ["takes", 1]),
        ("time_temperature", real, ["takes", 1]),
        ("min_p", real, [1, 1]),
        ("pitch_bias", real, ["takes", PITCHES]),
    ]


def answer_rows(*shape: int | str) -> list[Row]:
    """What both graphs answer of each field: the class, of this ``shape``, and the log-probabilities of all classes."""
    rows: list[Row] = []
    classes = {"pitch": PITCHES, "length": len(LENGTHS), "velocity": VELOCITY_CLASSES, "onset": ONSET_CLASSES}
    for name, count in classes.items():
        rows += [
            (name, TensorProto.INT64, [*shape]),
            (f"{name}_log_probs", TensorProto.FLOAT, [*shape, count]),
        ]
    return rows


def with_silent_step(head: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A step more for each reference, that adds nothing: weights (references × steps, …) or biases."""
    steps = head.reshape(REFERENCES, STEPS, -1)
    padded = np.concatenate([steps, np.zeros_like(steps[:, :1])], axis=1)
    return padded.reshape(-1, *head.shape[1:])


def _branch(builder: GraphBuilder, chosen: str, log_probs: str) -> onnx.GraphProto:
    """What ``builder`` holds, as a branch of an If that gives classes and log-probabilities."""
    outputs = [
        helper.make_tensor_value_info(chosen, TensorProto.INT64, None),
        helper.make_tensor_value_info(log_probs, TensorProto.FLOAT, None),
    ]
    return helper.make_graph(builder.nodes, f"{builder.prefix}branch", [], outputs)
