"""The piano-roll LSTM as published: the layers of "My Journey to Music-Speech with Deep Learning", part 1.

18 columns of 128 values (1 first touch, 0.5 continuation, 0 rest) predict the next. Keras's defaults of the time are kept:
LeakyReLU 0.3, batch normalisation with momentum 0.99 and epsilon 0.001, forget gates that start at 1. Its cross-entropy is
taken against a target with several ones, so it is no likelihood; it is what the network was trained by and is reported as
such.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from musegen_app.encoding.columns import PITCHES
from musegen_app.training.task import Forward

WIDTHS: Final = (1024, 512, 128)
_SLOPE: Final = 0.3


class PublishedBatch(NamedTuple):
    """Windows: ``columns`` float (lanes, 18, 128) and the column that follows, ``coming`` float (lanes, 128)."""

    columns: Tensor
    coming: Tensor


class PublishedRollNet(nn.Module):
    """See the module. ``widths`` are those of the three LSTM layers; the dense layers' follow from them."""

    def __init__(self, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        self.widths = widths
        first, second, third = widths
        self.first = nn.LSTM(PITCHES, first, batch_first=True)
        self.first_after = _After(first, 0.3)
        self.first_attention = _Attention(first)
        self.first_dense = _Dense(first, second)
        self.second = nn.LSTM(second, second, batch_first=True)
        self.second_after = _After(second, 0.22)
        self.second_attention = _Attention(second)
        self.second_dense = _Dense(second, second // 2)
        self.third = nn.LSTM(second // 2, third, batch_first=True)
        self.third_after = _After(third, 0.22)
        self.out = nn.Linear(third, PITCHES)
        for layer in (self.first, self.second, self.third):
            _start(layer)

    def log_probs(self, columns: Tensor) -> Tensor:
        """Log of what the softmax says of each pitch of the next column: (lanes, 128)."""
        x = self.first_dense(self.first_attention(self.first_after(self.first(columns)[0])))
        x = self.second_dense(self.second_attention(self.second_after(self.second(x)[0])))
        last = self.third_after(self.third(x)[0][:, -1:])[:, 0]
        return torch.log_softmax(self.out(last), dim=-1)

    def forward(self, batch: PublishedBatch, state: None) -> Forward:  # noqa: ARG002 - nothing is carried
        """The cross-entropy of the coming columns."""
        nats = -(batch.coming * self.log_probs(batch.columns)).sum()
        units = nats.new_tensor(float(len(batch.coming)))
        return Forward(nats / units, nats, units, None)


class _After(nn.Module):
    """LeakyReLU, batch normalisation over windows and time, dropout."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(width, eps=1e-3, momentum=0.01)
        self.active, self.dropout = nn.LeakyReLU(_SLOPE), nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(lanes, time, width) to the same."""
        made: Tensor = self.dropout(self.norm(self.active(x).flatten(0, 1)).view_as(x))
        return made


class _Attention(nn.Module):
    """Dense 1 with tanh, softmax over time, multiplied back."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(lanes, time, width) to the same."""
        weighed: Tensor = x * torch.softmax(torch.tanh(self.score(x)), dim=1)
        return weighed


class _Dense(nn.Module):
    """Dense · Dense · LeakyReLU · BatchNorm · Dropout 0.22."""

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.one, self.two, self.after = nn.Linear(width, out), nn.Linear(out, out), _After(out, 0.22)

    def forward(self, x: Tensor) -> Tensor:
        """(lanes, time, width) to (lanes, time, out)."""
        made: Tensor = self.after(self.two(self.one(x)))
        return made


def _start(layer: nn.LSTM) -> None:
    """Glorot's uniform for what comes in, orthogonal for the recurrence, forget gates at 1: Keras's own."""
    width = layer.hidden_size
    parts = dict(layer.named_parameters())
    nn.init.xavier_uniform_(parts["weight_ih_l0"])
    nn.init.orthogonal_(parts["weight_hh_l0"])
    for name in ("bias_ih_l0", "bias_hh_l0"):
        nn.init.zeros_(parts[name])
    parts["bias_ih_l0"].data[width : 2 * width] = 1.0
