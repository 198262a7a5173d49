"""From the events of MIDI tracks to parts with one channel each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

import numpy as np

from musegen_app.files.note_pairing import pair_notes
from musegen_app.files.repairs import Repairs
from musegen_app.files.smf_events import TrackEvents
from musegen_app.files.smf_timeline import LAST_TICK, rounded
from musegen_app.score import ControlChange, NoteTable, Score, Timeline, Track
from musegen_app.score.notes import Ints
from musegen_app.score.transforms import without_overlaps

_NO_PROGRAM: Final = -1
_BANK: Final = (0, 32)  # the controllers that choose one, coarse and fine


@dataclass
class Part:
    """What becomes a track of the score; ticks are the score's."""

    channel: int
    notes: NoteTable
    name: str = ""
    program: int = _NO_PROGRAM
    program_tick: int = -1
    bank: int | None = None
    controls: list[ControlChange] = field(default_factory=list)

    def moved(self, ticks: int) -> Part:
        """The part ``ticks`` later."""
        controls = [replace(c, tick=c.tick + ticks) for c in self.controls]
        return replace(self, notes=self.notes.with_columns(start=self.notes.start + ticks), controls=controls)


def build_parts(tracks: Sequence[TrackEvents], scale: Fraction, repairs: Repairs) -> list[Part]:
    """A part for each channel of each track that has notes.

    Programmes and controllers sent on a channel by a track without notes there go to the parts of that channel.
    """
    by_track = [_note_parts(track, scale, repairs) for track in tracks]
    everywhere: dict[int, list[Part]] = {}
    for parts in by_track:
        for channel, part in parts.items():
            everywhere.setdefault(channel, []).append(part)
    for track, own in zip(tracks, by_track, strict=True):
        _give_programs(track, own, everywhere, scale, repairs)
        _give_controls(track, own, everywhere, scale, repairs)
    found = [part for parts in by_track for part in parts.values()]
    for part in found:
        part.program = max(part.program, 0)
        part.controls.sort(key=lambda c: c.tick)
        _take_bank(part)
    return found


def _note_parts(track: TrackEvents, scale: Fraction, repairs: Repairs) -> dict[int, Part]:
    paired = pair_notes(track, repairs)
    start, end = _on_grid(paired.start, scale), _on_grid(paired.end, scale)
    early = start < LAST_TICK
    repairs.note("too late", int(len(early) - np.count_nonzero(early)))
    start, end, key, velocity = start[early], np.minimum(end[early], LAST_TICK), paired.key[early], paired.velocity[early]
    length = np.maximum(end - start, 1)
    parts: dict[int, Part] = {}
    channels = np.unique(key >> 7).tolist()
    for channel in channels:
        mine = key >> 7 == channel
        rows = np.arange(np.count_nonzero(mine))
        raw = NoteTable.from_columns(start[mine], length[mine], key[mine] & 127, velocity[mine], rows)
        notes = without_overlaps(raw)
        repairs.note("doubled", len(raw) - len(notes))
        repairs.note("overlaps", int(np.count_nonzero(length[mine][notes.id] != notes.length)))
        name = track.name if len(channels) == 1 else f"{track.name} {channel + 1}".strip()
        parts[channel] = Part(channel, notes, name)
    return parts


def _on_grid(ticks: Ints, scale: Fraction) -> Ints:
    """:func:`rounded` for a column (exact: file ticks stay below 2⁴⁰, the scale's terms below 2²²)."""
    return (2 * ticks * scale.numerator + scale.denominator) // (2 * scale.denominator)


def _give_programs(
    track: TrackEvents, own: dict[int, Part], everywhere: dict[int, list[Part]], scale: Fraction, repairs: Repairs
) -> None:
    """A part sounds with the last programme set before its first note, or else the first one set."""
    changes: dict[int, list[tuple[int, int]]] = {}
    for channel, file_tick, program in track.programs:
        changes.setdefault(channel, []).append((rounded(file_tick, scale), program))
    for channel, programs in changes.items():
        parts = [own[channel]] if channel in own else [p for p in everywhere.get(channel, []) if p.program == _NO_PROGRAM]
        for part in parts:
            first_note = int(part.notes.start[0])
            earlier = (change for change in reversed(programs) if change[0] <= first_note)
            part.program_tick, part.program = next(earlier, programs[0])
            repairs.note("programs", sum(tick > first_note and p != part.program for tick, p in programs))


def _give_controls(
    track: TrackEvents, own: dict[int, Part], everywhere: dict[int, list[Part]], scale: Fraction, repairs: Repairs
) -> None:
    for channel, file_tick, number, value in track.controls:
        tick = rounded(file_tick, scale)
        receiver = own.get(channel) or next(iter(everywhere.get(channel, [])), None)
        if tick > LAST_TICK:
            repairs.note("too late")
        elif receiver is None:
            repairs.note("lone controls")
        else:
            receiver.controls.append(ControlChange(tick, number, value))


def _take_bank(part: Part) -> None:
    """What chooses a bank for the programme is no longer a controller of the part, but its bank."""
    chosen = {c.number: c.value for c in part.controls if c.number in _BANK and c.tick <= part.program_tick}
    if chosen:
        coarse, fine = (chosen.get(number, 0) for number in _BANK)
        part.bank = coarse << 7 | fine
        part.controls = [c for c in part.controls if c.number not in _BANK or c.tick > part.program_tick]


def score_of_parts(parts: list[Part], timeline: Timeline, title: str) -> Score:
    """A score with a track for each part, ids given in order; without parts, one with an empty track."""
    if not parts:
        return Score(timeline=timeline, title=title)
    tracks: list[Track] = []
    next_id = 1
    for number, part in enumerate(parts, start=1):
        notes = part.notes.numbered(next_id)
        next_id += len(notes)
        tracks.append(Track(number, part.name, part.channel, part.program, notes, tuple(part.controls), bank=part.bank))
    return Score(tuple(tracks), timeline, title, next_id)
