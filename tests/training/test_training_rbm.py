"""The Boltzmann machine: its sums are exact where they can be, it learns, and its graph computes what it computes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_rbm import drone, piece, taught, toy_corpus, toy_task
from torch import Tensor

from musegen_app.encoding.state_window import HELD, STRUCK
from musegen_app.errors import TrainingError
from musegen_app.generate import Manifest
from musegen_app.generate.rbm import BoltzmannGenerator
from musegen_app.generate.rbm_session import GibbsSession, Windows
from musegen_app.training.corpus import Corpus
from musegen_app.training.export import described, put
from musegen_app.training.fit import Fit
from musegen_app.training.graphs.rbm import gibbs_graph
from musegen_app.training.models.rbm import (
    BoltzmannNet,
    Size,
    Visible,
    chain_draw,
    chain_log_normaliser,
    log_partition,
)
from musegen_app.training.task import Options
from musegen_app.training.tasks.rbm import BoltzmannTask, visible_of

pytestmark = pytest.mark.xdist_group("boltzmann")  # what is taught at the beginning is taught once

TINY = Size(steps=3, hidden=7, pitches=2, places=3)
TINY_BITS = Size(steps=2, hidden=7, pitches=2, places=0)
WIDE = Size(steps=6, hidden=20, pitches=78, places=5)
WIDE_BITS = Size(steps=6, hidden=20, pitches=78, places=0)


def random_net(size: Size, spread: float = 0.7) -> BoltzmannNet:
    torch.manual_seed(3)
    net = BoltzmannNet(size)
    for parameter in net.parameters():
        parameter.data.normal_(std=spread)
    return net.eval()


def possible(steps: int) -> list[list[int]]:
    """All ways in which a pitch may rest, be held and be struck; before the first step it may have sounded."""
    ways = itertools.product((0, 1, 2), repeat=steps)
    return [list(way) for way in ways if all(b != HELD or a for a, b in itertools.pairwise(way))]


def planes(ways: list[list[int]]) -> Tensor:
    states = torch.tensor(ways)
    return torch.stack([states == HELD, states == STRUCK], dim=2).float()[..., None]


def all_windows(size: Size) -> Visible:
    """Every window there can be."""
    one = planes(possible(size.steps))
    if not size.places:
        bits = torch.tensor(list(itertools.product((0.0, 1.0), repeat=size.steps * 2 * size.pitches)))
        return Visible(bits.view(-1, size.steps, 2, size.pitches), torch.zeros(len(bits), dtype=torch.int64))
    both = torch.cat([torch.cat([a, b], dim=-1)[None] for a, b in itertools.product(one, one)])
    place = torch.arange(size.places).repeat_interleave(len(both))
    return Visible(both.repeat(size.places, 1, 1, 1), place)


def exact_log_z(net: BoltzmannNet) -> float:
    """By all states of the hidden units."""
    hidden = torch.tensor(list(itertools.product((0.0, 1.0), repeat=net.size.hidden)))
    inner = net.log_normaliser(net.logits(hidden), net.place_logits(hidden))
    return float((inner + hidden @ net.hidden_bias).logsumexp(dim=0))


def test_the_normaliser_of_a_chain_sums_over_all_that_is_possible() -> None:
    logits = torch.randn(5, 4, 2, 1, generator=torch.Generator().manual_seed(1)) * 2
    ways = planes(possible(4))
    weights = torch.einsum("rspo,wspo->rw", logits, ways)
    torch.testing.assert_close(chain_log_normaliser(logits), weights.logsumexp(dim=1), atol=1e-5, rtol=1e-5)


def test_chains_are_drawn_as_often_as_they_are_likely() -> None:
    logits = torch.randn(1, 3, 2, 1, generator=torch.Generator().manual_seed(2)) * 2
    ways = planes(possible(3))
    likely = (torch.einsum("spo,wspo->w", logits[0], ways) - chain_log_normaliser(logits)).exp()
    rows = 40_000
    uniforms = torch.rand(rows, 3, 1, generator=torch.Generator().manual_seed(3))
    drawn = chain_draw(logits.expand(rows, -1, -1, -1), uniforms)
    counts = (drawn[:, None] == ways[None]).flatten(2).all(dim=2).sum(dim=0)
    assert counts.sum() == rows
    assert (counts / rows - likely).abs().max() < 0.01


@given(st.integers(0, 2**31), st.floats(0.1, 60.0))
@settings(max_examples=30)
def test_only_what_sounds_is_held(seed: int, spread: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(4, 9, 2, 5, generator=generator) * spread
    held, struck = chain_draw(logits, torch.rand(4, 9, 5, generator=generator)).unbind(dim=2)
    assert ((held == 0) | (held == 1)).all()
    assert (held * struck == 0).all()
    sounding = held + struck
    assert (held[:, 1:] <= sounding[:, :-1]).all()


@pytest.mark.parametrize("size", [TINY, TINY_BITS])
def test_free_energies_and_log_z_agree(size: Size) -> None:
    net = random_net(size)
    with torch.no_grad():
        by_windows = float((-net.free_energy(all_windows(size))).logsumexp(dim=0))
        assert by_windows == pytest.approx(exact_log_z(net), abs=1e-4)


@pytest.mark.parametrize("size", [TINY, TINY_BITS, replace(TINY, hidden=12)])
def test_annealing_finds_log_z(size: Size) -> None:
    net = random_net(size)
    found = log_partition(net, chains=200, levels=200)
    with torch.no_grad():
        exact = exact_log_z(net)
    assert found.log_z == pytest.approx(exact, abs=max(4 * found.spread, 0.01))
    assert found.spread < 0.1
    assert log_partition(net, chains=200, levels=200) == found


@pytest.fixture(scope="module")
def task() -> BoltzmannTask:
    return toy_task()


@pytest.fixture(scope="module")
def trained(task: BoltzmannTask) -> BoltzmannNet:
    return taught(task, 250)


def test_chains_that_go_on_teach_what_music_is_likely(task: BoltzmannTask, trained: BoltzmannNet) -> None:
    torch.manual_seed(4)
    before, after = task.held_out(task.network()), task.held_out(trained)
    assert after < before / 2
    assert task.held_out(trained) == after


def test_its_dreams_cost_what_music_costs(task: BoltzmannTask, trained: BoltzmannNet) -> None:
    batch = next(task.batches(range(64), 11))
    noise = task.network()
    with torch.no_grad():
        windows = batch.data
        for step in range(60):
            uniforms = torch.rand(batch.uniforms.shape, generator=torch.Generator().manual_seed(step))
            windows, _ = trained.draw(trained.hidden_input(windows), uniforms)
        real, dreamt = (trained.free_energy(v).mean() for v in (batch.data, windows))
        torch.manual_seed(1)
        untaught, _ = noise.draw(noise.hidden_input(batch.data), batch.uniforms)
        gap = (trained.free_energy(untaught).mean() - real).abs()
    assert (dreamt - real).abs() < gap / 4


def test_a_lane_hears_the_same_alone_and_among_others(task: BoltzmannTask) -> None:
    together, alone = task.batches(range(6), 5), task.batches([4], 5)
    for _ in range(20):
        all_of_them, one = next(together), next(alone)
        torch.testing.assert_close(all_of_them.data.states[4:5], one.data.states)
        torch.testing.assert_close(all_of_them.uniforms[4:5], one.uniforms)
    together, alone = task.batches(range(16), 5), task.batches([8, 9], 5)
    for _ in range(20):
        all_of_them, two = next(together), next(alone)
        torch.testing.assert_close(all_of_them.free[2:4], two.free)
        torch.testing.assert_close(all_of_them.numbers[2:4], two.numbers)


def test_a_part_is_filled_and_the_rest_stays(task: BoltzmannTask, trained: BoltzmannNet) -> None:
    batch = next(task.batches(range(32), 5))
    assert batch.rows.tolist() == [0, 1, 8, 9, 16, 17, 24, 25]
    given = Visible(batch.data.states[batch.rows], batch.data.place[batch.rows])
    with torch.no_grad():
        filled = trained.filled(given, batch.free, batch.numbers).states
    assert batch.free.any(dim=1).all()
    assert not batch.free.all(dim=1).any()
    torch.testing.assert_close(filled[~batch.free], given.states[~batch.free])
    assert filled[batch.free].any()
    sounding = filled.sum(dim=2)
    assert ((sounding == 0) | (sounding == 1)).all()
    assert (filled[:, 1:, 0] <= sounding[:, :-1]).all()


def test_windows_are_moved_as_far_as_the_pitches_go() -> None:
    corpus = Corpus((piece(drone(25)), piece(drone(100)), piece(drone(60), "valid")))
    batches = BoltzmannTask(corpus, Options(hidden=4), Path()).batches(range(40), 1)
    heard = {int(p) for _ in range(8) for p in next(batches).data.states.sum(dim=(1, 2)).nonzero()[:, 1]}
    assert heard <= {*range(8), *range(70, 78)}
    assert {0, 7, 70, 77} <= heard


def test_what_is_published_is_built_as_published() -> None:
    task = toy_task(published=True)
    torch.manual_seed(1)
    net = task.network()
    assert net.weight.shape == (2340, 50)
    weight = net.weight.detach()
    assert float(weight.std()) == pytest.approx(1.0, abs=0.02)
    assert float(weight.mean()) == pytest.approx(0.01, abs=0.01)
    assert not net.visible_bias.any()
    assert not net.hidden_bias.any()
    recipe = task.recipe
    assert (recipe.optimiser, recipe.rate, recipe.lanes, recipe.schedule) == ("sgd", 0.005, 100, "flat")
    batch = next(task.batches(range(100), 1))
    answer = net(batch, None)
    assert answer.state is None
    before = float(answer.nats)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(60):
        answer = net(batch, None)
        optimiser.zero_grad()
        answer.loss.backward()
        optimiser.step()
    assert float(answer.nats) < before / 2


def test_as_published_only_some_metres_and_longer_pieces_are_learnt_from() -> None:
    valid = piece(drone(60), "valid")
    with pytest.raises(TrainingError, match="2 or 4 above"):
        BoltzmannTask(
            Corpus((piece(drone(60), metre=(3, 4)), piece(drone(60, 8)), valid)), Options(as_published=True), Path()
        )
    task = BoltzmannTask(Corpus((piece(drone(60)), valid)), Options(as_published=True), Path())
    assert (task.counts.pieces, task.counts.notes, task.counts.units) == (1, 16, 60)


def test_pieces_without_a_window_are_one_sentence() -> None:
    short, low = drone(60, 2), drone(12)
    for notes in (short, low):
        with pytest.raises(TrainingError, match="Too few pieces last 16 sixteenths"):
            BoltzmannTask(Corpus((piece(notes), piece(drone(60), "valid"))), Options(), Path())
    with pytest.raises(TrainingError, match="Too few pieces"):
        BoltzmannTask(Corpus((piece(drone(60)), piece(short, "valid"))), Options(), Path())


def exact_session(net: BoltzmannNet, folder: Path) -> GibbsSession:
    graph = gibbs_graph(net)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fp32").write_bytes(graph.SerializeToString())
    settings = net.size.as_dict() | {"as_published": net.size.is_published}
    return GibbsSession(put(described(Manifest("made", "Made", "rbm", folder), graph, settings), folder / "fp32"))


@pytest.mark.parametrize("size", [WIDE, WIDE_BITS])
def test_the_graph_computes_what_the_network_computes(size: Size, tmp_path: Path) -> None:
    net = random_net(size, 0.3)
    session = exact_session(net, tmp_path)
    assert session.as_bits is size.is_published
    torch.manual_seed(8)
    uniforms = torch.rand(9, BoltzmannNet.uniforms_of(size))
    with torch.no_grad():
        start = net.visible_of(torch.randn(9, 6, 2, 78), torch.zeros(9, size.places), uniforms[:, size.hidden :])
        drawn, hidden = net.draw(net.hidden_input(start), uniforms)
        energy, logits = net.free_energy(start), net.logits(hidden)
    windows = Windows(start.states.numpy(), start.place.numpy())
    free, allowed = np.zeros((9, 6, 78), dtype=np.bool_), np.ones((9, 6, 2, 78), dtype=np.bool_)
    numbers = uniforms[:, : session.uniforms].numpy()
    step = session.step(windows, free, allowed, numbers, np.ones((9, 1), dtype=np.float32))
    np.testing.assert_allclose(step.free_energy, energy.numpy(), atol=1e-4, rtol=1e-6)
    np.testing.assert_allclose(step.logits, logits.numpy(), atol=1e-4)
    np.testing.assert_array_equal(step.windows.layer, drawn.states.numpy())
    np.testing.assert_allclose(session.free_energy(windows), energy.numpy(), atol=1e-4, rtol=1e-6)


@given(st.integers(0, 2**31), st.floats(0.05, 4.0))
@settings(max_examples=25, deadline=None)
def test_what_is_given_stays_and_what_is_forbidden_never_sounds(wild: GibbsSession, seed: int, temperature: float) -> None:
    random = np.random.default_rng(seed)
    shape = (3, 6, 2, 78)
    states = random.choice([0, STRUCK], (3, 6, 78)).astype(np.uint8)
    windows = Windows.of(states, np.zeros(3, dtype=np.int64), as_bits=wild.as_bits)
    clamped, allowed = random.random((3, 6, 78)) < 0.4, random.random(shape) < 0.6
    for _ in range(3):
        uniforms = np.maximum(random.random((3, wild.uniforms), dtype=np.float32), np.float32(1e-7))
        before = windows
        windows = wild.step(before, clamped, allowed, uniforms, np.full((3, 1), temperature, dtype=np.float32)).windows
        given = np.repeat(clamped[:, :, None], 2, axis=2)
        np.testing.assert_array_equal(windows.layer[given], before.layer[given])
        assert not windows.layer[~given & ~allowed].any()
        assert windows.layer[~given].any()


@pytest.fixture(scope="module", params=[WIDE, WIDE_BITS])
def wild(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> GibbsSession:
    return exact_session(random_net(request.param, 2.0), tmp_path_factory.mktemp("wild"))


def test_small_weights_lose_little_and_likelihoods_are_those_of_the_network(
    task: BoltzmannTask, trained: BoltzmannNet, tmp_path: Path
) -> None:
    task.export_levels = 300
    made, check = task.export(trained, Manifest("made", "Made", "rbm", tmp_path / "made"))
    assert check.largest_difference < 1e-4
    assert abs(check.nats_lost) < 0.05
    assert made.family == "rbm"
    metrics = task.metrics(made)
    assert metrics["held_out_steps"] == 2 * 64
    assert metrics["nats_per_step"] == pytest.approx(task.held_out(trained), abs=0.2)
    assert 1.5 < float(str(metrics["unigram_nats_per_step"])) < 6
    assert "Gibbs" not in "".join(task.rows(trained))


def test_a_graph_that_computes_something_else_is_not_written(
    task: BoltzmannTask, trained: BoltzmannNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task.export_levels = 2
    monkeypatch.setattr(BoltzmannNet, "free_energy", lambda self, v: self.visible_energy(v))
    with pytest.raises(TrainingError, match="differs from PyTorch"):
        task.export(trained, Manifest("made", "Made", "rbm", tmp_path / "made"))
    assert not (tmp_path / "made").exists()


def test_the_loop_trains_it_and_goes_on_where_it_stood(tmp_path: Path) -> None:
    task = BoltzmannTask(toy_corpus(), Options(hidden=8), tmp_path)
    recipe = replace(task.recipe, epochs=20, lanes=8)
    fit = Fit(task, tmp_path / "checkpoint.pt", recipe)
    fit.run()
    again = Fit(task, tmp_path / "checkpoint.pt", replace(recipe, epochs=22))
    again.resume()
    again.run()
    assert again.progress.steps > fit.progress.steps
    assert np.isfinite(again.progress.held_out)


def test_visible_layers_are_those_of_the_states() -> None:
    states = np.random.default_rng(1).integers(0, 3, (4, 16, 78)).astype(np.uint8)
    place = np.zeros(4, dtype=np.int64)
    for size in (Size(), Size.published()):
        made = visible_of(states, place, size)
        windows = Windows.of(states, place, as_bits=size.is_published)
        np.testing.assert_array_equal(made.states.numpy(), windows.layer)
        np.testing.assert_array_equal(windows.states(as_bits=size.is_published), states)


def test_a_model_without_log_z_says_so(task: BoltzmannTask, trained: BoltzmannNet, tmp_path: Path) -> None:
    from musegen_app.errors import ModelError

    task.export_levels = 2
    made, _ = task.export(trained, Manifest("made", "Made", "rbm", tmp_path / "made"))
    assert BoltzmannGenerator(made).likelihood([]).units == 0
    settings = {name: value for name, value in made.settings.items() if name != "log_z"}
    generator = BoltzmannGenerator(replace(made, settings=settings))
    with pytest.raises(ModelError, match="log Z is not told"):
        generator.likelihood([toy_corpus().pieces[0].score])
