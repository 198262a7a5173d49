"""Adapting: a shipped graph is read back, learns a style on top, and is a model like any other again."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from tiny import STYLES, random_window, tiny_model, tiny_net
from training_music import tune, write_folder

from musegen_app.encoding.anticipation import KNOWN_CLASSES, KNOWN_WIDTH
from musegen_app.encoding.context import STYLE
from musegen_app.encoding.note_events import ONSETS, on_grid
from musegen_app.encoding.pieces import piece_of
from musegen_app.errors import ModelError, TrainingError
from musegen_app.generate import DataSource, GenerateRequest, Manifest, find, load
from musegen_app.generate.evaluation import _Lane, evaluate, score_notes
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.session import NoteSession
from musegen_app.generate.shared_runs import SharedRuns, shared_runs_of
from musegen_app.paths import bundle_dir
from musegen_app.score import NoteTable
from musegen_app.training import adapt
from musegen_app.training.checkpoint import read_checkpoint
from musegen_app.training.command import STOPPED
from musegen_app.training.corpus import read_corpus
from musegen_app.training.events import BarVoice
from musegen_app.training.fit import Fit
from musegen_app.training.graphs.note_events import note_graph
from musegen_app.training.graphs.note_events_export import export
from musegen_app.training.models.adapter import OWN_STYLE
from musegen_app.training.models.note_events import NoteEventNet, Window
from musegen_app.training.prepare import sources
from musegen_app.training.progress import NobodyWatches, Progress, Wish
from musegen_app.training.task import Check
from musegen_app.training.tasks.adapt import AdaptTask
from musegen_app.training.unpack import read_graph, unpacked

LEARNT = NoteTable.from_columns(240 * np.arange(60), np.full(60, 200), np.random.default_rng(4).integers(40, 90, 60))
"""A piece that the base of the command's tests learnt from."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("music"), songs=5)


def task_of(base: Manifest, music: Path, work: Path) -> AdaptTask:
    return AdaptTask(read_corpus(sources(music), work / "corpus.npz"), work, base, "mine")


