"""The training loop: a time or epoch budget, checkpoints that survive a kill, and an average of the weights, which ships."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from musegen_app.errors import TrainingError
from musegen_app.training.checkpoint import read_checkpoint, settings_text, write_checkpoint
from musegen_app.training.crew import Crew, detached, moved
from musegen_app.training.progress import NobodyWatches, Progress, Watch, Wish
from musegen_app.training.task import Recipe, Task

_SAVE_EVERY_S: Final = 120.0
_CHECK_EVERY_S: Final = 300.0
_CHECK_SHARE: Final = 0.04  # of the budget, between two checks
_LEAST_CHECK_GAP_S: Final = 10.0
_CHECK_COST: Final = 12.0  # a check is not made again before so many times its own duration has passed
Weights = dict[str, Tensor]


@dataclass
class _Checks:
    """When the held-out pieces were last measured, and how long that took."""

    at_s: float = 0.0
    spent: float = 0.0
    cost_s: float = 0.0

    def is_due(self, now_s: float, spent: float) -> bool:
        gap = now_s - self.at_s
        if gap < max(_LEAST_CHECK_GAP_S, _CHECK_COST * self.cost_s):
            return False
        return gap >= _CHECK_EVERY_S or spent - self.spent >= _CHECK_SHARE


class Fit:
    """One training run. :meth:`run` goes on from wherever the checkpoint stands, and can be killed at any time.

    ``recipe`` is the task's where none is given. ``average`` are the weights that ship: their running average or, for a
    recipe with patience, the best of it.
    """

    def __init__(
        self,
        task: Task,
        checkpoint: Path,
        recipe: Recipe | None = None,
        watch: Watch | None = None,
        crew: Crew | None = None,
    ) -> None:
        self.task, self.checkpoint = task, checkpoint
        self.recipe, self.watch, self.crew = recipe or task.recipe, watch or NobodyWatches(), crew or Crew()
        torch.manual_seed(self.recipe.seed)
        self.net = task.network().to(self.crew.device)
        self.optimiser = _optimiser(self.net, self.recipe)
        self.average = _copied(self.net)
        self.best: Weights = {}
        self.progress = Progress()
        self._checks = _Checks()

    def resume(self) -> None:
        """Go on from the checkpoint.

        Raises:
            TrainingError: it cannot be read, or it is of another family, size or vocabulary.
        """
        stored = read_checkpoint(self.checkpoint)
        if stored["family"] != self.task.family or stored["settings"] != settings_text(self.task.settings):
            raise TrainingError(
                f"{self.checkpoint} was made with another family, size or other styles; train into another folder."
            )
        self.net.load_state_dict(stored["net"])
        self.average, self.best = moved_weights(stored["average"], self.crew), moved_weights(stored["best"], self.crew)
        self.optimiser.load_state_dict(stored["optimiser"])
        self.progress = Progress(**stored["progress"])

    def run(self) -> Wish:
        """Train until the budget is spent, patience is at its end, or the watch wants an end; tells which it was.

        ``GO_ON`` and ``FINISH`` leave weights to export, ``STOP`` a checkpoint only.

        Raises:
            TrainingError: the checkpoint cannot be written, or the loss is no longer a number.
        """
        wrapped = self.crew.wrapped(self.net)
        batches = self.task.batches(self.crew.lanes(self.recipe.lanes), self.recipe.seed + self.progress.steps)
        torch.manual_seed(self.recipe.seed + self.progress.steps + 1000 * self.crew.rank)
        began, before = time.monotonic(), self.progress.seconds
        self._checks = _Checks(before, self.spent)
        saved, state, wish = began, None, Wish.GO_ON
        if self.crew.is_first and self.progress.steps == 0:
            self.save()  # so that there is something to go on with, however early it is killed
        while wish is Wish.GO_ON and not self._is_over():
            state = self._step(wrapped, next(batches), state)
            self.progress.seconds = before + time.monotonic() - began
            checked = self._agreed_due()
            if checked:
                self._check()
            if self.crew.is_first and (checked or time.monotonic() - saved > _SAVE_EVERY_S):
                saved = time.monotonic()
                self.save()
            wish = self._agreed_wish()
        if wish is not Wish.STOP:
            self._check()
        if self.crew.is_first:
            self.save()
        return wish

    @property
    def spent(self) -> float:
        """Share of the budget that is spent, 0–1, as this process sees it."""
        if self.recipe.epochs is not None:
            return min(self.progress.units / max(self.recipe.epochs * self.task.counts.units, 1.0), 1.0)
        return min(self.progress.seconds / (60 * self.recipe.minutes), 1.0)

    def averaged(self) -> nn.Module:
        """The network with the weights that ship, on the CPU, no longer learning."""
        net = self.task.network()
        weights = self.best if self.recipe.patience and self.best else self.average
        net.load_state_dict({name: tensor.cpu() for name, tensor in weights.items()})
        return net.eval()

    def save(self) -> None:
        """Write the checkpoint.

        Raises:
            TrainingError: it cannot be written.
        """
        write_checkpoint(
            self.checkpoint,
            {
                "family": self.task.family,
                "settings": settings_text(self.task.settings),
                "net": self.net.state_dict(),
                "average": self.average,
                "best": self.best,
                "optimiser": self.optimiser.state_dict(),
                "progress": asdict(self.progress),
            },
        )
        self.watch.saved()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _step(self, wrapped: nn.Module, batch: Any, state: Any) -> Any:
        (spent,) = self.crew.agreed(self.spent)
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate * _share_of_rate(self.recipe, spent, self.progress.steps)
        self.net.train()
        answer = wrapped(moved(batch, self.crew.device), state)
        self.optimiser.zero_grad(set_to_none=True)
        answer.loss.backward()
        if self.recipe.clip:
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.recipe.clip)
        self.optimiser.step()
        self._move_average()
        nats, units = self.crew.summed(answer.nats, answer.units)
        if not math.isfinite(nats):
            raise TrainingError("The training has gone astray: its loss is no longer a number. Try a smaller network.")
        self.progress.count(nats, units)
        self.watch.progressed(self.progress, spent)
        return detached(answer.state)

    def _move_average(self) -> None:
        steps = self.progress.steps
        keep = min(self.recipe.average, (1 + steps) / (10 + steps)) if self.recipe.average else 0.0
        learnt = {name for name, _ in self.net.named_parameters()}
        with torch.no_grad():
            for name, tensor in self.net.state_dict().items():
                if name in learnt:
                    self.average[name].lerp_(tensor, 1 - keep)
                else:
                    self.average[name].copy_(tensor)

    def _is_over(self) -> bool:
        patience = self.recipe.patience
        is_over = self.spent >= 1 or (patience > 0 and self.progress.stale >= patience)
        return bool(self.crew.agreed(float(is_over))[0])

    def _agreed_due(self) -> bool:
        return bool(self.crew.agreed(float(self._checks.is_due(self.progress.seconds, self.spent)))[0])

    def _agreed_wish(self) -> Wish:
        wish = self.watch.wish() if self.crew.is_first else Wish.GO_ON
        return Wish(int(self.crew.agreed(float(wish.value))[0]))

    def _check(self) -> None:
        """Measure the held-out pieces with the averaged weights; the first process does, and tells the others."""
        began = time.monotonic()
        held_out = 0.0
        if self.crew.is_first:
            net = self.task.network()
            net.load_state_dict({name: tensor.cpu() for name, tensor in self.average.items()})
            held_out = self.task.held_out(net.eval())
        (held_out,) = self.crew.agreed(held_out)
        if self.progress.checked(held_out) and self.recipe.patience:
            self.best = {name: tensor.clone() for name, tensor in self.average.items()}
        self._checks = _Checks(self.progress.seconds, self.spent, time.monotonic() - began)
        self.watch.checked(self.progress)


def moved_weights(weights: Weights, crew: Crew) -> Weights:
    """Weights on the crew's device."""
    return {name: tensor.to(crew.device) for name, tensor in weights.items()}


def _copied(net: nn.Module) -> Weights:
    return {name: tensor.clone() for name, tensor in net.state_dict().items()}


def _share_of_rate(recipe: Recipe, spent: float, steps: int) -> float:
    """The learning rate's share: a warm-up, then a cosine to a hundredth at the end of the budget."""
    if recipe.schedule == "flat":
        return 1.0
    warm = min(1.0, max((steps + 1) / 200, spent / 0.05))
    return warm * (0.5 * (1 + math.cos(math.pi * spent)) * 0.99 + 0.01)


def _optimiser(net: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    learnt = [p for p in net.parameters() if p.requires_grad]
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(learnt, lr=recipe.rate, weight_decay=recipe.weight_decay)
    if recipe.optimiser == "rmsprop":
        return torch.optim.RMSprop(learnt, lr=recipe.rate, alpha=0.9, weight_decay=recipe.weight_decay)
    groups = [
        {"params": [p for p in learnt if p.dim() > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in learnt if p.dim() <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98))
