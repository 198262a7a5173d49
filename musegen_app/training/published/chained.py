"""The mended frame model: key after key within a frame, and all that sounded before it at hand.

The chance of a frame is the product of 88 decisions, from the lowest key up, each knowing the keys below it: exact, and
computed for all keys at once, since in training every key is known. What decides a key is the same net for all keys, which
hears its surroundings relative to it (as Johnson's biaxial LSTM of 2017 does), with three things added that are not: the
key's number, an LSTM over the frames, and how many semitones the piece is transposed by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as f

from musegen_app.training.published.lanes import SHIFTS
from musegen_app.training.published.memory import PLACES, PLANES

LAGS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128)
"""Frames back that every key hears itself at."""
WIDE_LAGS: Final = 3
"""The first of them that every key hears its neighbours at, too."""
_WIDE_PLANES: Final = (3, 4, 6, 7)
BEATS: Final = (2, 3, 4, 6, 8, 12, 16, 32)
"""Lengths, in frames, of the bars and beats that a frame's place is counted in."""
_COMPARED: Final = 6
CHANGES: Final = 16
"""Frames back of each of which is told whether it differed from the one before it."""
_NUMBERS: Final = PLACES + sum(BEATS) + CHANGES + 1 + 2 * SHIFTS + 1
_SUMS: Final = 5
_POINTING: Final = 8


@dataclass(frozen=True)
class Size:
    """``keys`` that may sound, ``hidden`` units of the LSTM, ``channels`` a key, ``reach`` in semitones to either side.

    ``share`` of the keys that nothing points to are learnt from.
    """

    keys: int
    hidden: int = 256
    channels: int = 96
    reach: int = 16
    dropout: float = 0.3
    share: float = 0.25

    @property
    def rows(self) -> int:
        """Keys with room for every transposition."""
        return self.keys + 2 * SHIFTS


class Frames(NamedTuple):
    """Frames of several lanes, padded to the longest; (lanes, time, …).

    ``now`` float (…, rows), ``past`` float (…, lags, rows), ``planes`` float (…, PLANES, rows), ``numbers`` float (…, n),
    ``real`` bool (lanes, time), ``first`` int64 (lanes,): the row of the lowest key, by which a lane is transposed.
    """

    now: Tensor
    past: Tensor
    planes: Tensor
    numbers: Tensor
    real: Tensor
    first: Tensor


State = tuple[Tensor, Tensor]


