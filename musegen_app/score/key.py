"""Find the key of some notes.

Krumhansl and Schmuckler's method: correlate how long each pitch class sounds with a profile of each key. The profiles are
Temperley's revision (Music and Probability, 2007, from the Kostka-Payne corpus), which confuse relative keys less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from musegen_app.score.notes import TICKS_PER_QUARTER, NoteTable
from musegen_app.score.scale import Key

_PROFILES: Final = {
    "major": np.array([0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400]),
    "minor": np.array([0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330]),
}


@dataclass(frozen=True, slots=True)
class KeyGuess:
    """The best key and its correlation with the notes, −1 to 1."""

    key: Key
    confidence: float


def find_key(notes: NoteTable) -> KeyGuess | None:
    """The likeliest major or minor key, or None where nothing tells it (no notes, or one pitch class)."""
    if not notes:
        return None
    weight = np.bincount(notes.pitch % 12, np.minimum(notes.length, TICKS_PER_QUARTER * 4), minlength=12)
    if np.count_nonzero(weight) < 2 or np.ptp(weight) == 0:
        return None
    guesses = [
        KeyGuess(Key(tonic, scale), float(np.corrcoef(weight, np.roll(profile, tonic))[0, 1]))
        for scale, profile in _PROFILES.items()
        for tonic in range(12)
    ]
    return max(guesses, key=lambda guess: guess.confidence)
