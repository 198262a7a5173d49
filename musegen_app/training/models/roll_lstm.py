"""The piano-roll LSTM, mended: a step a column, attention over the last ones, and within a column a chain over pitches.

An LSTM hears columns; attention looks back over what it made of the last 64 of them (scaled dot products, and a bias for
each distance, so that "a bar ago" can be learnt). From both, a small decoder draws the changes of the coming column one by
one, ascending, each seeing the ones below it (see :mod:`musegen_app.encoding.piano_roll`): so the likelihood of a column is
exact, and lengths come from the network. The sum over what was chosen is NADE's (Larochelle and Murray 2011); the gates
that carry what sounds around a pitch straight to that pitch's logits make copying and holding cheap to learn.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as f

from musegen_app.encoding.columns import PITCHES
from musegen_app.encoding.context import TRANSPOSITIONS
from musegen_app.encoding.piano_roll import CHANGES, CLASS_SIZES, END, PLANES, SURROUNDINGS
from musegen_app.training.task import Forward

IMPOSSIBLE = -30000.0
NO_CHANGE = CHANGES
"""What stands for the change before a column's first."""
SOUNDING = PLANES.index("sounding")
TRANSPOSITION = len(CLASS_SIZES)
STYLE = TRANSPOSITION + 1
"""Columns of the classes that follow those of :data:`CLASS_SIZES`."""


@dataclass(frozen=True)
class Size:
    """Widths: ``hidden`` units in each of ``layers``, ``head`` in the decoder, attention over ``memory`` columns."""

    hidden: int = 256
    layers: int = 2
    head: int = 192
    memory: int = 64
    keys: int = 48
    styles: int = 1

    def as_dict(self) -> dict[str, int]:
        """Plain numbers for a checkpoint."""
        return asdict(self)


class Batch(NamedTuple):
    """A stretch of columns for several lanes.

    ``planes`` float (time, lanes, SURROUNDINGS) and ``classes`` int64 (time, lanes, 5) lie around each column. The changes
    of all columns in one row: ``change`` int64 (changes,), ``column`` which one of time × lanes it belongs to, ``before``
    the change before it in the column, ``below`` the changes below it, joined, and ``offset`` where those of each change
    begin. ``columns`` counts those that have changes (END at least). ``keep`` (lanes,) is 0 where a lane forgets what it
    heard.
    """

    planes: Tensor
    classes: Tensor
    change: Tensor
    column: Tensor
    before: Tensor
    below: Tensor
    offset: Tensor
    columns: Tensor
    keep: Tensor


class State(NamedTuple):
    """What is carried: ``hidden`` and ``cell`` (layers, lanes, hidden), ``memory`` (64, lanes, hidden), the newest last."""

    hidden: Tensor
    cell: Tensor
    memory: Tensor


