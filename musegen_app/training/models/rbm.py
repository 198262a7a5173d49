"""The restricted Boltzmann machine over windows of states, mended and as published, and how to sample from it.

Mended, a visible unit is a pitch at a step with three states, rest, held and struck, and only what sounds can be held: given
the hidden units each pitch is a Markov chain over the steps, whose normaliser and draws are exact (backwards sums, forwards
draws). So no window that is impossible costs probability or has to be repaired. One more visible unit tells on which beat
the window begins. As published, held and struck are two independent bits and there is no place.

A visible layer is float (rows, steps, 2, pitches): planes "held" and "struck", of which the mended machine sets at most one
and the published one sets "held" for all that sounds.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as f

from musegen_app.encoding.state_window import PITCHES, PLACES, PUBLISHED_STEPS
from musegen_app.training.task import Forward

_PUBLISHED_MEAN: Final = 0.01  # what was meant as the deviation was passed as the mean
_DEVIATION: Final = 0.01
CERTAIN: Final = 2000.0
"""Log-odds of what is given or forbidden: above any machine's own, and exact enough beside them in fp32."""
_LOG_Z_EVERY: Final = 100
_QUICK_CHAINS, _QUICK_LEVELS = 16, 80


@dataclass(frozen=True)
class Size:
    """``steps`` a window, ``pitches`` a step, ``hidden`` units, ``places`` (0 as published) where a window may begin."""

    steps: int = 16
    hidden: int = 512
    pitches: int = PITCHES
    places: int = PLACES

    @classmethod
    def published(cls) -> Size:
        """15 steps of 156 bits, 50 hidden units."""
        return cls(PUBLISHED_STEPS, 50, PITCHES, 0)

    @property
    def is_published(self) -> bool:
        """Whether bits are independent and places unknown."""
        return self.places == 0

    def as_dict(self) -> dict[str, int]:
        """Plain numbers for a checkpoint."""
        return asdict(self)


class Visible(NamedTuple):
    """Windows: ``states`` float (rows, steps, 2, pitches), and ``place`` int64 (rows,) where they begin."""

    states: Tensor
    place: Tensor


class Batch(NamedTuple):
    """Windows of music, and the random numbers in (0, 1) that a training step takes.

    ``uniforms`` float (rows, width) are for one Gibbs step of as many persistent chains. ``rows`` int64 (fills,) are windows
    of which a part is filled: ``free`` bool (fills, steps) is that part, ``numbers`` float (fills, Gibbs steps, width).
    """

    data: Visible
    uniforms: Tensor
    rows: Tensor
    free: Tensor
    numbers: Tensor


class Chains(NamedTuple):
    """Persistent chains: where they stand, log Z (scalar) as it was last measured, and how many steps ago that was."""

    windows: Visible
    log_z: Tensor
    age: Tensor


