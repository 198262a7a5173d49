"""How far a training is, and who watches it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol


@dataclass
class Progress:
    """How far training is, as it stands in a checkpoint.

    ``last`` is the loss of the last batch and ``loss`` the running one, both in nats a unit; ``best`` is the lowest held-out
    loss, ``stale`` the checks since; ``curve`` has (units, loss, held-out loss).
    """

    steps: int = 0
    units: int = 0
    seconds: float = 0.0
    last: float = math.nan
    loss: float = math.nan
    held_out: float = math.nan
    best: float = math.inf
    stale: int = 0
    curve: list[tuple[int, float, float]] = field(default_factory=list)

    def count(self, nats: float, units: float) -> None:
        """A batch was learnt from."""
        self.steps += 1
        self.units += round(units)
        self.last = nats / max(units, 1.0)
        keep = min(0.98, self.steps / (self.steps + 4))  # at first the loss falls quickly, and few steps are to be smoothed
        self.loss = self.last if math.isnan(self.loss) else keep * self.loss + (1 - keep) * self.last

    def checked(self, held_out: float) -> bool:
        """The held-out pieces were measured; whether they were never foreseen better."""
        self.held_out = held_out
        self.curve.append((self.units, self.loss, held_out))
        is_best = held_out < self.best
        self.best = min(held_out, self.best)
        self.stale = 0 if is_best else self.stale + 1
        return is_best


class Wish(Enum):
    """What the musician wants of a training."""

    GO_ON = auto()
    FINISH = auto()
    """End now and make a model of what was learnt."""
    STOP = auto()
    """End now and keep the checkpoint, to go on another day."""


class Watch(Protocol):
    """Whoever is told how training goes, and may end it. Called on the training thread."""

    def progressed(self, progress: Progress, spent: float) -> None:
        """A batch was learnt from; ``spent`` is the share of the budget that is gone, 0–1."""
        ...

    def checked(self, progress: Progress) -> None:
        """The held-out pieces were measured."""
        ...

    def saved(self) -> None:
        """The checkpoint was written."""
        ...

    def wish(self) -> Wish:
        """What is wanted now; asked after each batch."""
        ...


class NobodyWatches:
    """Lets training take its course."""

    def progressed(self, progress: Progress, spent: float) -> None:
        """Say nothing."""

    def checked(self, progress: Progress) -> None:
        """Say nothing."""

    def saved(self) -> None:
        """Say nothing."""

    def wish(self) -> Wish:
        """Go on."""
        return Wish.GO_ON
