"""Which tracks a model hears: those that sound and are of its kind, drums or notes of a pitch."""

from __future__ import annotations

from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.score import Score, Track


def instrument_of(score: Score, track_id: int) -> str:
    """What a track plays, :data:`PITCHED` where there is none of this id."""
    return DRUMS if any(track.is_drums for track in score.tracks if track.id == track_id) else PITCHED


def heard_by(score: Score, instrument: str) -> tuple[Track, ...]:
    """The tracks that a model of ``instrument`` hears: none muted, or silenced by a solo."""
    soloed = any(track.soloed for track in score.tracks)
    sounding = (track for track in score.tracks if (track.soloed if soloed else not track.muted))
    return tuple(track for track in sounding if track.is_drums == (instrument == DRUMS))
