"""Which chords several takes struck, and when: a row a chord, so that many moments are looked up at once from few bytes."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from musegen_app.encoding.note_events import LENGTHS, GridNotes, Ints, on_grid
from musegen_app.encoding.recall import MOST_SHIFT, SHIFTS, WIDE

Struck = tuple[int, int]
"""Pitch and class of the length."""
_ROOM: Final = 1024


class StruckChords:
    """The chords of several takes by moment, which count from 0 up to ``moments``; what they began with is shared.

    Every chord has a slot, 0 being silence. ``since`` int32 (slots,): steps from the onset before to it, 0 for the first.
    """

    def __init__(self, takes: int, moments: int) -> None:
        self._takes, self._moments = takes, moments
        self._lay_out(0)
        self._pitches: npt.NDArray[np.uint8] = np.zeros((_ROOM, WIDE), dtype=np.uint8)
        self.since: npt.NDArray[np.int32] = np.zeros(_ROOM, dtype=np.int32)
        self._windows = sliding_window_view(self._pitches, len(SHIFTS), axis=1)
        self._notes: dict[int, list[Struck]] = {0: []}
        self._shortened: dict[tuple[int, int], list[Struck]] = {}  # of shared chords, by take and slot
        self._begun, self._first = on_grid(()), np.zeros(1, dtype=np.int64)
        self._shared = self._count = 1

    def _lay_out(self, own: int) -> None:
        """Slots by moment: those of all takes, from the moment ``own`` on each take's own, one take after the other."""
        self._own_from, width = own, self._moments - own
        self._slot: npt.NDArray[np.int32] = np.zeros(own + self._takes * width, dtype=np.int32)
        self._moved = np.arange(self._takes) * width

    def begin(self, notes: GridNotes, front: int) -> None:
        """All takes struck ``notes`` at their onsets and ``front``."""
        onsets, first, slot = np.unique(notes.onset, return_index=True, return_inverse=True)
        self._shared = self._count = len(onsets) + 1
        self._make_room(self._count)
        self._lay_out(int(onsets[-1]) + front)
        self._slot[onsets + front] = np.arange(1, self._count)
        self._slot[self._own_from + self._moved] = self._count - 1
        self._pitches[slot + 1, notes.pitch + MOST_SHIFT] = 1
        self.since[2 : self._count] = np.diff(onsets)
        self._begun, self._first = notes, np.append(first, len(notes))

    def only(self, takes: list[int]) -> None:
        """Go on with these takes alone."""
        self._moved = self._moved[takes]

    def slots(self, moments: Ints) -> npt.NDArray[np.int32]:
        """The chord struck at each moment: int32 (takes, …)."""
        found: npt.NDArray[np.int32] = self._slot[moments + (moments >= self._own_from) * self._moved[:, None]]
        return found

    def _place(self, take: int, moment: int) -> int:
        return moment if moment < self._own_from else moment + self._moved.item(take)

    def around(self, slots: npt.NDArray[np.int32], keys: Ints) -> npt.NDArray[np.uint8]:
        """Whether each pitch that becomes one of ``keys`` by a shift was struck in a chord: 0/1 (takes, …, shifts)."""
        found: npt.NDArray[np.uint8] = self._windows[slots, keys]
        return found

    def notes(self, take: int, slot: int) -> list[Struck]:
        """The notes of a chord, as a take has them."""
        if self._shortened and (mine := self._shortened.get((self._moved.item(take), slot))):
            return mine
        if slot not in self._notes:
            rows = slice(int(self._first[slot - 1]), int(self._first[slot]))
            lengths = LENGTHS.classes(self._begun.length[rows])
            self._notes[slot] = list(zip(self._begun.pitch[rows].tolist(), lengths.tolist(), strict=True))
        return self._notes[slot]

    def strike(self, take: int, moment: int, note: Struck, since: int) -> None:
        """A take strikes a note; ``since`` is how long after its last chord, 0 where that is the same."""
        slot = self._own(take, moment, since)
        self._pitches[slot, note[0] + MOST_SHIFT] = 1
        self._notes[slot].append(note)

    def shorten(self, take: int, moment: int, pitch: int, length: int) -> bool:
        """Give the note of ``pitch`` that a take struck at ``moment`` another class of length. False where there is none."""
        slot = self._slot.item(self._place(take, moment))
        notes = self.notes(take, slot)
        if not any(key == pitch for key, _length in notes):
            return False
        shortened = [(key, length if key == pitch else kept) for key, kept in notes]
        if slot < self._shared:
            self._shortened[self._moved.item(take), slot] = shortened
        else:
            self._notes[slot] = shortened
        return True

    def _own(self, take: int, moment: int, since: int) -> int:
        """The slot of a take's chord at a moment, a new one where there was none or all takes share it."""
        place = self._place(take, moment)
        slot = self._slot.item(place)
        if slot >= self._shared:
            return slot
        made, self._count = self._count, self._count + 1
        self._make_room(self._count)
        self._notes[made] = list(self.notes(take, slot))
        self._pitches[made], self.since[made] = self._pitches[slot], self.since[slot] if slot else since
        self._slot[place] = made
        return made

    def _make_room(self, count: int) -> None:
        room = len(self.since)
        if count <= room:
            return
        more = max(room, count - room)
        self._pitches = np.concatenate([self._pitches, np.zeros((more, WIDE), dtype=np.uint8)])
        self.since = np.concatenate([self.since, np.zeros(more, dtype=np.int32)])
        self._windows = sliding_window_view(self._pitches, len(SHIFTS), axis=1)
