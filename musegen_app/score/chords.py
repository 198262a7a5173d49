"""Chord symbols as musicians write them: "Am7", "F♯m7♭5", "G/B", and the pitch classes they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from musegen_app.errors import InputError

_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS: Final = {"": 0, "#": 1, "♯": 1, "+": 1, "b": -1, "♭": -1, "-": -1, "−": -1}
_NOTE: Final = r"([A-Ga-g])([#♯b♭]?)"
_SYMBOL: Final = re.compile(rf"{_NOTE}(.*?)(?:/{_NOTE})?")

_TRIADS: Final[dict[str, dict[int, int]]] = {
    "": {1: 0, 3: 4, 5: 7},
    "m": {1: 0, 3: 3, 5: 7},
    "dim": {1: 0, 3: 3, 5: 6},
    "aug": {1: 0, 3: 4, 5: 8},
}
"""Semitones above the root by degree."""
_KINDS: Final = {
    "maj": "", "major": "", "ma": "", "M": "", "Δ": "", "": "",
    "m": "m", "min": "m", "minor": "m", "mi": "m", "-": "m", "−": "m",
    "dim": "dim", "°": "dim", "o": "dim", "º": "dim", "ø": "dim",
    "aug": "aug", "+": "aug",
}  # fmt: skip
"""Which triad a word or sign stands for."""
_MAJOR_SEVENTH: Final = {"maj", "major", "ma", "M", "Δ"}
_QUALITY: Final = re.compile(
    r"(?P<kind>(?i:major|maj|minor|min|dim|aug)|ma(?!dd)|mi|[MmΔ°oºø+−-])?\(?(?P<seventh>(?i:maj|ma)|M|Δ)?"
    r"(?P<number>6/9|69|5|6|7|9|11|13)?(?P<rest>.*)"
)
_MORE: Final = re.compile(
    r"[ ,()]+|(?i:sus)(?P<sus>[24]?)|(?i:add)(?P<added>[#♯b♭]?)(?P<degree>2|4|6|9|11|13)"
    r"|(?i:no|omit)(?P<gone>[35])|(?P<altered>[#♯+b♭−-])(?P<at>5|6|9|11|13)|(?P<alt>(?i:alt))|(?P<plus>\+)"
)
_DEGREES: Final = {2: 2, 4: 5, 5: 7, 6: 9, 9: 2, 11: 5, 13: 9}
_STACKED: Final[dict[str, tuple[int, ...]]] = {"9": (9,), "11": (9, 11), "13": (9, 13)}
_EXAMPLES: Final = 'write one like "Am7", "F#dim" or "G/B"'
_LONGEST: Final = 24


@dataclass(frozen=True, slots=True)
class Chord:
    """``name`` as shown, ``root`` and ``bass`` pitch classes (0 is C), ``mask`` 12 bits of pitch classes, bit 0 for C."""

    name: str
    root: int
    mask: int
    bass: int

    @classmethod
    def parse(cls, text: str) -> Chord:
        """Read a chord symbol; accidentals and spaces are made uniform in its name.

        Raises:
            InputError: it is not understood; the sentence says from where on.
        """
        text = text.strip()
        match = _SYMBOL.fullmatch(text) if len(text) <= _LONGEST else None
        if match is None:
            reason = "it begins with no note from A to G" if len(text) <= _LONGEST else "it is too long"
            raise InputError(f'"{text[:_LONGEST]}" is not a chord: {reason}; {_EXAMPLES}.')
        letter, sign, quality, bass_letter, bass_sign = match.groups()
        root, quality = _pitch_class(letter, sign), quality.replace(" ", "")
        intervals = _intervals(quality, text)
        bass = _pitch_class(bass_letter, bass_sign) if bass_letter else root
        classes = {(root + interval) % 12 for interval in intervals} | {bass}
        name = letter.upper() + _pretty(sign) + _pretty(quality)
        if bass_letter:
            name += f"/{bass_letter.upper()}{_pretty(bass_sign)}"
        return cls(name, root, sum(1 << pitch_class for pitch_class in classes), bass)

    @property
    def pitch_classes(self) -> frozenset[int]:
        """The pitch classes of the mask."""
        return frozenset(pitch_class for pitch_class in range(12) if self.mask >> pitch_class & 1)


def _pitch_class(letter: str, sign: str) -> int:
    return (_LETTERS[letter.upper()] + _SHIFTS[sign]) % 12


def _pretty(text: str) -> str:
    """Sharps and flats as signs."""
    return re.sub(r"b(?=\d|$)", "♭", text.replace("#", "♯"))


def _intervals(quality: str, whole: str) -> set[int]:
    """Semitones above the root that a quality such as "m7b5" means."""
    match = _QUALITY.fullmatch(quality)
    assert match is not None  # noqa: S101  the pattern takes any text
    written, number = match["kind"] or "", match["number"] or ""
    word = written if len(written) == 1 else written.lower()
    degrees = dict(_TRIADS[_KINDS[word]])
    has_major_seventh = bool(match["seventh"]) or word in _MAJOR_SEVENTH
    if number in {"7", *_STACKED}:
        degrees[7] = 11 if has_major_seventh else 9 if word in {"dim", "°", "o", "º"} and number == "7" else 10
    elif match["seventh"] or word == "Δ":
        degrees[7] = 11
    elif word == "ø":
        degrees[7] = 10
    _number(degrees, number)
    return _with_more(degrees, match["rest"], whole)


def _number(degrees: dict[int, int], number: str) -> None:
    """What a number adds: a sixth, or thirds piled up to it."""
    if number == "5":
        del degrees[3]
    if number.startswith("6"):
        degrees[6] = 9
    if number in {"69", "6/9"}:
        degrees[9] = 2
    for degree in _STACKED.get(number, ()):
        degrees[degree] = _DEGREES[degree]
    if number == "11" and degrees[3] == 4:
        del degrees[3]  # it would rub against the eleventh, and nobody plays it


def _with_more(degrees: dict[int, int], rest: str, whole: str) -> set[int]:
    """The intervals after what follows the number: sus, add, no, alterations."""
    extra: set[int] = set()
    at = 0
    while at < len(rest):
        match = _MORE.match(rest, at)
        if match is None or match.end() == at:
            raise InputError(f'"{rest[at:]}" in the chord "{whole}" is not understood; {_EXAMPLES}.')
        at = match.end()
        if match["sus"] is not None:
            degrees.pop(3, None)
            extra.add(2 if match["sus"] == "2" else 5)
        elif match["degree"]:
            extra.add((_DEGREES[int(match["degree"])] + _SHIFTS[match["added"]]) % 12)
        elif match["gone"]:
            degrees.pop(int(match["gone"]), None)
        elif match["at"]:
            degrees.pop(int(match["at"]), None)
            extra.add((_DEGREES[int(match["at"])] + _SHIFTS[match["altered"]]) % 12)
        elif match["plus"]:
            degrees[5] = 8
        elif match["alt"]:
            degrees.pop(5, None)
            extra |= {1, 3, 6, 8, 10}
    return set(degrees.values()) | extra
