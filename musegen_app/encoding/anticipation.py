"""What is known to come: notes that stand while others are drawn around them, as the network sees them beforehand.

The notes after a gap, the other tracks, a melody that is to get chords: all of them will be heard when their time comes, but
who writes toward them must see them coming (Anticipation-RNN, arXiv 1709.06404, gives a summary of a backward network; here
the surroundings ahead are computed, as :mod:`musegen_app.encoding.context` computes those behind). Training and generation
ask the same code.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import ONSET_CLASSES, ONSETS, PITCHES, GridNotes, Ints

Floats32 = npt.NDArray[np.float32]

KNOWN_CLASSES: Final = 2
"""Time to the next known onset, and from that to the one after: 0 for none, else the onset class and 1."""
KNOWN_CLASS_SIZE: Final = ONSET_CLASSES
KNOWN_PLANES: Final = 5
"""Pitches that will be struck: still in this chord, at the next known onset, within two quarters, a bar ahead; and those
that will sound a bar ahead."""
KNOWN_WIDTH: Final = KNOWN_PLANES * PITCHES + 12
_SOON: Final = 48
_CHROMA: Final = 192


class Anticipation:
    """The known notes of a piece, to be asked from any of its moments. Immutable."""

    def __init__(self, notes: GridNotes) -> None:
        """``notes`` are all that is known, before and after any moment, sorted; onsets count as the moments will."""
        self._onsets, first = np.unique(notes.onset, return_index=True)
        self._struck = _counts(notes.pitch, np.append(first, len(notes))[1:])
        ends = notes.onset + notes.length
        order = np.argsort(ends, kind="stable")
        self._ends = ends[order]
        self._ended = _counts(notes.pitch[order], np.arange(1, len(notes) + 1))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return not len(self._onsets)

    def look(self, at: Ints, floor: Ints, bar: Ints) -> tuple[Ints, Floats32]:
        """What is known to come after each moment.

        Args:
            at: int64 (moments,), steps.
            floor: int64 (moments,): of the chord at ``at`` only pitches above it are still to come; −1 for all.
            bar: int64 (moments,): the length of the bar that holds each moment, in steps.

        Returns:
            Classes int64 (moments, 2) and sounds float32 (moments, 652): planes of 0 and 1, then the pitch classes of the
            next two bars of 4/4, which add up to 1 or are all 0.
        """
        classes = np.zeros((len(at), KNOWN_CLASSES), dtype=np.int64)
        sounds = np.zeros((len(at), KNOWN_WIDTH), dtype=np.float32)
        if self.is_empty:
            return classes, sounds
        begun, passed = self._begun(at - 1), self._begun(at)
        classes[:] = np.stack([self._class(passed, at), self._class(passed + 1, None)], axis=1)
        planes = sounds[:, : KNOWN_PLANES * PITCHES].reshape(len(at), KNOWN_PLANES, PITCHES)
        here, struck = self._struck[begun], self._struck[passed]
        planes[:, 0] = (struck > here) & (np.arange(PITCHES) > floor[:, None])
        planes[:, 1] = self._struck[np.minimum(passed + 1, len(self._onsets))] > struck
        planes[:, 2] = self._struck[self._begun(at + _SOON)] > struck
        ahead = self._begun(at + bar)
        planes[:, 3] = self._struck[ahead] > self._struck[self._begun(at + bar - 1)]
        planes[:, 4] = self._struck[ahead] > self._ended[np.searchsorted(self._ends, at + bar, side="right")]
        coming = _folded(self._struck[self._begun(at + _CHROMA)] - struck)
        sounds[:, KNOWN_PLANES * PITCHES :] = coming / np.maximum(coming.sum(axis=1, keepdims=True), 1)
        return classes, sounds

    def _begun(self, at: Ints) -> Ints:
        """How many known onsets there were up to each moment, that included."""
        found: Ints = np.searchsorted(self._onsets, at, side="right").astype(np.int64)
        return found

    def _class(self, number: Ints, at: Ints | None) -> Ints:
        """Class of the time to onset ``number`` from ``at``, or from the onset before it."""
        there = np.minimum(number, len(self._onsets) - 1)
        since = self._onsets[np.maximum(there - 1, 0)] if at is None else at
        found: Ints = np.where(number < len(self._onsets), ONSETS.classes(self._onsets[there] - since) + 1, 0)
        return found


def _folded(pitches: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Counts by pitch (moments, 128) as counts by pitch class (moments, 12)."""
    octaves = np.pad(pitches, ((0, 0), (0, -PITCHES % 12)))
    found: npt.NDArray[np.int32] = octaves.reshape(len(pitches), -1, 12).sum(axis=1)
    return found


def _counts(pitch: Ints, until: Ints) -> npt.NDArray[np.int32]:
    """How often each pitch came among the first ``until[n]`` of ``pitch``: int32 (len(until) + 1, 128), the first row 0."""
    found = np.zeros((len(until) + 1, PITCHES), dtype=np.int32)
    group = np.searchsorted(until, np.arange(len(pitch)), side="right")
    np.add.at(found, (group + 1, pitch), 1)
    return found.cumsum(axis=0, dtype=np.int32)
