"""One track as two voices: the line on top, which the ear takes for the tune, and what goes under it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.score import TICKS_PER_QUARTER, NoteTable

_TOGETHER: Final = TICKS_PER_QUARTER // 8  # played chords are struck within a 32nd of each other
_LEAST_HELD: Final = 0.5  # a higher note hides lower ones for at least half its length; the rest may be pedal
_NEIGHBOURS: Final = 8
_HIGH: Final = 85  # per cent: in a rest of the tune most neighbours are what goes under it
_FALL: Final = 12  # semitones under its neighbours on the line, a note belongs to what goes under it


def split_voices(notes: NoteTable) -> tuple[NoteTable, NoteTable]:
    """The tune and the rest, which together are ``notes``.

    The tune is the skyline: the highest of the notes that begin together, while no higher one of the tune is held; in its
    rests the notes far under it are not taken for it. A track of one voice is all tune. Pure; any thread.
    """
    if not notes:
        return notes, notes
    line = _skyline(notes)
    if len(line) < len(notes):
        line = line[~_falls_out(notes.pitch[line])]
    is_tune = np.zeros(len(notes), dtype=np.bool_)
    is_tune[line] = True
    return notes.take(is_tune), notes.take(~is_tune)


def _skyline(notes: NoteTable) -> npt.NDArray[np.int64]:
    """Rows of the highest notes, ascending."""
    rows: list[int] = []
    held_pitch, held_to = -1, 0.0
    for group in _struck_together(notes):
        top = int(group[np.argmax(notes.pitch[group])])
        pitch, start, length = int(notes.pitch[top]), int(notes.start[top]), int(notes.length[top])
        if pitch >= held_pitch or start >= held_to:
            rows.append(top)
            held_pitch, held_to = pitch, start + max(length * _LEAST_HELD, length - _TOGETHER)
    return np.array(rows, dtype=np.int64)


def _struck_together(notes: NoteTable) -> list[npt.NDArray[np.int64]]:
    """Rows of the notes that begin within a 32nd of the first of them."""
    groups: list[npt.NDArray[np.int64]] = []
    first, starts = 0, notes.start
    while first < len(notes):
        after = int(np.searchsorted(starts, starts[first] + _TOGETHER))
        groups.append(np.arange(first, after))
        first = after
    return groups


def _falls_out(pitches: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which notes of a line lie far under the higher of their neighbours."""
    wide = 2 * _NEIGHBOURS + 1
    firsts = [max(min(at - _NEIGHBOURS, len(pitches) - wide), 0) for at in range(len(pitches))]
    high = [np.percentile(pitches[first : first + wide], _HIGH) for first in firsts]
    return pitches <= np.array(high) - _FALL
