"""The worker with its real thread: newest wins, cancel is heard, errors come as sentences, close leaves nothing behind."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from scripted import PATIENCE_S, Heard, Scripted, Telling, request, until

from musegen_app.errors import ModelError
from musegen_app.generate import GeneratedNote, Generator
from musegen_app.jobs import Failed, Finished, GenerationWorker, JobEvent, ModelReady, NotesArrived
from musegen_app.jobs.priority import WORKER_NICE

MakeWorker = Callable[..., GenerationWorker]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def make_worker(heard: Heard) -> Iterator[MakeWorker]:
    made: list[GenerationWorker] = []

    def make(load: Callable[[str], Generator], on_event: Callable[[JobEvent], None] = heard) -> GenerationWorker:
        made.append(GenerationWorker(load, on_event))
        return made[-1]

    yield make
    for worker in made:
        worker.close()


def pitches(notes: tuple[GeneratedNote, ...]) -> list[int]:
    return [n.note.pitch for n in notes]


def test_a_request_is_answered_in_order_and_off_the_caller_s_thread(heard: Heard, make_worker: MakeWorker) -> None:
    model = Scripted()
    make_worker(lambda _: model).submit(request(7))
    finished = heard.wait_for(Finished, 7)
    assert isinstance(finished, Finished)
    assert pitches(finished.notes) == [60, 61, 62, 63, 64]
    assert not finished.cancelled
    assert finished.seconds >= 0
    assert heard.events[0] == ModelReady("scripted")
    arrived = [n for e in heard.of(NotesArrived, 7) for n in e.notes]  # type: ignore[union-attr]
    assert tuple(arrived) == finished.notes
    assert threading.current_thread() not in model.threads


def test_the_first_note_is_told_before_the_second_is_drawn(heard: Heard, make_worker: MakeWorker) -> None:
    model = Scripted(hold_at=1)
    make_worker(lambda _: model).submit(request(1))
    assert model.held.wait(PATIENCE_S)
    first = heard.wait_for(NotesArrived, 1)
    assert isinstance(first, NotesArrived)
    assert pitches(first.notes) == [60]
    model.release.set()
    heard.wait_for(Finished, 1)


def test_cancel_is_heard_at_the_next_note(heard: Heard, make_worker: MakeWorker) -> None:
    model = Scripted(hold_at=3)
    worker = make_worker(lambda _: model)
    worker.submit(request(1, notes=200))
    assert model.held.wait(PATIENCE_S)
    worker.cancel()
    model.release.set()
    finished = heard.wait_for(Finished, 1)
    assert isinstance(finished, Finished)
    assert finished.cancelled
    assert len(finished.notes) == 3


def test_cancel_without_a_request_does_nothing(heard: Heard, make_worker: MakeWorker) -> None:
    worker = make_worker(lambda _: Scripted())
    worker.cancel()
    worker.submit(request(2))
    finished = heard.wait_for(Finished, 2)
    assert isinstance(finished, Finished)
    assert not finished.cancelled


def test_the_newest_request_wins_and_each_ends_once(heard: Heard, make_worker: MakeWorker) -> None:
    model = Scripted(hold_at=2)
    worker = make_worker(lambda _: model)
    worker.submit(request(1))
    assert model.held.wait(PATIENCE_S)
    for number in (2, 3, 4):
        worker.submit(request(number))
    model.release.set()
    heard.wait_for(Finished, 4)
    ends = [(e.request_id, e.cancelled, len(e.notes)) for e in heard.events if isinstance(e, Finished)]
    assert ends == [(1, True, 2), (2, True, 0), (3, True, 0), (4, False, 5)]


def test_a_superseded_request_does_not_load_its_model(heard: Heard, make_worker: MakeWorker) -> None:
    model = Scripted(hold_at=0)
    asked: list[str] = []

    def load(name: str) -> Generator:
        asked.append(name)
        return model

    worker = make_worker(load)
    worker.submit(request(1, "a"))
    assert model.held.wait(PATIENCE_S)
    worker.submit(request(2, "b"))
    worker.submit(request(3, "a"))
    model.release.set()
    heard.wait_for(Finished, 3)
    assert asked == ["a"]


def test_models_stay_loaded_and_the_one_not_used_for_longest_goes(heard: Heard, make_worker: MakeWorker) -> None:
    asked: list[str] = []

    def load(name: str) -> Generator:
        asked.append(name)
        return Scripted()

    worker = make_worker(load)
    for number, name in enumerate(["a", "b", "c", "a", "d", "a", "b"], 1):
        worker.submit(request(number, name))
        heard.wait_for(Finished, number)
    assert asked == ["a", "b", "c", "d", "b"]


def test_a_forgotten_model_is_loaded_anew_while_the_job_going_on_keeps_it(heard: Heard, make_worker: MakeWorker) -> None:
    made: list[Scripted] = []

    def load(_name: str) -> Generator:
        made.append(Scripted(hold_at=2) if not made else Telling())
        return made[-1]

    worker = make_worker(load)
    worker.submit(request(1))
    assert made or heard.wait_for(ModelReady)
    assert made[0].held.wait(PATIENCE_S)
    worker.forget()
    made[0].release.set()
    first = heard.wait_for(Finished, 1)
    assert isinstance(first, Finished)
    assert len(first.notes) == 5
    worker.submit(request(2))
    second = heard.wait_for(Finished, 2)
    assert isinstance(second, Finished)
    assert second.remarks == ("5 notes were asked for.",)
    assert len(made) == 2


def test_preloading_tells_when_the_model_is_ready_and_is_not_cancelled_by_a_request(
    heard: Heard, make_worker: MakeWorker
) -> None:
    worker = make_worker(lambda _: Scripted())
    worker.preload("scripted")
    worker.submit(request(2))
    heard.wait_for(Finished, 2)
    assert heard.events[0] == ModelReady("scripted")
    assert len(heard.of(ModelReady)) == 1


def test_a_model_that_cannot_be_loaded_is_told_and_tried_again(heard: Heard, make_worker: MakeWorker) -> None:
    faults = [ModelError("The model is damaged.", "x"), ModelError("Still damaged.", "x")]

    def load(name: str) -> Generator:
        if faults:
            raise faults.pop(0)
        return Scripted()

    worker = make_worker(load)
    worker.preload("x")
    failed = heard.wait_for(Failed, None)
    assert isinstance(failed, Failed)
    assert str(failed.error) == "The model is damaged."
    worker.submit(request(3, "x"))
    assert isinstance(heard.wait_for(Failed, 3), Failed)
    worker.submit(request(4, "x"))
    heard.wait_for(Finished, 4)


def test_an_error_of_ours_is_handed_over_as_it_is(heard: Heard, make_worker: MakeWorker) -> None:
    error = ModelError("The model does not fit.", "scripted")
    worker = make_worker(lambda _: Scripted(error=error))
    worker.submit(request(5))
    failed = heard.wait_for(Failed, 5)
    assert isinstance(failed, Failed)
    assert failed.error is error
    assert not heard.of(Finished, 5)


def test_an_unexpected_error_is_logged_and_told_in_a_sentence(
    heard: Heard, make_worker: MakeWorker, caplog: pytest.LogCaptureFixture
) -> None:
    worker = make_worker(lambda _: Scripted(error=ZeroDivisionError("oh")))
    worker.submit(request(5))
    failed = heard.wait_for(Failed, 5)
    assert isinstance(failed, Failed)
    assert "fault in MuseGen" in str(failed.error)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError
    caplog.clear()


def test_a_listener_that_fails_does_not_end_the_worker(
    heard: Heard, make_worker: MakeWorker, caplog: pytest.LogCaptureFixture
) -> None:
    def listen(event: JobEvent) -> None:
        if isinstance(event, ModelReady):
            raise ValueError("a listener's fault")
        heard(event)

    make_worker(lambda _: Scripted(), listen).submit(request(6))
    heard.wait_for(Finished, 6)
    assert [r.getMessage() for r in caplog.records] == ["A listener failed on ModelReady"]
    caplog.clear()


def test_close_ends_a_request_and_the_thread_and_nothing_is_told_after(heard: Heard, make_worker: MakeWorker) -> None:
    model = Scripted(hold_at=2)
    before = threading.active_count()
    worker = make_worker(lambda _: model)
    worker.submit(request(1, notes=200))
    assert model.held.wait(PATIENCE_S)
    told = len(heard.events)
    closing = threading.Thread(target=worker.close)
    closing.start()
    until(model.is_cancelled)
    model.release.set()
    closing.join(PATIENCE_S)
    (thread,) = model.threads
    assert not thread.is_alive()
    assert len(heard.events) == told
    assert threading.active_count() == before
    worker.close()
    with pytest.raises(RuntimeError):
        worker.submit(request(2))


def test_a_worker_that_was_never_used_has_no_thread(make_worker: MakeWorker) -> None:
    before = threading.active_count()
    worker = make_worker(lambda _: Scripted())
    assert threading.active_count() == before
    worker.close()


if sys.platform == "linux":  # niceness by thread is Linux's

    def test_the_worker_s_thread_yields_and_no_other(heard: Heard, make_worker: MakeWorker) -> None:
        nices: list[int] = []

        def load(_: str) -> Generator:
            nices.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            return Scripted()

        own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        make_worker(load).submit(request(1))
        heard.wait_for(Finished, 1)
        assert nices == [max(WORKER_NICE, own)]
        assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own
