"""The published LSTM: all keys of the next frame at once, each by a sigmoid of its own (Chung 2014, Bai 2018)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as f

from musegen_app.training.published.lanes import Stretch, endless, in_order
from musegen_app.training.published.learner import FrameNats, Part, Recipe
from musegen_app.training.published.splits import KEYS, Roll, Splits

State = tuple[Tensor, Tensor]


class IndependentLstm(nn.Module):
    """One LSTM over the frames; the state carries what was heard."""

    def __init__(self, hidden: int, keys: int = KEYS) -> None:
        super().__init__()
        self.hidden = hidden
        self.lstm = nn.LSTM(keys, hidden, batch_first=True)
        self.out = nn.Linear(hidden, keys)

    def empty_state(self, lanes: int) -> State:
        """Nothing heard: zeros (1, lanes, hidden), twice."""
        return torch.zeros(1, lanes, self.hidden), torch.zeros(1, lanes, self.hidden)

    def forward(self, before: Tensor, now: Tensor, state: State) -> tuple[Tensor, State]:
        """Nats of frames ``now`` (lanes, time, keys) after the frames ``before`` each: (lanes, time)."""
        heard, after = self.lstm(before, state)
        return f.binary_cross_entropy_with_logits(self.out(heard), now, reduction="none").sum(dim=2), after


@dataclass
class IndependentLearner:
    """Windows of ``window`` frames of ``lanes`` pieces side by side; nothing is transposed."""

    splits: Splits
    recipe: Recipe
    hidden: int = 200
    lanes: int = 16
    window: int = 100
    train_frames: int = field(init=False)

    def __post_init__(self) -> None:
        self.train_frames = sum(map(len, self.splits.train))

    def network(self) -> IndependentLstm:
        """Weights as PyTorch draws them."""
        return IndependentLstm(self.hidden)

    def losses(self, net: IndependentLstm, seed: int) -> Iterator[tuple[Tensor, int]]:
        """The mean nats of the next windows' frames."""
        train = [roll for roll in self.splits.train if len(roll)]
        state = net.empty_state(self.lanes)
        for stretches in endless([len(roll) for roll in train], self.lanes, self.window, 0, np.random.default_rng(seed)):
            goes_on = torch.tensor([float(stretch.start > 0) for stretch in stretches])[None, :, None]
            before, now, real = _windows(train, stretches)
            nats, after = net(before, now, (state[0] * goes_on, state[1] * goes_on))
            yield nats[real].mean(), int(real.sum())
            state = after[0].detach(), after[1].detach()

    def nats(self, net: IndependentLstm, part: Part) -> FrameNats:
        """Each piece from silence, its first frame too."""
        rolls: list[Roll] = getattr(self.splits, part)
        answers = [np.zeros(len(roll)) for roll in rolls]
        state = net.empty_state(0)
        with torch.inference_mode():
            for stretches in in_order([len(roll) for roll in rolls], 32, 256):
                state = carried(net.empty_state(len(stretches)) if stretches[0].start == 0 else state, len(stretches))
                before, now, _ = _windows(rolls, stretches)
                nats, state = net(before, now, state)
                for row, stretch in zip(nats.double().numpy(), stretches, strict=True):
                    answers[stretch.piece][stretch.start : stretch.end] = row[: stretch.end - stretch.start]
        return answers

    def mixed(self, net: IndependentLstm, part: Part) -> FrameNats | None:  # noqa: ARG002 - the contract's
        """It was published alone."""
        return None


def carried(state: State, lanes: int) -> State:
    """The state of the first ``lanes`` lanes."""
    return state[0][:, :lanes].contiguous(), state[1][:, :lanes].contiguous()


def _windows(rolls: list[Roll], stretches: list[Stretch]) -> tuple[Tensor, Tensor, Tensor]:
    """The frames before, the frames, and which are real."""
    shape = len(stretches), max(stretch.end - stretch.start for stretch in stretches)
    now, before = np.zeros((*shape, KEYS), np.float32), np.zeros((*shape, KEYS), np.float32)
    real = np.zeros(shape, bool)
    for lane, stretch in enumerate(stretches):
        count, roll = stretch.end - stretch.start, rolls[stretch.piece]
        now[lane, :count] = roll[stretch.start : stretch.end]
        first = int(stretch.start == 0)
        before[lane, first:count] = roll[stretch.start + first - 1 : stretch.end - 1]
        real[lane, :count] = True
    return torch.from_numpy(before), torch.from_numpy(now), torch.from_numpy(real)
