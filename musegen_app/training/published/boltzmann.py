"""The published RBM: one frame at a time, knowing nothing of the others.

Trained by persistent contrastive divergence (Tieleman 2008); its likelihood needs the sum over all states, which annealed
importance sampling estimates (Salakhutdinov & Murray 2008).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as f

from musegen_app.training.published.learner import FrameNats, Part, Recipe
from musegen_app.training.published.splits import Roll, Splits


class FrameRbm(nn.Module):
    """Binary units, ``visible`` keys by ``hidden``; ``shares`` (visible,) is how often each key sounds, where it begins."""

    base: Tensor

    def __init__(self, visible: int, hidden: int, shares: Tensor | None = None) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.01 * torch.randn(visible, hidden))
        odds = torch.zeros(visible) if shares is None else torch.logit(shares.clamp(1e-5, 1 - 1e-5))
        self.visible_bias = nn.Parameter(odds.clone())
        self.hidden_bias = nn.Parameter(torch.zeros(hidden))
        self.register_buffer("base", odds)

    def forward(self, visible: Tensor) -> Tensor:
        """The free energy of states (n, visible), in nats: (n,)."""
        return -(visible @ self.visible_bias) - f.softplus(visible @ self.weight + self.hidden_bias).sum(dim=1)

    @torch.no_grad()
    def gibbs(self, visible: Tensor, steps: int) -> Tensor:
        """``visible`` after so many turns of the chain."""
        for _ in range(steps):
            visible = self._turn(visible, 1.0)
        return visible

    def _turn(self, visible: Tensor, heat: float) -> Tensor:
        """A turn of the chain that is ``heat`` of this RBM and else the independent keys it began as."""
        hidden = torch.bernoulli(torch.sigmoid(heat * (visible @ self.weight + self.hidden_bias)))
        upon = heat * (hidden @ self.weight.T + self.visible_bias) + (1 - heat) * self.base
        return torch.bernoulli(torch.sigmoid(upon))

    @torch.no_grad()
    def log_sum(self, chains: int, steps: int) -> float:
        """The logarithm of the sum over all states of exp(−free energy), by annealing ``chains`` chains in ``steps``."""
        heats = torch.linspace(0, 1, steps + 1).tolist()
        visible = torch.bernoulli(torch.sigmoid(self.base).expand(chains, -1))
        weights = torch.zeros(chains, dtype=torch.float64)
        for before, now in pairwise(heats):
            weights += self._unnormalised(visible, now) - self._unnormalised(visible, before)
            visible = self._turn(visible, now)
        start = float(f.softplus(self.base).sum()) + len(self.hidden_bias) * float(np.log(2))
        return start + float(torch.logsumexp(weights, 0)) - float(np.log(chains))

    def _unnormalised(self, visible: Tensor, heat: float) -> Tensor:
        hidden = f.softplus(heat * (visible @ self.weight + self.hidden_bias)).sum(dim=1)
        return visible @ (heat * self.visible_bias + (1 - heat) * self.base) + hidden


@dataclass
class RbmLearner:
    """Frames in random order; ``turns`` of the persistent chains a step."""

    splits: Splits
    recipe: Recipe
    hidden: int = 150
    batch: int = 100
    turns: int = 1
    chains: int = 256
    train_frames: int = field(init=False)

    def __post_init__(self) -> None:
        self._train = _tensor(self.splits.train)
        self.train_frames = len(self._train)

    def network(self) -> FrameRbm:
        """Begins as independent keys, each as frequent as in train."""
        return FrameRbm(self._train.shape[1], self.hidden, self._train.mean(dim=0))

    def losses(self, net: FrameRbm, seed: int) -> Iterator[tuple[Tensor, int]]:
        """Free energy of the music less that of what the chains dream: its gradient is the likelihood's."""
        torch.manual_seed(seed)
        dream = self._train[torch.randint(len(self._train), (self.batch,))]
        while True:
            for chosen in torch.split(torch.randperm(len(self._train)), self.batch):
                dream = net.gibbs(dream, self.turns)
                yield net(self._train[chosen]).mean() - net(dream).mean(), len(chosen)

    def nats(self, net: FrameRbm, part: Part) -> FrameNats:
        """Free energies less their sum's; the sum is annealed at more length for test."""
        torch.manual_seed(self.recipe.seed)
        total = net.log_sum(self.chains, 5_000 if part == "test" else 1_000)
        with torch.inference_mode():
            return [(net(_tensor([roll])).double() + total).numpy() for roll in getattr(self.splits, part)]

    def mixed(self, net: FrameRbm, part: Part) -> FrameNats | None:  # noqa: ARG002 - the contract's
        """There is but one view of a frame."""
        return None


def _tensor(rolls: list[Roll]) -> Tensor:
    return torch.from_numpy(np.concatenate(rolls).astype(np.float32))
