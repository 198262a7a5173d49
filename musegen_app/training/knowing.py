"""What training lets the network know beforehand: so that it learns to fill gaps, and to write around what stands."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.anticipation import Anticipation
from musegen_app.encoding.note_events import GridNotes
from musegen_app.encoding.voices import top_line

Mask = npt.NDArray[np.bool_]

_NOTHING: Final = 0.4
_GAPS: Final = 0.35
_VOICES: Final = 0.12
_LONGEST: Final = 8.0


def known_to_come(random: np.random.Generator, notes: GridNotes, bar: int) -> Anticipation | None:
    """What is known of a piece from its beginning: nothing, all but some gaps, some of its voices, or both.

    ``bar`` is the length of its bars in steps.
    """
    chance = random.random()
    if chance < _NOTHING or not len(notes):
        return None
    if chance < _NOTHING + _GAPS:
        known = _beside_gaps(random, notes, bar)
    elif chance < _NOTHING + _GAPS + _VOICES:
        known = _voice(random, notes)
    else:
        known = _beside_gaps(random, notes, bar) | _voice(random, notes)
    return Anticipation(notes.rows(known))


def known_strokes(random: np.random.Generator, notes: GridNotes, bar: int) -> Anticipation | None:
    """As :func:`known_to_come`, of drums: instead of voices some of the drums are known."""
    chance = random.random()
    if chance < _NOTHING or not len(notes):
        return None
    drums = np.unique(notes.pitch)
    some: Mask = np.isin(notes.pitch, drums[random.random(len(drums)) < random.random()])
    if chance < _NOTHING + _GAPS:
        return Anticipation(notes.rows(_beside_gaps(random, notes, bar)))
    if chance < _NOTHING + _GAPS + _VOICES:
        return Anticipation(notes.rows(some))
    return Anticipation(notes.rows(some | _beside_gaps(random, notes, bar)))


def _beside_gaps(random: np.random.Generator, notes: GridNotes, bar: int) -> Mask:
    """Gaps of one to eight whole bars, and one to eight that are sure between them."""
    lines, sure = [0.0], random.random() < 0.5
    first_is_sure = sure
    while lines[-1] <= notes.onset[-1]:
        bars = float(np.exp(random.uniform(0, np.log(_LONGEST))))
        lines.append(lines[-1] + bar * (bars if sure else round(bars)))
        sure = not sure
    stretch = np.searchsorted(np.array(lines[1:]), notes.onset, side="right")
    known: Mask = (stretch % 2 == 0) == first_is_sure
    return known


def _voice(random: np.random.Generator, notes: GridNotes) -> Mask:
    """The tune, what accompanies it, or one side of a pitch."""
    way = random.integers(4)
    if way < 2:
        line = top_line(notes)
        return line if way == 0 else ~line
    low, high = int(notes.pitch.min()), int(notes.pitch.max())
    above: Mask = notes.pitch >= random.integers(low, high + 1)
    return above if way == 2 else ~above
