"""What a family of models brings to the training room: its music, its network, its loss and its export.

The loop (:mod:`musegen_app.training.fit`) knows only this. A network's ``forward(batch, state)`` answers a
:class:`Forward`, so that it can be wrapped for several processes; batches and states are tensors in (nested) named tuples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from torch import Tensor, nn

from musegen_app.generate.manifest import Manifest, Metrics


class Forward(NamedTuple):
    """What a network says of a batch.

    ``loss`` (scalar) is what the gradient is taken of, a mean over the batch; ``nats`` and ``units`` (scalars, no gradient
    needed) are summed costs and the count of units, for the curves; ``state`` is carried to the next batch, or None.
    """

    loss: Tensor
    nats: Tensor
    units: Tensor
    state: Any


@dataclass(frozen=True)
class Recipe:
    """How a family is trained; a task brings its own, and the command line changes ``minutes`` and ``epochs``.

    ``optimiser`` is "adamw", "sgd" or "rmsprop". ``schedule`` is "cosine" (after a warm-up, to nothing at the end of the
    budget) or "flat". ``average`` is how much of the weights' running average stays each step, 0 for none. ``lanes`` are
    the pieces heard side by side in a batch. ``patience`` is how many checks of the held-out pieces may pass without a
    better one before training stops early, 0 for never; what ships are the best averaged weights so far.
    """

    minutes: float = 60.0
    epochs: float | None = None
    lanes: int = 32
    optimiser: str = "adamw"
    rate: float = 3e-3
    schedule: str = "cosine"
    weight_decay: float = 0.02
    clip: float = 1.0
    average: float = 0.998
    patience: int = 0
    seed: int = 1


@dataclass(frozen=True)
class Counts:
    """What there is to learn from: pieces, notes and the family's units in the part that is not held out."""

    pieces: int
    notes: int
    units: int


@dataclass(frozen=True)
class Options:
    """What the command line may ask of a family; 0 and "" stand for the family's own choice."""

    as_published: bool = False
    hidden: int = 0
    layers: int = 0
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """How the exported graph differs from PyTorch.

    ``largest_difference`` is that of the fp32 graph, in nats (or of an output that is none); ``nats_lost`` are the nats a
    unit that smaller weights cost, 0 where they are not made smaller.
    """

    largest_difference: float
    nats_lost: float = 0.0


class Task(Protocol):
    """One family at work on one corpus. Attributes do not change while it trains."""

    family: str
    unit: str
    recipe: Recipe
    counts: Counts
    settings: Mapping[str, object]
    """Sizes and vocabularies, as JSON values: for the manifest, and compared when a checkpoint is resumed."""

    def network(self) -> nn.Module:
        """A fresh network, its weights drawn with torch's current seed."""
        ...

    def batches(self, lanes: Sequence[int], seed: int) -> Iterator[Any]:
        """Endless batches for these lanes.

        What lane ``n`` hears depends on ``seed`` and ``n`` alone, so that several processes that share the lanes out see
        the same music as one that has them all.
        """
        ...

    def held_out(self, net: nn.Module) -> float:
        """Nats a unit on the held-out pieces (or enough of them to take some seconds), always the same ones."""
        ...

    def export(self, net: nn.Module, manifest: Manifest) -> tuple[Manifest, Check]:
        """Write graph and manifest into ``manifest.path`` (family, inputs, settings filled in), checked against PyTorch.

        Raises:
            TrainingError: the graph does not compute what PyTorch computes; nothing was written.
        """
        ...

    def metrics(self, made: Manifest) -> Metrics:
        """Measured with the exported model on all held-out pieces.

        At least ``nats_per_<unit>`` and ``unigram_nats_per_<unit>``.
        """
        ...

    def rows(self, net: nn.Module) -> Mapping[str, str]:
        """Lines of the card about data, network and choices, by heading."""
        ...
