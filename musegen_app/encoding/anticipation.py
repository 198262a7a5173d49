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

_BARS_AHEAD: Final = (1, 2, 4)
_FAR_BARS: Final = (2, 4)
KNOWN_CLASSES: Final = 2 + len(_BARS_AHEAD)
"""Times, 0 for none, else the onset class and 1: to the next known onset, from that to the one after, and from one, two and
four bars ahead to the next known onset there."""
KNOWN_CLASS_SIZE: Final = ONSET_CLASSES
KNOWN_PLANES: Final = 5
"""Pitches that will be struck: still in this chord, at the next known onset, within two quarters, a bar ahead; and those
that will sound a bar ahead."""
FAR_START: Final = KNOWN_PLANES * PITCHES + 12
"""The column of the sounds where what lies farther ahead begins."""
FAR_PLANES: Final = len(_FAR_BARS)
"""Pitches that will be struck two and four bars ahead, the like of which is often written in a gap of such a length."""
KNOWN_WIDTH: Final = FAR_START + FAR_PLANES * PITCHES + 12
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
            Classes int64 (moments, 5) and sounds float32 (moments, 920): planes of 0 and 1, then the pitch classes of the
            next two bars of 4/4, which add up to 1 or are all 0; then the planes farther ahead and the pitch classes of two
            bars of 4/4 from the next known onset on, however far that is.
        """
        classes = np.zeros((len(at), KNOWN_CLASSES), dtype=np.int64)
        sounds = np.zeros((len(at), KNOWN_WIDTH), dtype=np.float32)
        if self.is_empty:
            return classes, sounds
        begun, passed = self._begun(at - 1), self._begun(at)
        following = [self._class(self._begun(at + bars * bar - 1), at + bars * bar) for bars in _BARS_AHEAD]
        classes[:] = np.stack([self._class(passed, at), self._class(passed + 1, None), *following], axis=1)
        planes = sounds[:, : KNOWN_PLANES * PITCHES].reshape(len(at), KNOWN_PLANES, PITCHES)
        here, struck = self._struck[begun], self._struck[passed]
        planes[:, 0] = (struck > here) & (np.arange(PITCHES) > floor[:, None])
        planes[:, 1] = self._struck[np.minimum(passed + 1, len(self._onsets))] > struck
        planes[:, 2] = self._struck[self._begun(at + _SOON)] > struck
        ahead = self._begun(at + bar)
        planes[:, 3] = self._struck[ahead] > self._struck[self._begun(at + bar - 1)]
        planes[:, 4] = self._struck[ahead] > self._ended[np.searchsorted(self._ends, at + bar, side="right")]
        sounds[:, KNOWN_PLANES * PITCHES : FAR_START] = _shares(self._struck[self._begun(at + _CHROMA)] - struck)
        self._look_far(sounds[:, FAR_START:], at, bar)
        return classes, sounds

    def _look_far(self, sounds: Floats32, at: Ints, bar: Ints) -> None:
        """Fill in what lies farther ahead."""
        passed = self._begun(at)
        planes = sounds[:, : FAR_PLANES * PITCHES].reshape(len(at), FAR_PLANES, PITCHES)
        for plane, bars in enumerate(_FAR_BARS):
            there = at + bars * bar
            planes[:, plane] = self._struck[self._begun(there)] > self._struck[self._begun(there - 1)]
        following = self._onsets[np.minimum(passed, len(self._onsets) - 1)]
        coming = self._struck[self._begun(following + _CHROMA)] - self._struck[passed]
        sounds[:, FAR_PLANES * PITCHES :] = _shares(coming)

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


class Foreknowledge:
    """What is known of a piece that is heard row by row: the begin mark's, then one a note. Immutable.

    It is shown to who draws a note and, a row before, to who says when that comes. While given notes are heard nothing is
    shown, so that what is remembered of them is what is remembered of any music.
    """

    def __init__(self, known: Anticipation, drawn: npt.NDArray[np.bool_]) -> None:
        """``drawn`` bool (notes,) tells which of the piece's notes are drawn, or foreseen as if they were."""
        self._known = known
        self._hidden = ~(np.append(False, drawn) | np.append(drawn, False))

    def look(self, rows: Ints, at: Ints, floor: Ints, bar: Ints) -> tuple[Ints, Floats32]:
        """As :meth:`Anticipation.look`, for ``rows`` of the piece, int64 (moments,)."""
        classes, sounds = self._known.look(at, floor, bar)
        hidden = self._hidden[rows]
        classes[hidden], sounds[hidden] = 0, 0
        return classes, sounds


def _shares(pitches: npt.NDArray[np.int32]) -> Floats32:
    """Counts by pitch (moments, 128) as shares of the pitch classes (moments, 12)."""
    octaves = np.pad(pitches, ((0, 0), (0, -PITCHES % 12)))
    classes = octaves.reshape(len(pitches), -1, 12).sum(axis=1)
    shares: Floats32 = (classes / np.maximum(classes.sum(axis=1, keepdims=True), 1)).astype(np.float32)
    return shares


def _counts(pitch: Ints, until: Ints) -> npt.NDArray[np.int32]:
    """How often each pitch came among the first ``until[n]`` of ``pitch``: int32 (len(until) + 1, 128), the first row 0."""
    found = np.zeros((len(until) + 1, PITCHES), dtype=np.int32)
    group = np.searchsorted(until, np.arange(len(pitch)), side="right")
    np.add.at(found, (group + 1, pitch), 1)
    return found.cumsum(axis=0, dtype=np.int32)
