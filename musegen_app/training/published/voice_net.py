"""A net of the chorales on the 16th grid: voice after voice, each knowing the higher ones of its frame.

A voice first stays, moves or falls silent, then, if it moves, to one of the pitches around it. What decides is the same for
all pitches and hears their surroundings relative to them (as in :mod:`.chained`); an LSTM over the frames tells the rest.
Pitches far from all that a voice ever sings share a small chance, so that nothing is impossible.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as f

from musegen_app.training.published.chorales import SILENT, VOICES
from musegen_app.training.published.lanes import SHIFTS
from musegen_app.training.published.memory import PLANES
from musegen_app.training.published.voice_hearing import KEYS, LOWEST, NUMBERS, OWN, ROWS, SHARED, SUNG, Tokens

State = tuple[Tensor, Tensor]

REACH: Final = 16
CHOICES: Final = 32
LOWS: Final = (53, 48, 40, 35)
"""The lowest of CHOICES pitches that each voice is decided among."""
_STRAY: Final = 1e-4
_PITCHES: Final = SUNG + 3 + VOICES - 1
"""Pitches that a voice hears: what all sang, its own once more, and what the higher voices sing now."""
_WINDOW: Final = 2 * REACH + 1
_NARROW: Final = PLANES + OWN
_CONTEXT: Final = NUMBERS + 3 * VOICES
_STAY, _MOVE, _FALL_SILENT = range(3)


class VoiceNet(nn.Module):
    """Called with :class:`Tokens` and the LSTM's state, answers nats of every real token, and the state."""

    def __init__(self, hidden: int = 128, channels: int = 512, dropout: float = 0.5) -> None:
        super().__init__()
        self.hidden = hidden
        self.lstm = nn.LSTM(VOICES * ROWS + NUMBERS, hidden, batch_first=True)
        self.stay = _Scorer(hidden, channels, 3, dropout)
        self.move = _Scorer(hidden, channels, 1, dropout)
        self.direct = nn.Linear(hidden, VOICES * ROWS)
        self.dropout = nn.Dropout(dropout)
        nn.init.zeros_(self.direct.weight)

    def empty_state(self, lanes: int) -> State:
        """What the LSTM knows before a piece: zeros (1, lanes, hidden), twice."""
        return torch.zeros(1, lanes, self.hidden), torch.zeros(1, lanes, self.hidden)

    def forward(self, tokens: Tokens, state: State) -> tuple[Tensor, State]:
        """Nats (real frames, VOICES) in the order of lanes, and the state after the last of each lane."""
        last = torch.where(tokens.held, tokens.sung[:, :, :VOICES] - LOWEST, -1)
        rows = f.one_hot((last + tokens.shift[:, None, None] + SHIFTS).clamp(0, ROWS - 1), ROWS) * (last >= 0)[..., None]
        summary, after = self.lstm(self.dropout(torch.cat([rows.flatten(2).float(), tokens.numbers], dim=2)), state)
        frames = Tokens._make([*(column[tokens.real] for column in tokens[:-2]), tokens.real, self._shifts(tokens)])
        summary = self.dropout(summary[tokens.real])
        return torch.stack([self._voice(frames, summary, voice) for voice in range(VOICES)], dim=1), after

    @staticmethod
    def _shifts(tokens: Tokens) -> Tensor:
        return tokens.shift[:, None].expand(tokens.real.shape)[tokens.real]

    def _voice(self, frames: Tokens, summary: Tensor, voice: int) -> Tensor:
        """What one voice costs: (frames,)."""
        now, before, held = frames.now[:, voice], frames.sung[:, voice], frames.held[:, voice]
        heard = _heard(frames, summary, voice)
        kind = torch.where(now == torch.where(held, before, SILENT), _STAY, torch.where(now == SILENT, _FALL_SILENT, _MOVE))
        logits = self.stay(heard, before[:, None], voice)[:, 0]
        logits = torch.cat([logits[:, :2], logits[:, 2:].masked_fill(~held[:, None], -torch.inf)], dim=1)
        cost = f.cross_entropy(logits, kind, reduction="none")
        moved = (kind == _MOVE).nonzero()[:, 0]
        if not len(moved):
            return cost
        pitches = (LOWS[voice] + torch.arange(CHOICES)).expand(len(moved), CHOICES)
        scores = self.move(_Heard._make(part[moved] for part in heard), pitches, voice)[:, :, 0]
        direct = self.direct(summary[moved]).view(-1, VOICES, ROWS)[:, voice]
        scores = scores + direct.gather(1, (pitches - LOWEST + frames.shift[moved, None] + SHIFTS).clamp(0, ROWS - 1))
        stays = held[moved, None] & (pitches == before[moved, None])
        return cost.index_add(0, moved, _cost_among(scores.masked_fill(stays, -torch.inf), now[moved] - LOWS[voice]))


