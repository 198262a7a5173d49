"""A set of numbers packed tightly: sorted, and written as Elias and Fano did, in two bits and a few more for each.

P. Elias, "Efficient storage and retrieval by content and address of static files", 1974; R. Fano, 1971.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class PackedSet:
    """A set of ``count`` 64-bit numbers, each kept as its remainder by ``count << bits``.

    A number that is in the set is always found; one that is not is found with a probability of about ``2 ** -bits``.
    ``low`` holds the lower ``bits`` of each remainder, ``high`` the rest in unary, both as packed bits.
    """

    count: int
    bits: int
    low: Bytes
    high: Bytes

    @classmethod
    def of(cls, numbers: Codes, bits: int) -> PackedSet:
        """The set of ``numbers``; ``bits`` 1–20."""
        distinct = np.unique(numbers)
        count = len(distinct)
        if not count:
            return cls(0, bits, np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.uint8))
        kept = np.sort(distinct % np.uint64(count << bits)).astype(np.int64)
        unary = np.zeros((int(kept[-1]) >> bits) + count, dtype=np.bool_)
        unary[(kept >> bits) + np.arange(count)] = True
        digits = (kept[:, None] >> np.arange(bits)) & 1
        return cls(count, bits, np.packbits(digits.astype(np.bool_)), np.packbits(unary))

    @property
    def nbytes(self) -> int:
        """Bytes of the packed bits."""
        return len(self.low) + len(self.high)

    @cached_property
    def _kept(self) -> Codes:
        """The remainders, sorted.

        Raises:
            ValueError: the bits do not make a set of that many numbers.
        """
        ones = np.flatnonzero(np.unpackbits(self.high))
        digits = np.unpackbits(self.low)[: self.count * self.bits]
        if len(ones) != self.count or len(digits) != self.count * self.bits:
            raise ValueError("the set is cut off")
        kept = (ones - np.arange(self.count)) << self.bits
        columns = digits.reshape(self.count, self.bits)
        for place in range(self.bits):
            kept |= columns[:, place].astype(np.int64) << place
        return kept.astype(np.uint64)

    def unpack(self) -> None:
        """Get ready to be asked; else the first question takes longer.

        Raises:
            ValueError: the bits do not make a set of that many numbers.
        """
        _ = self._kept

    def has(self, numbers: Codes) -> npt.NDArray[np.bool_]:
        """Which of ``numbers`` are in the set."""
        if not self.count or not len(numbers):
            return np.zeros(len(numbers), dtype=np.bool_)
        asked = numbers % np.uint64(self.count << self.bits)
        places = np.minimum(np.searchsorted(self._kept, asked), self.count - 1)
        found: npt.NDArray[np.bool_] = self._kept[places] == asked
        return found
