"""Fits learn, stop, go on where they were stopped, and tell what they reached."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from published_music import small_set

from musegen_app.errors import FileError, TrainingError
from musegen_app.training.published.boltzmann import RbmLearner
from musegen_app.training.published.chained import ChainedNet
from musegen_app.training.published.fitting import Fit
from musegen_app.training.published.independent import IndependentLearner
from musegen_app.training.published.learner import Learner, Recipe, per_frame
from musegen_app.training.published.mended import ChainedLearner
from musegen_app.training.published.results import Result, read_results, table, write_results
from musegen_app.training.published.splits import unigram_nats


def chained(epochs: float = 24, seed: int = 1) -> ChainedLearner:
    recipe = Recipe(epochs, rate=1e-2, average=0.9, checks=4, seed=seed)
    return ChainedLearner(small_set(), recipe, hidden=16, channels=16, dropout=0.1, lanes=3, window=16)


def quiet(_: str) -> None:
    """Nobody listens."""


@pytest.mark.parametrize(
    "learner",
    [
        chained(60),
        IndependentLearner(small_set(), Recipe(120, optimiser="rmsprop", rate=1e-2, cosine=False), hidden=24, window=20),
        RbmLearner(small_set(), Recipe(200, rate=2e-2, average=0.9, checks=2), hidden=8, batch=32, chains=64),
    ],
    ids=["chained", "lstm", "rbm"],
)
def test_every_model_learns_more_than_how_often_keys_sound(tmp_path: Path, learner: Learner) -> None:
    fit = Fit(learner, tmp_path / "a.pt", None, quiet)
    net = fit.run()
    nats = per_frame(learner.nats(net, "valid"))
    assert nats == pytest.approx(fit.progress.best, abs=0.05)
    assert nats < per_frame(unigram_nats(small_set(), "valid")) - 0.3


def test_a_stopped_fit_goes_on_and_a_finished_one_stays_finished(tmp_path: Path) -> None:
    said: list[str] = []

    def stop_at_the_second(line: str) -> None:
        said.append(line)
        if len(said) == 2:
            raise KeyboardInterrupt

    first = Fit(chained(), tmp_path / "a.pt", None, stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        first.run()
    first.save()
    second = Fit(chained(), tmp_path / "a.pt", None, said.append)
    assert second.progress == first.progress
    assert all(torch.equal(tensor, second.average[name]) for name, tensor in first.average.items())
    second.run()
    assert [line.split("%")[0].strip() for line in said] == ["25", "50", "75", "100"]
    assert len(second.progress.curve) == 4
    third = Fit(chained(), tmp_path / "a.pt", None, pytest.fail)
    best = third.run()
    assert isinstance(best, ChainedNet)
    assert third.progress == second.progress


def test_the_same_recipe_gives_the_same_numbers(tmp_path: Path) -> None:
    curves = []
    for name in ("a.pt", "b.pt"):
        fit = Fit(chained(8), tmp_path / name, None, quiet)
        fit.run()
        curves.append(fit.progress.curve)
    assert curves[0] == curves[1]


def test_minutes_end_a_fit_early(tmp_path: Path) -> None:
    fit = Fit(chained(1e6), tmp_path / "a.pt", 0.005, quiet)
    fit.run()
    assert fit.spent == 1
    assert 0.3 <= fit.progress.seconds < 60


def test_a_checkpoint_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    Fit(chained(), path, None, quiet).save()
    with pytest.raises(TrainingError, match="was made in another way"):
        Fit(chained(seed=2), path, None, quiet)
    wider = ChainedLearner(small_set(), chained().recipe, hidden=16, channels=8, lanes=3, window=16)
    with pytest.raises(TrainingError, match="is of other data"):
        Fit(wider, path, None, quiet)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(TrainingError, match="is damaged"):
        Fit(chained(), path, None, quiet)


def test_results_are_kept_and_set_beside_the_published_rows(tmp_path: Path) -> None:
    results = [Result("jsb", "chained", 4.567, 4.6, 4.7, 3.0, 40.0, 1000, ((0.5, 5.0), (1.0, 4.7)))]
    write_results(tmp_path / "jsb.json", results)
    kept = read_results(tmp_path / "jsb.json")
    assert kept[0].test == 4.567
    lines = table(kept, ["jsb", "piano"]).splitlines()
    assert lines[:2] == ["| nats a frame | JSB | Piano-midi |", "|---|---|---|"]
    assert "| BALSTM | 5.05 | 4.90 |" in lines
    assert "| LSTM, independent keys, published | 8.67 / 8.45 | 9.03 |" in lines
    assert "| **chained keys, ours** | 4.57 | – |" in lines
    assert not any("RBM, ours" in line for line in lines)
    (tmp_path / "jsb.json").write_text('{"set": "jsb"}')
    with pytest.raises(FileError, match="holds no results"):
        read_results(tmp_path / "jsb.json")