class ChainedNet(nn.Module):
    """See the module. Called with :class:`Frames` and the LSTM's state, answers nats of every real frame, and the state."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        wide = 1 + WIDE_LAGS + len(_WIDE_PLANES)
        narrow = len(LAGS) + PLANES + _COMPARED + _SUMS
        heard = 3 * size.rows + _NUMBERS
        self.lstm = nn.LSTM(heard, size.hidden, batch_first=True)
        self.context = nn.Linear(size.hidden + _NUMBERS, size.channels)
        self.surroundings = nn.Linear(wide * (2 * size.reach + 1) + narrow, size.channels)
        self.key = nn.Parameter(torch.zeros(size.rows, size.channels))
        self.middle = nn.Linear(size.channels, size.channels)
        self.decide = nn.Linear(size.channels, 1)
        self.direct = nn.Linear(size.hidden, size.rows)
        self.dropout = nn.Dropout(size.dropout)
        nn.init.constant_(self.decide.bias, -3.0)
        nn.init.zeros_(self.direct.weight)

    def empty_state(self, lanes: int) -> State:
        """What the LSTM knows before a piece: zeros (1, lanes, hidden), twice."""
        return torch.zeros(1, lanes, self.size.hidden), torch.zeros(1, lanes, self.size.hidden)

    def forward(self, frames: Frames, state: State) -> tuple[Tensor, State]:
        """Nats (real frames,) in the order of lanes, and the state after the last of each lane.

        While training, most keys that nothing points to are left out by lot and the rest of them count for more: the same
        nats in the mean, in half the time.
        """
        now = frames.now[frames.real]
        weights = self._keyboard(frames)
        if self.training:
            weights = weights * self._lot(frames, now)
        frame, row = weights.nonzero(as_tuple=True)
        asked = (frame, row)
        logits, after = self.logits(frames, state, asked)
        cost = f.binary_cross_entropy_with_logits(logits, now[asked], weights[asked], reduction="none")
        return torch.zeros(len(now)).index_add(0, frame, cost), after

    def logits(self, frames: Frames, state: State, asked: tuple[Tensor, Tensor]) -> tuple[Tensor, State]:
        """What each asked key (of real frame, row; int64 (n,) both) leans to, knowing the keys below it: (n,)."""
        heard = torch.cat([frames.past[:, :, 0], frames.past[:, :, 1], frames.planes[:, :, 6], frames.numbers], dim=2)
        summary, after = self.lstm(self.dropout(heard), state)
        real = frames.real
        summary, numbers = self.dropout(summary[real]), frames.numbers[real]
        frame, row = asked
        context = self.context(torch.cat([summary, numbers], dim=1))
        mixed = self.surroundings(self._around(frames, asked)) + self.key[row] + context[frame]
        kept = self.dropout(torch.ones_like(context))[frame]  # the same units are left out at all keys of a frame
        mixed = f.relu(mixed) * kept
        mixed = mixed + f.relu(self.middle(mixed)) * kept
        return self.decide(mixed)[:, 0] + self.direct(summary)[asked], after

    def _around(self, frames: Frames, asked: tuple[Tensor, Tensor]) -> Tensor:
        now, past, planes = frames.now[frames.real], frames.past[frames.real], frames.planes[frames.real]
        wide = torch.cat([self._below(now), past[:, :WIDE_LAGS], planes[:, _WIDE_PLANES]], dim=1)
        narrow = torch.cat([past, planes, self._compared(now, past, planes)], dim=1)
        around = f.pad(wide, (self.size.reach, self.size.reach)).unfold(2, 2 * self.size.reach + 1, 1)
        return torch.cat([around.transpose(1, 2)[asked].flatten(1), narrow.transpose(1, 2)[asked]], dim=1)

    def _lot(self, frames: Frames, now: Tensor) -> Tensor:
        """How much each key counts, 0 for those left out: (real frames, rows)."""
        pointed = now + frames.past[frames.real][:, :_POINTING].sum(dim=1) + (frames.planes[frames.real][:, 7] > 0.05)
        drawn = (torch.rand_like(now) < self.size.share).float() / self.size.share
        return torch.where(pointed > 0, 1.0, drawn)

    def _below(self, now: Tensor) -> Tensor:
        """This frame moved up so far that the wide net's window over it ends just below each key."""
        up = self.size.reach + 1
        return f.pad(now, (up, 0))[:, None, : self.size.rows]

    @staticmethod
    def _compared(now: Tensor, past: Tensor, planes: Tensor) -> Tensor:
        """Whether all keys below are as at remembered places; how many of them are held, left, begun; how many to come."""
        models = torch.cat([past[:, [0, 1, 3, 7]], planes[:, [6]], (planes[:, [8]] > 0.5).float()], dim=1)
        same = _before((models == now[:, None]).float(), 1.0).cumprod(dim=2)
        last = past[:, 0]
        counts = torch.stack([now * last, (1 - now) * last, now * (1 - last)], dim=1)
        done = _before(counts, 0.0).cumsum(dim=2) / 4
        coming = last.flip(1).cumsum(1).flip(1)[:, None] / 4
        alone = (_before(now[:, None], 0.0).cumsum(dim=2) == 0).float()
        return torch.cat([same, done, coming, alone], dim=1)

    def _keyboard(self, frames: Frames) -> Tensor:
        """1 for the rows that are keys of the piano, 0 beyond its ends: (real frames, rows)."""
        rows = torch.arange(self.size.rows)
        first = frames.first[:, None].expand(frames.real.shape)[frames.real][:, None]
        return ((rows >= first) & (rows < first + self.size.keys)).float()


def _before(planes: Tensor, start: float) -> Tensor:
    """``planes`` moved up by a key, so that a key sees only those below it."""
    return f.pad(planes[:, :, :-1], (1, 0), value=start)
