"""Questions beside the writing: newest of each kind wins, short ones go first, a continuation is not held up."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from scripted import PATIENCE_S, Heard, Scripted, request

from musegen_app.errors import ModelError
from musegen_app.generate import Generator
from musegen_app.generate.insight import (
    Alternatives,
    AlternativesQuery,
    Candidate,
    Coming,
    ComingQuery,
    Hearing,
    Query,
    Surprise,
    SurpriseQuery,
)
from musegen_app.jobs import (
    Answered,
    Finished,
    GenerationWorker,
    InlineWorker,
    JobEvent,
    ModelReady,
    NotesArrived,
    Unanswered,
)
from musegen_app.score import EMPTY, Note, NoteTable, Timeline

HEARING = Hearing(NoteTable.of([Note(0, 960, 60, id=1)]), Timeline())


class Thoughtful(Scripted):
    """Says what it was asked; a surprise is heard in ``steps``, and waits at the first until ``go`` is set."""

    def __init__(self, steps: int = 10, error: Exception | None = None) -> None:
        super().__init__(hold_at=1)
        self.steps, self.failure = steps, error
        self.go, self.begun = threading.Event(), threading.Event()
        self.asked: list[str] = []
        self.before: list[Surprise | None] = []
        self.nice: list[int] = []

    def surprise(self, hearing: Hearing, before: Surprise | None, cancelled: Callable[[], bool]) -> Surprise | None:
        self._note("surprise")
        self.before.append(before)
        for _ in range(self.steps):
            self.begun.set()
            assert self.go.wait(PATIENCE_S)
            if cancelled():
                self.asked.append("cancelled")
                return None
        self.asked.append("surprised")
        return Surprise(hearing.notes.id, np.ones((len(hearing.notes), 3)))

    def coming(self, _hearing: Hearing, at_tick: int) -> Coming:
        self._note("coming")
        return Coming(at_tick, np.zeros(4), np.zeros((4, 128)))

    def alternatives(self, _hearing: Hearing, note: Note) -> Alternatives:
        self._note("alternatives")
        return Alternatives(note, Candidate(note.pitch, 1.0), ())

    def _note(self, what: str) -> None:
        self.asked.append(what)
        if self.failure is not None:
            raise self.failure
        if sys.platform == "linux":
            self.nice.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def make_worker(heard: Heard) -> Iterator[Callable[[Callable[[str], Generator]], GenerationWorker]]:
    made: list[GenerationWorker] = []

    def make(load: Callable[[str], Generator]) -> GenerationWorker:
        made.append(GenerationWorker(load, heard))
        return made[-1]

    yield make
    for worker in made:
        worker.close()


def surprise(number: int) -> SurpriseQuery:
    return SurpriseQuery(number, "m", HEARING)


def coming(number: int) -> ComingQuery:
    return ComingQuery(number, "m", HEARING, 960)


def wait_for(heard: Heard, number: int) -> Answered | Unanswered:
    def told() -> list[JobEvent]:
        return [e for e in heard.events if isinstance(e, Answered | Unanswered) and e.query_id == number]

    with heard._changed:
        assert heard._changed.wait_for(told, PATIENCE_S), f"no answer to {number}"
    event = told()[0]
    assert isinstance(event, Answered | Unanswered)
    return event


def ids(heard: Heard) -> list[int]:
    return [e.query_id for e in heard.events if isinstance(e, Answered | Unanswered)]


def test_each_kind_of_question_is_answered_with_its_number(heard: Heard, make_worker: Callable) -> None:
    model = Thoughtful()
    model.go.set()
    worker = make_worker(lambda _: model)
    for query, kind in (
        (surprise(1), Surprise),
        (coming(2), Coming),
        (AlternativesQuery(3, "m", HEARING, HEARING.notes[0]), Alternatives),
    ):
        worker.ask(query)
        event = wait_for(heard, query.id)
        assert isinstance(event, Answered)
        assert isinstance(event.answer, kind)
    assert threading.current_thread() not in model.threads
    if sys.platform == "linux":
        assert min(model.nice) > os.getpriority(os.PRIO_PROCESS, 0)


def test_a_continuation_goes_on_while_questions_are_answered(heard: Heard, make_worker: Callable) -> None:
    """And the other way round: each waits for nobody."""
    model = Thoughtful()
    worker = make_worker(lambda _: model)
    worker.submit(request(1))
    assert model.held.wait(PATIENCE_S)  # in the midst of its notes
    worker.ask(coming(7))
    assert isinstance(wait_for(heard, 7), Answered)
    worker.ask(surprise(8))
    assert model.begun.wait(PATIENCE_S)
    model.release.set()
    finished = heard.wait_for(Finished, 1)
    assert isinstance(finished, Finished)
    assert (len(finished.notes), finished.cancelled) == (5, False)
    assert 8 not in ids(heard)
    model.go.set()
    assert isinstance(wait_for(heard, 8), Answered)
    assert heard.of(NotesArrived, 1)


def test_of_one_kind_the_newest_wins_and_the_others_are_never_told(heard: Heard, make_worker: Callable) -> None:
    model = Thoughtful()
    worker = make_worker(lambda _: model)
    worker.ask(surprise(1))
    assert model.begun.wait(PATIENCE_S)
    for number in range(2, 9):
        worker.ask(surprise(number))
    model.go.set()
    wait_for(heard, 8)
    assert ids(heard) == [8]
    assert model.asked == ["surprise", "cancelled", "surprise", "surprised"]


def test_short_questions_do_not_wait_for_a_long_one_nor_end_it(heard: Heard, make_worker: Callable) -> None:
    model = Thoughtful()
    worker = make_worker(lambda _: model)
    worker.ask(surprise(1))
    assert model.begun.wait(PATIENCE_S)
    worker.ask(coming(2))
    worker.ask(AlternativesQuery(3, "m", HEARING, HEARING.notes[0]))
    model.go.set()
    wait_for(heard, 1)
    assert ids(heard) == [3, 2, 1]
    assert model.asked == ["surprise", "alternatives", "coming", "surprised"]


def test_what_nobody_waits_for_any_more_is_let_go(heard: Heard, make_worker: Callable) -> None:
    model = Thoughtful()
    worker = make_worker(lambda _: model)
    worker.ask(surprise(1))
    assert model.begun.wait(PATIENCE_S)
    worker.drop(SurpriseQuery)
    worker.ask(coming(2))
    model.go.set()
    wait_for(heard, 2)
    assert ids(heard) == [2]
    assert "cancelled" in model.asked


def test_the_last_answer_comes_along_with_the_next_question(heard: Heard, make_worker: Callable) -> None:
    model = Thoughtful()
    model.go.set()
    worker = make_worker(lambda _: model)
    for number in (1, 2):
        worker.ask(surprise(number))
        wait_for(heard, number)
    first = heard.events[0]
    assert isinstance(first, Answered)
    assert model.before[0] is None
    assert model.before[1] is first.answer
    worker.forget()  # the model's folder may hold another by now
    worker.ask(surprise(3))
    wait_for(heard, 3)
    assert model.before[2] is None


def test_a_model_that_cannot_tell_says_so(heard: Heard, make_worker: Callable) -> None:
    worker = make_worker(lambda _: Scripted())
    worker.ask(coming(4))
    event = wait_for(heard, 4)
    assert isinstance(event, Unanswered)
    assert str(event.error).startswith('Model "scripted" cannot tell')


@pytest.mark.logs
def test_a_fault_becomes_a_sentence_and_the_next_question_is_answered(heard: Heard, make_worker: Callable) -> None:
    model = Thoughtful(error=ValueError("a bug"))
    model.go.set()
    worker = make_worker(lambda _: model)
    worker.ask(coming(1))
    event = wait_for(heard, 1)
    assert isinstance(event, Unanswered)
    assert isinstance(event.error, ModelError)
    assert "log file" in str(event.error)
    model.failure = None
    worker.ask(coming(2))
    assert isinstance(wait_for(heard, 2), Answered)


def test_closing_waits_for_the_thread_and_takes_no_more(heard: Heard, make_worker: Callable) -> None:
    model = Thoughtful(steps=1000)
    worker = make_worker(lambda _: model)
    worker.ask(surprise(1))
    assert model.begun.wait(PATIENCE_S)
    model.go.set()
    worker.close()
    worker.close()
    told = len(heard.events)
    with pytest.raises(RuntimeError, match="closed"):
        worker.ask(coming(2))
    assert not [t for t in threading.enumerate() if t.name == "musegen-questions"]
    assert len(heard.events) == told


def test_the_worker_without_a_thread_answers_at_once(heard: Heard) -> None:
    model = Thoughtful()
    model.go.set()
    worker = InlineWorker(lambda _: model, heard)
    queries: list[Query] = [surprise(1), coming(2)]
    for query in queries:
        worker.drop(type(query))
        worker.ask(query)
    assert ids(heard) == [1, 2]
    assert not heard.of(ModelReady)
    worker.close()


def test_nothing_is_asked_of_an_empty_piece_in_vain(heard: Heard, make_worker: Callable) -> None:
    model = Thoughtful()
    model.go.set()
    worker = make_worker(lambda _: model)
    worker.ask(SurpriseQuery(1, "m", Hearing(EMPTY, Timeline())))
    event = wait_for(heard, 1)
    assert isinstance(event, Answered)
    assert isinstance(event.answer, Surprise)
    assert not len(event.answer.ids)
