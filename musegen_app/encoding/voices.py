"""Which notes of a piece are its tune: the line on top, as the ear follows it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.note_events import GridNotes


def top_line(notes: GridNotes) -> npt.NDArray[np.bool_]:
    """True for each note, (notes,), that is the highest struck at its onset while no higher one of the line still sounds."""
    line = np.zeros(len(notes), dtype=np.bool_)
    last = np.append(np.diff(notes.onset) > 0, True)[: len(notes)]  # pitches ascend: the last of an onset is its highest
    pitch_held, end_held = -1, 0
    for row in np.flatnonzero(last).tolist():
        onset, pitch = int(notes.onset[row]), int(notes.pitch[row])
        if pitch >= pitch_held or onset >= end_held:
            line[row] = True
            pitch_held, end_held = pitch, onset + int(notes.length[row])
    return line
