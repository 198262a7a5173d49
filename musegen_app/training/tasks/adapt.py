"""Adapting a note-event model to new pieces: little is learnt, quickly, and the model is as fast as before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from torch import nn

from musegen_app.encoding.context import STYLE
from musegen_app.errors import ModelError, TrainingError
from musegen_app.generate.evaluation import Evaluation, evaluate
from musegen_app.generate.manifest import Manifest, Metrics
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.shared_runs import FILE
from musegen_app.training.baseline import unigram_nats
from musegen_app.training.batches import Lanes, held_out_windows
from musegen_app.training.card import CREDITS_FILE
from musegen_app.training.corpus import Corpus
from musegen_app.training.graphs.note_events_export import FAMILY, export
from musegen_app.training.models.adapter import OWN_STYLE, AdaptedNet
from musegen_app.training.models.note_events import Batch, NoteEventNet, Window
from musegen_app.training.prepare import Library, prepare
from musegen_app.training.task import Check, Counts, Recipe
from musegen_app.training.tasks.note_events import held_out_nats
from musegen_app.training.unpack import read_graph, unpacked

_WINDOW: Final = 128
_CHECK_LANES, _CHECK_ROWS = 32, 768
_LIKE_LANES, _LIKE_ROWS = 16, 256
_EXPORT_PIECES, _EXPORT_NOTES = 12, 96
_RECIPE: Final = Recipe(minutes=3.0, lanes=16, rate=5e-3, weight_decay=0.0, average=0.98, patience=4)
_FIELDS: Final = ("nats_onset", "nats_pitch", "nats_length", "nats_velocity", "nats_per_note")


class AdaptTask:
    """See :class:`musegen_app.training.task.Task`: ``base`` learns the pieces of ``corpus`` as its one style ``style``.

    Raises:
        TrainingError: ``base`` is not of the note-event family or not a graph that MuseGen made, or there are no pitched
            notes to learn from.
        ModelError: the base's graph is missing or damaged.
    """

    family = FAMILY
    unit = "note"

    def __init__(self, corpus: Corpus, work: Path, base: Manifest, style: str) -> None:
        require_adaptable(base)
        self.recipe = _RECIPE
        self.base, self.style, self._corpus = base, style, corpus
        self._graph: onnx.ModelProto = read_graph(base)
        net = unpacked(base, self._graph)
        self._own_styles = prepare(corpus, work / "pieces.npz")
        self.music = _in_one_style(self._own_styles, style)
        self.like = _likest(net, self.music)
        self._origin = {"adapted_from": base.name, "adapted_from_sha256": base.sha256, "adapted_like": self.like_name}
        sizes = net.size.as_dict() | {"styles": OWN_STYLE + 1}
        self.settings: Mapping[str, object] = sizes | self._origin | {"style_name": style}
        notes = self.music.notes[~self.music.held_out]
        self.counts = Counts(len(notes), int(notes.sum() - len(notes)), int(notes.sum()))
        self._check = _windows(self.music, np.flatnonzero(self.music.held_out), _CHECK_LANES, _CHECK_ROWS)
        self._nats_before = self.held_out(self.network())

    @property
    def like_name(self) -> str:
        """The base's style that foresees the pieces best, from which the new style begins; "" for no style."""
        return ("", *self.base.styles)[self.like]

    def network(self) -> AdaptedNet:
        """The base as it is, with nothing learnt yet."""
        return AdaptedNet(unpacked(self.base, self._graph), self.like)

    def batches(self, lanes: Sequence[int], seed: int) -> Iterator[Batch]:
        """Windows of notes, transposed at random, controls hidden at times; the style is always told."""
        heard = Lanes(self.music, lanes, _WINDOW, seed)
        while True:
            batch = heard.next()
            batch.window.classes[..., STYLE] = OWN_STYLE
            yield batch

    def held_out(self, net: nn.Module) -> float:
        """Nats a note (onset + pitch + length) on the beginnings of up to 32 held-out pieces."""
        return sum(held_out_nats(_adapted(net).plain(), self._check)[:3])

    def helps(self, net: nn.Module) -> bool:
        """Whether the held-out pieces are foreseen better than by the base as it was."""
        return self.held_out(net) < self._nats_before

    def export(self, net: nn.Module, manifest: Manifest) -> tuple[Manifest, Check]:
        """See the protocol; the base's credits and index go along. Where nothing learnt helps, the base is exported."""
        pieces = np.flatnonzero(self.music.held_out)[:_EXPORT_PIECES]
        window = held_out_windows(self.music, pieces, _EXPORT_NOTES, _EXPORT_NOTES)[0]
        blank = replace(manifest, styles=(self.style,), default_style=self.style)
        kept = _adapted(net) if self.helps(net) else self.network()
        made, check = export(kept.plain(), blank, window, self._origin)
        thanks = self.base.path / CREDITS_FILE
        if thanks.is_file():
            shutil.copyfile(thanks, made.path / CREDITS_FILE)
        return self._with_index(made), check

    def _with_index(self, made: Manifest) -> Manifest:
        """What the base learnt from is known to the adapted model too: its index goes along, to be added to."""
        index = self.base.path / self.base.originality
        if not self.base.originality or not index.is_file():
            return made
        shutil.copyfile(index, made.path / FILE)
        return replace(made, originality=FILE)

    def metrics(self, made: Manifest) -> Metrics:
        """Nats a note by attribute, before and after; before is by the base's likest style."""
        after, before = self._measured(made, self.style), self._measured(self.base, self.like_name)
        if not after.notes:
            raise TrainingError("The held-out pieces have no notes to measure the model by.")
        return {
            "held_out_notes": float(after.notes),
            **{name: getattr(after, name) for name in _FIELDS},
            "nats_before_adapting": before.nats_per_note,
            "unigram_nats_per_note": unigram_nats(self._own_styles)[""],
        }

    def _measured(self, model: Manifest, style: str) -> Evaluation:
        scores = [piece.score for piece in self._corpus.held_out]
        return evaluate(NoteEventGenerator(model), scores, style if style in model.styles else "")

    def rows(self, net: nn.Module) -> Mapping[str, str]:
        """See the protocol."""
        count = sum(p.numel() for p in net.parameters() if p.requires_grad)
        learnt = (
            f"{count:,} numbers: the state before the first note, the new style's row, a shift for every bias, a gain for "
            "every unit of the linear layers, and a change of rank 8 of the heads and the LSTM"
            if self.helps(net)
            else "nothing that helps: the held-out pieces are foreseen best as it was"
        )
        like = f'its style "{self.like_name}"' if self.like_name else "no style"
        return {
            "Adapted from": f"{self.base.title} ({self.base.name}), whose weights stayed as they were; it began as {like}",
            "Learnt": learnt,
            "Variation": "transposed by −6 to 6 semitones (told to the network); bars to the end and what is recalled "
            "hidden at times",
        }


