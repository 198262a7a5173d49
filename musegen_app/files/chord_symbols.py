"""Chord symbols of notation as the chord track has them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from musegen_app.errors import InputError
from musegen_app.files.repairs import Repairs
from musegen_app.score import Chord, Chords, ChordSpan

_FLAT = re.compile(r"(^|/)([A-G])-")


def chords_of(symbols: Iterable[tuple[int, str]], end_tick: int, repairs: Repairs) -> Chords:
    """Each chord until the next symbol, the last until ``end_tick``; ``symbols`` are ticks and texts as music21 has them.

    Of two at one tick the last counts, "" ends a chord. What is not understood is counted, and ends the one before.
    """
    at = dict(sorted(symbols, key=lambda symbol: symbol[0]))
    found: list[ChordSpan] = []
    for (start, text), end in zip(at.items(), itertools.chain(itertools.islice(at, 1, None), [end_tick]), strict=False):
        chord = _chord(text, repairs) if text else None
        if chord is not None and start < end:
            found.append(ChordSpan(start, end, chord))
    return tuple(found)


def _chord(text: str, repairs: Repairs) -> Chord | None:
    """music21 writes flats of notes as "-", and a fifth alone as "power"."""
    try:
        return Chord.parse(_FLAT.sub(r"\1\2b", text).replace("power", "5"))
    except InputError:
        repairs.note("chord symbols")
        return None
