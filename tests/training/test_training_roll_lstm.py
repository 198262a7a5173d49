"""The piano-roll LSTM: what it is shown, what it learns, and that its graph computes what it computes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from tiny_roll import STYLE, arpeggio, taught, toy_piece, toy_roll_task, toy_rolls

from musegen_app.encoding.columns import PITCHES, Columns, columns_of
from musegen_app.encoding.piano_roll import END, BarColumns, RollPiece, Surroundings, changes_of, published_values
from musegen_app.errors import TrainingError
from musegen_app.generate import Manifest
from musegen_app.generate.roll_lstm import PublishedRollGenerator, RollGenerator
from musegen_app.score import Note, NoteTable, Score, Timeline, Track
from musegen_app.training.corpus import Corpus
from musegen_app.training.fit import Fit
from musegen_app.training.graphs import roll_lstm_export
from musegen_app.training.graphs.roll_lstm import column_graph
from musegen_app.training.models.roll_lstm import Batch, RollNet, Size
from musegen_app.training.models.roll_lstm_published import PublishedRollNet
from musegen_app.training.roll_library import Stretch, batch_of, roll_library, unigram_nats
from musegen_app.training.task import Options
from musegen_app.training.tasks.roll_lstm import roll_task


def changes_in(batch: Batch) -> list[list[int]]:
    """The changes of each column of a batch."""
    found: list[list[int]] = [[] for _ in range(batch.planes.shape[0] * batch.planes.shape[1])]
    for column, change in zip(batch.column.tolist(), batch.change.tolist(), strict=True):
        found[column].append(change)
    return found


def made(folder: Path) -> Manifest:
    return Manifest(folder.name, "Made", "roll-lstm", folder, styles=(STYLE,))


def test_a_batch_shows_what_surrounds_each_column_and_asks_for_its_changes() -> None:
    corpus = toy_rolls()
    library = roll_library(corpus)
    piece = RollPiece.of(corpus.pieces[1].score)
    assert piece is not None
    batch = batch_of(library, [[Stretch(1, 0, 40, 0, 1)], [Stretch(1, 20, 20, 0, 1)]], 40, np.ones(2, dtype=np.float32))
    whole = Surroundings(piece.columns, piece.bars).planes()
    np.testing.assert_allclose(batch.planes[:, 0], whole[:40], atol=1e-3)
    np.testing.assert_allclose(batch.planes[:20, 1], whole[20:40], atol=1e-3)
    found = changes_in(batch)
    assert found[0::2] == changes_of(piece.columns)[:40]
    assert found[1::2] == changes_of(piece.columns)[20:40] + [[]] * 20
    assert float(batch.columns) == 60
    ends = [*batch.offset[1:].tolist(), len(batch.below)]
    rows = zip(batch.column.tolist(), batch.offset.tolist(), ends, strict=True)
    for _, group in itertools.groupby(rows, key=lambda row: row[0]):
        for rank, (column, begin, end) in enumerate(group):
            assert batch.below[begin:end].tolist() == found[column][:rank]


def test_transposing_moves_all_that_is_shown() -> None:
    library = roll_library(toy_rolls())
    as_written, moved = (
        batch_of(library, [[Stretch(0, 5, 30, shift, 1)]], 30, np.ones(1, dtype=np.float32)) for shift in (0, 3)
    )
    assert (moved.classes[..., 3] - as_written.classes[..., 3] == 3).all()
    planes = [batch.planes.view(30, -1, PITCHES) for batch in (as_written, moved)]
    torch.testing.assert_close(planes[1][:, :7], planes[0][:, :7].roll(3, -1))
    torch.testing.assert_close(planes[1][..., 15:100], planes[0][..., 12:97])
    expected = [change + 3 if change < END else END for change in as_written.change.tolist()]
    assert moved.change.tolist() == expected


def test_all_columns_there_can_be_share_one_probability() -> None:
    """The chain is exact: what sounds is 60, and every column of changes of 60 and 61 alone has its share."""
    net = RollNet(Size(hidden=8, head=8, memory=4, styles=1)).double().eval()
    net.head.bias.data[[60, 61, PITCHES + 60, END]] += 40.0  # so that nothing else happens
    heard = Columns.empty(1)
    heard.struck[0, 60] = heard.sounding[0, 60] = True
    total = 0.0
    for of_60, of_61 in itertools.product([[], [60], [PITCHES + 60]], [[], [61]]):
        changes = [*of_60, *of_61, END]
        planes = Surroundings(heard.padded(2), BarColumns.of(Timeline(), 0, 2)).planes()[1:, None]
        batch = Batch(
            torch.from_numpy(planes).double(),
            torch.zeros(1, 1, 5, dtype=torch.int64),
            torch.tensor(changes),
            torch.zeros(len(changes), dtype=torch.int64),
            torch.tensor([END + 1, *changes[:-1]]),
            torch.tensor([change for rank in range(len(changes)) for change in changes[:rank]], dtype=torch.int64),
            torch.tensor([rank * (rank - 1) // 2 for rank in range(len(changes))]),
            torch.tensor(1.0),
            torch.ones(1),
        )
        nats, _ = net.nats(batch, net.empty_state(1))
        total += float(torch.exp(-nats.detach().sum()))
    assert total == pytest.approx(1, abs=1e-6)


def test_windows_heard_one_after_another_cost_what_they_cost_as_one() -> None:
    library = roll_library(toy_rolls())
    torch.manual_seed(2)
    net = RollNet(Size(hidden=12, head=8, memory=8, styles=2)).eval()
    one = np.ones(1, dtype=np.float32)
    whole, _ = net.nats(batch_of(library, [[Stretch(0, 0, 60, 0, 1)]], 60, one), net.empty_state(1))
    state, parts = net.empty_state(1), []
    for begin in (0, 20, 40):
        nats, state = net.nats(batch_of(library, [[Stretch(0, begin, 20, 0, 1)]], 20, one), state)
        parts.append(nats)
    torch.testing.assert_close(torch.cat(parts), whole, atol=1e-5, rtol=1e-4)


def test_it_learns_and_its_graph_computes_what_it_computes(tmp_path: Path) -> None:
    task = toy_roll_task()
    net = taught(task, 100)
    before, after = task.held_out(taught(task, 0)), task.held_out(net)
    assert after < before / 3
    manifest, check = task.export(net, made(tmp_path / "made"))
    assert check.largest_difference < 1e-4
    assert abs(check.nats_lost) < 0.1
    assert [state.name for state in manifest.states] == ["h_0", "c_0", "h_1", "c_1", "memory"]
    assert Manifest.read(tmp_path / "made") == manifest
    metrics = task.metrics(manifest)
    measured, unigram = metrics["nats_per_column"], metrics["unigram_nats_per_column"]
    assert isinstance(measured, float)
    assert isinstance(unigram, float)
    assert measured == pytest.approx(after, abs=0.15)
    assert measured < unigram
    assert metrics["nats_by_style"] == {STYLE: measured}


def test_the_likelihood_is_pytorchs(tmp_path: Path) -> None:
    """Pieces of several lengths and metres side by side, through the fp32 graph, against one by one in PyTorch."""
    task = toy_roll_task()
    net = taught(task, 3)
    assert isinstance(net, RollNet)
    manifest, _ = task.export(net, made(tmp_path / "made"))
    onnx.save(column_graph(net), manifest.graph_path)
    corpus = toy_rolls()
    expected, columns = 0.0, 0
    library = roll_library(corpus)
    for piece, length in enumerate(library.lengths.tolist()):
        batch = batch_of(library, [[Stretch(piece, 0, length, 0, 1)]], length, np.ones(1, dtype=np.float32))
        nats, _ = net.nats(batch, net.empty_state(1))
        expected, columns = expected + float(nats.detach().sum()), columns + length
    found = RollGenerator(manifest).likelihood([piece.score for piece in corpus.pieces], STYLE)
    assert (found.unit, found.units) == ("column", columns)
    assert found.nats == pytest.approx(expected / columns, abs=1e-4)


def test_the_unigram_counts_each_pitch_alone() -> None:
    library = roll_library(toy_rolls())
    assert 2 < unigram_nats(library) < 40


@pytest.mark.parametrize("published", [False, True])
def test_a_graph_that_computes_something_else_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, published: bool
) -> None:
    task = toy_roll_task(published=published)
    name = "window_graph" if published else "column_graph"
    build, net, other = getattr(roll_lstm_export, name), taught(task, 0), taught(task, 20)
    monkeypatch.setattr(roll_lstm_export, name, lambda _: build(other))
    with pytest.raises(TrainingError, match="differs from PyTorch"):
        task.export(net, made(tmp_path / "made"))
    assert not (tmp_path / "made").exists()


def test_as_published_it_has_the_published_layers_and_learns(tmp_path: Path) -> None:
    task = toy_roll_task(published=True, hidden=0)
    recipe = task.recipe
    assert (recipe.optimiser, recipe.rate, recipe.lanes, recipe.epochs) == ("sgd", 0.01, 2, 80)
    assert (recipe.schedule, recipe.clip, recipe.weight_decay, recipe.average) == ("flat", 0, 0, 0)
    net = task.network()
    assert isinstance(net, PublishedRollNet)
    shapes = {name: tuple(p.shape) for name, p in net.named_parameters()}
    assert shapes["first.weight_ih_l0"] == (4 * 1024, 128)
    assert shapes["first_attention.score.weight"] == (1, 1024)
    assert shapes["first_dense.one.weight"] == (512, 1024)
    assert shapes["second.weight_ih_l0"] == (4 * 512, 512)
    assert shapes["second_dense.two.weight"] == (256, 256)
    assert shapes["third.weight_ih_l0"] == (4 * 128, 256)
    assert shapes["out.weight"] == (128, 128)
    batch = next(task.batches(range(2), 1))
    assert batch.columns.shape == (2, 18, 128)
    assert set(np.unique(batch.columns)) <= {0.0, 0.5, 1.0}

    small = toy_roll_task(published=True, hidden=32)
    learnt = taught(small, 60)
    windows = next(small.batches(range(32), 9))
    before, after = (float(net(windows, None).loss.detach()) for net in (taught(small, 0), learnt))
    assert after < 0.9 * before
    manifest, check = small.export(learnt, made(tmp_path / "made"))
    assert check.largest_difference < 1e-4
    assert manifest.settings["as_published"] is True
    metrics = small.metrics(manifest)
    assert metrics["nats_per_column"] == pytest.approx(small.held_out(learnt), rel=0.05)
    generator = PublishedRollGenerator(manifest)
    held_out = generator.likelihood(piece.score for piece in toy_rolls().held_out)
    assert held_out.nats == pytest.approx(metrics["nats_per_column"], rel=1e-5)


def test_a_run_of_the_loop_counts_columns(tmp_path: Path) -> None:
    for published in (False, True):
        task = toy_roll_task(published=published, hidden=16)
        fit = Fit(task, tmp_path / f"{published}.pt", replace(task.recipe, epochs=0.2, lanes=2))
        fit.run()
        assert fit.progress.units >= 0.2 * task.counts.units
        assert np.isfinite(fit.progress.held_out)


def test_the_published_system_hears_pianos_alone_and_two_bars_of_silence() -> None:
    piano, strings = arpeggio(48).numbered(1), NoteTable.of([Note(0, 960, 30)]).numbered(1000)
    both = Score((Track(1, "Piano", notes=piano), Track(2, "Strings", channel=1, program=48, notes=strings)), next_id=1001)
    values = published_values(both)
    assert values is not None
    assert len(values) == len(columns_of([piano])) + 32
    assert not values[-32:].any()
    assert not values[:, 30].any()
    assert values[0, 48] == 1
    assert values[1, 48] == 0.5
    assert published_values(Score((Track(1, "Strings", program=48, notes=strings),), next_id=1001)) is None


def test_nothing_to_learn_from_is_one_sentence() -> None:
    alone = Corpus((toy_piece(48), toy_piece(50)))
    with pytest.raises(TrainingError, match="Fewer than two pieces"):
        roll_task(alone, Options(), Path())
    with pytest.raises(TrainingError, match="only piano parts"):
        roll_task(alone, Options(as_published=True), Path())
