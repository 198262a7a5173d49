"""What was mended or left out while a file was read, counted and put into sentences."""

from __future__ import annotations

from collections import Counter
from typing import Final

_ONE_AND_MANY: Final[dict[str, tuple[str, str]]] = {
    "no header": ("The file's header is missing; 480 ticks a quarter were assumed.",) * 2,
    "bad header": ("The file's header makes no sense in part; common values were assumed.",) * 2,
    "wrapped": ("The file's start was skipped: the MIDI data begins later.",) * 2,
    "track count": ("The header states another number of tracks than the file holds.",) * 2,
    "mark": ("The mark before the file's track is damaged.",) * 2,
    "chunk length": ("One track's stated length was wrong.", "{} tracks' stated length was wrong."),
    "truncated": ("The file breaks off early; what came before was kept.",) * 2,
    "damaged": (
        "One track is damaged; what came before the damage was kept.",
        "{} tracks are damaged; what came before the damage was kept.",
    ),
    "no end": ("One track had no end mark.", "{} tracks had no end mark."),
    "data bytes": ("One value above 127 was lowered to 127.", "{} values above 127 were lowered to 127."),
    "pitches": ("One note above pitch 127 was left out.", "{} notes above pitch 127 were left out."),
    "hanging": (
        "One note without an end was ended at the end of its track.",
        "{} notes without an end were ended at the end of their track.",
    ),
    "overlaps": (
        "One note was cut where the same pitch begins again.",
        "{} notes were cut where the same pitch begins again.",
    ),
    "doubled": (
        "One note doubled by another of the same pitch and start was left out.",
        "{} notes doubled by others of the same pitch and start were left out.",
    ),
    "too late": (
        "One event more than a day into the music was left out.",
        "{} events more than a day into the music were left out.",
    ),
    "tempo": (
        "One tempo outside 5 to 999 was moved into it or left out.",
        "{} tempos outside 5 to 999 were moved into it or left out.",
    ),
    "metre": ("One metre that makes no sense was left out.", "{} metres that make no sense were left out."),
    "key": ("One key signature that makes no sense was left out.", "{} key signatures that make no sense were left out."),
    "smpte": ("Times in film frames were placed on a grid of 120 quarters a minute.",) * 2,
    "patterns": ("The file's {} patterns were placed one after another.",) * 2,
    "no notes": ("The file holds no notes.",) * 2,
    "key changes": ("One later key signature was left out.", "{} later key signatures were left out."),
    "programs": ("One later programme change was left out.", "{} later programme changes were left out."),
    "aftertouch": ("One aftertouch message was left out.", "{} aftertouch messages were left out."),
    "sysex": ("One system-exclusive message was left out.", "{} system-exclusive messages were left out."),
    "lyrics": ("One syllable of lyrics was left out.", "{} syllables of lyrics were left out."),
    "graces": ("One grace note was left out.", "{} grace notes were left out."),
    "chord symbols": (
        "One chord symbol that is not understood was left out.",
        "{} chord symbols that are not understood were left out.",
    ),
    "lone controls": (
        "One controller on a channel without notes was left out.",
        "{} controllers on channels without notes were left out.",
    ),
}

DAMAGE: Final = frozenset(
    {"no header", "bad header", "mark", "chunk length", "truncated", "damaged", "data bytes", "pitches"}
)
"""Kinds that tell of a broken file rather than of something MuseGen does not keep."""


class Repairs:
    """Counts by kind while one file is read."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def note(self, kind: str, count: int = 1) -> None:
        """Count ``count`` more repairs of a kind that has a sentence here."""
        if kind not in _ONE_AND_MANY:
            raise KeyError(kind)
        self._counts[kind] += count

    @property
    def damaged(self) -> bool:
        """Whether the file itself is broken."""
        return any(self._counts[kind] for kind in DAMAGE)

    def sentences(self) -> tuple[str, ...]:
        """One sentence a kind, in a fixed order, damage first."""
        return tuple(
            (one if self._counts[kind] == 1 else many).format(f"{self._counts[kind]:,}")
            for kind, (one, many) in _ONE_AND_MANY.items()
            if self._counts[kind] > 0
        )
