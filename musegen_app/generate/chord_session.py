"""The word LSTM's graph in ONNX Runtime: one call a word for all takes at once. State goes in and comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.chord_tokens import PITCHES, ROOTS, STEPS, Vocabulary
from musegen_app.errors import ModelError
from musegen_app.generate.json_fields import items, text
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.session import load_graph

Ints = npt.NDArray[np.int64]
Floats32 = npt.NDArray[np.float32]
State = tuple[Floats32, ...]
Inputs = dict[str, npt.NDArray[Any]]
FIELDS: Final = ("root", "shape", "length", "step")


@dataclass(slots=True)
class Answer:
    """The next word of each take: ``word`` int64 (4, takes), root, shape, length and step, given or drawn.

    ``log_probs`` of the same four, float32 (takes, classes) in nats, before temperature and masks; ``state`` after what was
    heard.
    """

    word: Ints
    log_probs: tuple[Floats32, ...]
    state: State

    def costs(self, root: Ints, shape: Ints, length: Ints, step: Ints) -> npt.NDArray[np.float64]:
        """Nats of these classes: float64 (4, takes); a rest has neither shape nor length, the end no step either."""
        rows = np.arange(len(root))
        chosen = (root, shape, length, step)
        costs = np.stack(
            [-table[rows, np.minimum(c, table.shape[1] - 1)] for table, c in zip(self.log_probs, chosen, strict=True)]
        ).astype(np.float64)
        costs[1:3, root >= PITCHES] = 0.0
        costs[3, root >= ROOTS - 1] = 0.0
        return costs


class ChordSession:
    """The graph and the vocabulary of a manifest. One thread at a time.

    Raises:
        ModelError: the graph cannot be loaded, or the manifest holds no vocabulary.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self.vocabulary = vocabulary_of(manifest)
        self._names = tuple(state.name for state in manifest.states)
        self._shapes = tuple(state.shape for state in manifest.states)
        self._outputs = [*FIELDS, *(f"{field}_log_probs" for field in FIELDS), *(f"next_{name}" for name in self._names)]
        self._run = load_graph(manifest).run

    def empty_state(self, takes: int) -> State:
        """The state before anything was heard: zeros, one (1, takes, hidden) for each name of the manifest's states."""
        sizes = [[takes if isinstance(size, str) else size for size in shape] for shape in self._shapes]
        return tuple(np.zeros(size, dtype=np.float32) for size in sizes)

    def step(self, inputs: Inputs, state: State) -> Answer:
        """Hear words and draw the one after the last.

        Args:
            inputs: ``word`` int64 (time, takes, 4), ``place`` int64 (time, takes, 4) and ``sounds`` float32 (time, takes,
                396) as :class:`musegen_app.encoding.chord_context.Heard` has them; ``given`` int64 (4, takes), classes of
                the next word, −1 to draw; ``root_allowed`` bool (takes, 130) and ``step_allowed`` bool (takes, 97), no row
                all False; ``free`` bool (takes, 128), pitches that may be struck; ``uniforms`` float32 (takes, 4) in
                (0, 1); ``temperature`` and ``time_temperature`` float32 (takes, 1), the latter for length and step;
                ``top_p`` and ``min_p`` float32 (1, 1).
            state: from :meth:`empty_state` or the last answer.

        Raises:
            ModelError: ONNX Runtime refuses.
        """
        try:
            answer = self._run(self._outputs, inputs | dict(zip(self._names, state, strict=True)))
        except Exception as error:  # ONNX Runtime has no common class of its errors
            raise ModelError(f'Model "{self._manifest.name}" failed while drawing a word.', self._manifest.name) from error
        return Answer(np.stack(answer[:4]), tuple(answer[4:8]), tuple(answer[8:]))


def vocabulary_of(manifest: Manifest) -> Vocabulary:
    """The vocabulary in a manifest's settings.

    Raises:
        ModelError: it holds none, or a damaged one.
    """
    try:
        names = [str(name) for name in items(manifest.settings, "shapes")]
        return Vocabulary.from_names(text(manifest.settings, "instrument"), names)
    except (KeyError, TypeError, ValueError) as error:
        message = f'Model "{manifest.name}" cannot be used: its vocabulary is missing or damaged.'
        raise ModelError(message, manifest.name) from error


def neutral_inputs(takes: int) -> Inputs:
    """Masks that allow all, temperatures of 1 and numbers in the middle, for ``takes`` takes."""
    return {
        "given": np.full((4, takes), -1, dtype=np.int64),
        "root_allowed": np.ones((takes, ROOTS), dtype=np.bool_),
        "free": np.ones((takes, PITCHES), dtype=np.bool_),
        "step_allowed": np.ones((takes, STEPS), dtype=np.bool_),
        "uniforms": np.full((takes, 4), 0.5, dtype=np.float32),
        "temperature": np.ones((takes, 1), dtype=np.float32),
        "time_temperature": np.ones((takes, 1), dtype=np.float32),
        "top_p": np.ones((1, 1), dtype=np.float32),
        "min_p": np.zeros((1, 1), dtype=np.float32),
    }