def require_adaptable(base: Manifest) -> None:
    """Look at all that can be known of ``base`` before its graph is read.

    Raises:
        TrainingError: it is not of the note-event family.
        ModelError: its graph is missing or damaged.
    """
    if base.family != FAMILY:
        raise TrainingError(f'Model "{base.name}" cannot be adapted: it is not of the family {FAMILY}.')
    if base.graphs_sha256() != base.sha256.lower():
        files = " or ".join(base.graph_files)
        raise ModelError(f'Model "{base.name}" cannot be adapted: {files} is damaged.', base.name)


def _adapted(net: nn.Module) -> AdaptedNet:
    if not isinstance(net, AdaptedNet):
        raise TypeError("not an adapted network")
    return net


def _in_one_style(library: Library, name: str) -> Library:
    return replace(library, style=np.full(len(library.style), OWN_STYLE), styles=(name,))


def _windows(
    library: Library, pieces: np.ndarray[tuple[int, ...], np.dtype[np.int64]], lanes: int, rows: int
) -> list[Window]:
    chosen = pieces[np.unique(np.linspace(0, len(pieces) - 1, min(lanes, len(pieces))).astype(int))]
    return held_out_windows(library, chosen, int(min(rows, library.notes[chosen].max())), _WINDOW)


def _likest(net: NoteEventNet, library: Library) -> int:
    """The style class under which the net foresees the pieces to learn from best."""
    windows = _windows(library, np.flatnonzero(~library.held_out), _LIKE_LANES, _LIKE_ROWS)
    nats = []
    for style in range(net.size.styles):
        for window in windows:
            window.classes[..., STYLE] = style
        nats.append(sum(held_out_nats(net, windows)[:3]))
    return int(np.argmin(nats))
