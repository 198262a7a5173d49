"""What goes into a note-event graph for several takes at once: a row a take, kept as takes leave."""

from __future__ import annotations

from typing import Final

import numpy as np

from musegen_app.encoding.context import AS_WRITTEN, SOUND_WIDTH, STYLE, TRANSPOSITION, Floats32
from musegen_app.encoding.note_events import NO_VELOCITY, PITCHES, Ints
from musegen_app.generate.constraints import Mask
from musegen_app.generate.priming import neutral_inputs, rows_of
from musegen_app.generate.request import GenerateRequest
from musegen_app.generate.sampling import Uniforms
from musegen_app.generate.session import Heard, Inputs, NoteSession, State
from musegen_app.generate.stepper import Stepper

TIME_SHARPNESS: Final = 0.95
"""Of the temperature of pitches, what that of onsets and lengths is."""


class Batch:
    """The inputs of all takes of a request; ``inputs`` are handed to the graph as they are."""

    def __init__(self, session: NoteSession, request: GenerateRequest, style: int) -> None:
        self._session, self.style = session, style
        self._steppers: dict[bool, Stepper] = {}
        self._is_sharpened = request.sampling.top_p < 1
        self._is_given = [False] * request.takes
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
        self._view()
        self.inputs["pitch_bias"] = np.zeros((takes, PITCHES), dtype=np.float32)

    def _view(self) -> None:
        """Take note of the arrays that are written to before each step: the same ones as long as no take leaves."""
        self.classes: Ints = self.inputs["classes"][0]
        """The context classes of each take, (takes, 10)."""
        self.sounds: Floats32 = self.inputs["sounds"][0]
        """The context planes of each take, (takes, 780)."""

    def be_silent(self) -> None:
        """No take has velocities: none are drawn."""
        self.inputs["given"][2] = NO_VELOCITY
        self.inputs["is_silent"][...] = True

    def hear(self, rows: Inputs) -> Heard:
        """Hear ``rows``, a row a note of one take that are all given, with all takes, and draw the onset after them."""
        session, count = self._session, self.inputs["classes"].shape[1]
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

    def step(self, state: State) -> Heard:
        """Hear the next note of each take, drawing what is not given; what is answered is good until the next step.

        The state is good until the one after it, so that a note may be heard anew.

        Raises:
            ModelError: ONNX Runtime refuses.
        """
        graph = self._session.step_graph
        is_quick = graph is not None and not (self._is_sharpened or any(self._is_given) or "known_sounds" in self.inputs)
        if is_quick not in self._steppers:
            takes = self.inputs["classes"].shape[1]
            graph = graph if is_quick else self._session.graph
            self._steppers[is_quick] = Stepper(self._session, graph, self.inputs, takes)
        return self._steppers[is_quick].step(self.inputs, state)

    def ask(self, row: int, given: tuple[int, int, int], allowed: Mask, bias: Floats32 | float = 0.0) -> None:
        """Say what a take is given next, as classes of pitch, length, velocity or −1, and which pitches it may have.

        ``bias`` is added to the log-probabilities of the pitches, float32 (128,) in nats.
        """
        pitch, length, velocity = given
        self._is_given[row] = pitch >= 0 or length >= 0 or velocity not in _DRAWN
        self.inputs["is_silent"][...] = velocity == NO_VELOCITY
        self.inputs["given"][:, 0, row] = given
        self.inputs["allowed"][row] = allowed
        self.inputs["pitch_bias"][row] = bias

    def draw_numbers(self) -> None:
        """Put in the next random numbers."""
        self.inputs["uniforms"][:] = self._uniforms.next()

    def only(self, takes: list[int]) -> None:
        """Go on with these takes alone."""
        self._steppers.clear()
        self._is_given = [self._is_given[take] for take in takes]
        self._uniforms.only(takes)
        for name, value in self.inputs.items():
            if name in _BY_TIME:
                axis = 2 if name == "given" else 1
                self.inputs[name] = np.ascontiguousarray(np.take(value, takes, axis=axis))
            elif name not in _FOR_ALL:
                self.inputs[name] = np.ascontiguousarray(value[takes])
        self._view()


_DRAWN: Final = (-1, NO_VELOCITY)
"""Velocities that are not given: to be drawn, or none at all."""
_FOR_ALL: Final = ("top_p", "min_p", "is_silent")
_BY_TIME: Final = ("classes", "sounds", "given", "known_classes", "known_sounds", "recall_classes")
