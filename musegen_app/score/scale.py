"""Scales and keys as masks over the twelve pitch classes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.errors import InputError

PITCH_NAMES: Final = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS: Final = {"#": 1, "♯": 1, "b": -1, "♭": -1}

SCALES: Final[dict[str, tuple[int, ...]]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole tone": (0, 2, 4, 6, 8, 10),
    "chromatic": tuple(range(12)),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic pitch class (0 = C) and the name of a scale in :data:`SCALES`."""

    tonic: int
    scale: str = "major"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read "D minor", "f# dorian", "B♭", "Am".

        Raises:
            InputError: the text names no key we know.
        """
        match = re.fullmatch(r"\s*([A-Ga-g])([#♯b♭]?)(m?)\s*([A-Za-z ]*?)\s*", text)
        scale = match and (" ".join(match[4].lower().split()) or ("minor" if match[3] else "major"))
        if not match or scale not in SCALES or (match[3] and match[4] and scale != "minor"):
            raise InputError(f'"{text}" is not a key MuseGen knows; write one like "D minor" or "F# dorian".')
        return cls((_LETTERS[match[1].upper()] + _ACCIDENTALS.get(match[2], 0)) % 12, scale)

    @property
    def name(self) -> str:
        """As shown, such as "D minor"."""
        return f"{PITCH_NAMES[self.tonic]} {self.scale}"

    @property
    def pitch_classes(self) -> frozenset[int]:
        """The pitch classes of the scale."""
        return frozenset((self.tonic + step) % 12 for step in SCALES[self.scale])

    def mask(self) -> npt.NDArray[np.bool_]:
        """128 booleans: which MIDI pitches belong to the scale."""
        classes = np.zeros(12, dtype=bool)
        classes[list(self.pitch_classes)] = True
        return classes[np.arange(128) % 12]


def pitch_name(pitch: int) -> str:
    """Name with octave; 60 is C4."""
    return f"{PITCH_NAMES[pitch % 12]}{pitch // 12 - 1}"
