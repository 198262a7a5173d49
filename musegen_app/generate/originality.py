"""How much of a stretch of music stands note for note in other music, whatever the key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.score import NoteTable

RUN_NOTES: Final = 8
"""Notes of a run. Shorter ones are everybody's."""
_BITS: Final = 9  # an interval of −127 to 127 semitones, and whether it is of one chord

_Codes = npt.NDArray[np.uint64]


class RunIndex:
    """The runs of eight notes of some pieces, each as its intervals and which of its notes are struck together.

    Notes are taken in the order of (start, pitch), so a run goes through chords from below. Lengths and the time between
    notes do not count.
    """

    def __init__(self, runs: _Codes) -> None:
        self._runs = np.unique(runs)

    def __len__(self) -> int:
        return len(self._runs)

    @classmethod
    def of(cls, pieces: Iterable[NoteTable]) -> RunIndex:
        """The runs of ``pieces``."""
        found = [np.unique(_runs(notes)) for notes in pieces]
        return cls(np.concatenate(found) if found else np.zeros(0, dtype=np.uint64))

    def share(self, notes: NoteTable) -> float:
        """The share of the runs of ``notes`` that are in the index, 0–1; 0 where there are fewer than eight notes."""
        runs = _runs(notes)
        if not len(runs) or not len(self._runs):
            return 0.0
        places = np.minimum(np.searchsorted(self._runs, runs), len(self._runs) - 1)
        return float(np.mean(self._runs[places] == runs))


def _runs(notes: NoteTable) -> _Codes:
    """A number for each run, in order: its seven steps of nine bits each."""
    intervals = np.diff(notes.pitch) + 128
    steps = (intervals * 2 + (np.diff(notes.start) == 0)).astype(np.uint64)
    count = len(steps) - (RUN_NOTES - 1) + 1
    runs = np.zeros(max(count, 0), dtype=np.uint64)
    for place in range(RUN_NOTES - 1 if count > 0 else 0):
        runs = (runs << np.uint64(_BITS)) | steps[place : place + count]
    return runs
