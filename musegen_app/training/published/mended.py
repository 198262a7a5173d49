"""The chained net at work on a set: its keyboard, its pieces with their memories, and the views that may be mixed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from musegen_app.training.published.chained import ChainedNet, Size
from musegen_app.training.published.independent import carried
from musegen_app.training.published.lanes import SHIFTS, endless, in_order
from musegen_app.training.published.learner import FrameNats, Part, Recipe, mixture
from musegen_app.training.published.reading import Heard, frames_of, heard
from musegen_app.training.published.splits import KEYS, Roll, Splits

_EVALUATED: Final = 16, 128


@dataclass(frozen=True)
class Keyboard:
    """The keys that the net decides: from ``low`` to before ``high``.

    The others, which train never has, sound by themselves and hardly ever: ``rates`` (KEYS,) says how often.
    """

    low: int
    high: int
    rates: NDArray[np.float64]

    @classmethod
    def of(cls, train: Sequence[Roll], margin: int) -> Keyboard:
        """All keys of ``train`` and ``margin`` to either side."""
        sounds = np.concatenate(train)
        used = np.flatnonzero(sounds.any(axis=0))
        low, high = max(int(used[0]) - margin, 0), min(int(used[-1]) + 1 + margin, KEYS)
        return cls(low, high, (sounds.sum(axis=0) + 0.5) / (len(sounds) + 1))

    def beyond(self, roll: Roll) -> NDArray[np.float64]:
        """Nats of the keys outside, for each frame."""
        cost = -np.where(roll, np.log(self.rates), np.log1p(-self.rates))
        cost[:, self.low : self.high] = 0
        return np.asarray(cost.sum(axis=1), np.float64)


@dataclass
class ChainedLearner:
    """Windows of ``window`` frames of ``lanes`` pieces, each transposed by chance; ``views`` are the shifts mixed."""

    splits: Splits
    recipe: Recipe
    hidden: int = 256
    channels: int = 96
    dropout: float = 0.3
    share: float = 0.25
    margin: int = 0
    lanes: int = 8
    window: int = 64
    views: tuple[int, ...] = (0, -1, 1, -2, 2)
    keyboard: Keyboard = field(init=False)
    train_frames: int = field(init=False)

    def __post_init__(self) -> None:
        self.keyboard = Keyboard.of(self.splits.train, self.margin)
        self.train_frames = sum(map(len, self.splits.train))

    def network(self) -> ChainedNet:
        """Wide enough for the set's keyboard."""
        keys = self.keyboard.high - self.keyboard.low
        return ChainedNet(Size(keys, self.hidden, self.channels, dropout=self.dropout, share=self.share))

    @cached_property
    def _train(self) -> list[Heard]:
        return self._heard(roll for roll in self.splits.train if len(roll))

    @cached_property
    def _valid(self) -> list[Heard]:
        return self._heard(self.splits.valid)

    @cached_property
    def _test(self) -> list[Heard]:
        return self._heard(self.splits.test)

    def _heard(self, rolls: Iterator[Roll] | list[Roll]) -> list[Heard]:
        return [heard(roll[:, self.keyboard.low : self.keyboard.high]) for roll in rolls]

    def losses(self, net: ChainedNet, seed: int) -> Iterator[tuple[Tensor, int]]:
        """The mean nats of the next windows' frames."""
        torch.manual_seed(seed)
        state = net.empty_state(self.lanes)
        lengths = [piece.frames for piece in self._train]
        for stretches in endless(lengths, self.lanes, self.window, SHIFTS, np.random.default_rng(seed)):
            goes_on = torch.tensor([float(stretch.start > 0) for stretch in stretches])[None, :, None]
            nats, after = net(frames_of(self._train, stretches), (state[0] * goes_on, state[1] * goes_on))
            yield nats.mean(), len(nats)
            state = after[0].detach(), after[1].detach()

    def nats(self, net: ChainedNet, part: Part) -> FrameNats:
        """Each piece from silence to its end, as it is written."""
        return self._seen(net, part, 0)

    def mixed(self, net: ChainedNet, part: Part) -> FrameNats | None:
        """Each frame's chance is the mean of the chances that the same frame has when the piece is transposed."""
        return mixture([self._seen(net, part, shift) for shift in self.views])

    def _seen(self, net: ChainedNet, part: Part, shift: int) -> FrameNats:
        pieces = self._valid if part == "valid" else self._test
        answers = [self.keyboard.beyond(roll) for roll in getattr(self.splits, part)]
        state = net.empty_state(0)
        with torch.inference_mode():
            for stretches in in_order([piece.frames for piece in pieces], *_EVALUATED, shift):
                state = carried(net.empty_state(len(stretches)) if stretches[0].start == 0 else state, len(stretches))
                nats, state = net(frames_of(pieces, stretches), state)
                costs = nats.double().numpy()
                for stretch in stretches:
                    count = stretch.end - stretch.start
                    answers[stretch.piece][stretch.start : stretch.end] += costs[:count]
                    costs = costs[count:]
        return answers
