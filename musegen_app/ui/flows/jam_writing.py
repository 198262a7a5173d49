"""What the model writes in a jam: stretch by stretch into one take, drawn anew from a bar line on where things change."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QObject, Signal

from musegen_app.editor import jam_take
from musegen_app.editor.document import Document
from musegen_app.editor.jam import Jam, Moment, Turn, beat_ceil
from musegen_app.editor.shelf import Shelf
from musegen_app.editor.takes import Span
from musegen_app.errors import MuseGenError
from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.jobs import Failed, Finished, JobEvent, NotesArrived, Worker
from musegen_app.score import NoteTable
from musegen_app.ui.flows.generating import Generating
from musegen_app.ui.flows.jam_asking import Chunk, JamWish, Stand, jam_request, shown_of
from musegen_app.ui.flows.playing import Playing

LEAST_S: Final = 0.12
"""A note that is asked for now can sound so much later: the model's first note takes a sixth of it, the player another."""
DRAFT_S: Final = 0.13
"""So much earlier yet is an answer written that a rest calls for: the player may go on."""
EARLY_S: Final = 0.5
"""So much earlier is one written that begins where a phrase's bars are over; it is drawn anew if more is played."""
HEARD_S: Final = 0.03
"""What is to begin within this time will sound: it is on its way."""
_MOST_S: Final = 4.0
SLOW: Final = "The model is slower than the music: notes were left out. A quicker model, or a slower tempo, keeps up."


class Stale(Enum):
    """Something changed that is to be heard from the next bar line on."""

    NOW = auto()
    """It is drawn anew at once: the musician turned something."""
    AT_LINE = auto()
    """It is drawn anew just before the line: the musician plays, and more may come."""


@dataclass(slots=True)
class _Asked:
    """A stretch that is being written. ``replaces``: it takes the place of ghosts that are there."""

    request: GenerateRequest
    chunk: Chunk
    number: int
    replaces: bool
    at_s: float
    has_arrived: bool = False


