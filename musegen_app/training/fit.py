"""The training loop: a time or epoch budget, checkpoints that survive a kill, and an average of the weights, which ships."""

from __future__ import annotations

import math
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from musegen_app.errors import TrainingError
from musegen_app.training.batches import Lanes, held_out_windows
from musegen_app.training.models.note_events import Nats, NoteEventNet, Size, State, Window
from musegen_app.training.prepare import Library

CHECKPOINT_FORMAT: Final = 1
_SAVE_EVERY_S: Final = 120.0
_CHECK_EVERY_S: Final = 300.0
_CHECK_LANES: Final = 48
_CHECK_ROWS: Final = 768


@dataclass(frozen=True)
class Budget:
    """When to stop: after ``minutes`` of training, or after ``epochs`` times the training notes where that is given."""

    minutes: float = 60.0
    epochs: float | None = None


@dataclass(frozen=True)
class Recipe:
    """How to train; the defaults are what ships."""

    size: Size = field(default_factory=Size)
    budget: Budget = field(default_factory=Budget)
    lanes: int = 32
    window: int = 128
    rate: float = 3e-3
    weight_decay: float = 0.02
    clip: float = 1.0
    dropout: float = 0.0
    average: float = 0.998
    seed: int = 1


@dataclass
class Progress:
    """How far training is, as it stands in a checkpoint; ``curve`` has (notes, loss, held-out loss)."""

    steps: int = 0
    notes: int = 0
    seconds: float = 0.0
    loss: float = math.nan
    held_out: float = math.nan
    curve: list[tuple[int, float, float]] = field(default_factory=list)


