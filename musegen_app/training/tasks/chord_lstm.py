"""The word LSTM in the training room, mended or as published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from musegen_app.encoding.chord_names import WINDOW, NameVocabulary, first_part, names_of
from musegen_app.errors import TrainingError
from musegen_app.generate.chord_foresight import Foresight
from musegen_app.generate.chord_lstm import ChordGenerator, NameGenerator
from musegen_app.generate.chord_names import heard_numbers, piece_numbers
from musegen_app.generate.manifest import Manifest, Metrics
from musegen_app.score import Score
from musegen_app.training.chord_library import (
    WordLanes,
    WordLibrary,
    unigram_nats,
    vocabulary_of,
    windows_of,
)
from musegen_app.training.corpus import Corpus, CorpusPiece
from musegen_app.training.graphs.chord_lstm_export import FAMILY, export, export_names
from musegen_app.training.models.chord_lstm import Batch, ChordNet, NameBatch, NameNet, NameSize, Size
from musegen_app.training.prepare import instrument_of
from musegen_app.training.task import Check, Counts, Options, Recipe, Task

UNIT: Final = "word"
_MOST_SHAPES: Final = 3000
_WINDOW: Final = 64
_PLENTY: Final = 500_000  # words from which on nothing need be dropped out
_DROPOUT: Final = 0.2
_CHECK_LANES, _CHECK_ROWS = 48, 384
_EXPORT_LANES, _EXPORT_ROWS = 12, 96
_MENDED: Final = Recipe(minutes=30, lanes=16, rate=2e-3, weight_decay=0.02, clip=1.0, average=0.998)
_PUBLISHED: Final = Recipe(
    minutes=15, lanes=64, optimiser="rmsprop", rate=1e-3, schedule="flat", weight_decay=0.0, clip=0.0, average=0.0
)
_CHECK_WINDOWS: Final = 256
_FIELDS: Final = ("nats_root", "nats_shape", "nats_word_length", "nats_step")


def chord_task(corpus: Corpus, options: Options, work: Path) -> Task:
    """The task of ``corpus``, mended or as published.

    Raises:
        TrainingError: there is nothing for it to learn from.
    """
    return NameTask(corpus, options, work) if options.as_published else ChordTask(corpus, options, work)


class ChordTask:
    """See :class:`musegen_app.training.task.Task`. ``Options.settings`` may tell ``instrument``, "pitched" or "drums".

    Raises:
        TrainingError: no piece, or none of those held out, has notes of that class.
    """

    family = FAMILY
    unit = UNIT

    def __init__(self, corpus: Corpus, options: Options, work: Path) -> None:  # noqa: ARG002 every task is made so
        self.recipe = _MENDED
        self._corpus = corpus
        instrument = instrument_of(corpus.train, options.settings.get("instrument"))
        self.vocabulary = vocabulary_of(corpus.train, instrument, _MOST_SHAPES)
        self.train = WordLibrary.of(corpus.train, self.vocabulary)
        self.valid = WordLibrary.of(corpus.held_out, self.vocabulary)
        if not len(self.train) or not len(self.valid):
            raise TrainingError(f"The pieces held out have no notes of the instrument class {instrument}.")
        self.size = Size(options.hidden or Size.hidden, options.layers or Size.layers)
        self.settings: Mapping[str, object] = self.size.as_dict() | {
            "as_published": False,
            "instrument": instrument,
            "shapes": self.vocabulary.names,
        }
        self.counts = Counts(len(self.train), self.train.notes, len(self.train.word))
        chosen = np.unique(np.linspace(0, len(self.valid) - 1, min(_CHECK_LANES, len(self.valid))).astype(np.int64))
        self._check = windows_of(self.valid, chosen, _CHECK_ROWS, _WINDOW)

    def network(self) -> ChordNet:
        """A fresh network."""
        dropout = 0.0 if len(self.train.word) > _PLENTY else _DROPOUT
        return ChordNet(self.size, torch.from_numpy(self.vocabulary.matrix), dropout)

    def batches(self, lanes: Sequence[int], seed: int) -> Iterator[Batch]:
        """Windows of words, transposed at random where they are pitched."""
        heard = WordLanes(self.train, lanes, _WINDOW, seed)
        while True:
            yield heard.next()

    def held_out(self, net: nn.Module) -> float:
        """Nats a word on the beginnings of up to 48 held-out pieces."""
        mended = _mended(net)
        state = mended.empty_state(self._check[0].weight.shape[1])
        total = words = 0.0
        with torch.inference_mode():
            for window in self._check:
                nats, state = mended.nats(window, state)
                total += float(nats.sum())
                words += float(window.weight.sum())
        return total / max(words, 1.0)

    def export(self, net: nn.Module, manifest: Manifest) -> tuple[Manifest, Check]:
        """See the protocol."""
        chosen = np.arange(min(_EXPORT_LANES, len(self.valid)))
        window = windows_of(self.valid, chosen, _EXPORT_ROWS, _EXPORT_ROWS)[0]
        return export(_mended(net), manifest, window, self.settings)

    def metrics(self, made: Manifest) -> Metrics:
        """Nats a word by field and by style, beside those of counting; and nats a note, to compare with other families."""
        generator = ChordGenerator(made)
        by_style: dict[str, list[CorpusPiece]] = {}
        for piece in self._corpus.held_out:
            by_style.setdefault(piece.source.style, []).append(piece)
        parts = {style: generator.foresight(piece.score for piece in pieces) for style, pieces in by_style.items()}
        parts = {style: part for style, part in parts.items() if part.notes}
        words, notes = (sum(getattr(part, name) for part in parts.values()) for name in ("words", "notes"))
        nats = np.sum([part.nats for part in parts.values()], axis=0)
        widths = sum(part.widths for part in parts.values())
        return {
            "held_out_words": float(words),
            "held_out_notes": float(notes),
            "nats_per_word": float(nats.sum()) / words,
            "unigram_nats_per_word": unigram_nats(self.train, self.valid),
            **{name: float(cost) / words for name, cost in zip(_FIELDS, nats, strict=True)},
            "nats_per_note": (float(nats.sum()) + widths) / notes,
            "unknown_words": sum(part.unknown for part in parts.values()) / words,
            "nats_by_style": {style: _mean(part) for style, part in parts.items()},
            "unigram_nats_by_style": {
                style: unigram_nats(self.train, WordLibrary.of(by_style[style], self.vocabulary)) for style in parts
            },
        }

    def rows(self, net: nn.Module) -> Mapping[str, str]:
        """See the protocol."""
        weights = sum(p.numel() for p in net.parameters())
        kind = "sets of drums" if self.vocabulary.instrument == "drums" else "shapes of chords on any root"
        return {
            "Network": f"{self.size.layers} layers of {self.size.hidden} units, {weights:,} weights; hears words (what is "
            "struck together, its length, the time to the next) with the place in the bar, what still sounds and what was "
            "struck a bar ago; draws root, shape, length and step, each knowing what was chosen before; int8 weights",
            "Vocabulary": f"{len(self.vocabulary):,} {kind}, rests, beginning and end",
            "Variation": "none" if self.vocabulary.instrument == "drums" else "transposed by −6 to 6 semitones",
        }


def _mean(part: Foresight) -> float:
    return float(part.nats.sum()) / part.words


def _mended(net: nn.Module) -> ChordNet:
    if not isinstance(net, ChordNet):
        raise TypeError("not a word network")
    return net


# --- as published -----------------------------------------------------------------------------------------------------


class NameTask:
    """The published recipe: see :class:`musegen_app.training.task.Task`.

    Raises:
        TrainingError: no first part, or none of those held out, has more than a hundred words.
    """

    family = FAMILY
    unit = UNIT

    def __init__(self, corpus: Corpus, options: Options, work: Path) -> None:  # noqa: ARG002 every task is made so
        self.recipe = _PUBLISHED
        self._corpus = corpus
        names = [names_of(first_part(piece.score)) for piece in corpus.train]
        self.vocabulary = NameVocabulary(tuple(sorted({name for piece in names for name in piece})))
        numbers = [self.vocabulary.numbers(piece)[0] for piece in names]
        self._words = np.array([word for piece in numbers for word in piece], dtype=np.int64)
        self._notes = sum(len(first_part(piece.score)) for piece in corpus.train)
        held_out = _windows([piece.score for piece in corpus.held_out], self.vocabulary)
        if len(self._words) <= WINDOW or not len(held_out):
            raise TrainingError(f"Too few pieces have a first part of more than {WINDOW} words.")
        chosen = np.unique(np.linspace(0, len(held_out) - 1, min(_CHECK_WINDOWS, len(held_out))).astype(np.int64))
        self._check = held_out[chosen]
        self.size = NameSize(len(self.vocabulary), options.hidden or NameSize.hidden)
        self.settings: Mapping[str, object] = {
            "as_published": True,
            "hidden": self.size.hidden,
            "words": list(self.vocabulary.names),
        }
        self.counts = Counts(len(corpus.train), self._notes, len(self._words) - WINDOW)

    def network(self) -> NameNet:
        """A fresh network."""
        return NameNet(self.size)

    def batches(self, lanes: Sequence[int], seed: int) -> Iterator[NameBatch]:
        """Windows of a hundred words from anywhere: pieces run into each other, as they did."""
        streams = [np.random.default_rng([seed, lane]) for lane in lanes]
        while True:
            starts = np.array([stream.integers(0, len(self._words) - WINDOW) for stream in streams])
            yield self._batch(self._words[starts[:, None] + np.arange(WINDOW + 1)])

    def _batch(self, windows: npt.NDArray[np.int64]) -> NameBatch:
        heard = heard_numbers(windows[:, :WINDOW], self.size.words)
        return NameBatch(torch.from_numpy(heard), torch.from_numpy(windows[:, WINDOW]))

    def held_out(self, net: nn.Module) -> float:
        """Nats a word on up to 256 windows of held-out pieces."""
        with torch.inference_mode():
            answer = _published(net).forward(self._batch(self._check))
        return float(answer.nats) / float(answer.units)

    def export(self, net: nn.Module, manifest: Manifest) -> tuple[Manifest, Check]:
        """See the protocol."""
        return export_names(_published(net), manifest, self._check[:4, :WINDOW], self.settings)

    def metrics(self, made: Manifest) -> Metrics:
        """Nats a word beside those of counting."""
        found = NameGenerator(made).likelihood(piece.score for piece in self._corpus.held_out)
        counts = Counter(self._words.tolist())
        every = [n for piece in self._corpus.held_out for n in piece_numbers(piece.score, self.vocabulary)[WINDOW:]]
        total = len(self._words) + len(self.vocabulary)
        unigram = -np.log([(counts[word] + 1) / total for word in every]).mean()
        return {
            "held_out_words": float(found.units),
            "nats_per_word": found.nats,
            "unigram_nats_per_word": float(unigram),
        }

    def rows(self, net: nn.Module) -> Mapping[str, str]:
        """See the protocol."""
        weights = sum(p.numel() for p in net.parameters())
        return {
            "Network": f"the published word LSTM: windows of {WINDOW} words as one number each, 3 layers of "
            f"{self.size.hidden} units, dense {self.size.hidden // 2}, {weights:,} weights",
            "Vocabulary": f"{len(self.vocabulary):,} words, those of first parts; notes by name, chords by pitch classes",
            "Drawing": "the likeliest word each time, half a quarter apart",
        }


def _windows(scores: Sequence[Score], vocabulary: NameVocabulary) -> npt.NDArray[np.int64]:
    """Every hundred words of each first part with the one that follows: int64 (windows, 101)."""
    pieces = [np.array(piece_numbers(score, vocabulary), dtype=np.int64) for score in scores]
    found = [np.lib.stride_tricks.sliding_window_view(piece, WINDOW + 1) for piece in pieces if len(piece) > WINDOW]
    return np.concatenate([np.zeros((0, WINDOW + 1), dtype=np.int64), *found])


def _published(net: nn.Module) -> NameNet:
    if not isinstance(net, NameNet):
        raise TypeError("not a published word network")
    return net
