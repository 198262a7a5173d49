"""The loop: it learns, survives a kill, ends when it should, and the model it leaves computes what PyTorch computes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import random_window, tiny_net
from training_music import write_folder

from musegen_app.errors import TrainingError
from musegen_app.generate import Manifest
from musegen_app.training import checkpoint as checkpoint_module
from musegen_app.training import fit as fit_module
from musegen_app.training.checkpoint import read_checkpoint
from musegen_app.training.corpus import read_corpus
from musegen_app.training.fit import Fit
from musegen_app.training.graphs import note_events_export
from musegen_app.training.graphs.note_events_export import export
from musegen_app.training.models.note_events import NoteEventNet, Size
from musegen_app.training.prepare import sources
from musegen_app.training.progress import NobodyWatches, Progress, Wish
from musegen_app.training.task import Options, Recipe
from musegen_app.training.tasks.note_events import NoteEventTask

OPTIONS = Options(hidden=24, layers=1)


def recipe(epochs: float, **changes: object) -> Recipe:
    return replace(Recipe(epochs=epochs, lanes=4), **changes)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> NoteEventTask:
    folder = write_folder(tmp_path_factory.mktemp("music"), songs=5, hymns=3)
    return NoteEventTask(read_corpus(sources(folder), folder / "corpus.npz"), OPTIONS, folder, window=32)


@pytest.fixture(scope="module")
def trained(task: NoteEventTask, tmp_path_factory: pytest.TempPathFactory) -> Fit:
    fit = Fit(task, tmp_path_factory.mktemp("fit") / "checkpoint.pt", recipe(60))
    assert fit.run() is Wish.GO_ON
    return fit


def test_it_learns(trained: Fit, task: NoteEventTask) -> None:
    untrained = Fit(task, trained.checkpoint, recipe(1))
    before, after = (task.held_out(fit.averaged()) for fit in (untrained, trained))
    assert after < before - 3
    assert trained.progress.held_out == pytest.approx(after)
    assert trained.progress.loss < before - 3
    assert trained.spent == 1


def test_the_checkpoint_goes_on_where_it_stood(trained: Fit, task: NoteEventTask) -> None:
    again = Fit(task, trained.checkpoint, recipe(62))
    again.resume()
    assert again.progress == trained.progress
    for name, tensor in again.average.items():
        torch.testing.assert_close(tensor, trained.average[name])
    held_out = again.progress.held_out
    again.run()
    assert again.progress.steps > trained.progress.steps
    assert again.progress.held_out < held_out + 0.3


def test_a_kill_in_the_midst_of_saving_leaves_the_old_checkpoint(
    task: NoteEventTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = Fit(task, tmp_path / "checkpoint.pt", recipe(1))
    fit.save()

    def killed(_: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(checkpoint_module.torch, "save", killed)
        fit.save()
    assert read_checkpoint(tmp_path / "checkpoint.pt")["family"] == "note-events"


def test_a_full_disk_is_one_sentence(task: NoteEventTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("PytorchStreamWriter failed writing file")

    monkeypatch.setattr(checkpoint_module.torch, "save", full)
    with pytest.raises(TrainingError, match="is the disk full"):
        Fit(task, tmp_path / "checkpoint.pt", recipe(1)).save()


def test_a_checkpoint_that_does_not_fit_is_one_sentence(trained: Fit, task: NoteEventTask, tmp_path: Path) -> None:
    other = NoteEventTask(task._corpus, Options(hidden=8), tmp_path, window=32)
    with pytest.raises(TrainingError, match="another family, size"):
        Fit(other, trained.checkpoint, recipe(1)).resume()
    with pytest.raises(TrainingError, match="no training to go on with"):
        read_checkpoint(tmp_path / "none.pt")
    (tmp_path / "damaged.pt").write_bytes(b"PK no zip")
    with pytest.raises(TrainingError, match="damaged"):
        read_checkpoint(tmp_path / "damaged.pt")
    torch.save({"format": 99}, tmp_path / "newer.pt")
    with pytest.raises(TrainingError, match="another version"):
        read_checkpoint(tmp_path / "newer.pt")


class _Wishes(NobodyWatches):
    """Wants an end after some steps; remembers what it was told."""

    def __init__(self, wish: Wish = Wish.GO_ON, after: int = 0) -> None:
        self._wish, self._after = wish, after
        self.losses: list[float] = []
        self.checks: list[float] = []
        self.saves = 0

    def progressed(self, progress: Progress, spent: float) -> None:
        assert 0 <= spent <= 1
        self.losses.append(progress.last)

    def checked(self, progress: Progress) -> None:
        self.checks.append(progress.held_out)

    def saved(self) -> None:
        self.saves += 1

    def wish(self) -> Wish:
        return self._wish if len(self.losses) >= self._after else Wish.GO_ON


@pytest.mark.parametrize(("wish", "checks"), [(Wish.FINISH, 1), (Wish.STOP, 0)])
def test_who_watches_may_end_it(task: NoteEventTask, tmp_path: Path, wish: Wish, checks: int) -> None:
    watch = _Wishes(wish, after=3)
    assert Fit(task, tmp_path / "checkpoint.pt", recipe(100), watch).run() is wish
    assert (len(watch.losses), len(watch.checks), watch.saves) == (3, checks, 2)  # a save when it begins
    assert read_checkpoint(tmp_path / "checkpoint.pt")["progress"]["steps"] == 3


class _GettingWorse(NoteEventTask):
    """Its held-out pieces are foreseen worse each time but the second."""

    answers: Iterator[float]

    def held_out(self, _net: torch.nn.Module) -> float:
        return next(self.answers)


def test_training_stops_early_and_ships_the_best(
    task: NoteEventTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worse = _GettingWorse(task._corpus, OPTIONS, tmp_path, window=32)
    worse.answers = iter([5.0, 4.0, 4.5, 4.6, 4.7, 4.8, 4.9])
    monkeypatch.setattr(fit_module, "_LEAST_CHECK_GAP_S", 0.0)
    monkeypatch.setattr(fit_module, "_CHECK_COST", 0.0)
    monkeypatch.setattr(fit_module, "_CHECK_SHARE", 0.0)
    watch = _Wishes()
    fit = Fit(worse, tmp_path / "checkpoint.pt", recipe(1000, patience=3), watch)
    fit.run()
    assert watch.checks[:5] == [5.0, 4.0, 4.5, 4.6, 4.7]
    assert len(watch.losses) == 5  # a check after each step, three of them without a better one
    assert fit.progress.best == 4.0
    shipped, last = fit.averaged().state_dict(), fit.average
    assert any(not torch.equal(shipped[name], last[name]) for name in shipped)
    again = Fit(worse, fit.checkpoint, recipe(1000, patience=3))
    again.resume()
    for name, tensor in again.averaged().state_dict().items():
        torch.testing.assert_close(tensor, shipped[name])


def test_a_loss_that_is_no_number_ends_it_with_a_sentence(task: NoteEventTask, tmp_path: Path) -> None:
    fit = Fit(task, tmp_path / "checkpoint.pt", recipe(5))
    fit.net.pitch_head.bias.data[:] = math.nan
    with pytest.raises(TrainingError, match="no longer a number"):
        fit.run()


@pytest.mark.parametrize("optimiser", ["sgd", "rmsprop", "adamw"])
def test_each_optimiser_goes_down(task: NoteEventTask, tmp_path: Path, optimiser: str) -> None:
    rate = {"sgd": 0.1, "rmsprop": 1e-3, "adamw": 3e-3}[optimiser]
    watch = _Wishes()
    Fit(task, tmp_path / "c.pt", recipe(4, optimiser=optimiser, rate=rate, schedule="flat", average=0), watch).run()
    assert np.mean(watch.losses[-5:]) < np.mean(watch.losses[:5]) - 0.2


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_graph_computes_what_the_network_computes(tmp_path: Path, layers: int) -> None:
    torch.manual_seed(layers)
    net = NoteEventNet(Size(hidden=32, layers=layers, head=24, styles=4))
    manifest = Manifest(name="made", title="Made", family="note-events", path=tmp_path / "made")
    made, check = export(net, manifest, random_window(time=20, lanes=5, seed=layers))
    assert check.largest_difference < 1e-4
    assert abs(check.nats_lost) < 0.05
    assert len(made.states) == 2 * layers
    assert made.sha256 == made.graphs_sha256()
    assert Manifest.read(tmp_path / "made") == made


def test_a_graph_that_computes_something_else_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net, other = tiny_net(), tiny_net()
    other.pitch_head.bias.data += torch.linspace(0, 1, 128)
    build = note_events_export.note_graph
    monkeypatch.setattr(note_events_export, "note_graph", lambda _: build(other))
    manifest = Manifest(name="made", title="Made", family="note-events", path=tmp_path / "made")
    with pytest.raises(TrainingError, match="differs from PyTorch"):
        export(net, manifest, random_window())
    assert not (tmp_path / "made").exists()


def test_schedules_warm_up_and_cool_down() -> None:
    rates = [fit_module._share_of_rate(Recipe(), spent, 10_000) for spent in np.linspace(0, 1, 11)]
    assert rates == sorted(rates, reverse=True)
    assert fit_module._share_of_rate(Recipe(), 0, 0) < 0.01
    assert fit_module._share_of_rate(Recipe(), 0.05, 3) > 0.9  # a short training warms up quickly
    assert rates[-1] == pytest.approx(0.01)
    assert fit_module._share_of_rate(Recipe(schedule="flat"), 0.7, 0) == 1
