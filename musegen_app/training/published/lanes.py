"""Pieces side by side: windows of frames whose net state is carried, each piece from its first frame to its last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHIFTS = 6
"""How far pieces are transposed, up and down, in semitones."""


@dataclass(frozen=True)
class Stretch:
    """Where a lane reads next: ``start`` to ``end`` of ``piece``, moved by ``shift`` semitones (−6 to 6)."""

    piece: int
    start: int
    end: int
    shift: int


def endless(
    lengths: Sequence[int], lanes: int, window: int, shifts: int, random: np.random.Generator
) -> Iterator[list[Stretch]]:
    """For ever: what each lane reads, pieces in random order and each moved by a random shift within ±``shifts``.

    A lane goes on where it was; one whose piece has ended takes the next (its ``start`` is then 0).
    """
    order = _shuffles(len(lengths), random)

    def begin() -> Stretch:
        return Stretch(next(order), 0, 0, int(random.integers(-shifts, shifts + 1)))

    places = [begin() for _ in range(lanes)]
    while True:
        for lane, place in enumerate(places):
            fresh = begin() if place.end and place.end == lengths[place.piece] else place
            places[lane] = Stretch(fresh.piece, fresh.end, min(fresh.end + window, lengths[fresh.piece]), fresh.shift)
        yield list(places)


def in_order(lengths: Sequence[int], lanes: int, window: int, shift: int = 0) -> Iterator[list[Stretch]]:
    """Every frame once: groups of ``lanes`` pieces of like length, window after window; a lane that has ended is left out.

    The first window of a group has all its pieces; the later ones those that last, in the same order.
    """
    by_length: NDArray[np.intp] = np.argsort(lengths, kind="stable")[::-1]
    for first in range(0, len(lengths), lanes):
        group = [int(piece) for piece in by_length[first : first + lanes] if lengths[piece]]
        for start in range(0, max((lengths[piece] for piece in group), default=0), window):
            lasting = [piece for piece in group if lengths[piece] > start]
            yield [Stretch(piece, start, min(start + window, lengths[piece]), shift) for piece in lasting]


def _shuffles(count: int, random: np.random.Generator) -> Iterator[int]:
    while True:
        yield from (int(n) for n in random.permutation(count))
