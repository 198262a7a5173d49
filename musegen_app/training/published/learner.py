"""What a model brings to the benchmark: its network, a loss a step, and the nats of every frame of a part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

Net = TypeVar("Net", bound=nn.Module)
Part = Literal["valid", "test"]
FrameNats = list[NDArray[np.float64]]
"""Nats of every frame, piece by piece in the order of the set."""


@dataclass(frozen=True)
class Recipe:
    """How a model is fitted: for ``epochs`` passes over train, by ``optimiser`` "adamw" or "rmsprop".

    ``cosine`` lets the rate go to nothing at the end, after a warm-up; ``average`` is how much of the weights' running
    average stays each step, 0 for none. ``checks`` times valid is looked at, and the best weights by it are kept.
    """

    epochs: float
    optimiser: Literal["adamw", "rmsprop"] = "adamw"
    rate: float = 3e-3
    weight_decay: float = 0.0
    cosine: bool = True
    average: float = 0.0
    checks: int = 10
    seed: int = 1


class Learner(Protocol[Net]):
    """A model at work on a set."""

    recipe: Recipe
    train_frames: int

    def network(self) -> Net:
        """A fresh network, its weights drawn with torch's current seed."""
        ...

    def losses(self, net: Net, seed: int) -> Iterator[tuple[Tensor, int]]:
        """For ever: the loss of the next step, and how many frames it heard."""
        ...

    def nats(self, net: Net, part: Part) -> FrameNats:
        """What the frames of a part cost, each knowing those before it."""
        ...

    def mixed(self, net: Net, part: Part) -> FrameNats | None:
        """The same with several views of the net mixed, for a row of its own; None where the model has no such views."""
        ...


def mixture(views: Sequence[FrameNats]) -> FrameNats:
    """What frames cost by the mean of the chances that several views of them give."""
    return [np.log(len(views)) - np.logaddexp.reduce([-view for view in piece]) for piece in zip(*views, strict=True)]


def per_frame(nats: FrameNats) -> float:
    """The mean over all frames of a part."""
    return float(np.concatenate(nats).mean())


def per_piece(nats: FrameNats) -> float:
    """The mean over the pieces of their means."""
    return float(np.mean([piece.mean() for piece in nats if len(piece)]))
