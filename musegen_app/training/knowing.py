"""What training lets the network know beforehand: so that it learns to fill gaps, and to write around what stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.anticipation import Anticipation, Foreknowledge
from musegen_app.encoding.note_events import GridNotes
from musegen_app.encoding.voices import top_line

Mask = npt.NDArray[np.bool_]
Part = Callable[[np.random.Generator, GridNotes], Mask]

_NOTHING: Final = 0.4
_GAPS: Final = 0.35
_WHOLE: Final = 0.5  # of the rest: parts of the notes are known throughout
_LONGEST: Final = 8.0


def known_to_come(random: np.random.Generator, notes: GridNotes, bar: int) -> Foreknowledge | None:
    """What is known of a piece: nothing, all but some gaps, or all but gaps in some voices, which may be the whole piece.

    ``bar`` is the length of its bars in steps.
    """
    return _known(random, notes, bar, _voice)


def known_strokes(random: np.random.Generator, notes: GridNotes, bar: int) -> Foreknowledge | None:
    """As :func:`known_to_come`, of drums: instead of voices some of the drums are known."""
    return _known(random, notes, bar, _drums)


def _known(random: np.random.Generator, notes: GridNotes, bar: int, part: Part) -> Foreknowledge | None:
    chance = random.random()
    if chance < _NOTHING or not len(notes):
        return None
    is_whole = chance >= _NOTHING + _GAPS and random.random() < _WHOLE
    inside = np.ones(len(notes), dtype=np.bool_) if is_whole else _gaps(random, notes, bar)
    known = ~inside if chance < _NOTHING + _GAPS else ~inside | part(random, notes)
    return Foreknowledge(Anticipation(notes.rows(known)), inside)


def _gaps(random: np.random.Generator, notes: GridNotes, bar: int) -> Mask:
    """The notes in gaps of one to eight whole bars; between them one to eight bars are sure."""
    lines, sure = [0.0], random.random() < 0.5
    first_is_sure = sure
    while lines[-1] <= notes.onset[-1]:
        bars = float(np.exp(random.uniform(0, np.log(_LONGEST))))
        lines.append(lines[-1] + bar * (bars if sure else round(bars)))
        sure = not sure
    stretch = np.searchsorted(np.array(lines[1:]), notes.onset, side="right")
    inside: Mask = (stretch % 2 == 0) != first_is_sure
    return inside


def _drums(random: np.random.Generator, notes: GridNotes) -> Mask:
    """Some of the drums."""
    drums = np.unique(notes.pitch)
    chosen: Mask = np.isin(notes.pitch, drums[random.random(len(drums)) < random.random()])
    return chosen


def _voice(random: np.random.Generator, notes: GridNotes) -> Mask:
    """The tune, what accompanies it, or one side of a pitch."""
    way = random.integers(4)
    if way < 2:
        line = top_line(notes)
        return line if way == 0 else ~line
    low, high = int(notes.pitch.min()), int(notes.pitch.max())
    above: Mask = notes.pitch >= random.integers(low, high + 1)
    return above if way == 2 else ~above
