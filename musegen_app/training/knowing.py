"""What training lets the network know beforehand: so that it learns to fill gaps, and to write around what stands."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.anticipation import Anticipation
from musegen_app.encoding.note_events import GridNotes
from musegen_app.encoding.voices import top_line

Mask = npt.NDArray[np.bool_]

_NOTHING: Final = 0.45
_GAPS: Final = 0.2
_VOICES: Final = 0.15
_LONGEST_GAP: Final = 8.0
_SHORTEST_SURE: Final = 0.5
_LONGEST_SURE: Final = 4.0


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


def _beside_gaps(random: np.random.Generator, notes: GridNotes, bar: int) -> Mask:
    """Gaps of one to eight bars, and half a bar to four that are sure between them."""
    lines, sure = [0.0], random.random() < 0.5
    first_is_sure = sure
    while lines[-1] <= notes.onset[-1]:
        bars = random.uniform(_SHORTEST_SURE, _LONGEST_SURE) if sure else np.exp(random.uniform(0, np.log(_LONGEST_GAP)))
        lines.append(lines[-1] + bar * (bars if sure else round(float(bars))))
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
