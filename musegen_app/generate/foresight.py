"""What whoever drew a take saw coming: the other tracks, the right side of a gap, the bars to the end.

Who asks what the model thinks of those ghosts tells it the same, so that the answer is what it thought when it drew them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import BARS_LEFT, NO_REFERENCE
from musegen_app.encoding.note_events import NO_LENGTH, STEP_TICKS, Ints
from musegen_app.encoding.recall import NOTHING_RECALLED
from musegen_app.generate.plans import Part
from musegen_app.generate.request import GenerateRequest
from musegen_app.generate.session import Inputs
from musegen_app.generate.steering import recalls


@dataclass(frozen=True)
class Foresight:
    """What is known beforehand of the span of a request, and whether earlier bars may come back."""

    part: Part

    @classmethod
    def of(cls, request: GenerateRequest | None) -> Foresight | None:
        """That of ``request``; None where nothing was known but the past, and all that it recalls.

        Raises:
            InputError: the request cannot be met.
        """
        return None if request is None else _of(request)

    @property
    def recalls(self) -> bool:
        """Whether earlier bars were allowed to come back.

        Raises:
            InputError: a value that the control does not have.
        """
        return recalls(self.part.request)

    def covers(self, tick: int) -> bool:
        """Whether ``tick`` lies in the span, the only place of which something was known."""
        start, end = self.part.request.span
        return start <= tick < end

    def put_in(self, inputs: Inputs, step: Ints, floor: Ints) -> Inputs:
        """``inputs`` of moments, with what was known at them.

        Args:
            inputs: of the graph; ``classes`` is (moments, 1, 10) for a row a note, or (1, moments, 10) for lanes, and is
                written to.
            step: int64 (moments,) of the piece, from its beginning.
            floor: int64 (moments,): of the chord there only pitches above it are still to come, −1 for all.
        """
        part, classes = self.part, inputs["classes"]
        is_by_time = classes.shape[1] == 1
        seed = part.scene.seed
        at = np.clip(step - seed.origin, 0, len(seed.bars) - 1)
        if part.bars_left is not None:
            classes[..., BARS_LEFT] = part.bars_left[at][:, None] if is_by_time else part.bars_left[at]
        known = part.foreseen(at, floor)
        known = {name: value.swapaxes(0, 1) if is_by_time else value for name, value in known.items()}
        return inputs | known | _without_recalled(inputs, self.hides(step))

    def hides(self, step: Ints) -> npt.NDArray[np.bool_]:
        """Whether what is recalled was not told at each step of the piece: bool (moments,)."""
        hidden: npt.NDArray[np.bool_] = step - self.part.scene.seed.origin >= self.part.cadence.closes_from
        return hidden

    @property
    def first_step(self) -> int:
        """The first step of the span, from the beginning of the piece."""
        return -(-self.part.request.span[0] // STEP_TICKS)


def _without_recalled(inputs: Inputs, hidden: npt.NDArray[np.bool_]) -> Inputs:
    """Those of ``inputs`` that tell what is recalled, without it where ``hidden``; of rows, lengths are told of the last."""
    if "recall_classes" not in inputs:
        return {}
    classes, lengths = inputs["recall_classes"], inputs["recall_lengths"]
    last = hidden[-len(lengths) :, None]
    told = np.where(hidden.reshape(*classes.shape[:2], 1), NOTHING_RECALLED, classes)
    found = {"recall_classes": told, "recall_lengths": np.where(last, NO_LENGTH, lengths)}
    if "references" in inputs:
        found["references"] = np.where(last & (np.arange(3) == 2), NO_REFERENCE, inputs["references"])
    return found


@lru_cache(maxsize=2)
def _of(request: GenerateRequest) -> Foresight | None:
    part = Part.of(request)
    tells_nothing = part.scene.anticipation.is_empty and part.bars_left is None and recalls(request)
    return None if tells_nothing else Foresight(part)
