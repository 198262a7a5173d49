"""Asking the model what it thinks: questions that follow edits and the playhead, and the newest answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from musegen_app.editor import thoughts
from musegen_app.editor.document import Document, Topic
from musegen_app.errors import ModelError, MuseGenError
from musegen_app.generate.insight import (
    Alternatives,
    AlternativesQuery,
    Coming,
    ComingQuery,
    Hearing,
    Query,
    Surprise,
    SurpriseQuery,
)
from musegen_app.jobs import Answered, JobEvent, Unanswered, Worker
from musegen_app.score import Key, Note, NoteTable

SETTLE_MS: Final = 70
"""After the last edit of a quick row of edits, the model is asked."""
LATEST_MS: Final = 300
"""In a row of edits without such a pause (ghosts that stream in), it is asked this often."""
FOLLOW_MS: Final = 40
"""While the playhead moves, the model is asked at most this often."""
_MUSIC: Final = {Topic.LOADED, Topic.NOTES, Topic.TRACKS, Topic.TIMELINE, Topic.GHOSTS}


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms the model is asked: the panel's choices. ``model`` "" while none is known."""

    model: str = ""
    style: str = ""
    key: Key | None = None
    pitch_range: tuple[int, int] = (0, 127)


class Insight(QObject):
    """Heat map, surprise and alternatives of the open piece.

    ``heat_changed`` and ``surprise_changed`` come with new values or none; ``alternatives_told`` carries
    :class:`~musegen_app.generate.insight.Alternatives`; ``failed`` a sentence, once until the terms change; ``wanted`` comes
    when a key asks for the alternatives of the note that is meant; ``toggled`` with either switch.
    """

    heat_changed = Signal()
    surprise_changed = Signal()
    alternatives_told = Signal(object)
    failed = Signal(str)
    wanted = Signal()
    toggled = Signal()

    def __init__(self, document: Document, worker: Worker) -> None:
        super().__init__()
        self._document, self._worker = document, worker
        self._ids = itertools.count(1)
        self._awaited: dict[type[Query], int] = {}
        self._terms, self._refused = Terms(), Terms()
        self._tick = 0.0
        self._place = -1
        self._notes: NoteTable | None = None
        self.heat_on = self.surprise_on = False
        self.heat: Coming | None = None
        self.surprise: Surprise | None = None
        self._settle = _timer(self, SETTLE_MS, self._ask_all)
        self._latest = _timer(self, LATEST_MS, self._ask_all)
        self._follow = _timer(self, FOLLOW_MS, self._ask_heat)
        self._unsubscribe = document.subscribe(self._document_changed)

    def close(self) -> None:
        """Ask no more."""
        self._unsubscribe()
        for timer in (self._settle, self._latest, self._follow):
            timer.stop()

    # --- switches -----------------------------------------------------------------------------------------------------

    def toggle_heat(self) -> None:
        """Show where the next note would come, or not."""
        self.switch(heat=not self.heat_on, surprise=self.surprise_on)

    def toggle_surprise(self) -> None:
        """Tint the notes by how much they surprise, or not."""
        self.switch(heat=self.heat_on, surprise=not self.surprise_on)

    def switch(self, *, heat: bool, surprise: bool) -> None:
        """Show these."""
        self.heat_on, self.surprise_on = heat, surprise
        self._refused = Terms()
        if not heat:
            self._forget(ComingQuery)
        if not surprise:
            self._forget(SurpriseQuery)
        self._ask_all()
        self.toggled.emit()

    def want_alternatives(self) -> None:
        """A key asks for the alternatives of the note that is meant."""
        self.wanted.emit()

    # --- what is asked ------------------------------------------------------------------------------------------------

    def set_terms(self, terms: Terms) -> None:
        """Another model, style, key or range."""
        if terms == self._terms:
            return
        if terms.model != self._terms.model:
            self._forget(ComingQuery)
            self._forget(SurpriseQuery)
        self._terms = terms
        self._ask_soon()

    def set_playhead(self, tick: float) -> None:
        """The playhead is here."""
        self._tick = tick
        if self.heat_on and not self._follow.isActive() and self._next_place() != self._place:
            self._follow.start()

    def ask_about(self, note: Note) -> bool:
        """Ask for the alternatives of a note or a ghost; False where no model hears it (a muted track)."""
        notes, terms = self._heard(), self._terms_of(note)
        if not terms.model or not len(notes.rows_of([note.id])):
            return False
        self._ask(AlternativesQuery(next(self._ids), terms.model, self._hearing(notes, terms), note))
        return True

    def _terms_of(self, note: Note) -> Terms:
        """A ghost is asked about on the terms that it was written on, a note on the panel's."""
        take = self._document.take
        if note.id > 0 or take is None:
            return self._terms
        asked = take.request
        return Terms(asked.model, asked.style, asked.key, asked.pitch_range)

    def _document_changed(self, topic: Topic) -> None:
        if topic in _MUSIC:
            self._notes = None
            self._ask_soon()

    def _ask_soon(self) -> None:
        if not self.heat_on and not self.surprise_on:
            return
        self._settle.start()
        if not self._latest.isActive():
            self._latest.start()

    def _heard(self) -> NoteTable:
        if self._notes is None:
            self._notes = thoughts.heard_notes(self._document)
        return self._notes

    def _hearing(self, notes: NoteTable, terms: Terms) -> Hearing:
        take = self._document.take
        drawn = take.request if take is not None and take.request.model == terms.model else None
        return Hearing(notes, self._document.score.timeline, terms.style, terms.key, terms.pitch_range, drawn)

    def _next_place(self) -> int:
        return thoughts.next_place(self._heard(), self._document.score.timeline, self._tick)

    def _ask_all(self) -> None:
        self._settle.stop()
        self._latest.stop()
        self._ask_heat()
        if self.surprise_on and self._may_ask():
            notes = self._heard()
            self._ask(SurpriseQuery(next(self._ids), self._terms.model, self._hearing(notes, self._terms)))

    def _ask_heat(self) -> None:
        if self.heat_on and self._may_ask():
            self._place = self._next_place()
            hearing = self._hearing(self._heard(), self._terms)
            self._ask(ComingQuery(next(self._ids), self._terms.model, hearing, self._place))

    def _may_ask(self) -> bool:
        terms = self._terms
        return bool(terms.model) and self._refused not in (terms, _of_model(terms))

    def _ask(self, query: Query) -> None:
        self._awaited[type(query)] = query.id
        self._worker.ask(query)

    def _forget(self, kind: type[Query]) -> None:
        self._awaited.pop(kind, None)
        self._worker.drop(kind)
        if kind is ComingQuery and self.heat is not None:
            self.heat = None
            self.heat_changed.emit()
        if kind is SurpriseQuery and self.surprise is not None:
            self.surprise = None
            self.surprise_changed.emit()

    # --- answers ------------------------------------------------------------------------------------------------------

    def receive(self, event: JobEvent) -> None:
        """An event of the worker, on the UI thread. Answers that are no longer awaited are dropped."""
        if not isinstance(event, Answered | Unanswered):
            return
        kind = next((kind for kind, number in self._awaited.items() if number == event.query_id), None)
        if kind is None:
            return
        del self._awaited[kind]
        if isinstance(event, Unanswered):
            self._fail(kind, event.error)
            return
        match event.answer:
            case Coming():
                self.heat = event.answer
                self.heat_changed.emit()
            case Surprise():
                self.surprise = event.answer
                self.surprise_changed.emit()
            case Alternatives():
                self.alternatives_told.emit(event.answer)

    def _fail(self, kind: type[Query], error: MuseGenError) -> None:
        """Tell it, once: what follows edits is not asked again until the terms that it failed for are others."""
        if kind is AlternativesQuery:
            self.failed.emit(str(error))
            return
        told = not self._may_ask()
        self._refused = _of_model(self._terms) if isinstance(error, ModelError) else self._terms
        self._forget(kind)
        if not told:
            self.failed.emit(str(error))


def _of_model(terms: Terms) -> Terms:
    """What of the terms a model may not know."""
    return Terms(terms.model, terms.style)


def _timer(parent: QObject, interval_ms: int, slot: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(slot)
    return timer
