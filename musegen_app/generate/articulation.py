"""How a part joins its notes: whether each is held until the next, as far as its own notes tell."""

from __future__ import annotations

from typing import Final

import numpy as np

from musegen_app.encoding.note_events import GRID, STEP_TICKS
from musegen_app.generate.scene import Scene
from musegen_app.score import NoteTable

_TOLERANCE: Final = GRID * STEP_TICKS // 8
_JOINED: Final = 0.75
"""Of a part whose notes are joined, how many last until the next one; those before a long rest do not count."""
_FEW: Final = 4


def longest_hole(scene: Scene, polyphony: int) -> int:
    """How long a hole before its next onset a note is held over in a part beside others, in steps; 0 for none at all.

    The model hears one stream in which others go on sounding, so it ends the notes of a part where those of the stream would
    end, and a part of fewer notes has holes that no player would leave. A voice still breathes: half a bar is a rest.
    """
    if not scene.stands or not is_joined(scene.own):
        return 0
    bar = int(scene.seed.bars.length[scene.seed.start])
    return bar // 2 if polyphony == 1 else bar


def is_joined(part: NoteTable) -> bool:
    """Whether notes last until the next one begins, but for rests; true of too few notes to tell."""
    onsets, group = np.unique(part.start, return_inverse=True)
    if len(onsets) < _FEW:
        return True
    ends = np.zeros(len(onsets), dtype=np.int64)
    np.maximum.at(ends, group, part.end)
    ends = np.maximum.accumulate(ends)
    gaps, holes = np.diff(onsets), onsets[1:] - ends[:-1]
    near = gaps <= 4 * GRID * STEP_TICKS
    return bool(near.any() and np.mean(holes[near] <= _TOLERANCE) >= _JOINED)
