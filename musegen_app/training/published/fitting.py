"""Fits one model to one set: the loop, its checkpoint, and the result."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Generic

import torch
from torch import Tensor, nn

from musegen_app.errors import TrainingError
from musegen_app.training.published.learner import Learner, Net, Recipe, per_frame

_SAVE_EVERY_S: Final = 30.0
_CLIP: Final = 1.0
_FORMAT: Final = 1


@dataclass
class Progress:
    """How far a fit is. ``best`` is the lowest nats a valid frame.

    ``seconds`` are the steps' own on the processor, over all its sittings: what else the machine does ends no fit early.
    """

    steps: int = 0
    frames: int = 0
    seconds: float = 0.0
    loss: float = math.nan
    checked: int = 0
    best: float = math.inf
    curve: list[tuple[float, float]] = field(default_factory=list)


class Fit(Generic[Net]):
    """One learner's training; ``minutes`` end it early (None: its recipe's epochs do), ``told`` hears of each check."""

    def __init__(self, learner: Learner[Net], checkpoint: Path, minutes: float | None, told: Callable[[str], None]) -> None:
        self.learner = learner
        self.recipe = learner.recipe
        self.checkpoint = checkpoint
        self.minutes = minutes
        self.told = told
        torch.manual_seed(self.recipe.seed)
        self.net = learner.network()
        self.average = _copied(self.net)
        self.best = _copied(self.net)
        self.optimiser = _optimiser(self.net, self.recipe)
        self.progress = Progress()
        if checkpoint.exists():
            self._resume()

    @property
    def spent(self) -> float:
        """Share of the budget that is spent, 0–1."""
        passed = self.progress.frames / (self.recipe.epochs * self.learner.train_frames)
        timed = self.progress.seconds / (60 * self.minutes) if self.minutes is not None else 0.0
        return min(max(passed, timed), 1.0)

    def run(self) -> Net:
        """Train until the budget is spent; answers the network with the weights that valid liked best."""
        saved = time.monotonic()
        if self.spent < 1:
            # Another stream of music after each break: where the last one stood is not kept.
            losses = self.learner.losses(self.net, self.recipe.seed + self.progress.steps)
            while self.spent < 1:
                self._step(losses)
                if int(self.spent * self.recipe.checks) > self.progress.checked:
                    self._check()
                if time.monotonic() - saved > _SAVE_EVERY_S:
                    saved = time.monotonic()
                    self.save()
            self.save()
        return self._with(self.best)

    def _step(self, losses: Any) -> None:
        begun = time.process_time()
        self.net.train()
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate * self._pace()
        loss, frames = next(losses)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), _CLIP)
        self.optimiser.step()
        progress = self.progress
        progress.steps += 1
        progress.frames += frames
        self._move_average()
        now = float(loss.detach())
        progress.loss = now if math.isnan(progress.loss) else 0.99 * progress.loss + 0.01 * now
        progress.seconds += time.process_time() - begun

    def _pace(self) -> float:
        if not self.recipe.cosine:
            return 1.0
        warm = min(1.0, (self.progress.steps + 1) / 100)
        return warm * (0.5 * (1 + math.cos(math.pi * self.spent)) * 0.99 + 0.01)

    def _move_average(self) -> None:
        steps = self.progress.steps
        keep = min(self.recipe.average, (1 + steps) / (10 + steps))
        with torch.no_grad():
            for name, tensor in self.net.state_dict().items():
                self.average[name].lerp_(tensor, 1 - keep)

    def _check(self) -> None:
        progress = self.progress
        progress.checked = int(self.spent * self.recipe.checks)
        nats = per_frame(self.learner.nats(self._with(self.average), "valid"))
        progress.curve.append((round(self.spent, 4), round(nats, 4)))
        if nats < progress.best:
            progress.best = nats
            self.best = {name: tensor.clone() for name, tensor in self.average.items()}
        rate = progress.frames / max(progress.seconds, 1e-9)
        self.told(
            f"{self.spent:4.0%}  loss {progress.loss:.3f}  valid {nats:.3f}  {rate:.0f} frames/s  {progress.seconds:.0f} s"
        )

    def _with(self, weights: dict[str, Tensor]) -> Net:
        net = self.learner.network()
        net.load_state_dict(weights)
        return net.eval()

    def save(self) -> None:
        """Write the checkpoint beside the old one, then put it in its place."""
        stored = {
            "format": _FORMAT,
            "recipe": asdict(self.recipe),
            "net": self.net.state_dict(),
            "average": self.average,
            "best": self.best,
            "optimiser": self.optimiser.state_dict(),
            "progress": asdict(self.progress),
        }
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.checkpoint.with_suffix(".new")
        torch.save(stored, fresh)
        os.replace(fresh, self.checkpoint)  # noqa: PTH105 - the point is that it is atomic

    def _resume(self) -> None:
        try:
            stored = torch.load(self.checkpoint, weights_only=True)
        except Exception as error:  # torch raises whatever its unpickler does
            raise TrainingError(f"The checkpoint {self.checkpoint} is damaged; remove it to begin anew.") from error
        if not isinstance(stored, dict) or (stored.get("format"), stored.get("recipe")) != (_FORMAT, asdict(self.recipe)):
            raise TrainingError(f"The checkpoint {self.checkpoint} was made in another way; use another folder.")
        try:
            self.net.load_state_dict(stored["net"])
            self.optimiser.load_state_dict(stored["optimiser"])
        except (RuntimeError, ValueError, KeyError) as error:
            raise TrainingError(f"The checkpoint {self.checkpoint} is of other data; use another folder.") from error
        self.average, self.best = stored["average"], stored["best"]
        self.progress = Progress(**stored["progress"])


def _copied(net: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in net.state_dict().items()}


def _optimiser(net: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    if recipe.optimiser == "rmsprop":
        return torch.optim.RMSprop(net.parameters(), lr=recipe.rate)
    matrices = [p for p in net.parameters() if p.dim() > 1]
    vectors = [p for p in net.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98))
