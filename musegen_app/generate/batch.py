"""What goes into a note-event graph for several takes at once: a row a take, kept as takes leave."""

from __future__ import annotations

from typing import Final

import numpy as np

from musegen_app.encoding.context import AS_WRITTEN, SOUND_WIDTH, STYLE, TRANSPOSITION, Floats32
from musegen_app.encoding.note_events import PITCHES, Ints
from musegen_app.generate.constraints import Mask
from musegen_app.generate.priming import Inputs, neutral_inputs, rows_of
from musegen_app.generate.request import GenerateRequest
from musegen_app.generate.sampling import Uniforms
from musegen_app.generate.session import Heard, NoteSession

TIME_SHARPNESS: Final = 0.95
"""Of the temperature of pitches, what that of onsets and lengths is."""


class Batch:
    """The inputs of all takes of a request; ``inputs`` are handed to the graph as they are."""

    def __init__(self, request: GenerateRequest, style: int) -> None:
        self.style = style
        self._uniforms = Uniforms(request.seed_number, request.takes)
        sampling, takes = request.sampling, request.takes
        self.inputs: Inputs = neutral_inputs(takes)
        self.inputs["temperature"][:] = sampling.temperature
        self.inputs["time_temperature"][:] = sampling.temperature * TIME_SHARPNESS
        self.inputs["top_p"][:] = sampling.top_p
        self.inputs["min_p"][:] = sampling.min_p
        classes = np.zeros((1, takes, STYLE + 1), dtype=np.int64)
        classes[..., TRANSPOSITION], classes[..., STYLE] = AS_WRITTEN, style
        self.inputs["classes"] = classes
        self.inputs["sounds"] = np.zeros((1, takes, SOUND_WIDTH), dtype=np.float32)
        self.inputs["given"] = np.full((3, 1, takes), -1, dtype=np.int64)
        self.inputs["pitch_bias"] = np.zeros((takes, PITCHES), dtype=np.float32)

    @property
    def classes(self) -> Ints:
        """The context classes of each take, to be written to: (takes, 10)."""
        found: Ints = self.inputs["classes"][0]
        return found

    @property
    def sounds(self) -> Floats32:
        """The context planes of each take, to be written to: (takes, 780)."""
        found: Floats32 = self.inputs["sounds"][0]
        return found

    def hear(self, session: NoteSession, rows: Inputs) -> Heard:
        """Hear ``rows``, a row a note of one take that are all given, with all takes, and draw the onset after them."""
        count = self.inputs["classes"].shape[1]
        state = session.empty_state(1)
        if len(rows["classes"]) > 1:
            state = session.step(rows | rows_of(rows, slice(-1)), state).state
        last = {
            name: np.repeat(value, count, axis=-1 if name == "given" else 1)
            for name, value in rows_of(rows, slice(-1, None)).items()
        }
        if "recall_lengths" in rows:
            last["recall_lengths"] = np.repeat(rows["recall_lengths"], count, axis=0)
        self.draw_numbers()
        return session.step(self.inputs | last, tuple(np.repeat(part, count, axis=1) for part in state))

    def ask(self, row: int, given: tuple[int, int, int], allowed: Mask, bias: Floats32 | float = 0.0) -> None:
        """Say what a take is given next, as classes of pitch, length, velocity or −1, and which pitches it may have.

        ``bias`` is added to the log-probabilities of the pitches, float32 (128,) in nats.
        """
        self.inputs["given"][:, 0, row] = given
        self.inputs["allowed"][row] = allowed
        self.inputs["pitch_bias"][row] = bias

    def draw_numbers(self) -> None:
        """Put in the next random numbers."""
        self.inputs["uniforms"] = self._uniforms.next()

    def only(self, takes: list[int]) -> None:
        """Go on with these takes alone."""
        self._uniforms.only(takes)
        for name, value in self.inputs.items():
            if name in _BY_TIME:
                axis = 2 if name == "given" else 1
                self.inputs[name] = np.ascontiguousarray(np.take(value, takes, axis=axis))
            elif name not in {"top_p", "min_p"}:
                self.inputs[name] = np.ascontiguousarray(value[takes])


_BY_TIME: Final = ("classes", "sounds", "given", "known_classes", "known_sounds", "recall_classes")
