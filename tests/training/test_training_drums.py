"""Learning drums: what of a folder is learnt, in which ways, and the model that comes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from training_music import beat, tune

from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.encoding.note_events import BEGIN_PITCH, GRID
from musegen_app.errors import TrainingError
from musegen_app.files import write_midi
from musegen_app.files.collection import HELD_OUT, Source
from musegen_app.generate import GenerateRequest, load
from musegen_app.generate.manifest import Manifest
from musegen_app.score import Score, Timeline
from musegen_app.training.batches import Lanes
from musegen_app.training.command import train
from musegen_app.training.corpus import Corpus, CorpusPiece
from musegen_app.training.families import TASKS, refuse_unfit
from musegen_app.training.knowing import known_strokes
from musegen_app.training.order import Order
from musegen_app.training.prepare import instrument_of, prepare
from musegen_app.training.task import Options


def corpus_of(*scores: Score) -> Corpus:
    sources = [
        Source(Path(f"{n}.mid"), style="beat", split=HELD_OUT if n == 0 else "train", set="set") for n in range(len(scores))
    ]
    return Corpus(tuple(CorpusPiece(source, score) for source, score in zip(sources, scores, strict=True)))


@pytest.fixture
def drums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    monkeypatch.setattr(Corpus, "fingerprint", "the same")
    return corpus_of(*(beat(number) for number in range(4)))


def test_what_is_learnt_follows_the_folder_unless_it_is_told() -> None:
    both = Score((*tune(1).tracks, replace(beat(1).tracks[0], id=2)))
    pieces = [corpus_of(score).pieces for score in (tune(1), beat(1), both)]
    assert [instrument_of(piece) for piece in pieces] == [PITCHED, DRUMS, PITCHED]
    assert instrument_of(pieces[2], DRUMS) == DRUMS
    with pytest.raises(TrainingError, match="no notes of the instrument class drums"):
        instrument_of(pieces[0], DRUMS)
    with pytest.raises(TrainingError, match="notes of a pitch"):
        refuse_unfit("roll-lstm", Options(settings={"instrument": DRUMS}))


def test_drums_are_learnt_as_played_and_as_written_and_measured_as_played(drums: Corpus, tmp_path: Path) -> None:
    library = prepare(drums, tmp_path / "pieces.npz", DRUMS)
    assert library.held_out.tolist() == [True, *[False] * 6]
    played, written = library.piece(1), library.piece(2)
    assert (played.onset % (GRID // 2) != 0).any()
    assert (written.onset % (GRID // 2) == 0).all()
    assert len(written) == len(played)
    again = prepare(drums, tmp_path / "pieces.npz", DRUMS)
    assert np.array_equal(again.pitch, library.pitch)


def test_drums_are_never_transposed(drums: Corpus, tmp_path: Path) -> None:
    library = prepare(drums, tmp_path / "pieces.npz", DRUMS)
    known = set(np.unique(library.pitch).tolist())
    lanes = Lanes(library, range(8), 64, 1, DRUMS)
    for _ in range(4):
        window = lanes.next().window
        assert set(window.pitch.unique().tolist()) <= known | {BEGIN_PITCH}


def test_some_drums_are_known_beforehand(drums: Corpus, tmp_path: Path) -> None:
    notes = prepare(drums, tmp_path / "pieces.npz", DRUMS).piece(1)
    random = np.random.default_rng(2)
    found = [known_strokes(random, notes, 4 * GRID) for _ in range(60)]
    told = [knowledge for knowledge in found if knowledge is not None]
    assert 10 < len(told) < 60


def test_a_folder_of_drums_makes_a_drummer(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "beats").mkdir()
    for number in range(3):
        write_midi(beat(number, bars=6), tmp_path / "beats" / f"{number}.mid")
    order = Order(tmp_path / "beats", tmp_path / "mine", hidden=8, layers=1, epochs=0.5)
    make_task = TASKS[order.family]
    assert train(order, lambda corpus, work: make_task(corpus, Options(hidden=8, layers=1), work)) == 0
    assert "2 pieces with" in capfd.readouterr().out
    made = Manifest.read(tmp_path / "mine")
    assert made.instrument == DRUMS
    assert made.metric("nats_velocity")
    assert "drums alone" in (tmp_path / "mine" / "CARD.md").read_text(encoding="utf-8")
    seed = beat(9).tracks[0].notes
    assert list(load(made).generate(GenerateRequest(seed, Timeline(), bars=1), lambda: False))