class BoltzmannNet(nn.Module):
    """See the module. ``base_bias`` float (2, pitches) are the biases of a machine without hidden units, for log Z."""

    base_bias: Tensor

    def __init__(self, size: Size, frequencies: Tensor | None = None) -> None:
        """``frequencies`` of the two planes, float (2, pitches), start the visible biases; the published ones are zero."""
        super().__init__()
        self.size = size
        width = size.steps * 2 * size.pitches
        published = size.is_published
        mean, deviation = (_PUBLISHED_MEAN, 1.0) if published else (0.0, _DEVIATION)
        self.weight = nn.Parameter(torch.randn(width, size.hidden) * deviation + mean)
        self.visible_bias = nn.Parameter(torch.zeros(size.steps, 2, size.pitches))
        self.hidden_bias = nn.Parameter(torch.zeros(size.hidden))
        if not published:
            self.place_weight = nn.Parameter(torch.randn(size.places, size.hidden) * deviation)
            self.place_bias = nn.Parameter(torch.zeros(size.places))
        known = torch.full((2, size.pitches), 0.02) if frequencies is None else frequencies
        self.register_buffer("base_bias", _bit_biases(known) if published else _chain_biases(known))
        if not published:
            self.visible_bias.data[:] = self.base_bias

    @staticmethod
    def uniforms_of(size: Size) -> int:
        """Uniform numbers that a Gibbs step takes for each row."""
        units = size.steps * size.pitches
        return size.hidden + (2 * units if size.is_published else units + 1)

    def hidden_input(self, v: Visible) -> Tensor:
        """What drives the hidden units: (rows, hidden)."""
        driven = f.linear(v.states.flatten(1), self.weight.t(), self.hidden_bias)
        return driven if self.size.is_published else driven + self.place_weight[v.place]

    def visible_energy(self, v: Visible) -> Tensor:
        """The energy of the visible biases alone: (rows,)."""
        energy = -(v.states.flatten(1) @ self.visible_bias.flatten())
        return energy if self.size.is_published else energy - self.place_bias[v.place]

    def free_energy(self, v: Visible) -> Tensor:
        """Free energy of windows in nats: (rows,)."""
        return self.visible_energy(v) - f.softplus(self.hidden_input(v)).sum(dim=-1)

    def logits(self, hidden: Tensor) -> Tensor:
        """Log-odds of held and struck against rest, given hidden units: (rows, steps, 2, pitches)."""
        size = self.size
        return f.linear(hidden, self.weight).view(-1, size.steps, 2, size.pitches) + self.visible_bias

    def draw(self, hidden_input: Tensor, uniforms: Tensor) -> tuple[Visible, Tensor]:
        """One Gibbs step: hidden units from what drives them, then visible ones. Returns them and the hidden units."""
        first, rest = uniforms[:, : self.size.hidden], uniforms[:, self.size.hidden :]
        hidden = (first < torch.sigmoid(hidden_input)).to(hidden_input.dtype)
        return self.visible_of(self.logits(hidden), self.place_logits(hidden), rest), hidden

    def filled(self, given: Visible, free: Tensor, numbers: Tensor) -> Visible:
        """Windows whose ``free`` steps, bool (rows, steps), were drawn by clamped Gibbs steps, from silence on.

        ``numbers`` float (rows, Gibbs steps, width). It is what happens where music is continued or a gap is filled.
        """
        size = self.size
        kept = ~free[:, :, None, None]
        certain = (given.states * 2 - 1) * CERTAIN
        windows = given._replace(states=given.states * kept)
        for uniforms in numbers.unbind(dim=1):
            hidden = (uniforms[:, : size.hidden] < torch.sigmoid(self.hidden_input(windows))).to(numbers.dtype)
            logits = torch.where(kept, certain, self.logits(hidden))
            units = uniforms[:, size.hidden : -1].view(-1, size.steps, size.pitches)
            windows = windows._replace(states=chain_draw(logits, units))
        return windows

    def place_logits(self, hidden: Tensor) -> Tensor:
        """Log-odds of the places given hidden units: (rows, places)."""
        if self.size.is_published:
            return hidden.new_zeros(len(hidden), 0)
        return f.linear(hidden, self.place_weight, self.place_bias)

    def visible_of(self, logits: Tensor, place_logits: Tensor, uniforms: Tensor) -> Visible:
        """Draw windows from their log-odds with numbers (rows, those of a step but the hidden units')."""
        size = self.size
        if size.is_published:
            bits = uniforms.view_as(logits) < torch.sigmoid(logits)
            return Visible(bits.to(logits.dtype), torch.zeros(len(logits), dtype=torch.int64, device=logits.device))
        place = (place_logits.softmax(dim=-1).cumsum(dim=-1) < uniforms[:, -1:]).sum(dim=-1).clamp(max=size.places - 1)
        return Visible(chain_draw(logits, uniforms[:, :-1].view(-1, size.steps, size.pitches)), place)

    def log_normaliser(self, logits: Tensor, place_logits: Tensor) -> Tensor:
        """Log of the sum over all visible layers of the exponent of their log-odds: (rows,)."""
        if self.size.is_published:
            return f.softplus(logits).flatten(1).sum(dim=-1)
        return chain_log_normaliser(logits) + place_logits.logsumexp(dim=-1)

    def forward(self, batch: Batch, chains: Chains | None) -> Forward:
        """Persistent contrastive divergence; as published, each chain begins anew in the data (one step of it).

        Some windows are contrasted with themselves, a part of them filled by a short clamped chain as well: what such a
        chain reaches in a few steps is what is heard later (short-run chains, Nijkamp et al. 2019). The cost told is that
        of the windows with log Z as a short annealing measures it now and then; as published, that of seeing a window again
        after one Gibbs step.
        """
        if self.size.is_published:
            return self._one_step(batch)
        with torch.no_grad():
            chains = self._measured(
                chains or Chains(batch.data, batch.uniforms.new_zeros(()), batch.data.place.new_zeros(()))
            )
            dreamt, _ = self.draw(self.hidden_input(chains.windows), batch.uniforms)
            given = Visible(batch.data.states[batch.rows], batch.data.place[batch.rows])
            filled = self.filled(given, batch.free, batch.numbers)
        real, unreal, refilled = self._energies(batch.data, dreamt, filled)
        loss = real.mean() - unreal.mean()
        if len(batch.rows):
            loss = loss + real[batch.rows].mean() - refilled.mean()
        nats = (real.detach() + chains.log_z).sum()
        return Forward(loss, nats, self._steps_of(real), chains._replace(windows=dreamt, age=chains.age + 1))

    def _measured(self, chains: Chains) -> Chains:
        if int(chains.age) % _LOG_Z_EVERY:
            return chains
        log_z = log_partition(self, chains=_QUICK_CHAINS, levels=_QUICK_LEVELS).log_z
        return chains._replace(log_z=torch.full_like(chains.log_z, log_z))

    def _one_step(self, batch: Batch) -> Forward:
        data = batch.data
        with torch.no_grad():
            dreamt, hidden = self.draw(self.hidden_input(data), batch.uniforms)
            logits = self.logits(hidden)
            nats = (f.softplus(logits) - data.states * logits).sum()
        real, unreal = self._energies(data, dreamt)
        return Forward(real.mean() - unreal.mean(), nats, self._steps_of(real), None)

    def _steps_of(self, rows: Tensor) -> Tensor:
        return rows.new_tensor(float(len(rows) * self.size.steps))

    def _energies(self, *windows: Visible) -> tuple[Tensor, ...]:
        """The free energies of several batches of windows, by one product of matrices."""
        together = Visible(*(torch.cat(parts) for parts in zip(*windows, strict=True)))
        return torch.split(self.free_energy(together), [len(v.place) for v in windows])


