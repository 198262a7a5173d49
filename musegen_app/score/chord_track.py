"""The chord track: chords side by side in time, none over another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from musegen_app.score.chords import Chord


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord from tick ``start`` to before ``end``."""

    start: int
    end: int
    chord: Chord

    def moved(self, ticks: int) -> ChordSpan:
        """The chord so much later, never before tick 0."""
        shift = max(ticks, -self.start)
        return replace(self, start=self.start + shift, end=self.end + shift)


Chords = tuple[ChordSpan, ...]
"""Chords in order of time that do not overlap."""


def placed(chords: Chords, new: Sequence[ChordSpan]) -> Chords:
    """The chords with ``new`` ones laid over them: those beneath are cut, parted or covered. The last of two wins."""
    for span in new:
        if span.start >= span.end or span.start < 0:
            raise ValueError(f"a chord from tick {span.start} to {span.end}")
        chords = (*_cleared(chords, span.start, span.end), span)
    return tuple(sorted(chords, key=lambda span: span.start))


def without(chords: Chords, gone: Sequence[ChordSpan]) -> Chords:
    """The chords but for ``gone``."""
    return tuple(span for span in chords if span not in gone)


def chord_at(chords: Chords, tick: int) -> ChordSpan | None:
    """The chord in force at ``tick``."""
    return next((span for span in chords if span.start <= tick < span.end), None)


def room_at(chords: Chords, start: int, end: int) -> int:
    """Where a chord that begins at ``start`` and would last to ``end`` must end, so that it covers no later one."""
    return min((span.start for span in chords if start < span.start < end), default=end)


def as_masks(chords: Chords) -> tuple[tuple[int, int], ...]:
    """(tick, pitch classes as 12 bits) where the harmony changes; a mask of 0 ends a chord that none follows at once."""
    found: list[tuple[int, int]] = []
    for span in chords:
        if found and found[-1][0] == span.start:
            found.pop()
        found += [(span.start, span.chord.mask), (span.end, 0)]
    return tuple(found)


def _cleared(chords: Chords, start: int, end: int) -> list[ChordSpan]:
    """The chords with nothing between ``start`` and ``end``."""
    left = [replace(span, end=min(span.end, start)) for span in chords if span.start < start]
    right = [replace(span, start=max(span.start, end)) for span in chords if span.end > end]
    return [*left, *right]
