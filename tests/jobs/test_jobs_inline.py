"""The inline worker keeps the promises of the worker, on the calling thread."""

from __future__ import annotations

import threading

import pytest
from scripted import Scripted, Telling, request

from musegen_app.errors import ModelError
from musegen_app.generate import Generator
from musegen_app.jobs import Failed, Finished, InlineWorker, JobEvent, ModelReady, NotesArrived


def test_all_is_told_when_submit_returns() -> None:
    events: list[JobEvent] = []
    model = Scripted()
    InlineWorker(lambda _: model, events.append).submit(request(3))
    assert isinstance(events[0], ModelReady)
    assert isinstance(events[1], NotesArrived)
    assert len(events[1].notes) == 1
    assert isinstance(events[-1], Finished)
    assert len(events[-1].notes) == 5
    assert model.threads == {threading.current_thread()}


def test_a_listener_may_cancel() -> None:
    events: list[JobEvent] = []

    def listen(event: JobEvent) -> None:
        events.append(event)
        if isinstance(event, NotesArrived):
            worker.cancel()

    worker = InlineWorker(lambda _: Scripted(), listen)
    worker.submit(request(3))
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.cancelled
    assert len(end.notes) == 1


def test_a_listener_may_ask_for_something_newer() -> None:
    ends: list[tuple[int, bool]] = []

    def listen(event: JobEvent) -> None:
        if isinstance(event, NotesArrived) and event.request_id == 1:
            worker.submit(request(2))
        if isinstance(event, Finished):
            ends.append((event.request_id, event.cancelled))

    worker = InlineWorker(lambda _: Scripted(), listen)
    worker.submit(request(1))
    assert ends == [(1, True), (2, False)]


def test_errors_are_told_and_the_worker_goes_on() -> None:
    events: list[JobEvent] = []
    faults = [ModelError("The model is damaged.", "x")]

    def load(name: str) -> Generator:
        if faults:
            raise faults.pop()
        return Scripted()

    worker = InlineWorker(load, events.append)
    worker.preload("x")
    assert isinstance(events[0], Failed)
    worker.preload("x")
    assert events[1:] == [ModelReady("scripted")]


def test_a_closed_worker_takes_no_jobs() -> None:
    events: list[JobEvent] = []
    worker = InlineWorker(lambda _: Scripted(), events.append)
    worker.close()
    with pytest.raises(RuntimeError):
        worker.submit(request(1))
    assert not events


def test_remarks_and_energy_come_with_the_end_and_the_order_of_notes_is_kept() -> None:
    events: list[JobEvent] = []
    InlineWorker(lambda _: Telling(), events.append).submit(request(3))
    told = [made.note.start for event in events if isinstance(event, NotesArrived) for made in event.notes]
    assert told == [720, 960, 1200, 1440, 1680]
    end = events[-1]
    assert isinstance(end, Finished)
    assert [made.note.start for made in end.notes] == told
    assert end.remarks == ("5 notes were asked for.",)
    assert end.energy == -42.0


def test_a_model_that_does_not_remark_has_no_remarks() -> None:
    events: list[JobEvent] = []
    InlineWorker(lambda _: Scripted(), events.append).submit(request(3))
    end = events[-1]
    assert isinstance(end, Finished)
    assert (end.remarks, end.energy) == ((), None)


def test_forgotten_models_are_loaded_anew() -> None:
    loaded: list[str] = []

    def load(name: str) -> Generator:
        loaded.append(name)
        return Scripted()

    worker = InlineWorker(load, lambda _event: None)
    worker.preload("a")
    worker.preload("a")
    assert loaded == ["a"]
    worker.forget()
    worker.preload("a")
    assert loaded == ["a", "a"]
