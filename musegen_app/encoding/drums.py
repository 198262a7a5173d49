"""Drums as a model hears them: what is struck, when and how hard. How long is nothing that a drum says."""

from __future__ import annotations

from typing import Final

import numpy as np

from musegen_app.encoding.note_events import GRID, GridNotes, Ints, cleaned

PITCHED, DRUMS = "pitched", "drums"
INSTRUMENTS: Final = (PITCHED, DRUMS)
"""What a model plays: notes of a pitch, or General MIDI's percussion."""

STROKE: Final = GRID // 8
"""Steps that a stroke is written with, a 32nd, where the same drum is not struck again sooner."""

_OWN: Final = (22, 26)
"""Edges of the hi-hat that electronic kits (Roland's) send, and that General MIDI has no sound for."""
_MEANT: Final = {22: 42, 26: 46, 47: 45, 50: 48, 52: 57, 55: 49, 58: 43}
"""Edges and rims of such a kit, and the drum or cymbal of General MIDI that they are part of."""
_RELATIVES: Final = {
    36: (35,),
    37: (39, 75),
    38: (39, 40),
    42: (54, 69, 70),
    43: (41, 64),
    45: (47, 61),
    46: (54, 81),
    48: (50, 60),
    49: (52, 55),
    51: (53, 56),
}
"""Drums that another kit would have in the place of one."""
_ANOTHER: Final = 0.25
_EARLY: Final = GRID // 8
_JITTER: Final = 1
_GRIDS: Final = (12, 6, 8, 4, 3)


def as_struck(notes: GridNotes) -> GridNotes:
    """``notes`` as strokes on the drums that are meant: as long as each other, unless a drum is struck again before."""
    return cleaned(notes.onset, meant(notes.pitch), np.full(len(notes), STROKE), notes.velocity)


def meant(pitch: Ints) -> Ints:
    """The drums of General MIDI that ``pitch`` stands for: others only where a kit sends what General MIDI lacks."""
    if not np.isin(pitch, _OWN).any():
        return pitch
    drums = np.arange(128)
    drums[list(_MEANT)] = list(_MEANT.values())
    found: Ints = drums[pitch]
    return found


def tightened(notes: GridNotes) -> GridNotes:
    """Played strokes as they would be written: each quarter on the coarsest grid that all its strokes lie close to.

    The grids are eighths, sixteenths, triplets, sixteenth triplets and 32nds; strokes that fall together become one.
    """
    quarter = (notes.onset + _EARLY) // GRID
    within = notes.onset - quarter * GRID
    onset = notes.onset.copy()
    for rows in np.split(np.arange(len(notes)), np.flatnonzero(np.diff(quarter)) + 1):
        onset[rows] = quarter[rows] * GRID + _written(within[rows])
    return cleaned(onset, notes.pitch, np.full(len(notes), STROKE), notes.velocity)


def on_another_kit(notes: GridNotes, random: np.random.Generator) -> GridNotes:
    """``notes`` with some of the drums replaced by their like: a shaker for the hi-hat, a clap for the snare drum."""
    kit = np.arange(128)
    for drum, others in _RELATIVES.items():
        if random.random() < _ANOTHER:
            kit[drum] = random.choice(others)
    return cleaned(notes.onset, kit[notes.pitch], np.full(len(notes), STROKE), notes.velocity)


def _written(within: Ints) -> Ints:
    """Steps from a quarter on, rounded to the coarsest grid that is near all of them."""
    rounded = within
    for grid in _GRIDS:
        rounded = np.round(within / grid).astype(np.int64) * grid
        if (np.abs(rounded - within) <= _JITTER).all():
            break
    return rounded
