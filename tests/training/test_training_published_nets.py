"""The frame models are what they say: chances that sum to one, knowing nothing of what follows."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from published_music import small_set, tune
from torch.nn import functional as f

from musegen_app.training.published.boltzmann import FrameRbm, RbmLearner
from musegen_app.training.published.chained import ChainedNet, Size
from musegen_app.training.published.independent import IndependentLearner
from musegen_app.training.published.lanes import SHIFTS, Stretch, endless, in_order
from musegen_app.training.published.learner import Recipe, per_frame
from musegen_app.training.published.memory import memory_of
from musegen_app.training.published.mended import ChainedLearner, Keyboard
from musegen_app.training.published.reading import frames_of, heard
from musegen_app.training.published.splits import Roll, Splits


def wild(size: Size) -> ChainedNet:
    """A net whose weights are large enough for everything to matter."""
    torch.manual_seed(3)
    net = ChainedNet(size).eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return net


def nats_of(net: ChainedNet, roll: Roll, shift: int = 0) -> torch.Tensor:
    frames = frames_of([heard(roll)], [Stretch(0, 0, len(roll), shift)])
    with torch.inference_mode():
        nats, _ = net(frames, net.empty_state(1))
    return nats.double()


@pytest.mark.parametrize("shift", [0, -6, 5])
def test_the_chances_of_all_pieces_of_two_frames_sum_to_one(shift: int) -> None:
    net = wild(Size(4, hidden=8, channels=8, reach=3))
    pieces = [np.array(bits, bool).reshape(2, 4) for bits in product([0, 1], repeat=8)]
    nats = torch.stack([nats_of(net, piece, shift) for piece in pieces])
    assert float(nats.std()) > 0.1, "a net to which all is equal proves nothing"
    first = {tuple(piece[0]): float(cost) for piece, cost in zip(pieces, nats[:, 0], strict=True)}
    assert sum(np.exp(-cost) for cost in first.values()) == pytest.approx(1, abs=1e-5)
    assert float(torch.exp(-nats.sum(dim=1)).sum()) == pytest.approx(1, abs=1e-5)


def test_a_frame_late_in_a_piece_has_chances_that_sum_to_one() -> None:
    net = wild(Size(4, hidden=8, channels=8, reach=3))
    before = np.random.default_rng(1).random((40, 4)) < 0.4
    frames = [np.array(bits, bool)[None] for bits in product([0, 1], repeat=4)]
    nats = [float(nats_of(net, np.concatenate([before, frame]))[-1]) for frame in frames]
    assert np.exp(-np.array(nats)).sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("frame", "key"), [(30, 3), (0, 0), (30, 7), (59, 4)])
def test_a_decision_knows_nothing_of_what_comes_after_it(frame: int, key: int) -> None:
    net, keys = wild(Size(8, hidden=8, channels=8, reach=3)), 8
    roll = np.random.default_rng(2).random((60, keys)) < 0.3
    other = roll.copy()
    other[frame, key] ^= True
    asked = torch.arange(60).repeat_interleave(keys), torch.arange(SHIFTS, SHIFTS + keys).repeat(60)
    with torch.inference_mode():
        logits = [
            net.logits(frames_of([heard(music)], [Stretch(0, 0, 60, 0)]), net.empty_state(1), asked)[0].view(60, keys)
            for music in (roll, other)
        ]
    changed = (logits[0] != logits[1]).numpy()
    assert not changed[:frame].any()
    assert not changed[frame, : key + 1].any()
    assert changed[frame, key + 1 :].all()
    assert changed[frame + 1 :].all()


def test_memory_moves_with_the_music() -> None:
    roll = tune(np.random.default_rng(4), 50)
    here, above = memory_of(roll), memory_of(np.roll(roll, 5, axis=1))
    assert np.array_equal(np.roll(here.planes, 5, axis=2), above.planes)
    assert np.array_equal(here.places, above.places)


def test_memory_finds_the_place_that_goes_on_alike() -> None:
    motif = tune(np.random.default_rng(5), 16)
    memory = memory_of(np.concatenate([motif, motif]))
    matched = memory.planes[:, 6] > 0
    assert np.array_equal(matched[24:], motif[8:])


def test_leaving_keys_out_by_lot_changes_the_mean_by_nothing() -> None:
    net = wild(Size(40, hidden=8, channels=8, reach=3, dropout=0.0, share=0.25))
    roll = tune(np.random.default_rng(6), 30)[:, 20:60]
    whole = float(nats_of(net, roll).mean())
    frames = frames_of([heard(roll)], [Stretch(0, 0, 30, 0)])
    net.train()
    torch.manual_seed(7)
    with torch.no_grad():
        drawn = torch.stack([net(frames, net.empty_state(1))[0].double().mean() for _ in range(300)])
    assert float(drawn.std()) > 0
    assert float(drawn.mean()) == pytest.approx(whole, abs=5 * float(drawn.std()) / 300**0.5)


def test_windows_of_the_chained_net_cost_what_the_whole_piece_costs() -> None:
    splits = small_set()
    learner = ChainedLearner(splits, Recipe(1), hidden=8, channels=8)
    net = wild(Size(learner.keyboard.high - learner.keyboard.low, 8, 8))
    low, high = learner.keyboard.low, learner.keyboard.high
    for roll, nats in zip(splits.test, learner.nats(net, "test"), strict=True):
        whole = nats_of(net, roll[:, low:high]).numpy() + learner.keyboard.beyond(roll)
        assert nats == pytest.approx(whole, abs=1e-4)


def test_mixed_views_are_the_mean_of_chances() -> None:
    learner = ChainedLearner(small_set(), Recipe(1), hidden=8, channels=8, views=(0, 3))
    net = wild(Size(learner.keyboard.high - learner.keyboard.low, 8, 8))
    one = np.concatenate(ChainedLearner(small_set(), Recipe(1), views=(0,)).mixed(net, "valid"))
    other = np.concatenate(ChainedLearner(small_set(), Recipe(1), views=(3,)).mixed(net, "valid"))
    both = np.concatenate(learner.mixed(net, "valid"))
    assert both == pytest.approx(-np.log((np.exp(-one) + np.exp(-other)) / 2))
    assert not np.allclose(one, other)


def test_keys_that_train_never_has_still_have_a_chance() -> None:
    roll = np.zeros((9, 88), bool)
    roll[:, 40:44] = True
    keyboard = Keyboard.of([roll], margin=1)
    assert (keyboard.low, keyboard.high) == (39, 45)
    rare = np.zeros((1, 88), bool)
    rare[0, 80] = True
    assert keyboard.beyond(rare)[0] == pytest.approx(-np.log(0.05) - 81 * np.log(0.95))


def test_annealing_finds_the_sum_over_all_states() -> None:
    torch.manual_seed(1)
    rbm = FrameRbm(7, 5, torch.full((7,), 0.3))
    torch.nn.init.normal_(rbm.weight, std=0.8)
    torch.nn.init.normal_(rbm.hidden_bias, std=0.5)
    with torch.no_grad():
        states = torch.tensor(list(product([0.0, 1.0], repeat=7)))
        exact = float(torch.logsumexp(-rbm(states), 0))
        hidden = torch.tensor(list(product([0.0, 1.0], repeat=5)))
        other_way = hidden @ rbm.hidden_bias + f.softplus(hidden @ rbm.weight.T + rbm.visible_bias).sum(dim=1)
    assert exact == pytest.approx(float(torch.logsumexp(other_way, 0)), abs=1e-4)
    assert rbm.log_sum(chains=500, steps=500) == pytest.approx(exact, abs=0.03)


def test_an_untrained_rbm_is_the_note_one_gram() -> None:
    splits = small_set()
    learner = RbmLearner(splits, Recipe(1), hidden=4, chains=20)
    torch.manual_seed(1)
    net = learner.network()
    torch.nn.init.zeros_(net.weight)
    share = np.concatenate(splits.train).mean(axis=0).clip(1e-5, 1 - 1e-5)
    valid = np.concatenate(splits.valid)
    expected = -np.where(valid, np.log(share), np.log1p(-share)).sum(axis=1).mean()
    assert per_frame(learner.nats(net, "valid")) == pytest.approx(expected, abs=1e-3)


def test_the_lstm_hears_each_piece_from_silence_frame_by_frame() -> None:
    splits = small_set()
    learner = IndependentLearner(splits, Recipe(1), hidden=8)
    torch.manual_seed(2)
    net = learner.network()
    state = net.empty_state(1)
    alone = []
    before = np.zeros_like(splits.test[0][:1])
    with torch.inference_mode():
        for frame in splits.test[0][:, None]:
            music = torch.from_numpy(before).float()[None], torch.from_numpy(frame).float()[None]
            nats, state = net(*music, state)
            alone.append(float(nats))
            before = frame
    assert learner.nats(net, "test")[0] == pytest.approx(alone, abs=1e-4)


def test_every_frame_is_read_once_and_lanes_go_on_where_they_were() -> None:
    lengths = [5, 130, 64, 1, 200]
    read = np.concatenate([np.zeros(length, int) for length in lengths])
    starts = np.cumsum([0, *lengths])
    for stretches in in_order(lengths, 2, 64):
        for stretch in stretches:
            read[starts[stretch.piece] + stretch.start : starts[stretch.piece] + stretch.end] += 1
    assert (read == 1).all()
    windows = endless(lengths, 2, 64, SHIFTS, np.random.default_rng(1))
    last = next(windows)
    for now in [next(windows) for _ in range(50)]:
        for was, place in zip(last, now, strict=True):
            goes_on = (place.piece, place.start, place.shift) == (was.piece, was.end, was.shift)
            assert goes_on or (was.end == lengths[was.piece] and place.start == 0)
            assert 0 < place.end - place.start <= 64
        last = now


def test_splits_without_notes_far_apart_make_a_small_keyboard() -> None:
    splits: Splits = small_set()
    learner = ChainedLearner(splits, Recipe(1))
    assert learner.network().size.keys == 64 - 48 + 1
