"""Frames between the window and the engine: four bytes of length, then a marshalled tuple.

Both ends are the same Python of the same program, so ``marshal`` is safe here, and far quicker than the alternatives.
"""

from __future__ import annotations

import marshal
import struct
from typing import Any, Final

_HEAD: Final = struct.Struct("<I")

Frame = tuple[Any, ...]


def packed(*frame: Any) -> bytes:
    """A frame as bytes."""
    body = marshal.dumps(frame)
    return _HEAD.pack(len(body)) + body


class Unpacker:
    """Puts frames together from bytes as they come."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now."""
        self._held += data
        frames: list[Frame] = []
        while len(self._held) >= _HEAD.size:
            (length,) = _HEAD.unpack_from(self._held)
            end = _HEAD.size + length
            if len(self._held) < end:
                break
            frames.append(marshal.loads(bytes(self._held[_HEAD.size : end])))  # noqa: S302  our own process wrote it
            del self._held[:end]
        return frames
