"""Training, from a folder to a model that continues a seed: it learns, survives a kill, and exports what it computes."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import random_window, tiny_net
from training_music import tune, write_folder

from musegen_app.errors import TrainingError
from musegen_app.generate import GenerateRequest, Manifest, find, load
from musegen_app.training import command
from musegen_app.training import fit as fit_module
from musegen_app.training.export import export
from musegen_app.training.fit import Budget, Fit, Recipe, held_out_nats, read_checkpoint
from musegen_app.training.models.note_events import NoteEventNet, Size
from musegen_app.training.prepare import Library, prepare, sources

SMALL = Size(hidden=24, layers=1, head=16, styles=3)


def recipe(epochs: float) -> Recipe:
    return Recipe(size=SMALL, budget=Budget(epochs=epochs), lanes=4, window=32)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = write_folder(tmp_path_factory.mktemp("music"), songs=5, hymns=3)
    return prepare(sources(folder), folder / "cache.npz")


@pytest.fixture(scope="module")
def trained(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Fit:
    fit = Fit(library, recipe(60), tmp_path_factory.mktemp("fit") / "checkpoint.pt")
    fit.run()
    return fit


def test_it_learns(trained: Fit, library: Library) -> None:
    untrained = Fit(library, recipe(1), trained.checkpoint)
    before, after = (sum(held_out_nats(fit.averaged(), fit._check)[:3]) for fit in (untrained, trained))
    assert after < before - 3
    assert trained.progress.held_out == pytest.approx(after)
    assert trained.progress.loss < before - 3
    assert trained.spent == 1


def test_the_checkpoint_goes_on_where_it_stood(trained: Fit, library: Library) -> None:
    again = Fit(library, recipe(62), trained.checkpoint)
    again.resume()
    assert again.progress == trained.progress
    for name, tensor in again.average.items():
        torch.testing.assert_close(tensor, trained.average[name])
    held_out = again.progress.held_out
    again.run()
    assert again.progress.steps > trained.progress.steps
    assert again.progress.held_out < held_out + 0.3


def test_a_kill_in_the_midst_of_saving_leaves_the_old_checkpoint(
    trained: Fit, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = Fit(library, recipe(1), tmp_path / "checkpoint.pt")
    fit.save()

    def killed(_: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fit_module.torch, "save", killed)
        fit.save()
    assert read_checkpoint(tmp_path / "checkpoint.pt")["size"] == SMALL.as_dict()


def test_a_checkpoint_that_does_not_fit_is_one_sentence(trained: Fit, library: Library, tmp_path: Path) -> None:
    other = Fit(library, Recipe(size=Size(hidden=8, styles=3)), trained.checkpoint)
    with pytest.raises(TrainingError, match="another size"):
        other.resume()
    with pytest.raises(TrainingError, match="no training to go on with"):
        read_checkpoint(tmp_path / "none.pt")
    (tmp_path / "damaged.pt").write_bytes(b"PK no zip")
    with pytest.raises(TrainingError, match="damaged"):
        read_checkpoint(tmp_path / "damaged.pt")
    torch.save({"format": 99}, tmp_path / "newer.pt")
    with pytest.raises(TrainingError, match="another version"):
        read_checkpoint(tmp_path / "newer.pt")


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_graph_computes_what_the_network_computes(tmp_path: Path, layers: int) -> None:
    torch.manual_seed(layers)
    net = NoteEventNet(Size(hidden=32, layers=layers, head=24, styles=4))
    manifest = Manifest(name="made", title="Made", family="note-events", path=tmp_path / "made")
    made, check = export(net, manifest, random_window(time=20, lanes=5, seed=layers))
    assert check.largest_difference < 1e-4
    assert abs(check.int8_nats_lost) < 0.05
    assert len(made.states) == 2 * layers
    assert made.sha256 == made.graph_sha256()
    assert Manifest.read(tmp_path / "made") == made


def test_a_graph_that_computes_something_else_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net, other = tiny_net(), tiny_net()
    other.pitch_head.bias.data += torch.linspace(0, 1, 128)
    from musegen_app.training import export as export_module

    build = export_module.note_graph
    monkeypatch.setattr(export_module, "note_graph", lambda _: build(other))
    manifest = Manifest(name="made", title="Made", family="note-events", path=tmp_path / "made")
    with pytest.raises(TrainingError, match="differs from PyTorch"):
        export(net, manifest, random_window())
    assert not (tmp_path / "made").exists()


def test_from_a_folder_to_a_model_that_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "music", songs=4, hymns=2)
    (folder / "songs" / "broken.mid").write_bytes(b"MThd")
    output = tmp_path / "models" / "my-songs"
    monkeypatch.setattr(command, "Recipe", lambda size, budget: Recipe(size, budget, lanes=2, window=32))
    args = argparse.Namespace(folder=folder, output=output, family="note-events", epochs=2.0, hidden=16, layers=1)
    assert command.run(args) == 0
    said = capfd.readouterr().out
    assert "broken.mid" in said
    assert "largest difference to PyTorch" in said

    manifest = find("my-songs", [tmp_path / "models"])
    assert manifest.title == "My songs"
    assert manifest.styles == ("hymns", "songs")
    assert manifest.metric("nats_per_note") is not None
    assert manifest.metric("unigram_nats_per_note") is not None
    card = (output / "CARD.md").read_text(encoding="utf-8")
    assert "| hymns |" in card
    assert f"{manifest.metric('unigram_nats_per_note'):.3f}" in card
    seed = tune(1).tracks[0].notes
    notes = list(load(manifest).generate(GenerateRequest(seed, tune(1).timeline, 2), lambda: False))
    assert notes

    resumed = argparse.Namespace(**{**vars(args), "resume": True, "epochs": 3.0})
    assert command.run(resumed) == 0
    progress = read_checkpoint(output / "training" / "checkpoint.pt")["progress"]
    notes_in_folder = sum(len(tune(n).tracks[0].notes) + 1 for n in range(4))
    assert progress["notes"] > 2.5 * notes_in_folder


def test_schedules_warm_up_and_cool_down() -> None:
    rates = [fit_module._schedule(spent, 10_000) for spent in np.linspace(0, 1, 11)]
    assert rates == sorted(rates, reverse=True)
    assert fit_module._schedule(0, 0) < 0.01
    assert fit_module._schedule(0.05, 3) > 0.9  # a short training warms up quickly
    assert rates[-1] == pytest.approx(0.01)
