"""The Boltzmann machine in the training room: windows of music, and chains that dream of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from musegen_app.encoding.state_window import (
    HELD,
    PITCHES,
    REST,
    STRUCK,
    PieceStates,
    States,
    bits_of,
    piece_states,
)
from musegen_app.errors import TrainingError
from musegen_app.generate.manifest import Manifest, Metrics
from musegen_app.generate.rbm import BoltzmannGenerator
from musegen_app.training.corpus import Corpus, CorpusPiece
from musegen_app.training.graphs.rbm_export import FAMILY, export
from musegen_app.training.models.rbm import Batch, BoltzmannNet, Size, Visible, log_partition
from musegen_app.training.task import Check, Counts, Options, Recipe

_FURTHEST: Final = 6
_BLOCK: Final = 16
_LEAST_UNIFORM: Final = np.float32(1e-7)
_EVERY: Final = 4
"""Of so many pairs of lanes one is filled by clamped chains (by pairs, so that two processes have as many each)."""
_CHAIN: Final = 8
_CHECK_WINDOWS, _CHECK_CHAINS, _CHECK_LEVELS = 1024, 48, 300
_EXPORT_CHAINS: Final = 80
_EXPORT_WINDOWS: Final = 64
_MENDED: Final = Recipe(minutes=40, lanes=64, rate=1e-3, weight_decay=0.0, clip=0.0, average=0.999)
_PUBLISHED: Final = Recipe(
    minutes=10, lanes=100, optimiser="sgd", rate=0.005, schedule="flat", weight_decay=0.0, clip=0.0, average=0.0
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Windows:
    """The windows of some pieces.

    ``states`` are those of all their steps one after another; for each window ``first`` is the step where it begins,
    ``place`` that step's place, ``down`` and ``up`` how many semitones its piece may be moved by at least and at most.
    """

    states: States
    first: Ints
    place: Ints
    down: Ints
    up: Ints

    @classmethod
    def of(cls, pieces: Sequence[PieceStates], beginnings: Sequence[Ints]) -> Windows:
        """The windows of ``pieces`` that begin at ``beginnings``."""
        ends = np.cumsum([0, *(len(piece) for piece in pieces)])
        counts = [len(first) for first in beginnings]
        rooms = np.array([_room(piece) for piece in pieces], dtype=np.int64).reshape(-1, 2)
        down, up = np.repeat(rooms, counts, axis=0).T
        none = np.zeros(0, dtype=np.int64)
        first = np.concatenate([none, *(b + end for b, end in zip(beginnings, ends.tolist(), strict=False))])
        place = np.concatenate([none, *(piece.place[b] for piece, b in zip(pieces, beginnings, strict=True))])
        silence = np.zeros((0, PITCHES), dtype=np.uint8)
        return cls(np.concatenate([silence, *(piece.states for piece in pieces)]), first, place, down, up)

    def __len__(self) -> int:
        return len(self.first)

    def states_of(self, chosen: Ints, moved: Ints, steps: int) -> States:
        """The states of these windows, each moved by so many semitones: uint8 (windows, steps, 78)."""
        pitches = (np.arange(PITCHES) - moved[:, None]) % PITCHES
        rows = self.first[chosen][:, None] + np.arange(steps)
        found: States = self.states[rows[:, :, None], pitches[:, None, :]]
        return found


def _room(piece: PieceStates) -> tuple[int, int]:
    heard = np.flatnonzero(piece.states.any(axis=0))
    return max(-int(heard[0]), -_FURTHEST), min(PITCHES - 1 - int(heard[-1]), _FURTHEST)


class BoltzmannTask:
    """See :class:`musegen_app.training.task.Task`. ``Options.settings`` may tell ``steps``, those of a window.

    Raises:
        TrainingError: no piece, or none of those held out, has a whole window of notes that this machine hears.
    """

    family = FAMILY
    unit = "step"
    export_levels = 2000
    """Levels of the annealing that measures log Z at export."""

    def __init__(self, corpus: Corpus, options: Options, work: Path) -> None:  # noqa: ARG002 every task is made so
        wanted = options.settings.get("steps")
        mended = Size(wanted if isinstance(wanted, int) else Size.steps, options.hidden or Size.hidden)
        self.size = size = Size.published() if options.as_published else mended
        self.recipe = _PUBLISHED if size.is_published else _MENDED
        self.train, heard, notes = self._windows(corpus.train)
        self.valid, _, _ = self._windows(corpus.held_out, apart=True)
        if not len(self.train) or not len(self.valid):
            raise TrainingError(
                f"Too few pieces last {size.steps} sixteenths within the pitches {_RANGE}"
                f"{' in metres with 2 or 4 above' if size.is_published else ''}."
            )
        self.frequencies = _frequencies(self.train.states)
        self.settings: Mapping[str, object] = size.as_dict() | {"as_published": size.is_published}
        self.counts = Counts(heard, notes, len(self.train) * size.steps)
        self._corpus = corpus

    def _windows(self, pieces: Sequence[CorpusPiece], *, apart: bool = False) -> tuple[Windows, int, int]:
        """The windows of pieces, and how many pieces and notes they are of."""
        steps = self.size.steps
        found = [piece for piece in map(piece_states, (p.score for p in pieces)) if piece is not None]
        if self.size.is_published:
            beginnings = [piece.published() for piece in found]
        else:
            beginnings = [piece.apart(steps) if apart else piece.beginnings(steps) for piece in found]
        heard = [(piece, first) for piece, first in zip(found, beginnings, strict=True) if len(first)]
        notes = sum(int(np.count_nonzero(piece.states == STRUCK)) for piece, _ in heard)
        return Windows.of([p for p, _ in heard], [b for _, b in heard]), len(heard), notes

    def network(self) -> BoltzmannNet:
        """A fresh machine."""
        planes = self.frequencies[[HELD, STRUCK]]
        if self.size.is_published:
            planes = np.stack([planes.sum(axis=0), planes[1]])
        return BoltzmannNet(self.size, torch.from_numpy(planes.astype(np.float32)))

    def batches(self, lanes: Sequence[int], seed: int) -> Iterator[Batch]:
        """Windows drawn at random, moved at random as far as their piece stays within the pitches (not as published)."""
        streams = [np.random.Generator(np.random.PCG64([seed, lane])) for lane in lanes]
        width = BoltzmannNet.uniforms_of(self.size)
        furthest = 0 if self.size.is_published else _FURTHEST
        filled = [] if self.size.is_published else [row for row, lane in enumerate(lanes) if lane // 2 % _EVERY == 0]
        while True:
            chosen = np.stack([stream.integers(0, len(self.train), _BLOCK) for stream in streams], axis=1)
            moved = np.stack([stream.integers(-furthest, furthest + 1, _BLOCK) for stream in streams], axis=1)
            uniforms = _uniforms(streams, (_BLOCK, width))
            numbers = _uniforms([streams[row] for row in filled], (_BLOCK, _CHAIN, width))
            free = [[_free_steps(streams[row], self.size.steps) for row in filled] for _ in range(_BLOCK)]
            rows = torch.tensor(filled, dtype=torch.int64)
            for step, (windows, by) in enumerate(zip(chosen, moved, strict=True)):
                kept = np.clip(by, self.train.down[windows], self.train.up[windows])
                masks = torch.from_numpy(np.array(free[step], dtype=np.bool_).reshape(len(filled), self.size.steps))
                yield Batch(self._visible(self.train, windows, kept), uniforms[step], rows, masks, numbers[step])

    def _visible(self, windows: Windows, chosen: Ints, moved: Ints | None = None) -> Visible:
        by = np.zeros_like(chosen) if moved is None else moved
        return visible_of(windows.states_of(chosen, by, self.size.steps), windows.place[chosen], self.size)

    def held_out(self, net: nn.Module) -> float:
        """Nats a step on up to 1,024 held-out windows, log Z from a short annealing."""
        machine = _machine(net)
        chosen = np.unique(np.linspace(0, len(self.valid) - 1, min(_CHECK_WINDOWS, len(self.valid))).astype(np.int64))
        log_z = log_partition(machine, _CHECK_CHAINS, _CHECK_LEVELS).log_z
        with torch.inference_mode():
            energy = machine.free_energy(self._visible(self.valid, chosen))
        return (float(energy.mean()) + log_z) / self.size.steps

    def export(self, net: nn.Module, manifest: Manifest) -> tuple[Manifest, Check]:
        """See the protocol; log Z is measured here, by a long annealing."""
        machine = _machine(net)
        windows = self._visible(self.valid, np.arange(min(_EXPORT_WINDOWS, len(self.valid))))
        return export(machine, manifest, windows, log_partition(machine, _EXPORT_CHAINS, self.export_levels))

    def metrics(self, made: Manifest) -> Metrics:
        """Nats a step by the exported graph, beside those of states that know nothing of each other."""
        found = BoltzmannGenerator(made).likelihood(piece.score for piece in self._corpus.held_out)
        return {
            "held_out_steps": float(found.units),
            "nats_per_step": found.nats,
            "unigram_nats_per_step": self._unigram_nats(),
        }

    def _unigram_nats(self) -> float:
        states = self.valid.states_of(np.arange(len(self.valid)), np.zeros(len(self.valid), np.int64), self.size.steps)
        costs = -np.log(self.frequencies)
        return float(sum(costs[state, np.nonzero(states == state)[2]].sum() for state in (REST, HELD, STRUCK))) / (
            len(states) * self.size.steps
        )

    def rows(self, net: nn.Module) -> Mapping[str, str]:
        """See the protocol."""
        size, weights = self.size, sum(p.numel() for p in net.parameters())
        if size.is_published:
            network = f"{size.steps * 2 * size.pitches:,} bits ({size.steps} sixteenths), {size.hidden} hidden units"
            return {"Network": f"Boltzmann machine as published: {network}, {weights:,} weights", "Training": "CD-1"}
        network = (
            f"{size.steps} sixteenths of {size.pitches} pitches that rest, are held or struck, {size.hidden} hidden units"
        )
        return {
            "Network": f"restricted Boltzmann machine: windows of {network}, {weights:,} weights; given the hidden units a "
            "pitch is a chain over the steps in which only what sounds is held; it is told the beat where a window begins",
            "Training": f"persistent contrastive divergence, {self.recipe.lanes} chains; a quarter as many windows are also "
            f"filled in part by clamped chains of {_CHAIN} steps",
            "Variation": "transposed by −6 to 6 semitones",
        }


_RANGE: Final = "C1 to F7"


def _machine(net: nn.Module) -> BoltzmannNet:
    if not isinstance(net, BoltzmannNet):
        raise TypeError("not a Boltzmann machine")
    return net


def visible_of(states: States, place: Ints, size: Size) -> Visible:
    """States, uint8 (windows, steps, 78), as the visible layer of a machine of ``size``."""
    if size.is_published:
        planes = np.stack([bits_of(window) for window in states])
        return Visible(torch.from_numpy(planes.astype(np.float32)), torch.zeros(len(states), dtype=torch.int64))
    planes = np.stack([states == HELD, states == STRUCK], axis=2)
    return Visible(torch.from_numpy(planes.astype(np.float32)), torch.from_numpy(place))


def _uniforms(streams: Sequence[np.random.Generator], shape: tuple[int, ...]) -> torch.Tensor:
    """Numbers of each stream, float (shape[0], streams, …)."""
    blocks = [stream.random(shape, dtype=np.float32) for stream in streams]
    numbers = np.stack(blocks, axis=1) if blocks else np.zeros((shape[0], 0, *shape[1:]), dtype=np.float32)
    return torch.from_numpy(np.maximum(numbers, _LEAST_UNIFORM))


def _free_steps(stream: np.random.Generator, steps: int) -> npt.NDArray[np.bool_]:
    """Which steps of a window to fill: mostly its end, as in continuing, else its middle or beginning."""
    length = int(stream.integers(steps // 4, steps // 2 + 1))
    begin = (steps - length, steps - length, int(stream.integers(1, steps - length)), 0)[int(stream.integers(0, 4))]
    free = np.zeros(steps, dtype=np.bool_)
    free[begin : begin + length] = True
    return free


def _frequencies(states: States) -> Floats:
    """How often a pitch rests, is held and is struck: float64 (3, 78), each counted once more than it was."""
    counts = np.stack([(states == state).sum(axis=0) for state in (REST, HELD, STRUCK)]) + 1.0
    shares: Floats = counts / counts.sum(axis=0)
    return shares
