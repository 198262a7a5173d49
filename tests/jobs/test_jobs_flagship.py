"""The worker with the model that ships."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted import PATIENCE_S, Heard

import musegen_app
from musegen_app.generate import GenerateRequest, find, load
from musegen_app.generate.insight import Answer, Coming, ComingQuery, Hearing, Surprise, SurpriseQuery
from musegen_app.jobs import Answered, Failed, Finished, GenerationWorker, InlineWorker, NotesArrived
from musegen_app.score import Key, Note, NoteTable, Timeline

SHIPPED = Path(musegen_app.__file__).parent.parent / "models"
SEED = NoteTable.of(Note(row * 480, 480, pitch) for row, pitch in enumerate([60, 64, 67, 72, 71, 67, 65, 62] * 4))


def request(number: int, bars: int = 4, model: str = "flagship") -> GenerateRequest:
    return GenerateRequest(SEED, Timeline(), bars=bars, model=model, key=Key(0), seed_number=3, id=number)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def worker(heard: Heard) -> Iterator[GenerationWorker]:
    made = GenerationWorker(lambda name: load(find(name, (SHIPPED,))), heard)
    yield made
    made.close()


def test_notes_stream_in_order_within_the_span_and_the_key(worker: GenerationWorker, heard: Heard) -> None:
    asked = request(1)
    worker.submit(asked)
    finished = heard.wait_for(Finished, 1)
    assert isinstance(finished, Finished)
    starts = [made.note.start for made in finished.notes]
    assert starts == sorted(starts)
    assert asked.span[0] <= starts[0]
    assert starts[-1] < asked.span[1]
    assert all(made.note.pitch % 12 in Key(0).pitch_classes for made in finished.notes)
    bundles = [event.notes for event in heard.events if isinstance(event, NotesArrived)]
    assert tuple(note for bundle in bundles for note in bundle) == finished.notes
    assert len(bundles[0]) == 1


def test_cancel_cuts_a_long_request_short(worker: GenerationWorker, heard: Heard) -> None:
    worker.submit(request(1, bars=256))
    heard.wait_for(NotesArrived, 1)
    worker.cancel()
    finished = heard.wait_for(Finished, 1)
    assert isinstance(finished, Finished)
    assert finished.cancelled
    assert finished.notes[-1].note.start < request(1, bars=128).span[1]


def test_a_thread_draws_what_the_calling_thread_draws(worker: GenerationWorker, heard: Heard) -> None:
    inline = Heard()
    InlineWorker(lambda name: load(find(name, (SHIPPED,))), inline).submit(request(1))
    worker.submit(request(1))
    finished, expected = heard.wait_for(Finished, 1), inline.wait_for(Finished, 1)
    assert isinstance(finished, Finished)
    assert isinstance(expected, Finished)
    assert finished.notes == expected.notes


def test_questions_beside_the_writing_change_no_note_of_it(worker: GenerationWorker, heard: Heard) -> None:
    inline = Heard()
    InlineWorker(lambda name: load(find(name, (SHIPPED,))), inline).submit(request(1, bars=8))
    worker.submit(request(1, bars=8))
    heard.wait_for(NotesArrived, 1)
    numbered = Hearing(SEED.numbered(1), Timeline())
    for number in range(20):
        worker.ask(ComingQuery(2 * number, "flagship", numbered, numbered.notes.end_tick))
        worker.ask(SurpriseQuery(2 * number + 1, "flagship", numbered))
    finished, expected = heard.wait_for(Finished, 1), inline.wait_for(Finished, 1)
    assert isinstance(finished, Finished)
    assert isinstance(expected, Finished)
    assert finished.notes == expected.notes
    answers = {38: Coming, 39: Surprise}
    with heard._changed:
        assert heard._changed.wait_for(lambda: answers.keys() <= _answered(heard).keys(), PATIENCE_S)
    assert all(isinstance(_answered(heard)[number], kind) for number, kind in answers.items())


def _answered(heard: Heard) -> dict[int, Answer]:
    return {event.query_id: event.answer for event in heard.events if isinstance(event, Answered)}


def test_an_unknown_model_is_told_and_the_worker_goes_on(worker: GenerationWorker, heard: Heard) -> None:
    worker.submit(request(1, model="jazz"))
    failed = heard.wait_for(Failed, 1)
    assert isinstance(failed, Failed)
    assert 'There is no model "jazz"' in str(failed.error)
    worker.submit(request(2))
    heard.wait_for(Finished, 2)
