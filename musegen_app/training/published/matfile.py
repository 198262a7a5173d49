"""Reads cell arrays of numbers from a MATLAB 5 file, the form in which the published splits are spread.

Only what those files hold is read: little-endian, elements compressed or not, cell arrays of real two-dimensional matrices.
The layout follows MathWorks' "MAT-File Format" (level 5).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musegen_app.errors import FileError

_HEADER_BYTES: Final = 128
_MATRIX: Final = 14
_COMPRESSED: Final = 15
_CELL_CLASS: Final = 1
_COMPLEX_FLAG: Final = 0x0800
_NUMBERS: Final = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8", 12: "<i8", 13: "<u8"}

Matrix = NDArray[np.float64]


def read_cells(path: Path) -> dict[str, list[Matrix]]:
    """The cell arrays of a file by name, each a list of matrices in the file's order.

    Raises:
        FileError: it cannot be read, or is no such file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.", path) from error
    if len(content) < _HEADER_BYTES or content[126:128] != b"IM":
        raise FileError(f"{path} is not a MATLAB 5 file.", path)
    try:
        return dict(_arrays(content[_HEADER_BYTES:]))
    except (struct.error, zlib.error, ValueError, KeyError, IndexError) as error:
        raise FileError(f"{path} is damaged, or holds something else than piano rolls.", path) from error


def _arrays(content: bytes) -> Iterator[tuple[str, list[Matrix]]]:
    for kind, body in _elements(content):
        if kind == _COMPRESSED:
            yield from _arrays(zlib.decompress(body))
        elif kind == _MATRIX:
            yield _cells(body)
        else:
            raise ValueError("not an array")


def _cells(body: bytes) -> tuple[str, list[Matrix]]:
    flags, _, name, *cells = _elements(body)
    if _class_of(flags[1]) != _CELL_CLASS:
        raise ValueError("not a cell array")
    return name[1].decode("ascii"), [_matrix(cell) for _, cell in cells]


def _matrix(body: bytes) -> Matrix:
    flags, dimensions, _, *numbers = _elements(body)
    if _class_of(flags[1]) == _CELL_CLASS or struct.unpack_from("<I", flags[1])[0] & _COMPLEX_FLAG or len(numbers) != 1:
        raise ValueError("not a real matrix")
    rows, columns = struct.unpack("<2i", dimensions[1])
    kind, stored = numbers[0]
    return np.frombuffer(stored, _NUMBERS[kind]).astype(np.float64).reshape(columns, rows).T


def _class_of(flags: bytes) -> int:
    return flags[0]


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and bytes of each element; one of up to four bytes may be packed into its own tag."""
    at = 0
    while at < len(content):
        kind, size = struct.unpack_from("<II", content, at)
        if kind >> 16:
            yield kind & 0xFFFF, content[at + 4 : at + 4 + (kind >> 16)]
            at += 8
            continue
        if at + 8 + size > len(content):
            raise ValueError("an element ends beyond the file")
        yield kind, content[at + 8 : at + 8 + size]
        at += 8 + (size if kind == _COMPRESSED else -(-size // 8) * 8)
