"""The word LSTM learns toy music in seconds, and its graphs compute what PyTorch computes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_chord import beat, chords_and_tune, piece, taught, toy_corpus

from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.errors import TrainingError
from musegen_app.generate import GenerateRequest, Manifest
from musegen_app.generate.chord_lstm import ChordGenerator, NameGenerator
from musegen_app.generate.measures import is_loop
from musegen_app.score import NoteTable, Score, Timeline
from musegen_app.training.chord_library import WordLanes, WordLibrary, unigram_nats, vocabulary_of
from musegen_app.training.corpus import Corpus
from musegen_app.training.fit import Fit
from musegen_app.training.models.chord_lstm import Batch, ChordNet
from musegen_app.training.task import Options
from musegen_app.training.tasks.chord_lstm import ChordTask, NameTask, chord_task

pytestmark = pytest.mark.xdist_group("words")  # what is taught at the beginning is taught once

SMALL = Options(hidden=48, layers=1)
Taught = tuple[ChordTask, Manifest, float]


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Taught:
    """A small model of triads under eighths, and how its graph differs from PyTorch."""
    task = ChordTask(toy_corpus(), SMALL, Path())
    net = taught(task, 120)
    folder = tmp_path_factory.mktemp("models") / "toy"
    made, check = task.export(net, Manifest("toy", "Toy", task.family, folder))
    return task, made, check.largest_difference


def test_the_graph_computes_what_pytorch_computes(learnt: Taught) -> None:
    assert learnt[2] < 1e-4


def test_it_learns_what_there_is_to_learn(learnt: Taught) -> None:
    task, made, _ = learnt
    metrics = task.metrics(made)
    nats, unigram, a_note = (metrics[name] for name in ("nats_per_word", "unigram_nats_per_word", "nats_per_note"))
    assert isinstance(nats, float)
    assert isinstance(unigram, float)
    assert isinstance(a_note, float)
    # eighths are drawn by chance, which nobody can foresee; all else is certain
    assert nats < 0.9 * unigram
    assert nats > 0.8
    assert a_note < nats
    assert metrics["unknown_words"] == 0


def _loops(generator: ChordGenerator, score: Score, *, argmax: bool, number: int = 1) -> bool:
    seed = score.tracks[0].notes
    seed = seed.take(seed.start < 4 * 3840)
    request = GenerateRequest(
        seed, Timeline(), 24, start_tick=4 * 3840, seed_number=number, controls=(("argmax", float(argmax)),)
    )
    drawn = NoteTable.of(n.note for n in generator.generate(request, lambda: False))
    return is_loop(drawn, request.timeline, request.span)


def test_the_likeliest_words_go_round_in_a_loop_and_drawn_ones_do_not(learnt: Taught) -> None:
    generator = ChordGenerator(learnt[1])
    score = learnt[0]._corpus.held_out[0].score
    assert _loops(generator, score, argmax=True)
    assert not any(_loops(generator, score, argmax=False, number=number) for number in range(4))


def test_as_published_it_goes_round_in_a_loop_too_and_its_graph_is_true(tmp_path: Path) -> None:
    corpus = Corpus(tuple(piece(chords_and_tune(n, 20), "train" if n < 4 else "valid") for n in range(5)))
    task = NameTask(corpus, Options(as_published=True, hidden=24), Path())
    net = taught(task, 20)
    made, check = task.export(net, Manifest("names", "Names", task.family, tmp_path / "names"))
    assert check.largest_difference < 1e-4
    assert made.settings["as_published"] is True
    generator = NameGenerator(made)
    metrics = task.metrics(made)
    assert metrics["nats_per_word"] == pytest.approx(task.held_out(net), abs=0.6)
    seed = corpus.held_out[0].score.tracks[0].notes
    request = GenerateRequest(seed.take(seed.start < 4 * 3840), Timeline(), 32, start_tick=4 * 3840)
    drawn = NoteTable.of(n.note for n in generator.generate(request, lambda: False))
    assert set(drawn.length.tolist()) == {480}
    assert is_loop(drawn, request.timeline, request.span)


def test_drums_alone_make_a_model_of_drums_that_continues_drums(tmp_path: Path) -> None:
    task = chord_task(toy_corpus(drums=True), SMALL, Path())
    assert task.settings["instrument"] == DRUMS
    net = taught(task, 60)
    made, check = task.export(net, Manifest("drums", "Drums", task.family, tmp_path / "drums"))
    assert check.largest_difference < 1e-4
    seed = NoteTable.of(beat(99, 2))
    request = GenerateRequest(seed, Timeline(), 4)
    drawn = NoteTable.of(n.note for n in ChordGenerator(made).generate(request, lambda: False))
    assert set(drawn.pitch.tolist()) <= {36, 38, 42, 46}
    assert len(drawn) > 30
    assert float(np.mean(drawn.start % 240 == 0)) > 0.9


def test_with_both_the_pitched_parts_are_learnt_unless_drums_are_asked_for() -> None:
    both = Corpus((*toy_corpus().pieces, *toy_corpus(drums=True).pieces))
    assert ChordTask(both, SMALL, Path()).settings["instrument"] == PITCHED
    drums = ChordTask(both, replace(SMALL, settings={"instrument": DRUMS}), Path())
    assert drums.settings["instrument"] == DRUMS
    assert set(drums.vocabulary.names) == {"36.42", "38.42", "42", "46", "36.46", "38.46"}


@pytest.mark.parametrize("wanted", [DRUMS, "kazoo"])
def test_an_instrument_that_nobody_plays_is_refused(wanted: str) -> None:
    with pytest.raises(TrainingError, match="no notes of the instrument class"):
        ChordTask(toy_corpus(), replace(SMALL, settings={"instrument": wanted}), Path())


def test_pieces_too_short_for_the_published_window_are_refused() -> None:
    short = Corpus(tuple(piece(chords_and_tune(n, 2), split) for n, split in enumerate(("train", "valid"))))
    with pytest.raises(TrainingError, match="more than 100 words"):
        NameTask(short, Options(as_published=True), Path())


def test_what_a_lane_hears_depends_on_its_number_alone() -> None:
    corpus = toy_corpus()
    library = WordLibrary.of(corpus.train, vocabulary_of(corpus.train, PITCHED, 100))
    together, alone = (WordLanes(library, lanes, 16, 3) for lanes in ([0, 1, 2], [1]))
    for _ in range(20):
        both, one = together.next(), alone.next()
        for left, right in zip(both.window, one.window, strict=True):
            assert torch.equal(left[:, 1:2], right)
        assert both.keep[1] == one.keep[0]


def test_a_moved_piece_sounds_as_the_piece_written_elsewhere() -> None:
    moved = [replace(note, pitch=note.pitch + 2) for note in chords_and_tune(1)]
    vocabulary = vocabulary_of(toy_corpus().train, PITCHED, 100)
    here, there = (WordLibrary.of([piece(notes)], vocabulary) for notes in (chords_and_tune(1), moved))
    from musegen_app.training.chord_library import window_of

    rows = np.arange(len(here.word))[:, None]
    shifted, written = window_of(here, rows, np.full_like(rows, 2)), window_of(there, rows, np.zeros_like(rows))
    for name in ("word", "sounds", "target"):
        assert torch.allclose(getattr(shifted, name), getattr(written, name)), name
    assert (shifted.place[..., 3] - written.place[..., 3] == 2).all()


def test_counting_words_knows_the_commonest_best() -> None:
    corpus = toy_corpus()
    vocabulary = vocabulary_of(corpus.train, PITCHED, 100)
    train, valid = (WordLibrary.of(pieces, vocabulary) for pieces in (corpus.train, corpus.held_out))
    assert 0 < unigram_nats(train, valid) < np.log(len(train.word))


def test_an_impossible_root_costs_a_fortune() -> None:
    task = ChordTask(toy_corpus(), SMALL, Path())
    net = task.network().eval()
    batch: Batch = next(task.batches(range(2), 1))
    word, target = batch.window.word.clone(), batch.window.target.clone()
    word[..., 0], word[..., 3], target[..., 0] = 60, 0, 59
    with torch.inference_mode():
        nats, _ = net.nats(batch.window._replace(word=word, target=target), net.empty_state(2))
    assert float(nats[0].min()) > 1000


def test_the_loop_of_the_training_room_trains_it(tmp_path: Path) -> None:
    task = ChordTask(toy_corpus(), Options(hidden=16, layers=1), tmp_path)
    fit = Fit(task, tmp_path / "checkpoint.pt", replace(task.recipe, epochs=1.0, lanes=4, rate=0.01))
    before = task.held_out(fit.averaged())
    fit.run()
    assert isinstance(fit.averaged(), ChordNet)
    assert task.held_out(fit.averaged()) < before
