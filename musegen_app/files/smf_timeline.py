"""Tempos, metres, key and markers of MIDI tracks, brought to the score's ticks."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from musegen_app.files.repairs import Repairs
from musegen_app.files.smf_chunks import Chunks
from musegen_app.files.smf_events import TrackEvents
from musegen_app.score import Key, Metre, Tempo, Timeline
from musegen_app.score.timeline import MAX_BPM, MIN_BPM

LAST_TICK: Final = 0x0FFF_FFFF
"""The longest pause a MIDI file can state, and the last tick read: 39 hours at 120 quarters a minute."""

_SLOWEST: Final = Tempo.of_bpm(MIN_BPM).microseconds
_FASTEST: Final = Tempo.of_bpm(MAX_BPM).microseconds


def rounded(tick: int, scale: Fraction) -> int:
    """A file tick on the score's grid, halves up; never changes the order of two ticks."""
    return (2 * tick * scale.numerator + scale.denominator) // (2 * scale.denominator)


def build_timeline(tracks: Iterable[TrackEvents], chunks: Chunks, repairs: Repairs) -> Timeline:
    """The tempo map and metres of tracks that sound together. Times in film frames know no tempo: 120 stays."""
    tempos: list[Tempo] = []
    metres: list[Metre] = []
    for track in tracks:
        for file_tick, microseconds in () if chunks.is_smpte else track.tempos:
            tick = rounded(file_tick, chunks.scale)
            if microseconds == 0 or tick > LAST_TICK:
                repairs.note("tempo" if tick <= LAST_TICK else "too late")
                continue
            mended = min(max(microseconds, _FASTEST), _SLOWEST)
            repairs.note("tempo", int(mended != microseconds))
            tempos.append(Tempo(tick, mended))
        for file_tick, numerator, denominator in track.metres:
            tick = rounded(file_tick, chunks.scale)
            if tick > LAST_TICK:
                repairs.note("too late")
            else:
                metres.append(Metre(tick, numerator, denominator))
    return Timeline.made(tuple(tempos), tuple(metres))


def joined(first: Timeline, second: Timeline, offset: int) -> Timeline:
    """``first`` up to ``offset``, then ``second``."""
    tempos = [t for t in first.tempos if t.tick < offset] + [Tempo(t.tick + offset, t.microseconds) for t in second.tempos]
    metres = [m for m in first.metres if m.tick < offset]
    metres += [Metre(m.tick + offset, m.numerator, m.denominator) for m in second.metres]
    return Timeline.made(tuple(tempos), tuple(metres))


def first_key(tracks: Iterable[TrackEvents], repairs: Repairs) -> Key | None:
    """The key signature that comes first; those that differ from it later are counted as left out."""
    keys = sorted((entry for track in tracks for entry in track.keys), key=lambda entry: entry[0])
    if not keys:
        return None
    repairs.note("key changes", len({entry for entry in keys if entry[1] != keys[0][1]}))
    return keys[0][1]
