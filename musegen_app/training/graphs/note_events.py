"""The note-event network as an ONNX graph: one call a note, drawing inside the graph from random numbers that are given.

Built by hand rather than traced, since the call is short: every operator less counts. Weights are MatMul's right-hand sides
and LSTM's own, so that ``quantize_dynamic`` finds them. Gate order in ONNX is i o f c, in PyTorch i f c o.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx
import torch
from onnx import TensorProto

from musegen_app.encoding.anticipation import FAR_PLANES, FAR_START, KNOWN_CLASSES, KNOWN_PLANES, KNOWN_WIDTH
from musegen_app.encoding.context import PLANES, SOUND_WIDTH
from musegen_app.encoding.note_events import (
    BEGIN_PITCH,
    NO_LENGTH,
    NO_VELOCITY,
    ONSET_CLASSES,
    PITCHES,
)
from musegen_app.training.graph_builder import Row, finished_model
from musegen_app.training.graphs.note_heads import NoteHeads, answer_rows, input_rows, with_silent_step
from musegen_app.training.models.note_events import GATES, REFERENCES, STEPS, NoteEventNet, interval_rows

QUERY_HEADS: Final = ("pitch_head", "copy_head", "recall_gate", "interval_head", "length_query")
"""Parts of the matrix ``query_heads``, in order."""


class _NoteGraph(NoteHeads):
    """Any number of notes a take, drawn or given, with what is known to come."""

    def build(self) -> None:
        b = self.b
        context = self._context()
        self.last_context, self.last_sounds = b.at(context, -1), b.at(self.sounds, -1)
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
        """Surroundings of the notes; what is heard and what is known to come share a table and a matrix, to be one call."""
        b, w, net = self.b, self.w, self.net
        table = np.concatenate([w["context_classes.weight"], w["known_classes.weight"], w["recall_classes.weight"]])
        phases = int(net.class_rows[1])
        table[:phases] += w["context_sounds.bias"]  # every note has one phase: the bias rides along
        known_rows = net.known_rows.numpy() + len(w["context_classes.weight"])
        recall_rows = net.recall_rows.numpy() + len(table) - len(w["recall_classes.weight"])
        rows = b.op("Concat", "classes", "known_classes", "recall_classes", axis=-1)
        first = np.concatenate([net.class_rows.numpy(), known_rows, recall_rows])
        rows = b.op("Add", rows, b.weight("class_rows", first))
        classes = b.op("Gather", b.weight("context_classes", table), rows, axis=0)
        summed = b.op("ReduceSum", classes, b.weight("int_2", [2]), keepdims=0)
        self.sounds = b.op("Concat", "sounds", "known_sounds", axis=-1)
        weight = np.concatenate([w["context_sounds.weight"], w["known_sounds.weight"]], axis=1)
        return b.op("Relu", b.op("Add", summed, b.linear(self.sounds, "context_sounds", weight)))

    def _heads(self) -> tuple[str, str, str]:
        """Draw pitch, length and velocity of the last note; returns all notes' as (time, lanes), given ones as given."""
        b, w = self.b, self.w
        top = b.op("Squeeze", f"h_{self.net.size.layers - 1}", b.weight("int_0", [0]))
        both = b.op("Concat", top, self.last_context, axis=-1)
        query = b.op("Relu", b.linear(both, "query", w["query.weight"], w["query.bias"]))
        floor = b.op("LessOrEqual", self.pitches, b.columns("floor"))
        by_itself, gates, steps, query = self._by_query(query)
        logits = self._pitch(by_itself, gates, steps)
        log_probs = b.op("LogSoftmax", b.op("Where", b.op("Or", self.sounding, floor), self.none, logits), axis=-1)
        steered = b.op("Add", log_probs, "pitch_bias")
        drawn = self.drawing.draw(b.op("Where", "allowed", steered, self.none), "temperature", 0)
        pitches, self.pitch = self._chosen(drawn, 0)
        # The begin mark's pitch is 128, and every pitch may follow it.
        self.last_pitch = b.columns(b.op("Mod", self.pitch, b.weight("begin_pitch", np.array(BEGIN_PITCH))))
        b.rename(log_probs, "pitch_log_probs")

        query = self.chained("length", query, self.pitch)
        there = b.op("GatherElements", "recall_lengths", self.last_pitch, axis=1)
        drawn, log_probs = self.time(query, "length", 1, b.op("Squeeze", there, b.weight("int_1", [1])))
        b.rename(log_probs, "length_log_probs")
        lengths, length = self._chosen(drawn, 1)
        drawn, log_probs = self.velocity(query, length, self._is_silent())
        b.rename(log_probs, "velocity_log_probs")
        velocities, velocity = self._chosen(drawn, 2)
        for name, chosen in (("length", length), ("velocity", velocity)):
            b.rename(chosen, name)
        return pitches, lengths, velocities

    def _by_query(self, query: str) -> list[str]:
        """What is linear in the query, by one matrix: :data:`QUERY_HEADS`, each (lanes, units), all gates together."""
        b, w = self.b, self.w
        weights = [w[f"{head}.weight"] for head in QUERY_HEADS]
        biases = [w[f"{head}.bias"] for head in QUERY_HEADS]
        weights[3], biases[3] = with_silent_step(weights[3]), with_silent_step(biases[3])
        biases[4] = np.zeros_like(biases[4])  # rides along in the table of what the head sees
        by_itself, copied, recalled, steps, length = (len(bias) for bias in biases)
        sizes = b.weight("query_parts", [by_itself, copied + recalled, steps, length])
        made = b.linear(query, "query_heads", np.concatenate(weights), np.concatenate(biases))
        return b.ops("Split", made, sizes, outputs=4, axis=-1)

    def _pitch(self, by_itself: str, gates: str, steps: str) -> str:
        """Logits of the pitches, (lanes, 128): by themselves, by what they would copy, and by their intervals."""
        b = self.b
        known, start = SOUND_WIDTH + KNOWN_PLANES * PITCHES, SOUND_WIDTH + FAR_START
        far = start + FAR_PLANES * PITCHES
        recalled = b.op("Less", "recall_lengths", b.weight("no_length", np.array(NO_LENGTH)))
        planes = b.op(
            "Concat",
            b.part(self.last_sounds, 0, PLANES * PITCHES),
            self._every_octave(PLANES * PITCHES),
            b.part(self.last_sounds, SOUND_WIDTH, known),
            self._every_octave(known),
            b.part(self.last_sounds, start, far),
            self._every_octave(far),
            b.op("Cast", recalled, to=TensorProto.FLOAT),
            axis=-1,
        )
        self.planes = b.op("Reshape", planes, b.weight("plane_shape", [0, GATES + 1, PITCHES]))
        copied = b.op("MatMul", b.op("Unsqueeze", gates, b.weight("int_1", [1])), self.planes)
        steps = b.op("Reshape", steps, b.weight("step_shape", [0, REFERENCES, STEPS + 1]))
        table = interval_rows(torch.arange(BEGIN_PITCH + 1)).numpy()
        rows = b.op("Gather", b.weight("interval_rows", table), "references", axis=0)
        intervals = b.op("ReduceSum", b.op("GatherElements", steps, rows, axis=2), b.weight("int_1", [1]), keepdims=0)
        return b.op("Sum", by_itself, b.op("Squeeze", copied, b.weight("int_1", [1])), intervals)

    def _every_octave(self, start: int) -> str:
        """The twelve pitch classes from column ``start`` of the sounds on, as a plane of pitches."""
        columns = self.b.weight(f"octaves_{start}", start + np.arange(PITCHES) % 12)
        return self.b.op("Gather", self.last_sounds, columns, axis=1)

    def _is_silent(self) -> str:
        """Whether no take has velocities."""
        b = self.b
        least = b.op("ReduceMin", b.at(b.at("given", 2), -1), axes=[0], keepdims=0)
        return b.op("Equal", least, b.weight("no_velocity", np.array(NO_VELOCITY)))

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
            weights = self.lstm_weights(layer)
            inputs = [x, *weights, "", f"h_{layer}", f"c_{layer}"]
            heard, hidden, cell = b.ops("LSTM", *inputs, outputs=3, hidden_size=self.net.size.hidden)
            b.rename(hidden, f"next_h_{layer}")
            b.rename(cell, f"next_c_{layer}")
            x = b.op("Squeeze", heard, b.weight("int_1", [1]))
        return b.op("Squeeze", hidden, b.weight("int_0", [0]))

    def _onset(self, heard: str) -> None:
        """Draw the time to the next onset and give everything its name outside."""
        b, w = self.b, self.w
        above = b.op("Greater", self.pitches, self.last_pitch)
        # A bar ago, known to come and recalled: whether a pitch above is struck there.
        planes = b.op("Gather", self.planes, b.weight("above_planes", [0, PLANES + 1, GATES]), axis=1)
        is_above = b.op("Unsqueeze", b.op("Cast", above, to=TensorProto.FLOAT), b.weight("int_1", [1]))
        struck = b.op("ReduceMax", b.op("Mul", planes, is_above), axes=[-1], keepdims=0)
        lean = np.stack([w["more_above"], w["known_above"], np.zeros_like(w["more_above"])])
        both = b.op("Concat", heard, self.last_context, axis=-1)
        query = b.linear(both, "onset_query", w["onset_query.weight"], w["onset_query.bias"])
        query = b.op("Relu", b.op("Gemm", struck, b.weight("above", lean), query))
        goes_on = b.op("Greater", b.op("Gather", struck, b.weight("index_2", np.array(2)), axis=-1), self.half)
        ahead = b.op("Gather", b.at("recall_classes", -1), b.weight("axis_-1", np.array(-1)), axis=-1)
        ahead = b.op("Where", goes_on, self.zero, ahead)  # 0: in the same chord
        log_probs = b.op("LogSoftmax", self.logits(query, "onset", ahead), axis=-1)
        left = self._any(b.op("And", b.op("And", above, "allowed"), b.op("Not", self.sounding)))
        is_later = b.op("Greater", b.weight("onsets", np.arange(ONSET_CLASSES)), self.zero)
        allowed = b.op("And", "onset_allowed", b.op("Or", is_later, b.op("Greater", left, self.half)))
        onset = self.drawing.draw(b.op("Where", allowed, log_probs, self.none), "time_temperature", 3)
        for made, name in ((onset, "onset"), (self.pitch, "pitch"), (log_probs, "onset_log_probs")):
            b.rename(made, name)

    def _any(self, truths: str) -> str:
        b = self.b
        return b.op("ReduceMax", b.op("Cast", truths, to=TensorProto.FLOAT), axes=[-1], keepdims=1)