def _bit_biases(frequencies: Tensor) -> Tensor:
    """Biases of independent bits that have these frequencies: (2, pitches)."""
    return frequencies.clamp(1e-4, 1 - 1e-4).logit()


def _chain_biases(frequencies: Tensor) -> Tensor:
    """Biases of independent pitches that have these frequencies of held and struck, about: (2, pitches)."""
    held, struck = frequencies.clamp(min=1e-5)
    rest = (1 - held - struck).clamp(min=1e-3)
    # A chain strikes from rest and then goes on: what is struck pays for the steps that are held after it.
    goes_on = (held / (held + struck)).clamp(max=0.99)
    return torch.stack([(goes_on / rest).log(), (struck * (1 - goes_on) / rest).log()])


def chain_ahead(logits: Tensor) -> tuple[Tensor, Tensor]:
    """What sounding at a step is worth for the steps after it.

    Args:
        logits: float (rows, steps, 2, pitches), log-odds of held and struck against rest.

    Returns:
        The log-odds by which the steps after a sounding one outweigh those after a rest (rows, steps, pitches), and the log
        normaliser of the whole, where what comes before the first step may sound (rows, pitches).
    """
    held, struck = logits.unbind(dim=2)
    worth = torch.zeros_like(held[:, 0])
    total = torch.zeros_like(worth)
    ahead = []
    for step in reversed(range(held.shape[1])):
        ahead.append(worth)
        begun = f.softplus(struck[:, step] + worth)
        total = total + begun
        worth = f.softplus(held[:, step] + worth - begun)
    return torch.stack(ahead[::-1], dim=1), total + worth


