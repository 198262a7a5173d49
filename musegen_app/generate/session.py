"""A note-event graph in ONNX Runtime: one call a note for all takes at once. State goes in and comes out, none is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from musegen_app.errors import ModelError
from musegen_app.generate.manifest import Manifest

State = tuple[npt.NDArray[np.float32], ...]
_OUTPUTS: Final = ("note", "onset", "note_log_probs", "onset_log_probs")


@dataclass(slots=True)
class Heard:
    """What the graph answers for ``takes`` takes.

    ``note`` int64 (takes, 3): classes of pitch, length and velocity, drawn or as given; ``onset`` int64 (takes,): class of
    the time to the next onset, drawn; ``note_log_probs`` float32 (takes, 3) and ``onset_log_probs`` float32 (takes, classes)
    in nats, before temperature and masks; ``state`` after the last note.
    """

    note: npt.NDArray[np.int64]
    onset: npt.NDArray[np.int64]
    note_log_probs: npt.NDArray[np.float32]
    onset_log_probs: npt.NDArray[np.float32]
    state: State

    def only(self, takes: list[int]) -> Heard:
        """The answer for these takes alone."""
        state = tuple(np.ascontiguousarray(part[:, takes]) for part in self.state)
        return Heard(self.note[takes], self.onset[takes], self.note_log_probs[takes], self.onset_log_probs[takes], state)


class NoteSession:
    """The graph of a manifest, loaded. One thread at a time; loading takes a tenth of a second and holds the GIL."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._names = tuple(state.name for state in manifest.states)
        self._shapes = tuple(state.shape for state in manifest.states)
        self._outputs = [*_OUTPUTS, *(f"next_{name}" for name in self._names)]
        self._run = _load(manifest).run

    def empty_state(self, takes: int) -> State:
        """The state before anything was heard: zeros, one (1, takes, hidden) for each name of the manifest's states."""
        sizes = [[takes if isinstance(size, str) else size for size in shape] for shape in self._shapes]
        return tuple(np.zeros(size, dtype=np.float32) for size in sizes)

    def step(self, inputs: dict[str, npt.NDArray[Any]], state: State) -> Heard:
        """Hear one note a take (or several that are given) and draw what comes next.

        Args:
            inputs: ``classes`` int64 (time, takes, 10) and ``sounds`` float32 (time, takes, 780) of the context; ``given``
                int64 (3, time, takes) classes of pitch, length, velocity, −1 to draw (time 1 only); ``floor`` int64
                (takes,), only pitches above it may be struck; ``allowed`` bool (takes, 128) and ``onset_allowed`` bool
                (takes, onset classes), no row all False; ``uniforms`` float32 (takes, 4) in (0, 1) for pitch, length,
                velocity, onset; ``temperature`` and ``time_temperature`` float32 (takes, 1), the latter for all but pitch;
                ``top_p`` and ``min_p`` float32 (1, 1).
            state: from :meth:`empty_state` or the last answer.

        Raises:
            ModelError: ONNX Runtime refuses.
        """
        try:
            answer = self._run(self._outputs, inputs | dict(zip(self._names, state, strict=True)))
        except Exception as error:  # ONNX Runtime has no common class of its errors
            raise ModelError(f'Model "{self._manifest.name}" failed while drawing a note.', self._manifest.name) from error
        return Heard(answer[0], answer[1], answer[2], answer[3], tuple(answer[4:]))


def _load(manifest: Manifest) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a second thread gains nothing for one note and disturbs the player
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(manifest.graph_path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has no common class of its errors
        message = f'Model "{manifest.name}" cannot be used: ONNX Runtime cannot load {manifest.graph}.'
        raise ModelError(message, manifest.name) from error