class JamWriter(QObject):
    """Writes ahead of the playhead. ``failed`` carries a sentence, ``slow`` comes once a jam when notes were too late."""

    failed = Signal(str)
    slow = Signal()

    def __init__(
        self, document: Document, playing: Playing, generating: Generating, worker: Worker, asks: Callable[[], JamWish]
    ) -> None:
        super().__init__()
        self._document, self._playing, self._generating, self._worker = document, playing, generating, worker
        self._asks = asks
        self._asked: _Asked | None = None
        self.rehearsed: set[str] = set()
        self._forget()

    def _forget(self) -> None:
        self._jam_id = 0
        self._seed_number = 0
        self._track_id: int | None = None
        self._sign: object = None
        self._first_s = 0.0
        self._is_slow = False
        self._is_put_off = False
        self._draft: int | None = None  # where an answer begins that is written already, and not yet heard
        self.drawn = 0
        self.stale: Stale | None = None

    # --- life ---------------------------------------------------------------------------------------------------------

    def begin(self, track_id: int | None, seed_number: int) -> None:
        """A jam begins. ``track_id`` is the track that is written for, None where all that play share what is written."""
        take = self._document.take
        self._forget()
        self._seed_number = seed_number
        self._track_id = take.track_id if take is not None else track_id

    def rehearse(self, tick: float) -> None:
        """Have the model write a bar that nobody hears: the first one takes some times as long as any other."""
        asks = self._asks()
        if asks.wish.model in self.rehearsed:
            return
        self.rehearsed.add(asks.wish.model)
        timeline = self._document.score.timeline
        line = timeline.bar_ceil(int(tick))
        chunk = Chunk((line, timeline.bar_start(timeline.bar_at(line) + 1)), closes=True)
        stand = Stand(self._document.take, NoteTable.empty(), self._track_id)
        try:
            request = jam_request(self._document, stand, asks, chunk, self._seed_number)
        except MuseGenError:
            return  # it will be told when the answer is due
        self._worker.submit(replace(request, id=self._generating.new_id()))

    def end(self, tick: int | None, *, has_taken: bool = False) -> None:
        """The jam is over: what begins at ``tick`` or later goes (None: nothing does). ``has_taken``: the take is gone."""
        self._leave()
        if not has_taken and self._has_take:
            if tick is not None:
                self._put(jam_take.cut(self._document.shelf, tick))
            if not self._document.ghosts:
                self._document.put_shelf(self._document.shelf.without(self._document.shelf.shown))
        self._jam_id = 0

    @property
    def has_lost_take(self) -> bool:
        """Whether the take was accepted, thrown away, or another one is shown."""
        return self._jam_id > 0 and not self._has_take

    @property
    def _has_take(self) -> bool:
        return self._jam_id > 0 and jam_take.place_of(self._document.shelf, self._jam_id) >= 0

    # --- when ---------------------------------------------------------------------------------------------------------

    @property
    def lead_s(self) -> float:
        """How far ahead a note must be asked for to sound in time: more where a model has shown to be slow."""
        return min(max(LEAST_S, 1.25 * self._first_s), _MOST_S)

    def moment(self, tick: float) -> Moment:
        """Now, where the playhead is at ``tick``."""
        clock_s, lead_s = time.perf_counter(), self.lead_s
        times_s = (LEAST_S, lead_s, lead_s + DRAFT_S, lead_s + EARLY_S)
        return Moment(tick, *(max(self._playing.tick_at(clock_s + ahead_s), tick) for ahead_s in times_s))

    def choices_changed(self) -> None:
        """The panel, the key or the model is another: is anything that is asked for?"""
        if self._jam_id and _sign(self._asks()) != self._sign:
            self.stale = Stale.NOW

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, jam: Jam, tick: float, played: Callable[[], NoteTable]) -> None:
        """Ask for what is wanted next; quick where nothing is. ``played`` tells the notes that are being recorded."""
        self._follow_phrase(jam)
        if self._asked is not None:
            return
        now = self.moment(tick)
        if self._is_put_off:
            self._is_put_off = False
            jam.put_off(beat_ceil(jam.timeline, now.soon))
        span = self._redrawn(jam, now)
        if span is not None:
            self._ask(jam, span, played(), replaces=True)
        elif (wanted := jam.wanted(now, self.drawn)) is not None:
            self._ask(jam, wanted, played(), replaces=False)

    def give_way(self, jam: Jam) -> None:
        """The player plays: what has not begun goes, and what sounds ends on the next beat."""
        self._leave()
        self.drawn, self._draft = 0, None
        if self._has_take:
            tick = int(self._playing.tick_at(time.perf_counter() + HEARD_S))
            self._put(jam_take.cut(self._document.shelf, tick, beat_ceil(jam.timeline, tick + 1)))

    def _follow_phrase(self, jam: Jam) -> None:
        """An answer that was written early goes where the phrase goes on."""
        start, draft = jam.answer_from, self._draft
        if jam.turn is not Turn.YOURS:
            self._draft = None
        elif draft is not None and start is not None and start > draft:
            self._leave()
            self.drawn, self._draft = 0, None
            if self._has_take:
                self._put(jam_take.cut(self._document.shelf, draft))

    def _redrawn(self, jam: Jam, now: Moment) -> Span | None:
        if self.stale is None:
            return None
        line = jam.redrawn_from(now.soon)
        if line is None or line >= self.drawn:
            self.stale = None  # what is yet to be written heeds it anyway
            return None
        if self.stale is Stale.AT_LINE and line > now.draft:
            return None
        self.stale = None
        until = max(jam.reach(now.tick), self.drawn)
        return (line, until) if line < until else None

    def _ask(self, jam: Jam, span: Span, played: NoteTable, *, replaces: bool) -> None:
        document, asks = self._document, self._asks()
        begins = jam.answer_from if jam.answer_from is not None else span[0]
        opens = self.drawn <= begins or span[0] <= begins
        chunk = Chunk(span, opens, span[1] == jam.answer_until)
        stand = Stand(document.take, played, self._track_id)
        number = self._seed_number + jam.timeline.bar_at(span[0])
        try:
            request = jam_request(document, stand, asks, chunk, number)
        except MuseGenError as error:
            self.failed.emit(str(error))
            return
        if opens:
            self._draft = span[0]
            if span[0] > begins:
                jam.put_off(span[0])
        request = replace(request, id=self._generating.new_id())
        self._sign = _sign(asks)
        origin = self._generating.origin_of(request, self._track_id)
        generation = document.asked(origin)
        self._asked = _Asked(request, chunk, generation, replaces, time.perf_counter())
        if not self._jam_id:
            self._jam_id = request.id
            self._put(jam_take.begun(document.shelf, replace(origin, request=shown_of(request, span[1]))))
        self._worker.submit(request)

    def _leave(self) -> None:
        if self._asked is not None:
            self._asked = None
            self._worker.cancel()

    # --- answers ------------------------------------------------------------------------------------------------------

    def receive(self, event: JobEvent) -> None:
        """An event of the worker; those of requests that are not waited for are dropped."""
        asked = self._asked
        if asked is None or not isinstance(event, NotesArrived | Finished | Failed):
            return
        if event.request_id != asked.request.id:
            return
        match event:
            case NotesArrived():
                self._add(asked, event.notes)
            case Finished():
                self._finish(asked, cancelled=event.cancelled)
            case Failed():
                self._asked = None
                self.failed.emit(str(event.error))

    def _add(self, asked: _Asked, made: tuple[GeneratedNote, ...]) -> None:
        if not self._has_take:
            return
        begin = int(self._playing.tick_at(time.perf_counter() + HEARD_S))
        if asked.chunk.opens and not asked.has_arrived and made[0].note.start < begin:
            self._put_off(asked)
            return
        self._arrive(asked)
        start, end = asked.chunk.span
        notes = [generated.note for generated in made if start <= generated.note.start < end]
        in_time = [note for note in notes if note.start >= begin]
        if len(in_time) < len(notes) and not self._is_slow:
            self._is_slow = True
            self.slow.emit()
        if in_time:
            shown = shown_of(asked.request, end)
            self._put(jam_take.grown(self._document.shelf, in_time, asked.number, shown))

    def _put_off(self, asked: _Asked) -> None:
        """The answer comes too late for its beat: it begins on one that can be met, and with its first note."""
        self._first_s = time.perf_counter() - asked.at_s
        self._leave()
        self._is_put_off = True

    def _arrive(self, asked: _Asked) -> None:
        """The first notes are there: what they replace goes, but for what is on its way."""
        if asked.has_arrived:
            return
        asked.has_arrived = True
        self._first_s = (self._first_s + time.perf_counter() - asked.at_s) / 2
        if asked.replaces:
            soon = int(self._playing.tick_at(time.perf_counter() + HEARD_S))
            self._put(jam_take.cut(self._document.shelf, max(asked.chunk.span[0], soon)))

    def _finish(self, asked: _Asked, *, cancelled: bool) -> None:
        self._asked = None
        if not cancelled and self._has_take:
            self._arrive(asked)
            self.drawn = asked.chunk.span[1]

    def _put(self, shelf: Shelf) -> None:
        if shelf is not self._document.shelf:
            self._document.put_shelf(shelf)


def _sign(asks: JamWish) -> object:
    """What of the wish shapes the notes: another one is followed."""
    wish = replace(asks.wish, bars=1, takes=1, different=1.0)
    return wish, (asks.key.mode, asks.key.locked) if wish.stay_in_key else None
