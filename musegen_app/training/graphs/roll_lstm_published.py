"""The published piano-roll network as an ONNX graph: a window of columns in, log-probabilities of the next out."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto

from musegen_app.encoding.columns import PITCHES
from musegen_app.encoding.piano_roll import PUBLISHED_WINDOW
from musegen_app.training.graph_builder import GraphBuilder, Row, finished_model, lstm_gates
from musegen_app.training.models.roll_lstm_published import PublishedRollNet


class _PublishedGraph:
    def __init__(self, net: PublishedRollNet) -> None:
        self.net, self.b = net, GraphBuilder()
        self.w = {name: tensor.detach().numpy() for name, tensor in net.state_dict().items()}

    def build(self) -> None:
        b = self.b
        x = b.op("Transpose", "columns", perm=[1, 0, 2])  # the operator hears (time, takes, width)
        for number, name in enumerate(("first", "second", "third")):
            x = self._after(self._lstm(x, name, self.net.widths[number]), f"{name}_after")
            if name != "third":
                x = self._dense(self._attention(x, f"{name}_attention"), f"{name}_dense")
        b.rename(b.op("LogSoftmax", self._linear(b.at(x, -1), "out"), axis=-1), "log_probs")

    def _linear(self, x: str, name: str) -> str:
        return self.b.linear(x, name, self.w[f"{name}.weight"], self.w[f"{name}.bias"])

    def _lstm(self, x: str, name: str, width: int) -> str:
        b, w = self.b, self.w
        packed = [lstm_gates(w[f"{name}.{kind}_l0"]) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        values = (packed[0][None], packed[1][None], np.concatenate(packed[2:])[None])
        weights = [b.weight(f"{name}.{part}", value) for part, value in zip("WRB", values, strict=True)]
        return b.op("Squeeze", b.op("LSTM", x, *weights, hidden_size=width), b.weight("int_1", [1]))

    def _after(self, x: str, name: str) -> str:
        """LeakyReLU, then batch normalisation as the straight line that it is once training is over."""
        b, w = self.b, self.w
        scale = w[f"{name}.norm.weight"] / np.sqrt(w[f"{name}.norm.running_var"] + 1e-3)
        shift = w[f"{name}.norm.bias"] - w[f"{name}.norm.running_mean"] * scale
        scaled = b.op("Mul", b.op("LeakyRelu", x, alpha=0.3), b.weight(f"{name}.scale", scale))
        return b.op("Add", scaled, b.weight(f"{name}.shift", shift))

    def _attention(self, x: str, name: str) -> str:
        weights = self.b.op("Softmax", self.b.op("Tanh", self._linear(x, f"{name}.score")), axis=0)
        return self.b.op("Mul", x, weights)

    def _dense(self, x: str, name: str) -> str:
        return self._after(self._linear(self._linear(x, f"{name}.one"), f"{name}.two"), f"{name}.after")


def window_graph(net: PublishedRollNet) -> onnx.ModelProto:
    """The graph of ``net`` with fp32 weights."""
    graph = _PublishedGraph(net)
    graph.build()
    inputs: list[Row] = [("columns", TensorProto.FLOAT, ["takes", PUBLISHED_WINDOW, PITCHES])]
    outputs: list[Row] = [("log_probs", TensorProto.FLOAT, ["takes", PITCHES])]
    return finished_model(graph.b, "roll_lstm_published", inputs, outputs)
