"""The Boltzmann machine as an ONNX graph: one Gibbs step a call, the random numbers an input.

The weights lie in it twice, since both products want them as a right-hand side, where ``quantize_dynamic`` finds them.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto

from musegen_app.training.graph_builder import GraphBuilder, Row, finished_model
from musegen_app.training.models.rbm import CERTAIN, BoltzmannNet


class _GibbsGraph:
    def __init__(self, net: BoltzmannNet) -> None:
        self.size = net.size
        self.b = GraphBuilder()
        self.w = {name: tensor.detach().cpu().numpy() for name, tensor in net.state_dict().items()}
        self.zero = self.b.weight("zero", np.array(0, dtype=np.float32))
        self.one = self.b.weight("one", np.array(1, dtype=np.float32))

    def build(self) -> None:
        b, size = self.b, self.size
        numbers = b.part("uniforms", 0, size.hidden), b.part("uniforms", size.hidden, 1 << 30)
        driven = self._hidden_input()
        self._free_energy(driven)
        chance = b.op("Sigmoid", b.op("Div", driven, "temperature"))
        hidden = b.op("Cast", b.op("Less", numbers[0], chance), to=TensorProto.FLOAT)
        logits = self._windows(b.linear(hidden, "upwards", self.w["weight"], self.w["visible_bias"].ravel()))
        wide = b.op("Unsqueeze", "temperature", b.weight("int_1_2", [1, 2]))
        told = self._told(b.op("Div", logits, wide))
        published = size.is_published
        drawn = self._bits(told, self._windows(numbers[1])) if published else self._chain(told, self._units(numbers[1]))
        b.rename(logits, "logits")
        b.rename(b.op("Where", self.clamped, "visible", drawn), "next_visible")

    def _windows(self, x: str) -> str:
        shape = [-1, self.size.steps, 2, self.size.pitches]
        return self.b.op("Reshape", x, self.b.weight("shape_windows", shape))

    def _units(self, x: str) -> str:
        return self.b.op("Reshape", x, self.b.weight("shape_units", [-1, self.size.steps, self.size.pitches]))

    def _hidden_input(self) -> str:
        b, w = self.b, self.w
        self.flat = b.op("Flatten", "visible", axis=1)
        driven = b.linear(self.flat, "downwards", np.ascontiguousarray(w["weight"].T), w["hidden_bias"])
        if self.size.is_published:
            return driven
        return b.op("Add", driven, b.op("Gather", b.weight("place_weight", w["place_weight"]), "place", axis=0))

    def _free_energy(self, driven: str) -> None:
        b, last = self.b, self.b.weight("int_-1", [-1])
        biased = b.op("Mul", self.flat, b.weight("visible_bias", self.w["visible_bias"].ravel()))
        freedom = b.op("ReduceSum", b.op("Softplus", driven), last, keepdims=0)
        total = b.op("Add", b.op("ReduceSum", biased, last, keepdims=0), freedom)
        if not self.size.is_published:
            total = b.op("Add", total, b.op("Gather", b.weight("place_bias", self.w["place_bias"]), "place", axis=0))
        b.rename(b.op("Neg", total), "free_energy")

    def _told(self, logits: str) -> str:
        """The log-odds, certain where a state is given or forbidden."""
        b = self.b
        never, always = (b.weight(name, np.array(v, dtype=np.float32)) for name, v in (("no", -CERTAIN), ("yes", CERTAIN)))
        self.clamped = b.op("Unsqueeze", "clamped", b.weight("int_2", [2]))
        given = b.op("Where", b.op("Greater", "visible", self.zero), always, never)
        return b.op("Where", self.clamped, given, b.op("Where", "allowed", logits, never))

    def _bits(self, logits: str, uniforms: str) -> str:
        return self.b.op("Cast", self.b.op("Less", uniforms, self.b.op("Sigmoid", logits)), to=TensorProto.FLOAT)

    def _chain(self, logits: str, uniforms: str) -> str:
        """Each pitch as a chain over the steps, drawn exactly; see ``chain_draw`` of the network."""
        b = self.b
        ahead = b.op("Unsqueeze", self._ahead(logits), b.weight("int_2", [2]))
        held, struck = self._planes(b.op("Add", logits, ahead))
        top = b.op("Max", held, struck, self.zero)
        rest = b.op("Exp", b.op("Neg", top))
        held, struck = (b.op("Exp", b.op("Sub", odds, top)) for odds in (held, struck))
        begun = b.op("Add", rest, struck)
        slices = [self._steps(x) for x in (uniforms, rest, held, begun)]
        sounds, drawn, sounding = self.one, [], []
        for number, silent, held_on, started in zip(*slices, strict=True):
            whole = b.op("Add", started, b.op("Mul", held_on, sounds))
            at = b.op("Mul", number, whole)
            sounds = b.op("Cast", b.op("Greater", at, silent), to=TensorProto.FLOAT)
            drawn.append(at)
            sounding.append(sounds)
        reached, all_sounding = (b.op("Concat", *parts, axis=1) for parts in (drawn, sounding))
        goes_on = b.op("Cast", b.op("Greater", reached, begun), to=TensorProto.FLOAT)
        planes = [b.op("Unsqueeze", x, b.weight("int_2", [2])) for x in (goes_on, b.op("Sub", all_sounding, goes_on))]
        return b.op("Concat", *planes, axis=2)

    def _ahead(self, logits: str) -> str:
        """By how much a sounding step outweighs a silent one for the steps after it."""
        b = self.b
        held, struck = (self._steps(plane) for plane in self._planes(logits))
        worth = b.op("Mul", held[0], self.zero)
        found = []
        for step in reversed(range(self.size.steps)):
            found.append(worth)
            begun = b.op("Softplus", b.op("Add", struck[step], worth))
            worth = b.op("Softplus", b.op("Sub", b.op("Add", held[step], worth), begun))
        return b.op("Concat", *found[::-1], axis=1)

    def _planes(self, x: str) -> tuple[str, str]:
        return self.b.at(x, 0, axis=2), self.b.at(x, 1, axis=2)

    def _steps(self, x: str) -> list[str]:
        """(takes, steps, pitches) as one (takes, 1, pitches) a step."""
        return self.b.ops("Split", x, outputs=self.size.steps, axis=1)


def gibbs_graph(net: BoltzmannNet) -> onnx.ModelProto:
    """The graph of ``net`` with fp32 weights; see ``generate/rbm_session.py`` for what goes in and comes out."""
    graph = _GibbsGraph(net)
    graph.build()
    size = net.size
    window: list[int | str] = ["takes", size.steps, 2, size.pitches]
    real, whole, truth = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
    inputs: list[Row] = [
        ("visible", real, window),
        ("place", whole, ["takes"]),
        ("clamped", truth, ["takes", size.steps, size.pitches]),
        ("allowed", truth, window),
        ("temperature", real, ["takes", 1]),
        ("uniforms", real, ["takes", size.hidden + size.steps * size.pitches * (2 if size.is_published else 1)]),
    ]
    outputs: list[Row] = [("next_visible", real, window), ("free_energy", real, ["takes"]), ("logits", real, window)]
    return finished_model(graph.b, "rbm", inputs, outputs)
