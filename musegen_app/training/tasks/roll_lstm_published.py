"""The piano-roll LSTM in the training room, as published: its layers, its windows of 18 columns, SGD in batches of two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import torch
from torch import nn

from musegen_app.encoding.columns import PITCHES
from musegen_app.encoding.piano_roll import PUBLISHED_WINDOW, published_values
from musegen_app.errors import TrainingError
from musegen_app.generate.manifest import Manifest, Metrics
from musegen_app.generate.roll_foresight import cross_entropy
from musegen_app.generate.roll_session import WindowSession
from musegen_app.training.corpus import Corpus
from musegen_app.training.graphs.roll_lstm_export import FAMILY, export_published
from musegen_app.training.models.roll_lstm_published import WIDTHS, PublishedBatch, PublishedRollNet
from musegen_app.training.task import Check, Counts, Options, Recipe

_CHECK_WINDOWS: Final = 256
_EXPORT_WINDOWS: Final = 16


class PublishedRollTask:
    """See :class:`musegen_app.training.task.Task`.

    Only piano parts are heard, each piece with two bars of silence after it, and all pieces as one. What is called nats is
    the published cross-entropy, against a target with several ones and halves: no likelihood.

    Raises:
        TrainingError: there are no piano parts to learn from.
    """

    family = FAMILY
    unit = "column"

    def __init__(self, corpus: Corpus, options: Options) -> None:
        first = options.hidden or WIDTHS[0]
        self.widths = (first, first // 2, first // 8)
        self.recipe = Recipe(
            epochs=80, lanes=2, optimiser="sgd", rate=0.01, schedule="flat", weight_decay=0, clip=0, average=0
        )
        rolls = [published_values(piece.score) for piece in corpus.train]
        heard = [roll for roll in rolls if roll is not None]
        held_out = [roll for piece in corpus.held_out if (roll := published_values(piece.score)) is not None]
        if not heard or not held_out:
            raise TrainingError("As published only piano parts are learnt from, and fewer than two pieces have one.")
        self.learnt, self.kept = np.concatenate(heard), np.concatenate(held_out)
        if min(len(self.learnt), len(self.kept)) <= PUBLISHED_WINDOW:
            raise TrainingError("The piano parts are too short to learn from.")
        self.settings: Mapping[str, object] = {"as_published": True, "widths": list(self.widths), "window": PUBLISHED_WINDOW}
        notes = int((self.learnt == 1).sum())
        self.counts = Counts(len(heard), notes, len(self.learnt) - PUBLISHED_WINDOW)

    def network(self) -> PublishedRollNet:
        """A fresh network."""
        return PublishedRollNet(self.widths)

    def batches(self, lanes: Sequence[int], seed: int) -> Iterator[PublishedBatch]:
        """A window a lane, drawn at random from all pieces as one."""
        streams = [np.random.default_rng([seed, lane]) for lane in lanes]
        while True:
            yield _windows(self.learnt, [int(stream.integers(len(self.learnt) - PUBLISHED_WINDOW)) for stream in streams])

    def held_out(self, net: nn.Module) -> float:
        """The cross-entropy of 256 held-out columns, evenly spread."""
        return self._cross_entropy(net, _CHECK_WINDOWS)

    def _cross_entropy(self, net: nn.Module, most: int) -> float:
        begins = np.unique(np.linspace(0, len(self.kept) - PUBLISHED_WINDOW - 1, most).astype(int)).tolist()
        with torch.inference_mode():
            answers = [net(_windows(self.kept, begins[n : n + 64]), None) for n in range(0, len(begins), 64)]
        return float(sum(a.nats for a in answers)) / float(sum(a.units for a in answers))

    def export(self, net: nn.Module, manifest: Manifest) -> tuple[Manifest, Check]:
        """See the protocol."""
        if not isinstance(net, PublishedRollNet):
            raise TypeError("not the published piano-roll network")
        begins = np.linspace(0, len(self.kept) - PUBLISHED_WINDOW - 1, _EXPORT_WINDOWS).astype(int).tolist()
        return export_published(net, manifest, self.settings, _windows(self.kept, begins))

    def metrics(self, made: Manifest) -> Metrics:
        """The published cross-entropy a held-out column, beside that of each pitch's share in what sounds."""
        cost, columns = cross_entropy(WindowSession(made), self.kept)
        share = self.learnt.sum(axis=0, dtype=np.float64) + 0.5
        unigram = -(self.kept[PUBLISHED_WINDOW:] @ np.log(share / share.sum())).mean()
        return {
            "held_out_columns": float(columns),
            "nats_per_column": cost,
            "unigram_nats_per_column": float(unigram),
        }

    def rows(self, net: nn.Module) -> Mapping[str, str]:
        """See the protocol."""
        first, second, third = self.widths
        weights = sum(p.numel() for p in net.parameters())
        return {
            "Network": f"as published: LSTM {first}, {second} and {third}, attention over the 18 columns after the first "
            f"two, softmax over 128 pitches, {weights:,} weights",
            "Nats": "the published cross-entropy a column, against a target with several ones and halves: no likelihood, "
            "and not to be compared with that of other models",
        }


def _windows(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]], begins: Sequence[int]) -> PublishedBatch:
    rows = np.array(begins)[:, None] + np.arange(PUBLISHED_WINDOW + 1)
    columns = torch.from_numpy(values[rows].reshape(-1, PUBLISHED_WINDOW + 1, PITCHES))
    return PublishedBatch(columns[:, :PUBLISHED_WINDOW].contiguous(), columns[:, PUBLISHED_WINDOW])
