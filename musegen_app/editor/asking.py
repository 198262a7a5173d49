"""What a model is asked to do with the piece: which notes it goes on from, which stand, which it replaces, and where to.

A request tells a model these as tables of notes. Here the musician's wish ("another melody over these chords") becomes those
tables: the notes to be replaced are the ones of ``notes`` that begin within the gap, everything else of the track stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np

from musegen_app.editor.document import Document, merged
from musegen_app.editor.voices import split_voices
from musegen_app.encoding.drums import DRUMS
from musegen_app.score import EMPTY, TICKS_PER_QUARTER, NoteTable

_BELOW: Final = 24  # chords have so much room under a tune where there are none to go by
_GRIDS: Final = (4, 6, 8)
_ON_GRID: Final = 0.95
_LOWEST_OF_TUNES: Final = (55, 74)
_WIDTH_OF_TUNES: Final = 21
_NEAR_TICKS: Final = 64 * 4 * TICKS_PER_QUARTER
_LATELY_TICKS: Final = 8 * 4 * TICKS_PER_QUARTER
_OVERLAPS: Final = 0.1  # a part with fewer overlapping notes than this has one voice
_MARGIN: Final = 4  # semitones a new line may leave the old one's register

_FIFTH: Final = 7
_OCTAVE: Final = 12

PitchRange = tuple[int, int]


class FillMode(Enum):
    """What becomes of the marked stretch; the value is what the window says."""

    MUSIC = "New music"
    MELODY = "Another melody over these chords"
    CHORDS = "Chords under this melody"
    RHYTHM = "Keep my rhythm, change the pitches"
    PITCHES = "Keep my pitches, change the rhythm"


KEEPS: Final = {FillMode.RHYTHM: "rhythm", FillMode.PITCHES: "pitches"}


@dataclass(frozen=True, slots=True)
class Ask:
    """A continuation, or what to do with ``gap`` (ticks).

    ``picked`` are the ids of the notes that were selected to mark the gap, none where the gap was marked otherwise.
    ``alone``: the active track gets the notes, and the others are heard; else all that play share them.
    """

    gap: tuple[int, int] | None = None
    mode: FillMode = FillMode.MUSIC
    picked: frozenset[int] = frozenset()
    alone: bool = False

    @property
    def is_for_one_track(self) -> bool:
        """Whether only the active track changes."""
        return self.alone or (self.gap is not None and self.mode is not FillMode.MUSIC)


@dataclass(frozen=True, slots=True)
class Parts:
    """The tables of a request. ``track_id`` is the track the answer goes to, None for all that play.

    ``register`` narrows the pitches asked for; ``voices`` is how many may sound at once. ``density``, notes a bar, and
    ``grid``, steps a quarter on which notes begin, hold where the musician does not say; 0 is any number. ``over`` are notes
    whose chords the answer goes with.
    """

    notes: NoteTable
    standing: NoteTable = EMPTY
    kept: NoteTable = EMPTY
    keep: str = ""
    track_id: int | None = None
    register: PitchRange | None = None
    voices: int = 0
    density: float = 0.0
    grid: int = 0
    over: NoteTable = EMPTY


def others(document: Document) -> NoteTable:
    """What the sounding tracks but the active one play; nothing where the active one is not among them."""
    heard = document.heard_tracks
    if document.active_track_id not in {track.id for track in heard}:
        return EMPTY
    return merged([track.notes for track in heard if track.id != document.active_track_id])


def has_others(document: Document) -> bool:
    """Whether there is something to be heard beside the active track; quick, however many notes there are."""
    heard = document.heard_tracks
    is_heard = any(track.id == document.active_track_id for track in heard)
    return is_heard and any(track.notes for track in heard if track.id != document.active_track_id)


def parts_of(document: Document, ask: Ask) -> Parts:
    """What ``ask`` means for the piece as it is now. Drums are always written for the active track."""
    if document.instrument == DRUMS:
        return _drums(document, ask)
    if not ask.is_for_one_track:
        return Parts(document.seed_notes())
    own, rest, track_id = document.active_track.notes, others(document), document.active_track_id
    if ask.gap is None or ask.mode is FillMode.MUSIC:
        return replace(_part_like(document, own, ask.gap), standing=rest, track_id=track_id)
    if ask.mode in KEEPS:
        kept = _keeping(own, rest, ask, ask.gap, track_id)
        return replace(kept, register=_around(kept.kept) if ask.mode is FillMode.RHYTHM else None)
    inside = own.take(own.starting_in(*ask.gap))
    picked = inside.having(list(ask.picked)) if ask.picked else inside
    own = _near(own, ask.gap)
    if ask.mode is FillMode.CHORDS:
        made = _chords(own, inside, picked)
        density = _density(document, inside.having(made.notes.id), ask.gap) if made.notes else 0.0
        density = density or 2 * _quarters_a_bar(document, ask.gap[0])
        standing = rest.merged(made.standing)
        return replace(made, standing=standing, track_id=track_id, density=density, grid=_grid(inside))
    made = _melody(own, inside, picked)
    standing = rest.merged(made.standing)
    over = standing.take(standing.overlapping(*ask.gap))
    old = inside.having(made.notes.id)
    return replace(
        made,
        standing=standing,
        track_id=track_id,
        register=made.register or _over(over),
        density=_density(document, old, ask.gap) or _quarters_a_bar(document, ask.gap[0]),
        grid=_grid(over.merged(old)),
        over=over,
    )


def _drums(document: Document, ask: Ask) -> Parts:
    """A drum track goes on, written ones on their grid, and the other drum tracks are heard.

    A mode that is about a melody writes new music.
    """
    own, rest, track_id = document.active_track.notes, others(document), document.active_track_id
    if ask.gap is None or ask.mode not in KEEPS:
        lately = own.take(own.starting_in(max(own.end_tick - _LATELY_TICKS, 0), own.end_tick))
        return Parts(own, standing=rest, track_id=track_id, grid=_grid(lately))
    return _keeping(own, rest, ask, ask.gap, track_id)


def _keeping(own: NoteTable, rest: NoteTable, ask: Ask, gap: tuple[int, int], track_id: int) -> Parts:
    """Something of the picked notes of the gap stays, and the others stand."""
    inside = own.take(own.starting_in(*gap))
    picked = inside.having(list(ask.picked)) if ask.picked else inside
    left = inside.without(picked.id)
    return Parts(own.without(left.id), rest.merged(left), picked, KEEPS[ask.mode], track_id)


def _near(own: NoteTable, gap: tuple[int, int]) -> NoteTable:
    """As much of a track as tells its voices; no model reads further."""
    return own.take(own.starting_in(gap[0] - _NEAR_TICKS, gap[1] + _NEAR_TICKS))


def _density(document: Document, old: NoteTable, gap: tuple[int, int]) -> float:
    """How many of the ``old`` notes a bar of the gap has."""
    start, end = gap
    return len(old) * document.score.timeline.metre_at(start).bar_ticks / (end - start)


def _quarters_a_bar(document: Document, tick: int) -> float:
    return document.score.timeline.metre_at(tick).bar_ticks / TICKS_PER_QUARTER


def _part_like(document: Document, own: NoteTable, gap: tuple[int, int] | None) -> Parts:
    """More of a part as it was in the gap, else lately: as busy, in its register, of one voice if it has one.

    Without that a model that hears other parts writes a whole texture into one of them, or next to nothing.
    """
    span = gap or (max(own.end_tick - _LATELY_TICKS, 0), own.end_tick)
    old = own.take(own.starting_in(*span))
    if not old and gap:
        span = (max(gap[0] - _LATELY_TICKS, 0), gap[0])
        old = own.take(own.starting_in(*span))
    if not old:
        return Parts(own, density=_quarters_a_bar(document, span[0]))
    is_line = len(old) < 2 or float(np.mean(old.start[1:] < old.end[:-1] - TICKS_PER_QUARTER // 8)) < _OVERLAPS
    density = _density(document, old, (span[0] if gap else int(old.start[0]), span[1]))
    return Parts(own, register=_around(old), voices=int(is_line), density=density, grid=_grid(old) if is_line else 0)


def _grid(notes: NoteTable) -> int:
    """Steps a quarter of the coarsest common grid on which ``notes`` begin, 0 where they were played freely."""
    for steps in _GRIDS if notes else ():
        if np.mean(notes.start % (TICKS_PER_QUARTER // steps) == 0) >= _ON_GRID:
            return steps
    return 0


def has_material(document: Document, ask: Ask) -> bool:
    """Whether there is what the mode is about: a melody to go under, notes to keep something of."""
    if ask.gap is None or ask.mode in {FillMode.MUSIC, FillMode.MELODY}:
        return True
    own = document.active_track.notes
    return len(own.take(own.starting_in(*ask.gap))) > 0


def within(wished: PitchRange, register: PitchRange | None) -> PitchRange:
    """The wished range narrowed to a register, or as it is where they have nothing in common."""
    low, high = (max(wished[0], register[0]), min(wished[1], register[1])) if register else wished
    return (low, high) if low + 2 < high else wished


def _melody(own: NoteTable, inside: NoteTable, picked: NoteTable) -> Parts:
    """The tune of the gap is replaced; what goes under it stands, before and after the gap as well."""
    tune, _ = split_voices(picked)
    under = inside.without(tune.id)
    outside = own.without(inside.id)
    tunes, unders = split_voices(outside)
    return Parts(tunes.merged(tune), unders.merged(under), register=_around(tune or tunes), voices=1)


def _chords(own: NoteTable, inside: NoteTable, picked: NoteTable) -> Parts:
    """The tune of the gap stands, and what goes under it is replaced."""
    tune, _ = split_voices(picked)
    under = inside.without(tune.id)
    tunes, unders = split_voices(own.without(inside.id))
    return Parts(unders.merged(under), tunes.merged(tune), register=_under(tune, under or unders))


def _around(line: NoteTable) -> PitchRange | None:
    """The register of a line, and a little more."""
    if not line:
        return None
    return max(int(line.pitch.min()) - _MARGIN, 0), min(int(line.pitch.max()) + _MARGIN, 127)


def _over(under: NoteTable) -> PitchRange | None:
    """Where a tune over ``under`` lies: around its top and above."""
    if not under:
        return None
    low = int(np.clip(int(under.pitch.max()) - _MARGIN, *_LOWEST_OF_TUNES))
    return low, low + _WIDTH_OF_TUNES


def _under(tune: NoteTable, before: NoteTable) -> PitchRange | None:
    """Where chords under ``tune`` lie: as low as those ``before``, and under the tune but for its few lowest notes."""
    if not tune:
        return None
    roof = max(int(tune.pitch.min()) - 1, int(np.median(tune.pitch)) - _FIFTH, 0)
    floor = int(before.pitch.min()) - _MARGIN if before else roof - _BELOW
    return max(min(floor, roof - _OCTAVE), 0), roof