def chain_log_normaliser(logits: Tensor) -> Tensor:
    """Log of the sum over all possible windows: (rows,); ``logits`` as in :func:`chain_ahead`."""
    return chain_ahead(logits)[1].sum(dim=-1)


def chain_draw(logits: Tensor, uniforms: Tensor) -> Tensor:
    """Draw windows: float like ``logits``; ``uniforms`` (rows, steps, pitches)."""
    ahead, _ = chain_ahead(logits)
    held, struck = (logits + ahead[:, :, None]).unbind(dim=2)
    top = torch.maximum(held, struck).clamp(min=0)  # subtracted, so that no exponent overflows
    rest, held, struck = (-top).exp(), (held - top).exp(), (struck - top).exp()
    begun = rest + struck
    sounds = torch.ones_like(held[:, 0])
    played = []
    for step in range(held.shape[1]):
        at = uniforms[:, step] * (begun[:, step] + sounds * held[:, step])
        sounds = (at > rest[:, step]).to(logits.dtype)
        played.append(torch.stack([(at > begun[:, step]).to(logits.dtype), sounds], dim=1))
    windows = torch.stack(played, dim=1)
    windows[:, :, 1] -= windows[:, :, 0]
    return windows


@dataclass(frozen=True)
class Partition:
    """An estimate of log Z in nats, and its ``spread``: the standard error over the chains it is the mean of."""

    log_z: float
    spread: float


def log_partition(net: BoltzmannNet, chains: int = 64, levels: int = 1000, seed: int = 0) -> Partition:
    """Log Z by annealed importance sampling from a machine without hidden units (Salakhutdinov and Murray 2008).

    Args:
        net: the machine.
        chains: how many independent estimates there are.
        levels: how many machines lie between the one without hidden units and ``net``.
        seed: of the random numbers; the same gives the same estimate.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        return _annealed(net, chains, levels)


def _annealed(net: BoltzmannNet, chains: int, levels: int) -> Partition:
    size, device = net.size, net.weight.device
    base = net.base_bias.expand(chains, size.steps, 2, size.pitches)
    no_place = torch.zeros(chains, size.places, device=device)
    width = BoltzmannNet.uniforms_of(size)

    def numbers() -> Tensor:
        return torch.rand(chains, width - size.hidden, device=device)

    v = net.visible_of(base, no_place, numbers())
    weight = net.log_normaliser(base, no_place) + size.hidden * math.log(2)
    below = 0.0
    for beta in torch.linspace(0, 1, levels + 1).tolist()[1:]:
        driven = net.hidden_input(v)
        energy = net.visible_energy(v) + (v.states * net.base_bias).flatten(1).sum(dim=-1)
        weight += (f.softplus(driven * beta) - f.softplus(driven * below)).sum(dim=-1) - (beta - below) * energy
        hidden = (torch.rand_like(driven) < torch.sigmoid(driven * beta)).to(driven.dtype)
        v = net.visible_of(base + beta * (net.logits(hidden) - base), beta * net.place_logits(hidden), numbers())
        below = beta
    return _mean_of(weight.double())


def _mean_of(weight: Tensor) -> Partition:
    """The log of the mean of weights that are given as logs, and its standard error by the delta method."""
    log_z = float(weight.logsumexp(dim=0)) - math.log(len(weight))
    shares = (weight - log_z).exp()
    return Partition(log_z, float(shares.std()) / math.sqrt(len(weight)))
