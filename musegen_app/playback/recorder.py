"""From what is played to notes: keys, pedals and wheels at song positions become notes and controllers in ticks. Pure.

Round a loop the song position jumps back; inside, it is unrolled, so that a pass is a stretch like any other and a message
that is heard a little after the turn still belongs where it was played.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from musegen_app.midi_io.messages import BEND, CONTROL, NOTE_OFF, NOTE_ON, SUSTAIN, Message
from musegen_app.score import EMPTY, PITCH_BEND, ControlChange, Note, NoteTable

Loop = tuple[int, int]

BEND_CENTRE: Final = 8192
_PEDALS: Final = (SUSTAIN, 66, 67)
_UNKEPT: Final = frozenset({0, 6, 32, 38, *range(96, 102), *range(120, 128)})
"""Banks, parameters by number and modes: the track has its own sound."""
_RESTING: Final = {PITCH_BEND: BEND_CENTRE, **dict.fromkeys(_PEDALS, 0)}


@dataclass(frozen=True, slots=True)
class Pass:
    """Once through: what was played in ticks [start, end) of the song, where ``struck`` notes began.

    ``controls`` are sorted by tick.
    """

    start: int
    end: int
    notes: NoteTable = EMPTY
    controls: tuple[ControlChange, ...] = ()
    struck: int = 0


@dataclass(slots=True)
class _Struck:
    """A note that is held, since an unrolled tick."""

    start: float
    pitch: int
    velocity: int


class Recorder:
    """Records from :meth:`begin` to :meth:`end`. One thread. Ticks are song positions, with fractions.

    Call :meth:`advance` often enough that a loop is never passed half between two calls.
    """

    def __init__(self, tick: float, loop: Loop | None = None) -> None:
        self._begin = self._at = max(tick, 0.0)
        self._loop = loop if loop is not None and tick < loop[1] else None
        self._held: dict[int, _Struck] = {}
        self._done: list[tuple[int, Note]] = []  # pass and note
        self._set: list[tuple[float, int, int]] = []  # unrolled tick, controller, value
        self._table = EMPTY  # of what is done, made when it is asked for
        self.is_recording = True

    @classmethod
    def begin(cls, tick: float, loop: Loop | None = None) -> Recorder:
        """Record from here on; ``loop`` is the one that is played, and counts where the beginning lies before its end."""
        return cls(tick, loop)

    def advance(self, tick: float) -> None:
        """The playhead is here now: what is held has grown so far."""
        self._at = max(self._at, self._unrolled(tick))

    def feed(self, tick: float, message: Message) -> None:
        """A message that was played when the playhead was at ``tick``; anything but notes and controllers is let pass."""
        if not self.is_recording:
            return
        at, kind = max(self._unrolled(tick), self._begin), message[0] & 0xF0
        if kind in (NOTE_ON, NOTE_OFF):
            self._let_go(message[1], at)
            if kind == NOTE_ON and message[2] > 0:
                self._held[message[1]] = _Struck(at, message[1], message[2])
        elif kind == CONTROL and message[1] not in _UNKEPT:
            self._set.append((at, message[1], message[2]))
        elif kind == BEND:
            self._set.append((at, PITCH_BEND, message[1] | message[2] << 7))

    def end(self, tick: float | None = None) -> tuple[Pass, ...]:
        """Stop here, or where the playhead was last: what is held ends, pedals come up, the wheel springs back."""
        self.let_go(tick)
        self.is_recording = False
        return self.passes()

    def let_go(self, tick: float | None = None) -> None:
        """The hands are gone (a cable was pulled): what is held ends, pedals come up, the wheel springs back."""
        if tick is not None:
            self.advance(tick)
        for pitch in tuple(self._held):
            self._let_go(pitch, self._at)
        lasting = {number: value for _, number, value in sorted(self._set, key=lambda change: change[0])}
        for number, rest in _RESTING.items():
            if lasting.get(number, rest) != rest:
                self._set.append((self._at, number, rest))

    # --- what there is ------------------------------------------------------------------------------------------------

    @property
    def has_notes(self) -> bool:
        """Whether any note was struck."""
        return bool(self._done or self._held)

    @property
    def has_struck_now(self) -> bool:
        """Whether any note was struck in the pass that goes on."""
        number = self._pass_of(self._at)
        held = any(self._pass_of(struck.start) == number for struck in self._held.values())
        return held or any(turn == number for turn, _ in reversed(self._done))

    @property
    def at(self) -> tuple[int, float]:
        """Pass and song position of the playhead."""
        number = self._pass_of(self._at)
        return number, self._at - self._shift(number)

    def notes_so_far(self) -> NoteTable:
        """Everything played, in the song's ticks; what is held reaches to the playhead."""
        if len(self._table) != len(self._done):
            self._table = self._table.merged(NoteTable.of([note for _, note in self._done[len(self._table) :]]))
        return self._table.merged(NoteTable.of([self._note(struck, self._at)[1] for struck in self._held.values()]))

    def passes(self) -> tuple[Pass, ...]:
        """The passes so far, the one that goes on last."""
        notes: dict[int, list[Note]] = defaultdict(list)
        for number, note in (*self._done, *(self._note(struck, self._at) for struck in self._held.values())):
            notes[number].append(note)
        controls = self._controls_by_pass()
        return tuple(
            Pass(*self._span(number), NoteTable.of(notes[number]), tuple(controls[number]), len(notes[number]))
            for number in range(self._pass_of(self._at) + 1)
        )

    # --- inside -------------------------------------------------------------------------------------------------------

    def _let_go(self, pitch: int, at: float) -> None:
        struck = self._held.pop(pitch, None)
        if struck is not None:
            self._done.append(self._note(struck, at))

    def _unrolled(self, tick: float) -> float:
        """The song position, as many loops later as brings it nearest to where we were."""
        if self._loop is None or tick < self._loop[0]:
            return tick
        length = self._loop[1] - self._loop[0]
        return tick + max(round((self._at - tick) / length), 0) * length

    def _pass_of(self, at: float) -> int:
        if self._loop is None or at < self._loop[1]:
            return 0
        return 1 + math.floor((at - self._loop[1]) / (self._loop[1] - self._loop[0]))

    def _borders(self, number: int) -> tuple[float, float]:
        """Unrolled ticks where a pass begins and ends, as far as it has come."""
        if self._loop is None:
            return self._begin, self._at
        start, end = self._loop
        begins = self._begin if not number else end + (number - 1) * (end - start)
        return begins, min(end + number * (end - start), self._at)

    def _span(self, number: int) -> tuple[int, int]:
        shift = self._shift(number)
        begins, ends = self._borders(number)
        return math.floor(begins) - shift, math.ceil(ends) - shift

    def _shift(self, number: int) -> int:
        return 0 if self._loop is None else number * (self._loop[1] - self._loop[0])

    def _note(self, struck: _Struck, end: float) -> tuple[int, Note]:
        """The pass and the note, which the turn of the loop ends."""
        number = self._pass_of(struck.start)
        if self._loop is not None:
            end = min(end, self._loop[1] + self._shift(number))
        start = round(struck.start)
        return number, Note(start - self._shift(number), max(round(end) - start, 1), struck.pitch, struck.velocity)

    def _controls_by_pass(self) -> dict[int, list[ControlChange]]:
        """Changes by pass, without those that change nothing; what is not at rest is taken over from pass to pass."""
        found: dict[int, list[ControlChange]] = defaultdict(list)
        lasting: dict[int, int] = {}
        number = 0
        for at, control, value in sorted(self._set, key=lambda change: change[0]):
            for turn in range(number, self._pass_of(at)):
                self._turn(turn, lasting, found)
            number = self._pass_of(at)
            if lasting.get(control) != value:
                lasting[control] = value
                found[number].append(ControlChange(round(at) - self._shift(number), control, value))
        for turn in range(number, self._pass_of(self._at)):
            self._turn(turn, lasting, found)
        return found

    def _turn(self, number: int, lasting: dict[int, int], found: dict[int, list[ControlChange]]) -> None:
        start, end = self._loop or (0, 0)
        for control, rest in _RESTING.items():
            if lasting.get(control, rest) != rest:
                found[number].append(ControlChange(end, control, rest))
                found[number + 1].append(ControlChange(start, control, lasting[control]))
