"""The worker thread: newest request wins, cancel is heard at every note, errors are handed over."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from musegen_app.generate import GenerateRequest, Generator
from musegen_app.generate.insight import Query
from musegen_app.jobs.events import JobEvent, OnEvent
from musegen_app.jobs.job import Job, LoadedModels, run_job
from musegen_app.jobs.priority import lower_own_priority
from musegen_app.jobs.questions import Questions

_log = logging.getLogger(__name__)


class GenerationWorker:
    """A :class:`~musegen_app.jobs.events.Worker` with one thread of its own, which starts with the first job.

    Questions have a lighter thread beside it, which starts with the first one, so that neither waits for the other. ``load``
    turns a model's name into a generator; it and ``on_event`` are called on the worker's threads. All methods may be
    called from any thread but :meth:`close` from ``on_event``; none waits for the model, save :meth:`close`, which waits for
    at most one note or one model to load.
    """

    def __init__(self, load: Callable[[str], Generator], on_event: OnEvent) -> None:
        self._load = load
        self._models = LoadedModels(load)
        self._on_event = on_event
        self._questions = Questions(load, on_event)
        self._jobs: deque[Job] = deque()
        self._current: Job | None = None
        self._closing = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def submit(self, request: GenerateRequest) -> None:
        """Generate; requests that came before are cancelled."""
        with self._changed:
            self._stop_requests()
            self._add(Job(request.model, request))

    def cancel(self) -> None:
        """Stop before the next note."""
        with self._changed:
            self._stop_requests()

    def preload(self, model: str) -> None:
        """Load a model before it is needed."""
        with self._changed:
            self._add(Job(model))

    def ask(self, query: Query) -> None:
        """Answer a question to a model."""
        self._questions.ask(query)

    def drop(self, kind: type[Query]) -> None:
        """Nobody waits for the answer any more."""
        self._questions.drop(kind)

    def forget(self) -> None:
        """Load each model anew when it is next needed; the job going on keeps the one it has."""
        self._models = LoadedModels(self._load)
        self._questions.forget()

    def close(self) -> None:
        """Stop the threads and wait for them; no event comes once this has returned."""
        with self._changed:
            self._closing = True
            self._stop_requests()
            self._changed.notify()
            thread = self._thread
        self._questions.close()
        if thread is not None:
            thread.join()

    def _add(self, job: Job) -> None:
        if self._closing:
            raise RuntimeError("the worker is closed")
        self._jobs.append(job)
        self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="musegen-worker")
            self._thread.start()

    def _stop_requests(self) -> None:
        for job in (self._current, *self._jobs):
            if job is not None and job.request is not None:
                job.stop.set()

    def _work(self) -> None:
        lower_own_priority()
        while (job := self._next_job()) is not None:
            run_job(job, self._models, self._tell)

    def _next_job(self) -> Job | None:
        with self._changed:
            self._current = None
            self._changed.wait_for(lambda: self._jobs or self._closing)
            if not self._closing:
                self._current = self._jobs.popleft()
            return self._current

    def _tell(self, event: JobEvent) -> None:
        if self._closing:
            return
        try:
            self._on_event(event)
        except Exception:  # noqa: BLE001 - a listener's fault must not end the worker
            _log.exception("A listener failed on %s", type(event).__name__)