@pytest.fixture(scope="module")
def task(base: Manifest, music: Path, tmp_path_factory: pytest.TempPathFactory) -> AdaptTask:
    return task_of(base, music, tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def fit(task: AdaptTask, tmp_path_factory: pytest.TempPathFactory) -> Fit:
    fit = Fit(task, tmp_path_factory.mktemp("fit") / "checkpoint.pt", replace(task.recipe, epochs=60, lanes=4))
    assert fit.run() is Wish.GO_ON
    return fit


@pytest.fixture(scope="module")
def made(fit: Fit, task: AdaptTask, tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, Check]:
    path = tmp_path_factory.mktemp("adapted") / "mine"
    return task.export(fit.averaged(), Manifest("mine", "Mine", "note-events", path))


def costs(net: NoteEventNet, window: Window) -> np.ndarray:
    with torch.inference_mode():
        nats, _ = net.nats(window, net.empty_state(window.pitch.shape[1]))
    return torch.stack([nats.onset, nats.pitch, nats.length, nats.velocity]).numpy()


# --- reading a graph back -------------------------------------------------------------------------------------------------


def test_an_exact_graph_comes_back_as_the_network_it_was_made_of(base: Manifest) -> None:
    net = tiny_net()
    net.initial.normal_()
    back = unpacked(base, note_graph(net))
    assert torch.equal(back.initial, net.initial)
    window = random_window()
    np.testing.assert_allclose(costs(back, window), costs(net, window), atol=1e-5)
    assert not any(parameter.requires_grad for parameter in back.parameters())


def test_a_small_graph_comes_back_as_what_its_int8_stands_for(base: Manifest) -> None:
    net, back = tiny_net(), unpacked(base, read_graph(base))
    for (name, before), after in zip(net.state_dict().items(), back.state_dict().values(), strict=True):
        if name.startswith("lstm.weight"):
            assert float((before - after).abs().max()) <= float(before.abs().max()) / 127
    window = random_window()
    np.testing.assert_allclose(costs(back, window).mean(axis=(1, 2)), costs(net, window).mean(axis=(1, 2)), atol=0.03)


def test_the_flagship_read_back_costs_what_its_graph_says() -> None:
    flagship = find("flagship", [bundle_dir() / "models"])
    net = unpacked(flagship, read_graph(flagship))
    piece = piece_of(tune(3))
    assert piece is not None
    style = flagship.styles.index("piano") + 1
    (by_graph,) = score_notes(NoteSession(flagship), [piece], style)
    lane = _Lane(0, piece, style)
    given = lane.inputs["given"]
    window = Window(
        *(torch.from_numpy(lane.inputs[name]) for name in ("classes", "sounds")),
        *(torch.from_numpy(given[field]) for field in range(3)),
        *(torch.from_numpy(values[:, None].astype(np.int64)) for values in (lane.coming, lane.floor)),
        torch.ones(given.shape[1:]),
        torch.zeros((*given.shape[1:], KNOWN_CLASSES), dtype=torch.int64),
        torch.zeros((*given.shape[1:], KNOWN_WIDTH)),
        torch.from_numpy(lane.pitches["references"][:, None]),
        torch.from_numpy(lane.inputs["recall_classes"]),
        torch.from_numpy(lane.pitches["recall_lengths"][:, None]),
    )
    found = costs(net, window)[..., 0]
    onset = found[0, :-1] + ONSETS.log_width[lane.coming[:-1]]
    assert onset.mean() == pytest.approx(by_graph[:, 0].mean(), abs=0.01)
    assert found[1, 1:].mean() == pytest.approx(by_graph[:, 1].mean(), abs=0.01)
    assert found[3, 1:].mean() == pytest.approx(by_graph[:, 3].mean(), abs=0.01)


# --- learning -------------------------------------------------------------------------------------------------------------


def test_at_first_it_computes_what_the_base_does(task: AdaptTask, base: Manifest) -> None:
    torch.manual_seed(1)
    window = random_window()
    before = unpacked(base, read_graph(base))
    window.classes[..., STYLE] = task.like
    wanted = costs(before, window)
    window.classes[..., STYLE] = OWN_STYLE
    np.testing.assert_allclose(costs(task.network().plain(), window), wanted, atol=1e-5)


def test_it_foresees_the_new_style_better_and_the_base_stays(fit: Fit, task: AdaptTask, base: Manifest) -> None:
    assert task.held_out(fit.averaged()) < task.held_out(task.network()) - 1.0
    assert fit.averaged().initial.abs().sum() > 0  # type: ignore[operator,union-attr]
    frozen = unpacked(base, read_graph(base)).state_dict()
    assert all(torch.equal(fit.averaged().state_dict()[f"base.{name}"], tensor) for name, tensor in frozen.items())


def test_the_adapted_graph_is_a_model_like_any_other(made: tuple[Manifest, Check], task: AdaptTask, base: Manifest) -> None:
    manifest, check = made
    assert check.largest_difference < 1e-4
    assert abs(check.nats_lost) < 0.3  # int8 weights of a net of sixteen units
    assert manifest == replace(Manifest.read(manifest.path), title="Mine")
    assert manifest.styles == ("mine",)
    assert manifest.default_style == "mine"
    assert manifest.settings["adapted_from"] == base.name
    generator = load(manifest)
    score = tune(77)
    request = GenerateRequest(score.tracks[0].notes, score.timeline, 2)
    assert list(generator.generate(request, lambda: False))
    before = evaluate(NoteEventGenerator(base), [score], task.like_name)
    after = evaluate(generator, [score])
    assert after.nats_per_note < before.nats_per_note - 1.0
    metrics = task.metrics(manifest)
    assert metrics["nats_before_adapting"] > metrics["nats_per_note"] + 1.0  # type: ignore[operator]


def test_where_nothing_learnt_helps_the_base_stays_as_it_was(task: AdaptTask, tmp_path: Path) -> None:
    worse = task.network()
    worse.shifts["pitch_head"].data[:60] += 30.0
    assert not task.helps(worse)
    manifest, _ = task.export(worse, Manifest("same", "Same", "note-events", tmp_path / "same"))
    metrics = task.metrics(manifest)
    assert metrics["nats_per_note"] == pytest.approx(metrics["nats_before_adapting"], abs=0.02)
    assert task.rows(worse)["Learnt"].startswith("nothing that helps")


def test_the_learnt_state_is_where_it_begins(made: tuple[Manifest, Check], fit: Fit) -> None:
    state = NoteSession(made[0]).empty_state(2)
    net = fit.averaged()
    for name, part in zip(("h_0", "c_0", "h_1", "c_1"), state, strict=True):
        learnt = net.initial["hc".index(name[0]), int(name[2])].detach().numpy()  # type: ignore[index,union-attr]
        assert part.shape == (1, 2, 16)
        np.testing.assert_array_equal(part[0], np.stack([learnt, learnt]))


def test_an_adapted_model_can_be_adapted_again(made: tuple[Manifest, Check], music: Path, tmp_path: Path) -> None:
    first = made[0]
    task = task_of(first, music, tmp_path)
    assert task.like_name == "mine"
    net = task.network()
    assert torch.equal(net.initial, unpacked(first, read_graph(first)).initial)
    manifest, _ = task.export(net, Manifest("again", "Again", "note-events", tmp_path / "again"))
    assert manifest.settings["styles"] == 2
    assert {tensor.name for tensor in manifest.outputs} == {tensor.name for tensor in first.outputs}
    score = tune(78)
    once, twice = (evaluate(NoteEventGenerator(model), [score]).nats_per_note for model in (first, manifest))
    assert twice == pytest.approx(once, abs=0.03)  # nothing new was learnt


# --- what cannot be adapted -----------------------------------------------------------------------------------------------


def copied(base: Manifest, folder: Path, graph: bytes) -> Manifest:
    shutil.copytree(base.path, folder)
    (folder / base.graph).write_bytes(graph)
    return replace(base, path=folder, name=folder.name)


def test_a_damaged_base_is_told(base: Manifest, music: Path, tmp_path: Path) -> None:
    damaged = bytearray(base.graph_path.read_bytes())
    damaged[len(damaged) // 2] ^= 255
    with pytest.raises(ModelError, match=r'Model "bad" cannot be adapted: model.onnx or step.onnx is damaged\.'):
        task_of(copied(base, tmp_path / "bad", bytes(damaged)), music, tmp_path)


def graphs_of_others(base: Manifest) -> Iterator[bytes]:
    yield b"no graph at all"
    empty = read_graph(base)
    del empty.graph.initializer[:]
    yield empty.SerializeToString()
    other = read_graph(base)
    table = next(tensor for tensor in other.graph.initializer if tensor.name == "note_pitch")
    table.CopyFrom(onnx.numpy_helper.from_array(np.zeros((3, 3), dtype=np.float32), "note_pitch"))
    yield other.SerializeToString()


def test_a_graph_of_someone_else_is_told(base: Manifest, music: Path, tmp_path: Path) -> None:
    for number, graph in enumerate(graphs_of_others(base)):
        model = copied(base, tmp_path / f"other{number}", graph).sealed()
        with pytest.raises(TrainingError, match=r"cannot be adapted: model\.onnx is not a graph that MuseGen made"):
            task_of(model, music, tmp_path)


@pytest.mark.parametrize("settings", [{}, {"hidden": "wide", "layers": 2, "head": 16, "styles": 3}])
def test_a_manifest_without_sizes_is_told(base: Manifest, music: Path, tmp_path: Path, settings: dict[str, object]) -> None:
    with pytest.raises(TrainingError, match="not a graph that MuseGen made"):
        task_of(replace(base, settings=settings), music, tmp_path)


def test_another_family_is_told(base: Manifest, music: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="it is not of the family note-events"):
        task_of(replace(base, family="rbm"), music, tmp_path)


# --- the command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def credited(tmp_path: Path) -> Manifest:
    path = tmp_path / "models" / "tiny"
    blank = Manifest(
        "tiny", "Tiny", "note-events", path, styles=STYLES, licence="CC-BY-4.0", data=(DataSource("old", "PD"),)
    )
    manifest, _ = export(tiny_net(), blank, random_window())
    (path / "CREDITS.md").write_text("Thanks to all.", encoding="utf-8")
    SharedRuns.of([on_grid([LEARNT])]).write(path / "originality.npz")
    manifest = replace(manifest, originality="originality.npz")
    manifest.write()
    return manifest


def ordered(base: Manifest, folder: Path, output: Path, **more: object) -> argparse.Namespace:
    return argparse.Namespace(folder=folder, output=output, model=str(base.path), **{"epochs": 3.0, **more})


def test_from_a_folder_to_an_adapted_model(credited: Manifest, music: Path, tmp_path: Path) -> None:
    output = tmp_path / "models" / "my-songs"
    assert adapt.run(ordered(credited, music, output)) == 0
    manifest = find("my-songs", [tmp_path / "models"])
    assert manifest.title == "Tiny, adapted to my songs"
    assert manifest.default_style == "my-songs"
    assert manifest.licence == "CC-BY-4.0"
    assert [data.set for data in manifest.data] == ["old", "songs"]
    assert (output / "CREDITS.md").read_text(encoding="utf-8") == "Thanks to all."
    known = shared_runs_of(manifest)
    assert known is not None
    assert known.longest(LEARNT).notes == len(LEARNT), "what the base learnt from is known to it, too"
    card = (output / "CARD.md").read_text(encoding="utf-8")
    assert "Adapted from: Tiny (tiny)" in card
    before = manifest.metric("nats_before_adapting")
    assert before is not None
    assert f"| the model it was adapted from | {before:.3f} |" in card


class _StopsSoon(NobodyWatches):
    def __init__(self) -> None:
        self.steps = 0

    def progressed(self, progress: Progress, spent: float) -> None:  # noqa: ARG002 - the protocol's
        self.steps = progress.steps

    def wish(self) -> Wish:
        return Wish.STOP if self.steps >= 3 else Wish.GO_ON


def test_stopped_it_goes_on_where_it_stood(
    credited: Manifest, music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "models" / "mine"
    with monkeypatch.context() as patch:
        patch.setattr(BarVoice, "wish", lambda _voice: Wish.STOP)
        assert adapt.run(ordered(credited, music, output, epochs=20.0)) == STOPPED
    assert not (output / "model.json").exists()
    checkpoint = output / "training" / "checkpoint.pt"
    assert read_checkpoint(checkpoint)["progress"]["steps"] == 1
    assert adapt.run(ordered(credited, music, output, epochs=20.0, resume=True)) == 0
    assert read_checkpoint(checkpoint)["progress"]["steps"] > 1
    assert find("mine", [tmp_path / "models"]).metric("nats_per_note") is not None


def test_a_checkpoint_of_another_base_is_refused(
    task: AdaptTask, made: tuple[Manifest, Check], music: Path, tmp_path: Path
) -> None:
    first = Fit(task, tmp_path / "checkpoint.pt", replace(task.recipe, epochs=100.0, lanes=2), _StopsSoon())
    assert first.run() is Wish.STOP
    again = Fit(task, first.checkpoint)
    again.resume()
    assert again.progress.steps == 3
    with pytest.raises(TrainingError, match="another family, size or other styles"):
        Fit(task_of(made[0], music, tmp_path), first.checkpoint).resume()


def test_one_piece_is_not_enough(credited: Manifest, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "one", songs=1)
    with pytest.raises(TrainingError, match="holds one piece; training needs at least two, to hold one out"):
        adapt.run(ordered(credited, folder, tmp_path / "m"))


def test_a_model_is_not_adapted_into_itself(
    credited: Manifest, music: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", iter(()))
    with pytest.raises(TrainingError, match="into its own folder"):
        adapt.run(ordered(credited, music, credited.path, events=True))
    assert '"event": "failed"' in capsys.readouterr().out
