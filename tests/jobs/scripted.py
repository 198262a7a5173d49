"""A generator at the protocol whose notes come when the test lets them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.jobs import JobEvent
from musegen_app.score import EMPTY, Note, Timeline

PATIENCE_S = 20.0


def until(true: Callable[[], object]) -> None:
    """Wait for it."""
    latest = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < latest, "it did not come about"
        time.sleep(0.005)


def request(number: int, model: str = "scripted", notes: int = 5) -> GenerateRequest:
    return GenerateRequest(EMPTY, Timeline(), bars=notes, model=model, id=number)


class Scripted:
    """Draws ``request.bars`` notes; before note ``hold_at`` of request 1 it waits for ``release``."""

    name = "scripted"

    def __init__(self, hold_at: int | None = None, error: Exception | None = None) -> None:
        self.hold_at = hold_at
        self.error = error
        self.held = threading.Event()
        self.release = threading.Event()
        self.threads: set[threading.Thread] = set()
        self.is_cancelled: Callable[[], bool] = lambda: False

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        self.threads.add(threading.current_thread())
        self.is_cancelled = cancelled
        for index in range(request.bars):
            if request.id == 1 and index == self.hold_at:
                self.held.set()
                assert self.release.wait(PATIENCE_S)
            if cancelled():
                return
            if self.error is not None and index == 2:
                raise self.error
            yield GeneratedNote(request.id, 0, Note(index * 240, 240, 60 + index), -1.0)


class Telling(Scripted):
    """One that remarks on what it was asked and knows the energy of what it draws; its notes come in order of their ends."""

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        for index in range(request.bars):
            if cancelled():
                return
            length = (request.bars - index) * 240
            yield GeneratedNote(request.id, 0, Note(1920 - length, length, 60), -1.0, -40.0 - index)

    def remarks(self, request: GenerateRequest) -> tuple[str, ...]:
        return (f"{request.bars} notes were asked for.",)


class Heard:
    """Collects events; :meth:`wait_for` waits until one of a kind has come for a request."""

    def __init__(self) -> None:
        self.events: list[JobEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: JobEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def of(self, kind: type[JobEvent], request_id: int | None = None) -> list[JobEvent]:
        return [e for e in self.events if isinstance(e, kind) and getattr(e, "request_id", request_id) == request_id]

    def wait_for(self, kind: type[JobEvent], request_id: int | None = None) -> JobEvent:
        with self._changed:
            assert self._changed.wait_for(lambda: self.of(kind, request_id), PATIENCE_S), f"no {kind.__name__} came"
            return self.of(kind, request_id)[0]
