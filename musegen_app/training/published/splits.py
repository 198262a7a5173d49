"""The splits of a published set: rolls of train, valid and test, 88 keys a frame."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musegen_app.errors import FileError, TrainingError
from musegen_app.training.published.matfile import read_cells

KEYS: Final = 88
LOWEST_PITCH: Final = 21
SETS: Final = {"jsb": "JSB_Chorales", "nottingham": "Nottingham", "musedata": "MuseData", "piano": "Piano_midi"}
"""The sets by the names the command line gives them, and how their files are called."""
TITLES: Final = {"jsb": "JSB", "nottingham": "Nottingham", "musedata": "MuseData", "piano": "Piano-midi"}
_PARTS: Final = ("train", "valid", "test")

Roll = NDArray[np.bool_]
"""What sounds: (frames, keys)."""


@dataclass(frozen=True)
class Splits:
    """The pieces of a set, as published: learnt from, chosen by, and reported on."""

    train: list[Roll]
    valid: list[Roll]
    test: list[Roll]


def read_set(folder: Path, name: str) -> Splits:
    """The set ``name`` (a key of :data:`SETS`) of a folder, from its .mat or, where there is none, its .json file.

    Raises:
        FileError: there is neither, or it is damaged.
        TrainingError: a part of it has no frames.
    """
    paths = [folder / f"{SETS[name]}{suffix}" for suffix in (".mat", ".json")]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise FileError(f"There is no {SETS[name]}.mat in {folder}.", folder)
    splits = _of_mat(path) if path.suffix == ".mat" else _of_json(path)
    for part in _PARTS:
        if not frames(getattr(splits, part)):
            raise TrainingError(f"The {part} part of {path} has no frames.")
    return splits


def frames(rolls: Sequence[Roll]) -> int:
    """How many frames ``rolls`` have."""
    return sum(map(len, rolls))


def _of_mat(path: Path) -> Splits:
    cells = read_cells(path)
    try:
        return Splits(*([_checked(roll > 0, path) for roll in cells[f"{part}data"]] for part in _PARTS))
    except KeyError as error:
        raise FileError(f"{path} has no cell array {error}.", path) from error


def _checked(roll: Roll, path: Path) -> Roll:
    if roll.shape[1] != KEYS:
        raise FileError(f"{path} has rolls of {roll.shape[1]} keys instead of {KEYS}.", path)
    return roll


def _of_json(path: Path) -> Splits:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return Splits(*([_roll_of(piece) for piece in stored[part]] for part in _PARTS))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise FileError(
            f"{path} is not a file of train, valid and test pieces, lists of frames of MIDI pitches.", path
        ) from error


def _roll_of(piece: list[list[int]]) -> Roll:
    roll = np.zeros((len(piece), KEYS), bool)
    for frame, pitches in zip(roll, piece, strict=True):
        keys = np.asarray(pitches, int) - LOWEST_PITCH
        if ((keys < 0) | (keys >= KEYS)).any():
            raise ValueError("a pitch beyond the piano")
        frame[keys] = True
    return roll


def unigram_nats(splits: Splits, part: str = "test") -> list[NDArray[np.float64]]:
    """Nats of each frame of a part, piece by piece, when each key sounds as often as in train, by itself."""
    train = np.concatenate(splits.train)
    share = (train.sum(axis=0) + 1) / (len(train) + 2)
    return [-np.where(roll, np.log(share), np.log1p(-share)).sum(axis=1) for roll in getattr(splits, part)]
