"""From note-ons and note-offs to notes, whatever the file forgot or doubled."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musegen_app.files.repairs import Repairs
from musegen_app.files.smf_events import ALL_OFF, TrackEvents
from musegen_app.score.notes import Ints


@dataclass(frozen=True, slots=True)
class PairedNotes:
    """Columns of one length in file ticks; ``key`` is channel × 128 + pitch."""

    key: Ints
    start: Ints
    end: Ints
    velocity: Ints


def pair_notes(events: TrackEvents, repairs: Repairs) -> PairedNotes:
    """Notes of a track.

    Where a pitch has as many note-offs as note-ons, the first off belongs to the first on (so overlapping notes keep their
    lengths). Where it has not, a new on ends the note before, the next off ends that, and what is left sounding ends with
    the track.
    """
    ticks, keys, velocities = _with_all_off_resolved(events)
    order = np.argsort(keys, kind="stable")
    ticks, keys, velocities = ticks[order], keys[order], velocities[order]
    sound = _sound_entries(keys, velocities)
    ons, offs = sound & (velocities > 0), sound & (velocities == 0)
    mended = _mended(ticks[~sound], keys[~sound], velocities[~sound], events.end_tick, repairs)
    return PairedNotes(
        np.concatenate((keys[ons], mended[:, 0])),
        np.concatenate((ticks[ons], mended[:, 1])),
        np.concatenate((ticks[offs], mended[:, 2])),
        np.concatenate((velocities[ons], mended[:, 3])),
    )


def _with_all_off_resolved(events: TrackEvents) -> tuple[Ints, Ints, Ints]:
    """The note columns, each "all notes off" replaced by the note-offs it stands for."""
    rows = list(zip(events.note_ticks, events.note_keys, events.note_velocities, strict=True))
    if ALL_OFF in events.note_velocities:
        sounding: defaultdict[int, dict[int, int]] = defaultdict(dict)
        resolved: list[tuple[int, int, int]] = []
        for tick, key, velocity in rows:
            counts = sounding[key >> 7]
            if velocity == ALL_OFF:
                resolved.extend((tick, k, 0) for k, count in counts.items() for _ in range(count))
                counts.clear()
            else:
                counts[key] = max(counts.get(key, 0) + (1 if velocity else -1), 0)
                resolved.append((tick, key, velocity))
        rows = resolved
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2]


def _sound_entries(keys: Ints, velocities: Ints) -> npt.NDArray[np.bool_]:
    """Mask of the entries (sorted by key) whose key has as many offs as ons and never an off too early."""
    if not len(keys):
        return np.zeros(0, dtype=bool)
    firsts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sizes = np.diff(np.concatenate((firsts, [len(keys)])))
    running = np.cumsum(np.where(velocities > 0, 1, -1))
    before = np.concatenate(([0], running))[firsts]
    balance = running[firsts + sizes - 1] - before
    lowest = np.minimum.reduceat(running, firsts) - before
    return np.repeat((balance == 0) & (lowest >= 0), sizes)


def _mended(ticks: Ints, keys: Ints, velocities: Ints, end_tick: int, repairs: Repairs) -> Ints:
    """Rows (key, start, end, velocity) of the keys whose ons and offs do not match."""
    by_key: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for tick, key, velocity in zip(ticks.tolist(), keys.tolist(), velocities.tolist(), strict=True):
        by_key[key].append((tick, velocity))
    rows: list[tuple[int, int, int, int]] = []
    for key, entries in by_key.items():
        notes, hanging = _first_off_ends(entries, end_tick)
        rows += [(key, *note) for note in notes]
        repairs.note("hanging", hanging)
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def _first_off_ends(entries: list[tuple[int, int]], end_tick: int) -> tuple[list[tuple[int, int, int]], int]:
    """Notes (start, end, velocity) of one key, and how many were left sounding (0 or 1)."""
    notes: list[tuple[int, int, int]] = []
    sounding: tuple[int, int] | None = None
    was_cut = False
    for tick, velocity in entries:
        if velocity:
            if sounding:
                notes.append((sounding[0], tick, sounding[1]))
            was_cut = sounding is not None
            sounding = (tick, velocity)
        elif sounding and not (
            was_cut and sounding[0] == tick
        ):  # an off written just after the next on ends the note before
            notes.append((sounding[0], tick, sounding[1]))
            sounding = None
    if sounding:
        notes.append((sounding[0], max(end_tick, sounding[0] + 1), sounding[1]))
    return notes, int(sounding is not None)
