"""The worker without a thread: done when :meth:`InlineWorker.submit` returns. For the terminal and for tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from musegen_app.generate import GenerateRequest, Generator
from musegen_app.generate.insight import Query
from musegen_app.jobs.events import JobEvent, OnEvent
from musegen_app.jobs.job import Job, LoadedModels, run_job
from musegen_app.jobs.questions import answer


class InlineWorker:
    """A :class:`~musegen_app.jobs.events.Worker` that works on the calling thread.

    ``on_event`` may call back: a cancel is heard at the next note, a newer request starts when the one going on has ended.
    """

    def __init__(self, load: Callable[[str], Generator], on_event: OnEvent) -> None:
        self._load = load
        self._models = LoadedModels(load)
        self._on_event = on_event
        self._jobs: deque[Job] = deque()
        self._working = False
        self._closed = False

    def submit(self, request: GenerateRequest) -> None:
        """Generate; a request going on is cancelled."""
        self.cancel()
        self._add(Job(request.model, request))

    def cancel(self) -> None:
        """Stop before the next note."""
        for job in self._jobs:
            if job.request is not None:
                job.stop.set()

    def preload(self, model: str) -> None:
        """Load a model."""
        self._add(Job(model))

    def ask(self, query: Query) -> None:
        """Answer a question to a model, at once."""
        event = answer(query, self._models, None, lambda: False)
        if event is not None:
            self._tell(event)

    def drop(self, kind: type[Query]) -> None:
        """Nothing waits here."""

    def forget(self) -> None:
        """Load each model anew when it is next needed."""
        self._models = LoadedModels(self._load)

    def close(self) -> None:
        """Take no more jobs; no event comes from now on."""
        self.cancel()
        self._closed = True

    def _add(self, job: Job) -> None:
        if self._closed:
            raise RuntimeError("the worker is closed")
        self._jobs.append(job)
        if self._working:
            return
        self._working = True
        try:
            while self._jobs:
                run_job(self._jobs[0], self._models, self._tell)
                self._jobs.popleft()
        finally:
            self._jobs.clear()
            self._working = False

    def _tell(self, event: JobEvent) -> None:
        if not self._closed:
            self._on_event(event)
