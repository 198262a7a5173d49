"""A score as it is heard: what playing adds to the notes, written out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from musegen_app.score.score import Score
from musegen_app.score.swing import STRAIGHT
from musegen_app.score.track import Track


def as_played(score: Score) -> Score:
    """The score with its swing written out: its notes and controllers moved, and straight from then on."""
    timeline = score.timeline
    if not timeline.swing.percent:
        return score

    def moved(track: Track) -> Track:
        start, end = (
            np.rint(timeline.played_ticks(ticks)).astype(np.int64) for ticks in (track.notes.start, track.notes.end)
        )
        notes = track.notes.with_columns(start=start, length=np.maximum(end - start, 1))
        controls = (replace(c, tick=round(float(timeline.played_ticks(c.tick)))) for c in track.controls)
        return replace(track, notes=notes, controls=tuple(controls))

    return replace(score, tracks=tuple(map(moved, score.tracks)), timeline=timeline.with_swing(STRAIGHT))