class RollNet(nn.Module):
    """See the module; ``styles`` of its size counts the style classes, 0 being "unknown"."""

    class_rows: Tensor

    def __init__(self, size: Size, dropout: float = 0.1) -> None:
        super().__init__()
        self.size = size
        hidden, head = size.hidden, size.head
        sizes = [*CLASS_SIZES.values(), TRANSPOSITIONS, size.styles]
        self.register_buffer("class_rows", torch.tensor([sum(sizes[:n]) for n in range(len(sizes))]), persistent=False)
        self.classes = nn.EmbeddingBag(sum(sizes), hidden, mode="sum")
        self.planes = nn.Linear(SURROUNDINGS, hidden)
        self.lstm = nn.LSTM(hidden, hidden, size.layers)
        self.attention_query = nn.Linear(hidden, size.keys)
        self.attention_key = nn.Linear(hidden, size.keys, bias=False)
        self.attention_lag = nn.Parameter(torch.zeros(size.memory))
        self.column = nn.Linear(3 * hidden, head)
        self.chosen = nn.EmbeddingBag(CHANGES, head, mode="sum")
        self.newest = nn.Embedding(CHANGES + 1, head)
        self.above = nn.Linear(len(PLANES), head, bias=False)
        self.head = nn.Linear(head, CHANGES)
        self.gates = nn.Linear(head, 2 * len(PLANES))
        self.dropout = nn.Dropout(dropout)
        self._start()

    def _start(self) -> None:
        for table in (self.classes, self.chosen, self.newest):
            nn.init.normal_(table.weight, std=0.05)
        hidden = self.size.hidden
        for layer in range(self.size.layers):
            getattr(self.lstm, f"bias_ih_l{layer}").data[hidden : 2 * hidden] += 1.0  # forget gates start open

    def empty_state(self, lanes: int) -> State:
        """The state before anything was heard."""
        size, like = self.size, self.head.weight
        zeros = like.new_zeros(size.layers, lanes, size.hidden)
        return State(zeros, zeros.clone(), like.new_zeros(size.memory, lanes, size.hidden))

    def forward(self, batch: Batch, state: State | None) -> Forward:
        """What the columns of ``batch`` cost after ``state``, and the state after them."""
        nats, after = self.nats(batch, state or self.empty_state(batch.planes.shape[1]))
        total = nats.sum()
        return Forward(total / batch.columns, total, batch.columns, after)

    def nats(self, batch: Batch, state: State) -> tuple[Tensor, State]:
        """What each change costs, (changes,), and the state after the columns."""
        state = State(*(part * batch.keep[:, None] for part in state))
        context, heard, after, remembered = self._heard(batch, state)
        attended = self._attended(heard, remembered)
        known = self.column(self.dropout(torch.cat([heard, attended, context], dim=-1))).flatten(0, 1)
        logits = self._logits(known, batch)
        nats = f.cross_entropy(logits, batch.change, reduction="none")
        return nats, after

    def _heard(self, batch: Batch, state: State) -> tuple[Tensor, Tensor, State, Tensor]:
        rows = (batch.classes + self.class_rows).flatten(0, 1)
        classes = self.classes(rows).unflatten(0, batch.classes.shape[:2])
        context = self.dropout(f.relu(classes + self.planes(batch.planes)))
        heard, (hidden, cell) = self.lstm(context, (state.hidden, state.cell))
        remembered = torch.cat([state.memory, heard])
        return context, heard, State(hidden, cell, remembered[-self.size.memory :]), remembered

    def _attended(self, heard: Tensor, remembered: Tensor) -> Tensor:
        """The last columns, weighed: (time, lanes, hidden). Column t looks at itself and the ``memory - 1`` before it."""
        time, memory = len(heard), self.size.memory
        query = self.attention_query(heard).transpose(0, 1) / self.size.keys**0.5
        keys = self.attention_key(remembered[1:]).transpose(0, 1)
        scores = query @ keys.transpose(1, 2)
        lag = torch.arange(time)[:, None] + memory - 1 - torch.arange(time + memory - 1)
        lag = lag.to(scores.device)
        inside = (lag >= 0) & (lag < memory)
        bias = self.attention_lag[lag.clamp(0, memory - 1)].masked_fill(~inside, IMPOSSIBLE)
        weights = torch.softmax(scores + bias, dim=-1)
        attended: Tensor = (weights @ remembered[1:].transpose(0, 1)).transpose(0, 1)
        return attended

    def _logits(self, known: Tensor, batch: Batch) -> Tensor:
        """Logits of each change, (changes, CHANGES), what cannot be at an impossible one."""
        around = batch.planes.flatten(0, 1)[batch.column].view(-1, len(PLANES), PITCHES)
        floor = torch.where(batch.before < END, batch.before % PITCHES, -1)
        above = torch.arange(PITCHES, device=floor.device) > floor[:, None]
        left = (around * above[:, None]).amax(dim=-1)
        chosen = self.chosen(batch.below, batch.offset) + self.newest(batch.before)
        query = f.relu(known[batch.column] + chosen + self.above(left))
        carried = self.gates(query).view(-1, 2, len(PLANES)) @ around
        logits: Tensor = self.head(query) + f.pad(carried.flatten(1), (0, 1))
        possible = torch.cat([above, above & (around[:, SOUNDING] > 0), torch.ones_like(above[:, :1])], dim=1)
        return logits.masked_fill(~possible, IMPOSSIBLE)
