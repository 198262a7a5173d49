"""The word LSTMs: the mended one over roots, shapes, lengths and steps, and the published one over a window of names.

Mended: the LSTM hears a word with its surroundings; its output and they choose the next root, then the shape on it, the
length and the time to the word after, each head seeing what is already chosen. What sounds near a root and what prevailed
lately speak to the heads of root and shape by distance, the same for every root: what is learnt in one key is known in all.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as f

from musegen_app.encoding.chord_context import PITCH_CLASSES, PLACE_SIZES, PLANES, SOUND_WIDTH, WORD_SIZES
from musegen_app.encoding.chord_tokens import NO_LENGTH, PITCHES, REST, ROOTS, STEPS
from musegen_app.encoding.note_events import LENGTHS
from musegen_app.training.task import Forward

State = tuple[Tensor, Tensor]
IMPOSSIBLE = -30000.0
REACH, SPAN = 12, 64
"""Semitones that a root sees to both sides, and pitches, from an octave below the root, that a shape sees."""
NEAR = 24
"""Features of what is near a root."""


@dataclass(frozen=True)
class Size:
    """Widths of the network: ``hidden`` units in each of ``layers`` LSTM layers, ``head`` units in the heads' middle."""

    hidden: int = 256
    layers: int = 2
    head: int = 160

    def as_dict(self) -> dict[str, int]:
        """Plain numbers for a manifest."""
        return asdict(self)


class Window(NamedTuple):
    """A stretch of words for several lanes; tensors of shape (time, lanes, …).

    ``word`` int64 (…, 4) and ``sounds`` float (…, 396) of the word heard, ``place`` int64 (…, 4) of the next; ``target``
    int64 (…, 4): root, shape, length, step of the next; ``weight`` float, 0 to leave a row out.
    """

    word: Tensor
    place: Tensor
    sounds: Tensor
    target: Tensor
    weight: Tensor


class Batch(NamedTuple):
    """A window, and for each lane 1 where the state of the last window is kept, else 0: float (lanes,)."""

    window: Window
    keep: Tensor


class ChordNet(nn.Module):
    """See the module. ``shapes`` bool (shapes + 1, 128) are the rows of the vocabulary's matrix, no shape last."""

    shapes: Tensor
    class_rows: Tensor

    def __init__(self, size: Size, shapes: Tensor, dropout: float = 0.0) -> None:
        super().__init__()
        self.size = size
        hidden, head, known = size.hidden, size.head, len(shapes) - 1
        sizes = [*WORD_SIZES, *PLACE_SIZES]
        self.register_buffer("class_rows", torch.tensor([sum(sizes[:n]) for n in range(len(sizes))]), persistent=False)
        self.register_buffer("shapes", shapes.float(), persistent=False)
        self.classes = nn.EmbeddingBag(sum(sizes), hidden, mode="sum")
        self.sounds = nn.Linear(PITCHES + SOUND_WIDTH, hidden)
        self.lstm = nn.LSTM(hidden, hidden, size.layers)
        self.query = nn.Linear(2 * hidden, hidden)
        self.root_head = nn.Linear(hidden, ROOTS)
        self.near = nn.Conv1d(PLANES + 1, NEAR, 2 * REACH + 1, padding=REACH)
        self.near_query = nn.Linear(hidden, NEAR)
        self.shape_near = nn.Linear((PLANES + 1) * SPAN, head, bias=False)
        self.shape_query = nn.Linear(hidden, head)
        self.shape_root = nn.Embedding(ROOTS, head)
        self.shape_head = nn.Linear(head, known)
        self.length_query = nn.Linear(hidden, head)
        self.length_shape = nn.Linear(PITCHES, head, bias=False)
        self.length_root = nn.Embedding(ROOTS, head)
        self.length_head = nn.Linear(head, len(LENGTHS))
        self.step_query = nn.Linear(head, head)
        self.step_length = nn.Embedding(NO_LENGTH + 1, head)
        self.step_head = nn.Linear(head, STEPS)
        self.dropout = nn.Dropout(dropout)
        self._start()

    def _start(self) -> None:
        for table in (self.classes, self.shape_root, self.length_root, self.step_length):
            nn.init.normal_(table.weight, std=0.05)
        for layer in range(self.size.layers):
            bias = getattr(self.lstm, f"bias_ih_l{layer}")
            bias.data[self.size.hidden : 2 * self.size.hidden] += 1.0  # forget gates start open

    def empty_state(self, lanes: int) -> State:
        """The state before anything was heard: zeros (layers, lanes, hidden), twice."""
        zeros = torch.zeros(self.size.layers, lanes, self.size.hidden, device=self.shapes.device)
        return zeros, zeros.clone()

    def forward(self, batch: Batch, state: State | None) -> Forward:
        """A step of training; see :class:`musegen_app.training.task.Forward`."""
        window, keep = batch
        before = self.empty_state(len(keep)) if state is None else (state[0] * keep[:, None], state[1] * keep[:, None])
        nats, after = self.nats(window, before)
        total = nats.sum()
        units = window.weight.sum()
        return Forward(total / units.clamp(min=1.0), total.detach(), units, after)

    def nats(self, window: Window, state: State) -> tuple[Tensor, State]:
        """What root, shape, length and step of each next word cost after ``state``: (4, time, lanes), and the new state."""
        x = self._taken_in(window)
        heard, after = self.lstm(self.dropout(x), state)
        query = self.dropout(f.relu(self.query(torch.cat([heard, x], dim=-1))))
        root, shape, length, step = window.target.unbind(dim=-1)
        planes = _planes(window.sounds)
        root_logits = self.root_head(query) + self._near(query, planes)
        root_logits = root_logits.masked_fill(_impossible(window.word), IMPOSSIBLE)
        around = self.shape_near(_around(planes, root))
        shape_query = f.relu(self.shape_query(query) + self.shape_root(root) + around)
        struck = self.shapes[torch.where(root < REST, shape, len(self.shapes) - 1)]
        length_query = f.relu(self.length_query(query) + self.length_shape(struck) + self.length_root(root))
        step_query = f.relu(self.step_query(length_query) + self.step_length(length))
        strikes, goes_on = (root < REST) * window.weight, (root <= REST) * window.weight
        nats = torch.stack(
            [
                _cost(root_logits, root) * window.weight,
                self._shape_cost(shape_query, shape, strikes),
                _cost(self.length_head(length_query), length.clamp(max=len(LENGTHS) - 1)) * strikes,
                _cost(self.step_head(step_query), step.clamp(max=STEPS - 1)) * goes_on,
            ]
        )
        return nats, after

    def _near(self, query: Tensor, planes: Tensor) -> Tensor:
        """What each root gains by what sounds near it: (time, lanes, 130), nothing for rest and end."""
        features = f.relu(self.near(planes.flatten(0, 1))).view(*planes.shape[:2], NEAR, -1)
        gains = torch.matmul(self.near_query(query).unsqueeze(-2), features).squeeze(-2)
        return f.pad(gains, (0, ROOTS - PITCHES))

    def _taken_in(self, window: Window) -> Tensor:
        root, shape, length, step = window.word.unbind(dim=-1)
        classes = torch.cat([torch.stack([root, length, step], dim=-1), window.place], dim=-1) + self.class_rows
        summed = self.classes(classes.flatten(0, 1)).unflatten(0, root.shape)
        above = self.shapes[torch.where(shape < 0, len(self.shapes) - 1, shape)]
        return f.relu(summed + self.sounds(torch.cat([above, window.sounds], dim=-1)))

    def _shape_cost(self, query: Tensor, shape: Tensor, strikes: Tensor) -> Tensor:
        """The widest head is run for the words that strike something only."""
        at = strikes.flatten().nonzero()[:, 0]
        costs = torch.zeros(strikes.numel(), device=query.device)
        logits = self.shape_head(query.flatten(0, 1)[at])
        costs = costs.index_copy(0, at, f.cross_entropy(logits.float(), shape.flatten()[at], reduction="none"))
        return costs.view_as(strikes)


