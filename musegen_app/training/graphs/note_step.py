"""The note-event network as the graph that most notes are drawn by: one note a take, none given, nothing known to come.

What :mod:`musegen_app.training.graphs.note_events` draws there this one draws too, with a quarter fewer operators and half
the sounds. Shapes keep a first axis of 1, the time, since the LSTM wants it: what is called (lanes, …) there is
(1, lanes, …) here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx
import torch
from onnx import TensorProto

from musegen_app.encoding.context import PLANES
from musegen_app.encoding.note_events import BEGIN_PITCH, NO_LENGTH, ONSET_CLASSES, PITCHES
from musegen_app.training.graph_builder import finished_model
from musegen_app.training.graphs.note_heads import NoteHeads, answer_rows, input_rows, with_silent_step
from musegen_app.training.models.note_events import IMPOSSIBLE, REFERENCES, STEPS, NoteEventNet, interval_rows

_HEARD_GATES: Final = PLANES + 1
"""What a pitch may be copied from where nothing is known to come: the planes behind, and the pitch classes there."""


class _StepGraph(NoteHeads):
    """One note a take. ``context`` and all that is made of it are (1, lanes, …)."""

    def build(self) -> None:
        """Add all nodes, and give what is answered the names it has outside."""
        self.context = self._context()
        pitch, length, velocity = self._heads()
        self._onset(self._listen(pitch, length, velocity), pitch)

    def _context(self) -> str:
        b, w, net = self.b, self.w, self.net
        heard, recalled = w["context_classes.weight"], w["recall_classes.weight"]
        table = np.concatenate([heard, recalled])
        # Every note has one phase: what is the same for all rides along, the bias and that nothing is known to come.
        table[: int(net.class_rows[1])] += w["context_sounds.bias"] + w["known_classes.weight"][net.known_rows].sum(axis=0)
        first = np.concatenate([net.class_rows.numpy(), net.recall_rows.numpy() + len(heard)])
        rows = b.op("Add", b.op("Concat", "classes", "recall_classes", axis=-1), b.weight("class_rows", first))
        classes = b.op("Gather", b.weight("context_classes", table), rows, axis=0)
        summed = b.op("ReduceSum", classes, b.weight("int_2", [2]), keepdims=0)
        return b.op("Relu", b.op("Add", summed, b.linear("sounds", "context_sounds", w["context_sounds.weight"])))

    def _heads(self) -> tuple[str, str, str]:
        """Draw pitch, length and velocity: (1, lanes) each."""
        b, w = self.b, self.w
        both = b.op("Concat", f"h_{self.net.size.layers - 1}", self.context, axis=-1)
        query = b.op("Relu", b.linear(both, "query", w["query.weight"], w["query.bias"]))
        by_itself, gates, steps, query = self._by_query(query)
        log_probs = b.op("LogSoftmax", self._pitch(by_itself, gates, steps), axis=-1)
        self.steered = b.op("Where", "allowed", b.op("Add", log_probs, "pitch_bias"), self.none)
        self.last_pitch = self.drawing.draw(self.steered, "temperature", 0, keep=True)
        pitch = b.op("Squeeze", self.last_pitch, b.weight("int_2", [2]))

        query = self.chained("length", query, pitch)
        there = b.op("GatherElements", self.recalled, self.last_pitch, axis=2)
        length, length_probs = self.time(query, "length", 1, b.op("Squeeze", there, b.weight("int_2", [2])))
        velocity, velocity_probs = self.velocity(query, length, "is_silent")
        made = {"pitch": (pitch, log_probs), "length": (length, length_probs), "velocity": (velocity, velocity_probs)}
        for name, (chosen, costs) in made.items():
            b.rename(chosen, name)
            b.rename(costs, f"{name}_log_probs")
        return pitch, length, velocity

    def _by_query(self, query: str) -> list[str]:
        """What is linear in the query, by one matrix: pitches by themselves, gates of planes, intervals, the length's query.

        The last gates are 1: of the planes that the intervals are. A pitch that sounds cannot be struck: its gate is shut.
        """
        b, w = self.b, self.w
        shut = np.where(np.arange(_HEARD_GATES) == PLANES - 1, IMPOSSIBLE, 0).astype(np.float32)
        open_weight = np.zeros((REFERENCES, self.net.size.hidden), dtype=np.float32)
        parts = (
            (w["pitch_head.weight"], w["pitch_head.bias"]),
            (w["copy_head.weight"][:_HEARD_GATES], w["copy_head.bias"][:_HEARD_GATES] + shut),
            (w["recall_gate.weight"], w["recall_gate.bias"]),
            (open_weight, np.ones(REFERENCES, dtype=np.float32)),
            (with_silent_step(w["interval_head.weight"]), with_silent_step(w["interval_head.bias"])),
            (w["length_query.weight"], np.zeros_like(w["length_query.bias"])),  # rides along in what the head sees
        )
        weights, biases = zip(*parts, strict=True)
        sizes = [len(biases[0]), sum(map(len, biases[1:4])), len(biases[4]), len(biases[5])]
        made = b.linear(query, "query_heads", np.concatenate(weights), np.concatenate(biases))
        return b.ops("Split", made, b.weight("query_parts", sizes), outputs=4, axis=-1)

    def _pitch(self, by_itself: str, gates: str, steps: str) -> str:
        """Logits of the pitches, (1, lanes, 128): by themselves, by what they would copy, by intervals, above the floor."""
        b = self.b
        octaves = b.weight("octaves", PLANES * PITCHES + np.arange(PITCHES)[None] % 12)
        self.recalled = b.op("Unsqueeze", "recall_lengths", b.weight("int_0", [0]))
        is_there = b.weight("is_there", [1.0] * NO_LENGTH + [0.0])
        self.planes = b.op(
            "Concat",
            b.op("Reshape", b.part("sounds", 0, PLANES * PITCHES), b.weight("plane_shape", [0, 0, PLANES, PITCHES])),
            b.op("Gather", "sounds", octaves, axis=2),
            b.op("Unsqueeze", b.op("Gather", is_there, self.recalled, axis=0), b.weight("int_2", [2])),
            self._intervals(steps),
            axis=2,
        )
        copied = b.op("MatMul", b.op("Unsqueeze", gates, b.weight("int_2", [2])), self.planes)
        below = np.where(np.arange(PITCHES) <= np.arange(PITCHES + 1)[:, None], np.float32(IMPOSSIBLE), np.float32(0))
        below[-1] = 0  # where a floor of −1 looks
        below_floor = b.op("Gather", b.weight("below", below), "floor", axis=0)
        return b.op("Sum", by_itself, b.op("Squeeze", copied, b.weight("int_2", [2])), below_floor)

    def _intervals(self, steps: str) -> str:
        """What each pitch gets for its interval to each reference: (1, lanes, references, 128)."""
        b = self.b
        steps = b.op("Reshape", steps, b.weight("step_shape", [-1, REFERENCES, STEPS + 1]))
        table = interval_rows(torch.arange(BEGIN_PITCH + 1)).numpy()
        rows = b.op("Gather", b.weight("interval_rows", table), "references", axis=0)
        return b.op("Unsqueeze", b.op("GatherElements", steps, rows, axis=2), b.weight("int_0", [0]))

    def _listen(self, pitch: str, length: str, velocity: str) -> str:
        """Take the notes in; the top layer's output, (1, lanes, hidden)."""
        b, w = self.b, self.w
        seen = [
            b.op("Gather", b.weight("note_pitch", w["note_pitch.weight"] + w["note_context.bias"]), pitch, axis=0),
            b.op("Gather", b.weight("note_length", w["note_length.weight"]), length, axis=0),
            b.op("Gather", b.weight("note_velocity", w["note_velocity.weight"]), velocity, axis=0),
        ]
        x = b.op("Relu", b.op("Sum", *seen, b.linear(self.context, "note_context", w["note_context.weight"])))
        for layer in range(self.net.size.layers):
            inputs = [x, *self.lstm_weights(layer), "", f"h_{layer}", f"c_{layer}"]
            _, x, cell = b.ops("LSTM", *inputs, outputs=3, hidden_size=self.net.size.hidden)
            b.rename(x, f"next_h_{layer}")  # of one note, its last output is all of them
            b.rename(cell, f"next_c_{layer}")
        return x

    def _onset(self, heard: str, pitch: str) -> None:
        """Draw the time to the next onset."""
        b, w = self.b, self.w
        above = np.triu(np.ones((PITCHES, PITCHES), dtype=np.float32), 1)[:, None]
        # A bar ago, and recalled: whether a pitch above is struck there.
        looked_at = b.op("Gather", self.planes, b.weight("above_planes", [0, _HEARD_GATES]), axis=2)
        is_above = b.op("Gather", b.weight("above", above), pitch, axis=0)
        struck = b.op("ReduceMax", b.op("Mul", looked_at, is_above), axes=[-1], keepdims=0)
        more = b.op(
            "Mul", b.op("Gather", struck, b.weight("indices_0", [0]), axis=2), b.weight("more_above", w["more_above"])
        )
        both = b.op("Concat", heard, self.context, axis=-1)
        query = b.op("Add", b.linear(both, "onset_query", w["onset_query.weight"], w["onset_query.bias"]), more)
        goes_on = b.op("Greater", b.op("Gather", struck, b.weight("index_1", np.array(1)), axis=2), self.half)
        ahead = b.op("Gather", "recall_classes", b.weight("axis_-1", np.array(-1)), axis=2)
        ahead = b.op("Where", goes_on, self.zero, ahead)  # 0: in the same chord
        log_probs = b.op("LogSoftmax", self.logits(b.op("Relu", query), "onset", ahead), axis=-1)
        onset = self.drawing.draw(b.op("Where", self._may_follow(), log_probs, self.none), "time_temperature", 3)
        b.rename(onset, "onset")
        b.rename(log_probs, "onset_log_probs")

    def _may_follow(self) -> str:
        """Which onsets may be drawn: the same chord only where a pitch above is left for it."""
        b = self.b
        is_left = b.op("Greater", self.steered, b.weight("hardly", np.array(IMPOSSIBLE / 2, dtype=np.float32)))
        highest = b.op("ReduceMax", b.op("Where", is_left, self.pitches, self.zero), axes=[-1], keepdims=1)
        is_later = b.op("Greater", b.weight("onsets", np.arange(ONSET_CLASSES)), self.zero)
        return b.op("And", "onset_allowed", b.op("Or", is_later, b.op("Less", self.last_pitch, highest)))


def step_graph(net: NoteEventNet) -> onnx.ModelProto:
    """The graph of ``net`` with fp32 weights; see ``generate/stepper.py`` for what goes in and comes out."""
    graph = _StepGraph(net, top_p=False)
    graph.build()
    inputs = [*input_rows(1), ("is_silent", TensorProto.BOOL, []), *graph.states("")]
    return finished_model(graph.b, "note_step", inputs, answer_rows(1, "takes") + graph.states("next_"))
