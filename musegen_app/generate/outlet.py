"""From drawn notes to notes of the score: held back where their end is still open, then given ticks and a velocity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from musegen_app.generate.dynamics import Dynamics, accent
from musegen_app.generate.field import Field
from musegen_app.score import Timeline

_ACCENT: Final = 22
"""How far full feel lifts the first beat."""
_BREATH: Final = 5
"""How far full feel lets a velocity stray."""


@dataclass(slots=True)
class Struck:
    """A drawn note: ``step`` to ``end`` in steps; ``velocity`` 1–127, 0 for the seed's median; ``log_prob`` in nats.

    ``ticks`` are start and end where they are given rather than drawn.
    """

    step: int
    end: int
    pitch: int
    velocity: int
    log_prob: float
    ticks: tuple[int, int] | None = None


class Outlet:
    """The notes of one take that were drawn but not given out.

    With ``polyphony`` (0 for any) a note waits until it has ended, since a later one may cut it short; where the phrase
    ``closes``, the take's last chord waits to be sustained to the end of the span, whatever other tracks strike. Over a hole
    of up to ``longest_hole`` steps the last notes are held until the next ones.
    """

    def __init__(self, field: Field, polyphony: int, *, closes: bool, longest_hole: int = 0) -> None:
        self._field, self._polyphony, self._closes, self._longest_hole = field, polyphony, closes, longest_hole
        self._held: list[Struck] = []
        self._settled_until = 0

    def has_room(self, step: int, more: int) -> bool:
        """Whether after ``more`` notes at ``step`` yet another may be struck there: only earlier ones can be cut short."""
        if not self._polyphony:
            return True
        here = sum(note.step == step for note in self._held) + more
        return here + self._field.ringing[step - self._field.start] < self._polyphony

    def strike(self, note: Struck) -> list[Struck]:
        """Take in a note; returns earlier ones that were cut short at its step, or held until it."""
        held = self._hold_until(note.step)
        self._held.append(note)
        if not self._polyphony:
            return held
        sounding = [held for held in self._held if held.end > note.step]
        surplus = len(sounding) + self._field.ringing[note.step - self._field.start] - self._polyphony
        cut = [earlier for earlier in sounding if earlier.step < note.step][: max(surplus, 0)]
        for ended in cut:
            ended.end = note.step
        return held + cut

    def _hold_until(self, step: int) -> list[Struck]:
        """Hold the last notes until ``step`` where a hole lies between; returns them."""
        silent_from = max([self._settled_until, *(note.end for note in self._held)])
        if not 0 < step - silent_from <= self._longest_hole or not self._held:
            return []
        last = max(note.step for note in self._held)
        here = [note for note in self._held if note.step == last]
        for note in here:
            note.end = min(step, self._field.free_until(note.step, note.pitch))
        return here

    def settled(self, step: int) -> list[Struck]:
        """The notes that nothing after ``step`` can change, which are let go."""
        if not self._held:
            return []
        last = max(note.step for note in self._held)
        waits = self._closes or self._longest_hole > 0
        is_open = [(waits and note.step >= last) or (self._polyphony > 0 and note.end > step) for note in self._held]
        settled = [note for note, still in zip(self._held, is_open, strict=True) if not still]
        self._held = [note for note, still in zip(self._held, is_open, strict=True) if still]
        self._settled_until = max([self._settled_until, *(note.end for note in settled)])
        return settled

    def finish(self) -> list[Struck]:
        """All that is left, the last chord sustained where the phrase closes, or held over what is left of the span."""
        self._hold_until(self._field.end)
        held, self._held = self._held, []
        if self._closes and held:
            last = max(note.step for note in held)
            for note in held:
                if note.step == last:
                    note.end = self._field.free_until(note.step, note.pitch)
        return held


class Feel:
    """Velocities: as they are drawn, or as loud as the seed is at such places, with more or less life.

    ``amount`` 0 leaves both; 1 doubles how far drawn velocities lie from the median, and lets flat ones follow the accents
    of the metre and breathe a little.
    """

    def __init__(self, timeline: Timeline, dynamics: Dynamics, amount: float, seed_number: int, take: int) -> None:
        self._timeline, self._dynamics, self._amount = timeline, dynamics, amount
        self._breath = np.random.Generator(np.random.PCG64([abs(seed_number), int(seed_number < 0), take, 1]))

    def velocity(self, drawn: int, tick: int) -> int:
        """Of a note at ``tick`` for which ``drawn`` was drawn, 0 for none."""
        if not self._amount:
            return drawn or self._dynamics.at(tick)
        if drawn:
            wanted = self._dynamics.median + (drawn - self._dynamics.median) * (1 + self._amount)
        else:
            breath = float(self._breath.uniform(-_BREATH, _BREATH))
            wanted = self._dynamics.at(tick) + self._amount * (_ACCENT * accent(self._timeline, tick) + breath)
        return int(min(max(round(wanted), 1), 127))