def _planes(sounds: Tensor) -> Tensor:
    """The planes, and the chroma as one more: (time, lanes, 4, 128)."""
    planes = sounds[..., : PLANES * PITCHES].reshape(*sounds.shape[:-1], PLANES, PITCHES)
    classes = torch.arange(PITCHES, device=sounds.device) % PITCH_CLASSES
    chroma = sounds[..., PLANES * PITCHES :][..., classes]
    return torch.cat([planes, chroma.unsqueeze(-2)], dim=-2)


def _around(planes: Tensor, root: Tensor) -> Tensor:
    """What lies from an octave below ``root`` on, in all planes: (time, lanes, 4 · 64)."""
    padded = f.pad(planes, (REACH, SPAN))
    index = root[..., None, None] + torch.arange(SPAN, device=root.device)
    return torch.gather(padded, -1, index.expand(*planes.shape[:-1], SPAN)).flatten(-2)


def _impossible(word: Tensor) -> Tensor:
    """Roots that cannot follow: with no time between, only those above; bool (time, lanes, 130)."""
    roots = torch.arange(ROOTS, device=word.device)
    together = word[..., 3, None] == 0
    return together & ((roots <= word[..., 0, None]) | (roots >= REST))


def _cost(logits: Tensor, target: Tensor) -> Tensor:
    return f.cross_entropy(logits.float().flatten(0, 1), target.flatten(), reduction="none").view_as(target)


# --- as published -----------------------------------------------------------------------------------------------------


class NameBatch(NamedTuple):
    """``heard`` float (lanes, 100, 1): numbers of words divided by the vocabulary's size; ``target`` int64 (lanes,)."""

    heard: Tensor
    target: Tensor


@dataclass(frozen=True)
class NameSize:
    """The published widths: ``words`` in the vocabulary, 3 LSTM layers of ``hidden`` units, a dense layer of half."""

    words: int
    hidden: int = 512

    def as_dict(self) -> dict[str, int]:
        """Plain numbers for a manifest."""
        return asdict(self)


class NameNet(nn.Module):
    """LSTM × 3, batch norm, dropout, dense, ReLU, batch norm, dropout, dense: the recipe's own layers in its order.

    Its recurrent dropout of 0.3 stands between the layers here.
    """

    def __init__(self, size: NameSize) -> None:
        super().__init__()
        self.size = size
        middle = max(size.hidden // 2, 1)
        self.lstm = nn.LSTM(1, size.hidden, 3, batch_first=True, dropout=0.3)
        self.head = nn.Sequential(
            nn.BatchNorm1d(size.hidden),
            nn.Dropout(0.3),
            nn.Linear(size.hidden, middle),
            nn.ReLU(),
            nn.BatchNorm1d(middle),
            nn.Dropout(0.3),
            nn.Linear(middle, size.words),
        )

    def forward(self, batch: NameBatch, state: None = None) -> Forward:  # noqa: ARG002 nothing is carried
        """A step of training; see :class:`musegen_app.training.task.Forward`."""
        loss = f.cross_entropy(self.logits(batch.heard), batch.target)
        count = torch.tensor(float(len(batch.target)))
        return Forward(loss, loss.detach() * count, count, None)

    def logits(self, heard: Tensor) -> Tensor:
        """Of the word after each window: (lanes, words)."""
        outputs, _ = self.lstm(heard)
        logits: Tensor = self.head(outputs[:, -1])
        return logits
