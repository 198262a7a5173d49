"""The piano-roll graphs in ONNX Runtime. State goes in and comes out, none is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.columns import PITCHES
from musegen_app.encoding.piano_roll import CHANGES
from musegen_app.errors import ModelError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.session import load_graph

Ints = npt.NDArray[np.int64]
Floats32 = npt.NDArray[np.float32]
Inputs = dict[str, npt.NDArray[Any]]
RollState = tuple[Floats32, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a column's changes are and cost.

    ``changes`` int64 (rounds, takes), END after a take's last; ``log_probs`` float32 of the same shape, in nats, before
    bias, temperature and masks, 0 after the end. ``state`` after the columns heard.
    """

    changes: Ints
    log_probs: Floats32
    state: RollState


class RollSession:
    """The mended graph of a manifest, loaded. One thread at a time.

    Raises:
        ModelError: ONNX Runtime cannot load it.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._names = tuple(state.name for state in manifest.states)
        self._shapes = tuple(state.shape for state in manifest.states)
        self._outputs = ["changes", "log_probs", *(f"next_{name}" for name in self._names)]
        self._run = load_graph(manifest).run

    def empty_state(self, takes: int) -> RollState:
        """The state before anything was heard: zeros, ``takes`` along axis 1."""
        sizes = [[takes if isinstance(size, str) else size for size in shape] for shape in self._shapes]
        return tuple(np.zeros(size, dtype=np.float32) for size in sizes)

    def step(self, inputs: Inputs, state: RollState) -> Drawn:
        """Hear the surroundings of one column or more, and draw (or be given) the changes of the last of them.

        Args:
            inputs: ``classes`` int64 (time, takes, 5) and ``planes`` float32 (time, takes, SURROUNDINGS); ``given`` int64
                (takes, rounds), the changes, −1 to draw; ``allowed`` bool (takes, 128) what may be struck, no row all False
                where ``must_strike`` bool (takes, 1) says that the column must have a strike; ``bias`` float32
                (1, CHANGES) in nats on what is drawn; ``uniforms`` float32 (takes, rounds) in (0, 1); ``temperature``
                float32 (takes, 1); ``top_p`` and ``min_p`` float32 (1, 1). A column has at most ``rounds`` changes.
            state: from :meth:`empty_state` or the last answer.

        Raises:
            ModelError: ONNX Runtime refuses.
        """
        try:
            changes, log_probs, *after = self._run(self._outputs, inputs | dict(zip(self._names, state, strict=True)))
        except Exception as error:  # ONNX Runtime has no common class of its errors
            raise ModelError(f'Model "{self._manifest.name}" failed while drawing a column.', self._manifest.name) from error
        return Drawn(changes, log_probs, tuple(after))


class WindowSession:
    """The graph of a manifest as published, loaded: a window of columns in, pitches of the next out. One thread at a time.

    Raises:
        ModelError: ONNX Runtime cannot load it.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._run = load_graph(manifest).run

    def log_probs(self, columns: Floats32) -> Floats32:
        """Log-probabilities, float32 (takes, 128), after ``columns`` float32 (takes, 18, 128) of 1, 0.5 and 0.

        Raises:
            ModelError: ONNX Runtime refuses.
        """
        try:
            answer: Floats32 = self._run(["log_probs"], {"columns": columns})[0]
        except Exception as error:  # ONNX Runtime has no common class of its errors
            raise ModelError(f'Model "{self._manifest.name}" failed while drawing a column.', self._manifest.name) from error
        return answer


def neutral_inputs(takes: int, rounds: int) -> Inputs:
    """Masks that allow all, temperatures of 1, numbers in the middle, nothing given, for ``takes`` takes."""
    return {
        "given": np.full((takes, rounds), -1, dtype=np.int64),
        "allowed": np.ones((takes, PITCHES), dtype=np.bool_),
        "must_strike": np.zeros((takes, 1), dtype=np.bool_),
        "bias": np.zeros((1, CHANGES), dtype=np.float32),
        "uniforms": np.full((takes, rounds), 0.5, dtype=np.float32),
        "temperature": np.ones((takes, 1), dtype=np.float32),
        "top_p": np.ones((1, 1), dtype=np.float32),
        "min_p": np.zeros((1, 1), dtype=np.float32),
    }