def _cost_among(scores: Tensor, chosen: Tensor) -> Tensor:
    """Nats of the pitch ``chosen`` of the ``scores``; one that is not among them costs what strays do."""
    inside = (chosen >= 0) & (chosen < CHOICES)
    known = f.log_softmax(scores, dim=1).gather(1, chosen.clamp(0, CHOICES - 1)[:, None])[:, 0]
    share = torch.where(inside, known + math.log1p(-_STRAY), -torch.inf)
    return -torch.logaddexp(share, torch.tensor(math.log(_STRAY / 128)))


class _Heard(NamedTuple):
    """What a voice hears: ``pitches`` (frames, _PITCHES), planes (frames, n, KEYS), and what has no pitch (frames, n)."""

    pitches: Tensor
    shared: Tensor
    narrow: Tensor
    summary: Tensor
    context: Tensor


def _heard(frames: Tokens, summary: Tensor, voice: int) -> _Heard:
    sounding = torch.where(frames.held, frames.sung[:, :VOICES], SILENT)
    mine = frames.sung[:, voice::VOICES]
    now = torch.where(torch.arange(VOICES - 1) < voice, frames.now[:, : VOICES - 1], SILENT)
    pitches = torch.cat([sounding, frames.sung[:, VOICES:], mine, now], dim=1)
    narrow = torch.cat([frames.memory, frames.own[:, voice]], dim=1)
    return _Heard(pitches, frames.shared, narrow, summary, torch.cat([frames.numbers, _higher(frames, voice)], dim=1))


def _higher(frames: Tokens, voice: int) -> Tensor:
    """Whether each higher voice moves now, and is silent; and which voice asks."""
    known = torch.arange(VOICES) < voice
    last = torch.where(frames.held, frames.sung[:, :VOICES], SILENT)
    moved = (frames.now != last) & known
    silent = (frames.now == SILENT) & known
    me = (torch.arange(VOICES) == voice).expand(len(moved), VOICES)
    return torch.cat([moved, silent, me], dim=1).float()


class _Scorer(nn.Module):
    """Scores pitches by their surroundings, which mean the same to all voices; what weighs most is a voice's own."""

    def __init__(self, hidden: int, channels: int, out: int, dropout: float) -> None:
        super().__init__()
        self.context = nn.Linear(hidden + _CONTEXT, channels)
        self.around = nn.Parameter(torch.randn(_PITCHES * _WINDOW, channels) * 0.05)
        self.shared = nn.Linear(SHARED * _WINDOW, channels)
        self.here = nn.Linear(_NARROW, channels)
        self.middle = nn.Linear(channels, channels)
        self.decide = nn.Linear(channels, out)
        self.own_decide = nn.Parameter(torch.zeros(VOICES, out, channels))
        self.dropout = nn.Dropout(dropout)

    def forward(self, heard: _Heard, at: Tensor, voice: int) -> Tensor:
        """Scores (frames, n, out) of the pitches ``at`` (frames, n)."""
        told = self.context(torch.cat([heard.summary, heard.context], dim=1))
        kept = self.dropout(torch.ones_like(told))[:, None]  # the same units are left out at all pitches of a token
        keys = (at - LOWEST).clamp(0, KEYS - 1)
        rows = torch.arange(len(at))[:, None]
        wide = f.pad(heard.shared, (REACH, REACH)).unfold(2, _WINDOW, 1).transpose(1, 2)[rows, keys].flatten(2)
        here = self.here(heard.narrow.transpose(1, 2)[rows, keys]) + self.shared(wide)
        mixed = f.relu(self._around(heard.pitches, at) + here + told[:, None]) * kept
        mixed = mixed + f.relu(self.middle(mixed)) * kept
        scores: Tensor = self.decide(mixed) + mixed @ self.own_decide[voice].T
        return scores

    def _around(self, pitches: Tensor, at: Tensor) -> Tensor:
        """What the heard pitches, each relative to those asked about, say: (frames, n, channels)."""
        away = pitches[:, None] - at[:, :, None] + REACH
        nothing = (pitches[:, None] == SILENT) | (away < 0) | (away >= _WINDOW)
        rows = torch.where(nothing, _PITCHES * _WINDOW, away + torch.arange(_PITCHES) * _WINDOW)
        table = f.pad(self.around, (0, 0, 0, 1))
        found = f.embedding_bag(rows.flatten(0, 1), table, mode="sum", padding_idx=_PITCHES * _WINDOW)
        return found.view(*at.shape, -1)
