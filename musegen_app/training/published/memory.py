"""What a frame may know of all that sounded before it, worked out once a piece: ages, habits, and remembered places.

Everything here moves with the music when it is transposed, so a piece is worked out once for all transpositions. Two kinds
of remembered places are looked up: the latest place whose past agrees longest with the present past, frame for frame (the
match model of text compressors), and all places weighed by how alike their pasts are (attention with a fixed kernel).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musegen_app.training.published.splits import Roll

MOST_FRAMES: Final = 255
PLANES: Final = 10
"""On for so long, off for so long, how long it last sounded, three habits, longest match, three attentions."""
PLACES: Final = 8
"""Numbers a frame: length and lag of the longest match, best likeness, attentions' spread, frames since a change."""
_HABITS: Final = (4.0, 16.0, 96.0)
_SHARPNESS: Final = (2.0, 6.0, 16.0)
_KEPT: Final = 0.85
_FARTHEST: Final = 1024

Planes = NDArray[np.uint8]
Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Memory:
    """``planes`` (frames, PLANES, keys), shares as 0–255; ``places`` (frames, PLACES), about 0–1; of the past alone."""

    planes: Planes
    places: Numbers


def memory_of(roll: Roll) -> Memory:
    """What each frame of ``roll`` may know of the frames before it."""
    ages, since = _ages(roll)
    matched, attended, places = _remembered(roll)
    planes = np.stack([*ages, *_habits(roll), matched, *attended], axis=1)
    return Memory(planes, np.concatenate([places, since], axis=1).astype(np.float32))


def _ages(roll: Roll) -> tuple[list[Planes], Numbers]:
    """How long each key has been on, has been off, was last on (logarithmic); frames since any change, since the start."""
    count, keys = roll.shape
    on, off, last = (np.zeros((count, keys), np.float32) for _ in range(3))
    still = np.zeros((count, 2), np.float32)
    for t in range(1, count):
        now = roll[t - 1]
        on[t] = np.where(now, on[t - 1] + 1, 0)
        off[t] = np.where(now, 0, off[t - 1] + 1)
        last[t] = np.where(~now & (on[t - 1] > 0), on[t - 1], last[t - 1])
        changed = t < 2 or (now != roll[t - 2]).any()
        still[t, 0] = 1 if changed else still[t - 1, 0] + 1
    still[:, 1] = np.arange(count)
    return [_logarithmic(plane) for plane in (on, off, last)], (np.log1p(still) / 6).astype(np.float32)


def _logarithmic(plane: Numbers) -> Planes:
    shares: Planes = np.minimum(np.log1p(plane) * 46, MOST_FRAMES).astype(np.uint8)
    return shares


def _habits(roll: Roll) -> list[Planes]:
    """How much each key has sounded of late, over three spans."""
    habits = np.zeros((len(_HABITS), *roll.shape), np.float32)
    keep = np.exp(-1 / np.array(_HABITS, np.float32))[:, None]
    for t in range(1, len(roll)):
        habits[:, t] = keep * habits[:, t - 1] + (1 - keep) * roll[t - 1]
    return [(np.sqrt(habit) * MOST_FRAMES).astype(np.uint8) for habit in habits]


def _remembered(roll: Roll) -> tuple[Planes, list[Planes], Numbers]:
    """What followed at the longest match; what followed anywhere, by likeness, three ways; and PLACES − 2 numbers."""
    count, keys = roll.shape
    matched = np.zeros((count, keys), np.uint8)
    attended = [np.zeros((count, keys), np.uint8) for _ in _SHARPNESS]
    places = np.zeros((count, PLACES - 2), np.float32)
    sounds = roll.astype(np.float32)
    sizes = sounds.sum(axis=1)
    runs, alike = np.zeros(_FARTHEST, np.float32), np.zeros(_FARTHEST, np.float32)
    for t in range(2, count):
        now = _likeness(sounds, sizes, t - 1)
        known = len(now)  # lags 1, 2, 3, … in this order, here and below
        runs[:known] = np.where(now == 1, runs[:known] + 1, 0)
        alike[:known] = _KEPT * alike[:known] + (1 - _KEPT) * now
        followed = sounds[t - known : t][::-1]
        lag = int(runs[:known].argmax())
        matched[t] = followed[lag] * MOST_FRAMES if runs[lag] > 0 else 0
        best = float(alike[:known].max())
        places[t, :3] = np.log1p(runs[lag]) / 6, np.log1p(lag + 1) / 7 * (runs[lag] > 0), best
        for n, sharpness in enumerate(_SHARPNESS):
            weights = np.exp(sharpness * 4 * (alike[:known] - best))
            share = weights / weights.sum()
            attended[n][t] = (share @ followed) * MOST_FRAMES
            places[t, 3 + n] = 1 / (1 + float((share > 0.1 * share.max()).sum()))
    return matched, attended, places


def _likeness(sounds: Numbers, sizes: Numbers, t: int) -> Numbers:
    """The share of keys that frame ``t`` has in common with each frame before it, latest first; 1 where both are silent."""
    past = slice(max(t - _FARTHEST, 0), t)
    shared = (sounds[past] @ sounds[t])[::-1]
    either = sizes[past][::-1] + sizes[t] - shared
    return np.where(either > 0, shared / np.maximum(either, 1), np.float32(1))