def note_graph(net: NoteEventNet) -> onnx.ModelProto:
    """The graph of ``net`` with fp32 weights; see ``generate/session.py`` for what goes in and comes out.

    A network that learnt how to begin has constant outputs ``initial_h_0``, ``initial_c_0`` and so on, (1, 1, hidden).
    """
    graph = _NoteGraph(net, top_p=True)
    graph.build()
    outputs = answer_rows("takes") + graph.states("next_") + (_initial_rows(net) if graph.begins_knowing else [])
    return finished_model(graph.b, "note_events", input_rows("time") + _more_inputs() + graph.states(""), outputs)


def _more_inputs() -> list[Row]:
    """What may be known beyond the usual case: what is to come, and what is given."""
    return [
        ("known_classes", TensorProto.INT64, ["time", "takes", KNOWN_CLASSES]),
        ("known_sounds", TensorProto.FLOAT, ["time", "takes", KNOWN_WIDTH]),
        ("given", TensorProto.INT64, [3, "time", "takes"]),
        ("top_p", TensorProto.FLOAT, [1, 1]),
    ]


def _initial_rows(net: NoteEventNet) -> list[Row]:
    return [
        (f"initial_{kind}_{n}", TensorProto.FLOAT, [1, 1, net.size.hidden]) for n in range(net.size.layers) for kind in "hc"
    ]
