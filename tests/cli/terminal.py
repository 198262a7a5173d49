"""Names the terminal's tests share: what a command answers, and scores written in a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from musegen_app.score import Note, Score, Track

C_MAJOR = [60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60, 67, 64, 62, 59, 60]


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Musegen = Callable[..., Answer]
Refused = Callable[..., str]


def line(pitches: list[int], begin: int = 0, length: int = 960) -> list[Note]:
    return [Note(begin + row * length, length, pitch, 70) for row, pitch in enumerate(pitches)]


def score_of(*tracks: Track) -> Score:
    made, next_id = [], 1
    for number, track in enumerate(tracks, 1):
        made.append(Track(number, track.name, track.channel, track.program, track.notes.numbered(next_id)))
        next_id += len(track.notes)
    return Score(tuple(made), next_id=next_id)
