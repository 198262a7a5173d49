"""Makes the chained net's inputs from rolls and their memories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from musegen_app.training.published.chained import BEATS, CHANGES, LAGS, Frames
from musegen_app.training.published.lanes import SHIFTS, Stretch
from musegen_app.training.published.memory import MOST_FRAMES, PLANES, Memory, memory_of
from musegen_app.training.published.splits import Roll

_FARTHEST: Final = max(LAGS)


@dataclass(frozen=True)
class Heard:
    """A piece ready to be learnt from.

    ``padded`` is its roll with as much silence before it as the net looks back; ``numbers`` (frames, n) are those that
    transposing does not change: remembered places, beats, where frames changed of late, and how many keys sounded last.
    """

    padded: NDArray[np.uint8]
    memory: Memory
    numbers: NDArray[np.float32]

    @property
    def frames(self) -> int:
        """Frames of the piece."""
        return len(self.numbers)


def heard(roll: Roll) -> Heard:
    """``roll`` with what each of its frames may know."""
    padded = np.pad(roll.astype(np.uint8), ((_FARTHEST, 0), (0, 0)))
    memory = memory_of(roll)
    t = np.arange(len(roll))
    beats = [np.eye(beat, dtype=np.float32)[t % beat] for beat in BEATS]
    changed = np.pad((np.diff(padded.astype(np.int8), axis=0) != 0).any(axis=1), (1, 0))
    changes = np.stack([changed[_FARTHEST - lag + t] for lag in range(1, CHANGES + 1)], axis=1)
    size = padded[_FARTHEST - 1 + t].sum(axis=1, keepdims=True) / 8
    return Heard(padded, memory, np.concatenate([memory.places, *beats, changes, size], axis=1).astype(np.float32))


def frames_of(pieces: Sequence[Heard], stretches: Sequence[Stretch]) -> Frames:
    """The frames that ``stretches`` name, transposed as they say."""
    time = max(stretch.end - stretch.start for stretch in stretches)
    keys = pieces[stretches[0].piece].padded.shape[1]
    shape, rows = (len(stretches), time), keys + 2 * SHIFTS
    sounds = np.zeros((*shape, 1 + len(LAGS), rows), np.uint8)
    planes = np.zeros((*shape, PLANES, rows), np.uint8)
    width = pieces[0].numbers.shape[1]
    numbers = np.zeros((*shape, width + 2 * SHIFTS + 1), np.float32)
    real = np.zeros(shape, bool)
    back = np.array([0, *LAGS])
    for lane, stretch in enumerate(stretches):
        piece, count = pieces[stretch.piece], stretch.end - stretch.start
        first = SHIFTS + stretch.shift
        at = np.arange(stretch.start, stretch.end)
        sounds[lane, :count, :, first : first + keys] = piece.padded[_FARTHEST + at[:, None] - back]
        planes[lane, :count, :, first : first + keys] = piece.memory.planes[at]
        numbers[lane, :count, :width] = piece.numbers[at]
        numbers[lane, :count, width + first] = 1
        real[lane, :count] = True
    sound = torch.from_numpy(sounds).float()
    return Frames(
        sound[:, :, 0],
        sound[:, :, 1:],
        torch.from_numpy(planes).float() / MOST_FRAMES,
        torch.from_numpy(numbers),
        torch.from_numpy(real),
        torch.tensor([SHIFTS + stretch.shift for stretch in stretches]),
    )
