"""JSB chorales on the 16th grid: soprano, alto, tenor and bass a frame; a token is what one voice does in one frame."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musegen_app.errors import FileError, TrainingError

FILE: Final = "jsb-chorales-16th.json"
VOICES: Final = 4
SILENT: Final = -1
CLASSES: Final = 129
"""What a voice may do: each of MIDI's pitches, or be silent."""
USUAL: Final = (71, 66, 60, 52)
"""Where a voice is looked for before it has sung."""
_PARTS: Final = ("train", "valid", "test")

Song = NDArray[np.int16]
"""MIDI pitches or SILENT: (frames, VOICES), a frame a sixteenth; what is held and what is struck again look alike."""


@dataclass(frozen=True)
class Chorales:
    """The published split of Boulanger-Lewandowski (2012): learnt from, chosen by, reported on."""

    train: list[Song]
    valid: list[Song]
    test: list[Song]


def read_chorales(folder: Path) -> Chorales:
    """The chorales of a folder.

    Raises:
        FileError: there are none, or the file is damaged.
        TrainingError: a part has no frames.
    """
    path = folder / FILE
    if not path.is_file():
        raise FileError(f"There is no {FILE} in {folder}.", folder)
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        chorales = Chorales(*([song_of(piece) for piece in stored[part]] for part in _PARTS))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError(
            f"{path} is not a file of train, valid and test chorales, lists of frames of up to four pitches.", path
        ) from error
    for part in _PARTS:
        if not sum(map(len, getattr(chorales, part))):
            raise TrainingError(f"The {part} part of {path} has no frames.")
    return chorales


def song_of(frames: Sequence[Sequence[float]]) -> Song:
    """Frames of up to four pitches, highest voice first, as voices.

    A frame that has fewer does not say who is silent: the pitches go, in their order, to the voices that were nearest to
    them. The frame can be told from the voices, so what these cost is never less than what the frame does.

    Raises:
        ValueError: a frame has more than four pitches, or one that MIDI does not know.
    """
    song = np.full((len(frames), VOICES), SILENT, np.int16)
    last = np.array(USUAL)
    for row, frame in zip(song, frames, strict=True):
        pitches = np.asarray(frame, float).astype(int)
        if len(pitches) > VOICES or (len(pitches) and not 0 <= pitches.min() <= pitches.max() < 128):
            raise ValueError("not a frame of a chorale")
        ways = [list(way) for way in combinations(range(VOICES), len(pitches))]
        sung = min(ways, key=lambda way: int(np.abs(last[way] - pitches).sum()))
        row[sung] = pitches
        last[sung] = pitches
    return song


def unigram_nats(chorales: Chorales, part: str = "test") -> list[NDArray[np.float64]]:
    """Nats of each token of a part, piece by piece, by how often the voice sings each pitch in train."""
    train = np.concatenate(chorales.train) + 1
    counts = np.stack([np.bincount(train[:, voice], minlength=CLASSES) + 1 for voice in range(VOICES)])
    cost = -np.log(counts / counts.sum(axis=1, keepdims=True))
    songs: list[Song] = getattr(chorales, part)
    return [cost[np.arange(VOICES), song + 1].ravel() for song in songs]
