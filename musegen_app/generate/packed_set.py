"""A set of numbers packed tightly: sorted, and written as Elias and Fano did, in two bits and a few more for each.

P. Elias, "Efficient storage and retrieval by content and address of static files", 1974; R. Fano, 1971.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_ONES: Final = np.unpackbits(np.arange(256, dtype=np.uint8)).reshape(256, 8).sum(axis=1).astype(np.int64)
MOST_BITS: Final = 16
_SPARE: Final = 2  # bytes, so that three can be read from any place


@dataclass(frozen=True)
class PackedSet:
    """A set of ``count`` 64-bit numbers, each kept as its remainder by ``count << bits``.

    A number that is in the set is always found; one that is not is found with a probability of about ``2 ** -bits``.
    ``low`` holds the lower ``bits`` of each remainder, ``high`` the rest in unary, both as packed bits: a one for each
    number and a zero after those of each bucket. Nothing is unpacked but what is asked for.
    """

    count: int
    bits: int
    low: Bytes
    high: Bytes

    @classmethod
    def of(cls, numbers: Codes, bits: int) -> PackedSet:
        """The set of ``numbers``; ``bits`` 1–16."""
        distinct = np.unique(numbers)
        count = len(distinct)
        if not count:
            return cls(0, bits, np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.uint8))
        kept = np.sort(distinct % np.uint64(count << bits)).astype(np.int64)
        unary = np.zeros(2 * count, dtype=np.bool_)
        unary[(kept >> bits) + np.arange(count)] = True
        digits = (kept[:, None] >> np.arange(bits - 1, -1, -1)) & 1
        low = np.packbits(digits.astype(np.bool_))
        return cls(count, bits, np.append(low, np.zeros(_SPARE, dtype=np.uint8)), np.packbits(unary))

    @property
    def nbytes(self) -> int:
        """Bytes of the packed bits."""
        return len(self.low) + len(self.high)

    def check(self) -> None:
        """See that it is whole.

        Raises:
            ValueError: the bits do not make a set of that many numbers.
        """
        low = -(-self.count * self.bits // 8) + (_SPARE if self.count else 0)
        zeros = int(self._zeros[-1]) if self.count and len(self.high) else 0
        if len(self.low) != low or len(self.high) != -(-2 * self.count // 8) or 8 * len(self.high) - zeros != self.count:
            raise ValueError("the set is cut off")

    def has(self, numbers: Codes) -> npt.NDArray[np.bool_]:
        """Which of ``numbers`` are in the set."""
        found = np.zeros(len(numbers), dtype=np.bool_)
        if not self.count or not len(numbers):
            return found
        asked = (numbers % np.uint64(self.count << self.bits)).astype(np.int64)
        high, low = asked >> self.bits, asked & ((1 << self.bits) - 1)
        first = np.where(high > 0, self._zero_places(np.maximum(high - 1, 0)) + 1 - high, 0)
        end = self._zero_places(high) - high
        for place in range(int((end - first).max(initial=0))):
            there = first + place < end
            found[there] |= self._low_digits(first[there] + place) == low[there]
        return found

    @cached_property
    def _zeros(self) -> Ints:
        """How many zeros there are in ``high`` up to the end of each byte."""
        return np.cumsum(8 - _ONES[self.high])

    def _zero_places(self, numbers: Ints) -> Ints:
        """Where in ``high`` the zeros with these numbers stand, from 0."""
        byte = np.searchsorted(self._zeros, numbers, side="right")
        before = np.where(byte > 0, self._zeros[byte - 1], 0)
        bits = np.unpackbits(self.high[byte]).reshape(-1, 8) == 0
        within = (np.cumsum(bits, axis=1) == (numbers - before + 1)[:, None]).argmax(axis=1)
        places: Ints = byte * 8 + within
        return places

    def _low_digits(self, rows: Ints) -> Ints:
        """The lower bits of the numbers in these rows."""
        at = rows * self.bits
        byte = at >> 3
        window = self.low[byte].astype(np.int64) << 16 | self.low[byte + 1].astype(np.int64) << 8
        window |= self.low[byte + 2].astype(np.int64)
        digits: Ints = window >> (24 - self.bits - (at & 7)) & ((1 << self.bits) - 1)
        return digits
