"""Whose turn it is in a jam, and what is to be written next: pure, in ticks of song position.

Somebody plays, by hand or in the roll; when the phrase is over the answer begins on the next beat. It is written some bars
ahead of the playhead and never further, so that it can follow what changes meanwhile from the next bar line on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from musegen_app.editor.takes import Span
from musegen_app.score import TICKS_PER_QUARTER, Timeline

LEAST_BARS: Final = 2
MOST_BARS: Final = 4
"""The answer is written at least, and at most, so many bars ahead of the playhead."""
PHRASES: Final = (1, 2, 4, 8)
"""Bars that a phrase of the player's may have."""
LEAST_PAUSE_S: Final = 0.5
"""A beat's rest ends a phrase; where beats are short, as many as last so long."""


class JamMode(Enum):
    """How the two take turns; the value is what the settings remember."""

    TRADE = "trade"
    ANSWER = "answer"
    ALONG = "along"


class Turn(Enum):
    """Who plays."""

    OPEN = auto()
    """Nobody: it listens."""
    YOURS = auto()
    ANSWER = auto()


@dataclass(slots=True)
class _Phrase:
    """What the player plays from ``start`` on: over at ``end`` at the latest."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Moment:
    """The playhead is at ``tick``; ``soon`` is the first tick at which a note that is asked for now is sure to sound.

    With luck one at ``next`` does. An answer is written now that begins at ``draft`` or before; one whose beginning no rest
    can change, at ``early``.
    """

    tick: float
    next: float
    soon: float
    draft: float
    early: float


class Jam:
    """The turns of one jam.

    In :attr:`JamMode.TRADE` a phrase has exactly so many bars, and so has its answer. In :attr:`JamMode.ANSWER` a rest of a
    beat ends a phrase, too, and the answer goes on until the player plays again. In :attr:`JamMode.ALONG` it goes on then as
    well. Tell it of keys as they are struck and let go, and call :meth:`advance` often.
    """

    def __init__(self, mode: JamMode, bars: int, timeline: Timeline) -> None:
        self.mode, self.bars, self.timeline = mode, bars, timeline
        self.turn = Turn.OPEN
        self._phrase: _Phrase | None = None
        self._begins: int | None = None  # a roll's end, or where the answer began
        self._until: int | None = None
        self._held: set[int] = set()
        self._free_since: float | None = None
        self._has_pickup = False

    # --- who plays ----------------------------------------------------------------------------------------------------

    @property
    def is_held(self) -> bool:
        """Whether a key is down."""
        return bool(self._held)

    @property
    def phrase(self) -> Span | None:
        """From where to where the player's phrase goes, at the latest; None where nobody plays one."""
        return (self._phrase.start, self._phrase.end) if self._phrase else None

    @property
    def answer_from(self) -> int | None:
        """Where the answer begins or began; None while nobody can tell."""
        if self.turn is Turn.OPEN:
            return None
        if self.turn is Turn.ANSWER or self._begins is not None:
            return self._begins
        return self._end_of_phrase()

    @property
    def answer_until(self) -> int | None:
        """Where the answer ends; None where it goes on."""
        start = self.answer_from
        if self.mode is not JamMode.TRADE or start is None:
            return None
        return self._until or self._bars_after(self.timeline.bar_ceil(start), self.bars)

    def hear_roll(self, start: int, end: int) -> None:
        """The notes in the roll are the phrase, from ``start``; the answer begins at ``end``."""
        self.turn, self._phrase, self._begins = Turn.YOURS, _Phrase(start, end), end

    def put_off(self, tick: int) -> None:
        """The answer could not be written in time: it begins here."""
        self._begins = tick

    def struck(self, tick: float, pitch: int) -> bool:
        """A key went down. Whether the answer that was sounding yields to it."""
        self._held.add(pitch)
        self._free_since = None
        if self.turn is Turn.YOURS:
            return False
        if self.turn is Turn.ANSWER and not self._interrupts(tick):
            return False
        yields = self.turn is Turn.ANSWER
        self._begin_phrase(tick)
        return yields

    def let_go(self, tick: float, pitch: int | None = None) -> None:
        """A key came up, or (None) all did."""
        self._held = self._held - {pitch} if pitch is not None else set()
        if not self._held and self._free_since is None:
            self._free_since = tick

    def advance(self, tick: float) -> None:
        """The playhead is here now."""
        start = self.answer_from
        if self.turn is Turn.YOURS and start is not None and tick >= start:
            self.turn, self._begins, self._phrase = Turn.ANSWER, start, None
            self._until = self.answer_until
        if self.turn is Turn.ANSWER and self._until is not None and tick >= self._until:
            over, self._until, self._begins = self._until, None, None
            self.turn = Turn.OPEN
            if self._has_pickup:
                self._begin_phrase(over)

    def _begin_phrase(self, tick: float) -> None:
        """A phrase begins; what comes within the last beat of a bar leads into the next."""
        place = max(int(tick), 0)
        first = self.timeline.bar_at(place + felt_beat(self.timeline, place))
        end = self.timeline.bar_start(first + self.bars)
        self.turn, self._phrase = Turn.YOURS, _Phrase(place, end)
        self._begins = self._until = None
        self._has_pickup = False

    def _interrupts(self, tick: float) -> bool:
        """Whether who strikes a key while the answer sounds wants to be heard alone."""
        if self.mode is JamMode.ALONG or self._begins is None:
            return False
        beat = felt_beat(self.timeline, int(tick))
        if tick < self._begins + beat:
            return False  # the last note of the phrase falls on the answer's first beat
        if self._until is not None and tick >= self._until - beat:
            self._has_pickup = True
            return False
        return True

    def _end_of_phrase(self) -> int | None:
        if self._phrase is None:
            return None
        free = self._free_since
        if self._held or free is None or self.mode is JamMode.TRADE:
            return self._phrase.end
        return min(self._phrase.end, self._after_pause(free))

    def _after_pause(self, tick: float) -> int:
        place = int(tick)
        beat = felt_beat(self.timeline, place)
        beat_s = self.timeline.tempo_at(place).microseconds / 1e6 * beat / TICKS_PER_QUARTER
        beats = math.ceil(LEAST_PAUSE_S / beat_s - 1e-9)
        return beat_ceil(self.timeline, tick + beat * max(beats, 1))

    def _bars_after(self, tick: int, bars: int) -> int:
        return self.timeline.bar_start(self.timeline.bar_at(tick) + bars)

    # --- what to write ------------------------------------------------------------------------------------------------

    def wanted(self, now: Moment, drawn: int) -> Span | None:
        """What is to be written next where it is written up to ``drawn`` (0 for nothing): None while enough is there."""
        begins = self.answer_from
        if begins is None or begins > self._written_from(now, begins):
            return None  # what is played until then shall be heard
        least = max(self.reach(now.tick, LEAST_BARS + 1), self.reach(now.soon, 1))
        if drawn >= least:
            return None
        if drawn > begins:
            start, until = drawn, max(self.reach(now.tick), least)
            start = start if start >= now.next else beat_ceil(self.timeline, now.next)
        else:  # the first stretch is short: it may be drawn anew
            start = begins if begins >= now.soon else beat_ceil(self.timeline, now.soon)
            until = max(least, self.reach(start, 1))
        return (start, until) if start < until else None

    def _written_from(self, now: Moment, begins: int) -> float:
        """An answer that begins up to here is written now."""
        if self._begins is not None:
            return max(self._bars_after(int(now.tick), LEAST_BARS), now.early)
        is_sure = self._phrase is not None and begins == self._phrase.end
        return now.early if is_sure else now.draft

    def reach(self, tick: float, bars: int = MOST_BARS) -> int:
        """The bar line so many bars ahead of the bar of ``tick``, or where the answer ends."""
        line = self._bars_after(int(tick), bars)
        return line if self.answer_until is None else min(line, self.answer_until)

    def redrawn_from(self, soon: float) -> int | None:
        """From where on a change shall be heard: the next bar line that can be met, or the beginning of the answer."""
        start = self.answer_from
        if start is None or start >= soon:
            return start
        return self.timeline.bar_ceil(math.ceil(soon))

    def is_at_rest(self, tick: float) -> bool:
        """Whether the player has taken the hands off for two beats, and no phrase is waited for."""
        free = self._free_since
        if self.turn is Turn.YOURS or self._held or free is None:
            return False
        return tick >= free + 2 * felt_beat(self.timeline, int(tick))


def felt_beat(timeline: Timeline, tick: int) -> int:
    """Ticks of a beat as it is felt at ``tick``: in 6/8, 9/8 and 12/8 three eighths."""
    metre = timeline.metre_at(tick)
    is_compound = metre.denominator >= 8 and metre.numerator % 3 == 0 and metre.numerator > 3
    return metre.beat_ticks * (3 if is_compound else 1)


def beat_ceil(timeline: Timeline, tick: float) -> int:
    """The first beat at or after ``tick``."""
    place = math.ceil(tick)
    bar = timeline.bar_at(place)
    start, end = timeline.bar_start(bar), timeline.bar_start(bar + 1)
    beat = felt_beat(timeline, place)
    return min(start - (start - place) // beat * beat, end)
