"""Small sets in the published form: random tunes over a bass, as .json and as .mat files."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from musegen_app.training.published.splits import KEYS, LOWEST_PITCH, Roll, Splits

COUNTS = {"train": 6, "valid": 2, "test": 2}


def tune(random: np.random.Generator, frames: int) -> Roll:
    """A tune of three notes over a bass that changes every fourth frame."""
    roll = np.zeros((frames, KEYS), bool)
    for t in range(frames):
        roll[t, [60 + random.choice([0, 2, 4]) - LOWEST_PITCH, 48 + (t // 4) % 3 - LOWEST_PITCH]] = True
    return roll


def small_set(seed: int = 1) -> Splits:
    """Six pieces to learn from, two to choose by, two to report on, of 20 to 40 frames."""
    random = np.random.default_rng(seed)
    return Splits(*([tune(random, int(random.integers(20, 40))) for _ in range(count)] for count in COUNTS.values()))


def as_json(splits: Splits) -> str:
    parts = {part: [[_pitches(frame) for frame in roll] for roll in getattr(splits, part)] for part in COUNTS}
    return json.dumps(parts)


def _pitches(frame: np.ndarray) -> list[int]:
    return [int(key) + LOWEST_PITCH for key in np.flatnonzero(frame)]


def as_mat(splits: Splits, *, compress: bool = True) -> bytes:
    return mat_bytes({f"{part}data": getattr(splits, part) for part in COUNTS}, compress=compress)


def mat_bytes(arrays: Mapping[str, Sequence[np.ndarray]], *, compress: bool = True) -> bytes:
    """A MATLAB 5 file of cell arrays: numbers of class double, stored as bytes, as MATLAB does with small whole ones."""
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H2s", 0x0100, b"IM")
    elements = [_cell_array(name, matrices) for name, matrices in arrays.items()]
    if compress:
        elements = [struct.pack("<II", 15, len(packed)) + packed for packed in map(zlib.compress, elements)]
    return header + b"".join(elements)


def _cell_array(name: str, matrices: Sequence[np.ndarray]) -> bytes:
    cells = [_matrix(6, matrix.shape, b"", _element(2, matrix.T.astype(np.uint8).tobytes())) for matrix in matrices]
    return _matrix(1, (len(matrices), 1), name.encode(), *cells)


def _matrix(kind: int, shape: tuple[int, ...], name: bytes, *inside: bytes) -> bytes:
    flags = _element(6, struct.pack("<II", kind, 0))
    return _element(14, b"".join([flags, _element(5, struct.pack("<2i", *shape)), _element(1, name), *inside]))


def _element(kind: int, content: bytes) -> bytes:
    if 0 < len(content) <= 4:
        return struct.pack("<HH", kind, len(content)) + content.ljust(4, b"\0")
    return struct.pack("<II", kind, len(content)) + content + b"\0" * (-len(content) % 8)


def written(folder: Path, splits: Splits | None = None) -> Path:
    """``folder`` with a small JSB set in it."""
    folder.mkdir(exist_ok=True)
    (folder / "JSB_Chorales.mat").write_bytes(as_mat(splits or small_set()))
    return folder
