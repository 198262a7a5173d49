"""Questions to a model beside its writing: a light thread of their own, on which the newest question of each kind wins."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from musegen_app.errors import ModelError, MuseGenError
from musegen_app.generate import Generator
from musegen_app.generate.insight import AlternativesQuery, Answer, Cancelled, ComingQuery, Query, SurpriseQuery
from musegen_app.jobs.events import Answered, OnEvent, Unanswered
from musegen_app.jobs.job import LoadedModels
from musegen_app.jobs.priority import WORKER_NICE, lower_own_priority

THREAD_NAME: Final = "musegen-questions"
_NICE: Final = WORKER_NICE + 4  # a continuation goes first
_ORDER: Final = (AlternativesQuery, ComingQuery, SurpriseQuery)
"""Kinds by how soon somebody waits for the answer; the last takes long, and lets the others through."""
_log = logging.getLogger(__name__)


def answer(query: Query, models: LoadedModels, before: Answer | None, cancelled: Cancelled) -> Answered | Unanswered | None:
    """Answer ``query``: what is to be told, None where it was cancelled. Nothing is raised."""
    try:
        found = query.ask(models.get(query.model), before, cancelled)
        return None if found is None else Answered(query.id, found)
    except MuseGenError as error:
        return Unanswered(query.id, error)
    except Exception:  # noqa: BLE001 - the last stop before the thread's end; the log has the traceback
        _log.exception("A question to model %r failed", query.model)
        sentence = "The model could not be asked because of a fault in MuseGen; the log file tells more."
        return Unanswered(query.id, ModelError(sentence, query.model))


class Questions:
    """Answers questions on a thread that starts with the first one and holds models of its own, loaded when first asked.

    A question that a newer one of its kind replaces is not answered. ``on_event`` is called on the thread. All methods may
    be called from any thread but :meth:`close` from ``on_event``; none waits, save :meth:`close`, which waits for at most
    one call of a model.
    """

    def __init__(self, load: Callable[[str], Generator], on_event: OnEvent) -> None:
        self._load, self._on_event = load, on_event
        self._models = LoadedModels(load)
        self._waiting: dict[type[Query], Query] = {}
        self._current: Query | None = None
        self._last: dict[tuple[type[Query], str], Answer] = {}
        self._closing = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, query: Query) -> None:
        """Answer ``query`` soon; an older one of its kind is let go."""
        with self._changed:
            if self._closing:
                raise RuntimeError("the worker is closed")
            self._waiting[type(query)] = query
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=THREAD_NAME)
                self._thread.start()

    def drop(self, kind: type[Query]) -> None:
        """Nobody waits any more for the answer to a question of this kind."""
        with self._changed:
            self._waiting.pop(kind, None)
            if isinstance(self._current, kind):
                self._current = None

    def forget(self) -> None:
        """Load each model anew when it is next asked."""
        self._models = LoadedModels(self._load)
        self._last = {}

    def close(self) -> None:
        """Stop the thread and wait for it; no event comes once this has returned. May be called twice."""
        with self._changed:
            self._closing = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    # --- on its thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        lower_own_priority(_NICE)
        while (query := self._next()) is not None:
            self._answer(query, partial(self._is_stale, query))

    def _next(self) -> Query | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            self._current = None if self._closing else self._soonest(_ORDER)
            return self._current

    def _soonest(self, kinds: tuple[type[Query], ...]) -> Query | None:
        return next((self._waiting.pop(kind) for kind in kinds if kind in self._waiting), None)

    def _is_stale(self, query: Query) -> bool:
        """Whether nobody waits for the answer any more. Asked in the midst of a long one, it lets the short ones through."""
        with self._changed:
            stale = self._closing or self._current is not query or type(query) in self._waiting
            short = None if stale else self._soonest(_ORDER[:-1])
        if short is not None:
            self._answer(short, lambda: False)
        return stale

    def _answer(self, query: Query, cancelled: Cancelled) -> None:
        models, last, key = self._models, self._last, (type(query), query.model)
        event = answer(query, models, last.get(key), cancelled)
        if isinstance(event, Answered):
            last[key] = event.answer
        if event is not None:
            self._tell(event)

    def _tell(self, event: Answered | Unanswered) -> None:
        if self._closing:
            return
        try:
            self._on_event(event)
        except Exception:  # noqa: BLE001 - a listener's fault must not end the thread
            _log.exception("A listener failed on %s", type(event).__name__)