class Fit:
    """One training run. :meth:`run` goes on from wherever the checkpoint stands, and can be killed at any time."""

    def __init__(self, library: Library, recipe: Recipe, checkpoint: Path) -> None:
        self.pieces, self.recipe, self.checkpoint = library, recipe, checkpoint
        torch.manual_seed(recipe.seed)
        self.net = NoteEventNet(recipe.size, recipe.dropout)
        self.average = {name: tensor.clone() for name, tensor in self.net.state_dict().items()}
        self.optimiser = torch.optim.AdamW(_groups(self.net, recipe.weight_decay), lr=recipe.rate, betas=(0.9, 0.98))
        self.progress = Progress()
        self._check = _check_windows(library)

    def resume(self) -> None:
        """Go on from the checkpoint.

        Raises:
            TrainingError: it cannot be read, or it is of another size or other styles.
        """
        stored = read_checkpoint(self.checkpoint)
        if stored["size"] != self.recipe.size.as_dict() or tuple(stored["styles"]) != self.pieces.styles:
            raise TrainingError(f"{self.checkpoint} was made with another size or other styles; train into another folder.")
        self.net.load_state_dict(stored["net"])
        self.average = stored["average"]
        self.optimiser.load_state_dict(stored["optimiser"])
        self.progress = Progress(**stored["progress"])

    def run(self) -> None:
        """Train until the budget is spent; the averaged weights are then in ``average``."""
        lanes = Lanes(self.pieces, self.recipe.lanes, self.recipe.window, self.recipe.seed + self.progress.steps)
        state = self.net.empty_state(self.recipe.lanes)
        saved = checked = time.monotonic()
        with tqdm(total=100, unit="%", bar_format="{percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}") as bar:
            while self.spent < 1:
                begun = time.monotonic()
                state = self._step(lanes, state)
                now = time.monotonic()
                self.progress.seconds += now - begun
                if now - checked > _CHECK_EVERY_S:
                    checked = now
                    self._check_held_out(bar)
                if now - saved > _SAVE_EVERY_S:
                    saved = now
                    self.save()
                self._show(bar)
        self._check_held_out(None)
        self.save()

    @property
    def spent(self) -> float:
        """Share of the budget that is spent, 0–1."""
        budget = self.recipe.budget
        if budget.epochs is not None:
            train = self.pieces.notes[~self.pieces.held_out].sum()
            return min(self.progress.notes / (budget.epochs * float(train)), 1.0)
        return min(self.progress.seconds / (60 * budget.minutes), 1.0)

    def _step(self, lanes: Lanes, state: State) -> State:
        window, keep = lanes.next()
        state = (state[0] * keep[:, None], state[1] * keep[:, None])
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate * _schedule(self.spent, self.progress.steps)
        self.net.train()
        nats, after = self.net(window, state)
        loss = _loss(nats)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.recipe.clip)
        self.optimiser.step()
        self._move_average()
        self._count(nats, window)
        return after[0].detach(), after[1].detach()

    def _count(self, nats: Nats, window: Window) -> None:
        progress = self.progress
        progress.steps += 1
        progress.notes += int(window.weight.sum())
        now = float((nats.onset + nats.pitch + nats.length).detach().sum() / window.weight.sum())
        progress.loss = now if math.isnan(progress.loss) else 0.99 * progress.loss + 0.01 * now

    def _move_average(self) -> None:
        keep = min(self.recipe.average, (1 + self.progress.steps) / (10 + self.progress.steps))
        with torch.no_grad():
            for name, tensor in self.net.state_dict().items():
                self.average[name].lerp_(tensor, 1 - keep)

    def _check_held_out(self, bar: tqdm[Any] | None) -> None:
        by_field = held_out_nats(self.averaged(), self._check)
        self.progress.held_out = sum(by_field[:3])
        self.progress.curve.append((self.progress.notes, self.progress.loss, self.progress.held_out))
        said = "onset {:.3f} pitch {:.3f} length {:.3f} velocity {:.3f}".format(*by_field)
        if bar is not None:
            bar.write(f"{self.progress.notes} notes, held out {self.progress.held_out:.4f} nats a note ({said})")

    def averaged(self) -> NoteEventNet:
        """The network with the averaged weights."""
        net = NoteEventNet(self.recipe.size)
        net.load_state_dict(self.average)
        return net.eval()

    def _show(self, bar: tqdm[Any]) -> None:
        progress = self.progress
        rate = progress.notes / max(progress.seconds, 1e-9)
        bar.update(100 * self.spent - bar.n)
        bar.set_postfix_str(f"loss {progress.loss:.3f} held out {progress.held_out:.3f} {rate:.0f} notes/s", refresh=False)

    def save(self) -> None:
        """Write the checkpoint beside the old one, then put it in its place."""
        stored = {
            "format": CHECKPOINT_FORMAT,
            "size": self.recipe.size.as_dict(),
            "styles": list(self.pieces.styles),
            "net": self.net.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "progress": asdict(self.progress),
        }
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.checkpoint.with_suffix(".new")
        torch.save(stored, fresh)
        os.replace(fresh, self.checkpoint)  # noqa: PTH105 - the point is that it is atomic


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What :meth:`Fit.save` stored.

    Raises:
        TrainingError: there is none, or it is damaged.
    """
    try:
        stored = torch.load(path, weights_only=True)
    except FileNotFoundError as error:
        raise TrainingError(f"There is no training to go on with: {path} does not exist.") from error
    except Exception as error:  # torch raises whatever its unpickler does
        raise TrainingError(f"The checkpoint {path} is damaged.") from error
    if not isinstance(stored, dict) or stored.get("format") != CHECKPOINT_FORMAT:
        raise TrainingError(f"The checkpoint {path} was made by another version of MuseGen.")
    return stored


def held_out_nats(net: NoteEventNet, windows: list[Window]) -> tuple[float, float, float, float]:
    """Nats a note over ``windows`` (which follow one another): onset, pitch, length, velocity."""
    state = net.empty_state(windows[0].pitch.shape[1])
    total, notes, voiced = np.zeros(4), 0.0, 0.0
    with torch.inference_mode():
        for window in windows:
            nats, state = net(window, state)
            total += [float(t.sum()) for t in (nats.onset, nats.pitch, nats.length, nats.velocity)]
            notes += float((window.weight * (window.pitch < 128)).sum())
            voiced += float((window.weight * (window.velocity < 32)).sum())
    onset, pitch, length, velocity = total / [max(n, 1.0) for n in (notes, notes, notes, voiced)]
    return float(onset), float(pitch), float(length), float(velocity)


def _check_windows(library: Library) -> list[Window]:
    pieces = np.flatnonzero(library.held_out)
    chosen = pieces[np.unique(np.linspace(0, len(pieces) - 1, min(_CHECK_LANES, len(pieces))).astype(int))]
    longest = int(min(_CHECK_ROWS, library.notes[chosen].max()))
    return held_out_windows(library, chosen, longest, 128)


def _loss(nats: Nats) -> Tensor:
    total = nats.onset + nats.pitch + nats.length + 0.3 * nats.velocity
    return total.mean()


def _schedule(spent: float, steps: int) -> float:
    warm = min(1.0, max((steps + 1) / 200, spent / 0.05))
    return warm * (0.5 * (1 + math.cos(math.pi * spent)) * 0.99 + 0.01)


def _groups(net: NoteEventNet, decay: float) -> list[dict[str, Any]]:
    matrices = [p for p in net.parameters() if p.dim() > 1]
    vectors = [p for p in net.parameters() if p.dim() <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
