"""The piano-roll LSTM in the training room, mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn

from musegen_app.errors import TrainingError
from musegen_app.generate.manifest import Manifest, Metrics
from musegen_app.generate.roll_lstm import RollGenerator
from musegen_app.training.corpus import Corpus
from musegen_app.training.graphs.roll_lstm_export import FAMILY, export_mended
from musegen_app.training.models.roll_lstm import Batch, RollNet, Size
from musegen_app.training.roll_library import RollLanes, RollLibrary, held_out_batches, roll_library, unigram_nats
from musegen_app.training.task import Check, Counts, Options, Recipe, Task
from musegen_app.training.tasks.roll_lstm_published import PublishedRollTask

_HIDDEN, _LAYERS = 192, 2
_WINDOW: Final = 128
_CHECK_LANES, _CHECK_COLUMNS = 32, 512
_EXPORT_PIECES, _EXPORT_COLUMNS = 8, 96


class RollTask:
    """See :class:`musegen_app.training.task.Task`.

    Raises:
        TrainingError: there are no pitched notes to learn from.
    """

    family = FAMILY
    unit = "column"

    def __init__(self, corpus: Corpus, options: Options, window: int = _WINDOW) -> None:
        self.recipe = Recipe(lanes=16, rate=2e-3)
        self._corpus, self._window = corpus, window
        self.music: RollLibrary = roll_library(corpus)
        self.size = Size(options.hidden or _HIDDEN, options.layers or _LAYERS, styles=len(self.music.styles) + 1)
        self.settings: Mapping[str, object] = {
            "as_published": False,
            **self.size.as_dict(),
            "style_names": list(self.music.styles),
        }
        learnt = ~self.music.held_out
        self.counts = Counts(int(learnt.sum()), int(self.music.notes[learnt].sum()), int(self.music.lengths[learnt].sum()))

    def network(self) -> RollNet:
        """A fresh network."""
        return RollNet(self.size)

    def batches(self, lanes: Sequence[int], seed: int) -> Iterator[Batch]:
        """Windows of columns, transposed at random, the style hidden at times."""
        heard = RollLanes(self.music, lanes, self._window, seed)
        while True:
            yield heard.next()

    def held_out(self, net: nn.Module) -> float:
        """Nats a column on the beginnings of up to 32 held-out pieces, their style told."""
        net = _roll_net(net)
        pieces = self._held_out_pieces(_CHECK_LANES)
        longest = min(_CHECK_COLUMNS, int(self.music.lengths[pieces].max()))
        state, nats, columns = net.empty_state(len(pieces)), 0.0, 0.0
        with torch.inference_mode():
            for batch in held_out_batches(self.music, pieces, longest, self._window):
                costs, state = net.nats(batch, state)
                nats, columns = nats + float(costs.sum()), columns + float(batch.columns)
        return nats / max(columns, 1.0)

    def _held_out_pieces(self, most: int) -> list[int]:
        pieces = np.flatnonzero(self.music.held_out)
        chosen: list[int] = pieces[np.unique(np.linspace(0, len(pieces) - 1, min(most, len(pieces))).astype(int))].tolist()
        return chosen

    def export(self, net: nn.Module, manifest: Manifest) -> tuple[Manifest, Check]:
        """See the protocol."""
        pieces = self._held_out_pieces(_EXPORT_PIECES)
        longest = min(_EXPORT_COLUMNS, int(self.music.lengths[pieces].max()))
        batch = held_out_batches(self.music, pieces, longest, longest)[0]
        return export_mended(_roll_net(net), manifest, self.settings, batch)

    def metrics(self, made: Manifest) -> Metrics:
        """Nats a column of all held-out pieces, in all and by style, beside those of counting."""
        generator = RollGenerator(made)
        by_style: dict[str, float] = {}
        nats, columns = 0.0, 0
        for style in sorted({piece.source.style for piece in self._corpus.held_out}):
            scores = [piece.score for piece in self._corpus.held_out if piece.source.style == style]
            found = generator.likelihood(scores, style if style in made.styles else "")
            if found.units:
                by_style[style] = found.nats
            nats, columns = nats + found.nats * found.units, columns + found.units
        if not columns:
            raise TrainingError("The held-out pieces have no notes to measure the model by.")
        return {
            "held_out_columns": float(columns),
            "nats_per_column": nats / columns,
            "nats_by_style": by_style,
            "unigram_nats_per_column": unigram_nats(self.music),
        }

    def rows(self, net: nn.Module) -> Mapping[str, str]:
        """See the protocol."""
        size, weights = self.size, sum(p.numel() for p in net.parameters())
        return {
            "Network": f"LSTM, {size.layers} layers of {size.hidden} units over columns of a sixteenth, attention over "
            f"the last {size.memory}, {weights:,} weights; within a column a chain of strikes and releases, so that lengths "
            "come from the network; int8 weights",
            "Variation": "transposed by −6 to 6 semitones (told to the network); style hidden at times",
        }


def _roll_net(net: nn.Module) -> RollNet:
    if not isinstance(net, RollNet):
        raise TypeError("not a piano-roll network")
    return net


def roll_task(corpus: Corpus, options: Options, work: Path) -> Task:  # noqa: ARG001 - nothing is kept beside the corpus
    """The task of the form that ``options`` ask for.

    Raises:
        TrainingError: there is nothing to learn from.
    """
    return PublishedRollTask(corpus, options) if options.as_published else RollTask(corpus, options)
