"""What a token of a chorale may know: what all voices sang, how long, what the higher ones sing now, what is remembered.

Everything on the axis of pitches moves with the music when it is transposed, so a piece is worked out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from musegen_app.training.published.chorales import SILENT, USUAL, VOICES, Song
from musegen_app.training.published.lanes import SHIFTS, Stretch
from musegen_app.training.published.memory import MOST_FRAMES, PLACES, PLANES, memory_of
from musegen_app.training.published.splits import Roll

LOWEST: Final = 16
KEYS: Final = 88
"""Pitches from LOWEST on that planes have room for."""
ROWS: Final = KEYS + 2 * SHIFTS
SUNG: Final = 3 * VOICES
"""Pitches: where each voice last sang, where before its last change, and before that."""
SHARED: Final = 4
"""Planes of what sounded a quarter and two ago, and of two spans' pitch classes."""
OWN: Final = 4
"""Planes of what a voice alone remembers."""
_BEATS: Final = (4, 8, 12, 16, 24, 32, 64)
_LONGEST: Final = 16
_HABITS: Final = (24.0, 96.0)
NUMBERS: Final = sum(_BEATS) + VOICES * (3 * _LONGEST + 1) + PLACES + VOICES * PLACES + 1

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class HeardSong:
    """A piece ready to be learnt from; frames first.

    ``now`` int64 (frames, VOICES) is what is sung, ``sung`` int64 (frames, SUNG) what was, ``held`` bool (frames, VOICES)
    whether a voice sounded in the frame before. ``shared``, ``memory``, ``own``: planes 0–255 over KEYS pitches.
    """

    now: NDArray[np.int64]
    sung: NDArray[np.int64]
    held: NDArray[np.bool_]
    shared: Bytes
    memory: Bytes
    own: Bytes
    numbers: NDArray[np.float32]

    @property
    def frames(self) -> int:
        """Frames of the piece."""
        return len(self.now)


class Tokens(NamedTuple):
    """Frames of several lanes, padded to the longest; (lanes, time, …) as in :class:`HeardSong`, planes float 0–1.

    ``real`` bool (lanes, time), ``shift`` int64 (lanes,): by how many semitones a lane is transposed.
    """

    now: Tensor
    sung: Tensor
    held: Tensor
    shared: Tensor
    memory: Tensor
    own: Tensor
    numbers: Tensor
    real: Tensor
    shift: Tensor


def hear(song: Song) -> HeardSong:
    """``song`` with what each of its tokens may know of the frames before it."""
    count = len(song)
    pitch = np.full((count + 1, VOICES), SILENT, np.int64)
    pitch[1:] = song
    sang, since, lengths = _past(pitch)
    rolls = np.stack([_struck(pitch[1:, voice]) for voice in range(VOICES)])
    together: Roll = np.logical_or.reduce(rolls)
    whole = memory_of(together)
    alone = [memory_of(roll) for roll in rolls]
    numbers = [_beats(count), since, lengths, _changes(pitch), whole.places, *(memory.places for memory in alone)]
    return HeardSong(
        now=pitch[1:],
        sung=sang.reshape(SUNG, count).T.copy(),
        held=pitch[:-1] != SILENT,
        shared=_shared(together),
        memory=whole.planes,
        own=np.stack([memory.planes[:, PLANES - OWN :] for memory in alone], axis=1),
        numbers=np.concatenate([*numbers, np.log1p(np.arange(count))[:, None] / 6], axis=1).astype(np.float32),
    )


def _struck(pitches: NDArray[np.int64]) -> Roll:
    """One key a frame, none where SILENT."""
    keys: Roll = pitches[:, None] == np.arange(LOWEST, LOWEST + KEYS)
    return keys


def _past(pitch: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """The last three pitches of each voice (3, VOICES, frames); how long the last one lasts; how long those before did."""
    count = len(pitch) - 1
    sang = np.zeros((3, VOICES, count), np.int64)
    lengths = np.zeros((2, count, VOICES), np.int64)
    for voice in range(VOICES):
        places, long = [USUAL[voice], SILENT, SILENT], [0, 0]
        for t in range(count):
            last = int(pitch[t, voice])
            if last in (SILENT, places[0]):
                long[0] += 1
            else:
                places, long = [last, *places[:2]], [1, long[0]]
            sang[:, voice, t] = places
            lengths[:, t, voice] = long
    told = np.eye(_LONGEST, dtype=np.float32)[np.minimum(lengths, _LONGEST - 1)].reshape(2, count, -1)
    return sang, told[0], told[1]


def _beats(count: int) -> NDArray[np.float32]:
    t = np.arange(count)
    return np.concatenate([np.eye(beat, dtype=np.float32)[t % beat] for beat in _BEATS], axis=1)


def _changes(pitch: NDArray[np.int64]) -> NDArray[np.float32]:
    """In which of the last frames each voice changed, and whether it sounded last: (frames, VOICES · (longest + 1))."""
    count = len(pitch) - 1
    changed = np.pad(pitch[1:] != pitch[:-1], ((_LONGEST, 0), (0, 0)))  # of frame t at row t + longest
    rows = np.arange(count)[:, None] + np.arange(_LONGEST)
    return np.concatenate([changed[rows].reshape(count, -1), pitch[:-1] != SILENT], axis=1).astype(np.float32)


def _shared(roll: Roll) -> Bytes:
    """What sounded one and two quarters ago, and how much each pitch class has sounded, over two spans."""
    count = len(roll)
    past = np.pad(roll, ((8, 0), (0, 0)))
    classes = np.zeros((count, len(_HABITS), 12))
    pad = -KEYS % 12
    now = np.pad(roll, ((0, 0), (0, pad))).reshape(count, -1, 12).sum(axis=1)
    keep = np.exp(-1 / np.array(_HABITS))[:, None]
    for t in range(1, count):
        classes[t] = keep * classes[t - 1] + (1 - keep) * now[t - 1]
    habits = np.tile(np.sqrt(np.minimum(classes / VOICES, 1)), (1, 1, KEYS // 12 + 1))[:, :, :KEYS]
    planes = np.concatenate([past[4 : 4 + count, None], past[:count, None], habits], axis=1)
    shares: Bytes = (planes * MOST_FRAMES).astype(np.uint8)
    return shares


def tokens_of(pieces: Sequence[HeardSong], stretches: Sequence[Stretch]) -> Tokens:
    """The frames that ``stretches`` name."""
    time = max(stretch.end - stretch.start for stretch in stretches)
    real = np.zeros((len(stretches), time), bool)
    for lane, stretch in enumerate(stretches):
        real[lane, : stretch.end - stretch.start] = True

    def joined(name: str) -> Tensor:
        parts = [getattr(pieces[stretch.piece], name)[stretch.start : stretch.end] for stretch in stretches]
        padded = np.zeros((len(parts), time, *parts[0].shape[1:]), parts[0].dtype)
        for row, part in zip(padded, parts, strict=True):
            row[: len(part)] = part
        tensor = torch.from_numpy(padded)
        return tensor.float() / MOST_FRAMES if tensor.dtype == torch.uint8 else tensor

    columns = [joined(name) for name in ("now", "sung", "held", "shared", "memory", "own", "numbers")]
    return Tokens._make([*columns, torch.from_numpy(real), torch.tensor([stretch.shift for stretch in stretches])])
