"""A note-event graph in ONNX Runtime: one call a note for all takes at once. State goes in and comes out, none is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import NO_LENGTH
from musegen_app.encoding.recall import NOTHING_RECALLED
from musegen_app.errors import ModelError
from musegen_app.generate.manifest import Manifest

Ints = npt.NDArray[np.int64]
Floats32 = npt.NDArray[np.float32]
State = tuple[Floats32, ...]
Inputs = dict[str, npt.NDArray[Any]]
NEUTRAL: Final = {
    "known_classes": 0,
    "known_sounds": 0,
    "references": 128,
    "recall_classes": NOTHING_RECALLED,
    "recall_lengths": NO_LENGTH,
    "pitch_bias": 0,
    "length_bias": 0,
    "velocity_bias": 0,
    "onset_bias": 0,
}
"""What stands for an input that was left out; those added to lengths, velocities and onsets older models alone have."""
FIELDS: Final = ("pitch", "length", "velocity", "onset")


@dataclass(slots=True)
class Heard:
    """What the graph answers, for each take.

    ``pitch``, ``length`` and ``velocity`` int64 (takes,): classes of the note, drawn or given; ``onset``: class of the
    time to the next onset, drawn. ``log_probs`` of the same four, float32 (takes, classes) in nats, before temperature and
    masks. ``state`` after the note.
    """

    pitch: Ints
    length: Ints
    velocity: Ints
    onset: Ints
    log_probs: tuple[Floats32, Floats32, Floats32, Floats32]
    state: State

    def only(self, takes: list[int]) -> Heard:
        """The answer for these takes alone."""
        pitch, length, velocity, onset = (part[takes] for part in (self.pitch, self.length, self.velocity, self.onset))
        first, second, third, fourth = (part[takes] for part in self.log_probs)
        state = tuple(np.ascontiguousarray(part[:, takes]) for part in self.state)
        return Heard(pitch, length, velocity, onset, (first, second, third, fourth), state)

    def costs(self, pitch: Ints, length: Ints, velocity: Ints, onset: Ints) -> npt.NDArray[np.float64]:
        """Nats of these classes, each (takes,): float64 (4, takes). A class that there is none of costs as the last one."""
        rows = np.arange(len(pitch))
        chosen = (pitch, length, velocity, onset)
        return np.stack(
            [-table[rows, np.minimum(c, table.shape[1] - 1)] for table, c in zip(self.log_probs, chosen, strict=True)]
        ).astype(np.float64)


class NoteSession:
    """The graph of a manifest, loaded. One thread at a time; loading takes up to a tenth of a second and holds the GIL."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self.state_names = tuple(state.name for state in manifest.states)
        """The inputs that are states, in the order of :data:`State`."""
        self._shapes = tuple(state.shape for state in manifest.states)
        self._inputs = {tensor.name: tensor for tensor in manifest.inputs if tensor.name not in self.state_names}
        self._neutral: dict[str, npt.NDArray[Any]] = {}
        self._neutral_shape = (-1, -1)
        self._outputs = [
            *FIELDS,
            *(f"{field}_log_probs" for field in FIELDS),
            *(f"next_{name}" for name in self.state_names),
        ]
        self.graph = load_graph(manifest)
        """The graph of any number of notes a take, given or drawn."""
        self.step_graph = load_graph(manifest, manifest.step) if manifest.step else None
        """The graph of one note a take, nothing given, nothing known to come, top-p 1; None where there is none."""
        self._run = self.graph.run
        self._initial = self._learnt_state()

    @property
    def recalls(self) -> bool:
        """Whether the model wants to know what the music recalls."""
        return "recall_classes" in self._inputs

    @property
    def name(self) -> str:
        """The model's name."""
        return self._manifest.name

    def empty_state(self, takes: int) -> State:
        """The state before anything was heard: one (1, takes, hidden) for each name of the manifest's states.

        Zeros, unless the graph has an output ``initial_<state>`` for each of them: then what the model learnt to begin with.
        """
        return tuple(np.repeat(part, takes, axis=1) for part in self._initial)

    def _learnt_state(self) -> State:
        """The state of one take before anything was heard, asked of the graph where it knows one."""
        names = [f"initial_{name}" for name in self.state_names]
        if not {tensor.name for tensor in self._manifest.outputs}.issuperset(names):
            return tuple(np.zeros(_one_take(shape), dtype=np.float32) for shape in self._shapes)
        # They are constants, but ONNX Runtime wants all inputs: ones are a class, a temperature and a truth alike.
        anything = {t.name: np.ones(_one_take(t.shape), dtype=t.dtype) for t in self._manifest.inputs}
        try:
            return tuple(self._run(names, anything))
        except Exception as error:  # ONNX Runtime has no common class of its errors
            raise ModelError(f'Model "{self._manifest.name}" cannot say how it begins.', self._manifest.name) from error

    def step(self, inputs: dict[str, npt.NDArray[Any]], state: State) -> Heard:
        """Hear one note a take (or several that are given) and draw what comes next.

        What the note itself costs is right for one note at a time only.

        Args:
            inputs: ``classes`` int64 (time, takes, 10) and ``sounds`` float32 (time, takes, 780) of the context; ``given``
                int64 (3, time, takes) classes of pitch, length, velocity, −1 to draw (time 1 only); ``floor`` int64
                (takes,), only pitches above it may be struck; ``allowed`` bool (takes, 128) and ``onset_allowed`` bool
                (takes, onset classes), no row all False; ``uniforms`` float32 (takes, 4) in (0, 1) for pitch, length,
                velocity, onset; ``temperature`` and ``time_temperature`` float32 (takes, 1), the latter for all but pitch;
                ``top_p`` and ``min_p`` float32 (1, 1). These may be left out: ``known_classes`` int64 (time, takes, 5) and
                ``known_sounds`` float32 (time, takes, 920), what is known to come (nothing); ``references`` int64
                (takes, 3), the last pitch, the lowest of the last chord and the next recalled (128, none);
                ``recall_classes`` int64 (time, takes, 5) and ``recall_lengths`` int64 (takes, 128), what is recalled
                (nothing); ``pitch_bias`` float32 (takes, 128), added to the log-probabilities before anything else (0). A
                model that was made before they came does without them. ``is_silent`` bool (), whether all velocities are
                given as none, is heeded by :attr:`step_graph` alone.
            state: from :meth:`empty_state` or the last answer.

        Raises:
            ModelError: ONNX Runtime refuses.
        """
        try:
            answer = self._run(self._outputs, self._complete(inputs) | dict(zip(self.state_names, state, strict=True)))
        except Exception as error:  # ONNX Runtime has no common class of its errors
            raise ModelError(f'Model "{self._manifest.name}" failed while drawing a note.', self._manifest.name) from error
        pitch, length, velocity, onset, *rest = answer
        return Heard(pitch, length, velocity, onset, (rest[0], rest[1], rest[2], rest[3]), tuple(rest[4:]))

    def _complete(self, inputs: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """The inputs that the graph takes, those that were left out filled in."""
        shape = inputs["classes"].shape[:2]
        if self._neutral_shape != shape:
            self._neutral_shape, sizes = shape, {"time": shape[0], "takes": shape[1]}
            self._neutral = {
                name: np.full([sizes.get(str(n), n) for n in tensor.shape], NEUTRAL[name], dtype=tensor.dtype)
                for name, tensor in self._inputs.items()
                if name in NEUTRAL
            }
        given = {name: value for name, value in inputs.items() if name in self._inputs}
        if "references" in given:  # a model from before recall came measures from two
            given["references"] = given["references"][:, : self._inputs["references"].shape[-1]]
        return self._neutral | given


def _one_take(shape: tuple[int | str, ...]) -> list[int]:
    return [1 if isinstance(size, str) else size for size in shape]


def load_graph(manifest: Manifest, file: str = "") -> Any:
    """An ONNX Runtime session of the graph of ``manifest``, or of another ``file`` beside it, on one thread.

    Raises:
        ModelError: ONNX Runtime cannot load it.
    """
    import onnxruntime

    path = manifest.path / (file or manifest.graph)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a second thread gains nothing for one note and disturbs the player
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has no common class of its errors
        message = f'Model "{manifest.name}" cannot be used: ONNX Runtime cannot load {path.name}.'
        raise ModelError(message, manifest.name) from error
