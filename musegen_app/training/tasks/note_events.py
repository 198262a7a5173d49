"""The note-event family in the training room: what made the flagship, and the drummer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn

from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.errors import TrainingError
from musegen_app.generate.evaluation import evaluate
from musegen_app.generate.manifest import Manifest, Metrics
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import Score
from musegen_app.training.baseline import unigram_nats
from musegen_app.training.batches import Lanes, held_out_windows
from musegen_app.training.corpus import Corpus
from musegen_app.training.graphs.note_events_export import FAMILY, export
from musegen_app.training.models.note_events import Batch, NoteEventNet, Size, Window
from musegen_app.training.prepare import VERSIONS, Library, instrument_of, prepare
from musegen_app.training.task import Check, Counts, Options, Recipe

_HIDDEN, _LAYERS = 256, 2
_DRUM_LAYERS: Final = 1
_DRUM_DROPOUT: Final = 0.3
_WINDOW: Final = 128
_CHECK_LANES, _CHECK_ROWS = 48, 768
_EXPORT_PIECES, _EXPORT_NOTES = 12, 96
_VARIATION: Final = {
    PITCHED: "transposed by −6 to 6 semitones (told to the network)",
    DRUMS: "half of what it hears as played, half as it would be written, on the grid, in part for other kits",
}
_FIELDS: Final = ("nats_onset", "nats_pitch", "nats_length", "nats_velocity", "nats_per_note")


class NoteEventTask:
    """See :class:`musegen_app.training.task.Task`. Its encoded pieces are kept in ``work``.

    ``Options.settings`` may tell ``instrument``, "pitched" or "drums"; a folder of nothing but drums makes a drummer.

    Raises:
        TrainingError: there are no such notes to learn from.
    """

    family = FAMILY
    unit = "note"

    def __init__(self, corpus: Corpus, options: Options, work: Path, window: int = _WINDOW) -> None:
        self.recipe = Recipe()
        self._corpus, self._window = corpus, window
        self.instrument = instrument_of(corpus.train, options.settings.get("instrument"))
        self._is_drums = self.instrument == DRUMS
        self.music = library = prepare(corpus, work / "pieces.npz", self.instrument)
        layers = options.layers or (_DRUM_LAYERS if self._is_drums else _LAYERS)
        size = Size(hidden=options.hidden or _HIDDEN, layers=layers, styles=len(library.styles) + 1)
        self.size = size
        self._plays: Mapping[str, object] = {"instrument": DRUMS} if self._is_drums else {}
        self.settings: Mapping[str, object] = size.as_dict() | {"style_names": list(library.styles)} | self._plays
        notes = library.notes[~library.held_out]
        times = VERSIONS[self.instrument]
        self.counts = Counts(len(notes) // times, int(notes.sum() - len(notes)) // times, int(notes.sum()))
        self._check = _check_windows(library)

    def network(self) -> NoteEventNet:
        """A fresh network."""
        return NoteEventNet(self.size, _DRUM_DROPOUT, velocity_weight=1.0) if self._is_drums else NoteEventNet(self.size)

    def batches(self, lanes: Sequence[int], seed: int) -> Iterator[Batch]:
        """Windows of notes, transposed at random, controls hidden at times."""
        heard = Lanes(self.music, lanes, self._window, seed, self.instrument)
        while True:
            yield heard.next()

    def held_out(self, net: nn.Module) -> float:
        """Nats a note (onset + pitch + length; of drums velocity as well) on the beginnings of up to 48 held-out pieces."""
        return sum(held_out_nats(net, self._check)[: 4 if self._is_drums else 3])

    def export(self, net: nn.Module, manifest: Manifest) -> tuple[Manifest, Check]:
        """See the protocol."""
        chosen = np.flatnonzero(self.music.held_out)[:_EXPORT_PIECES]
        window = held_out_windows(self.music, chosen, _EXPORT_NOTES, _EXPORT_NOTES)[0]
        if not isinstance(net, NoteEventNet):
            raise TypeError("not a note-event network")
        return export(net, manifest, window, self._plays)

    def metrics(self, made: Manifest) -> Metrics:
        """Nats a note by attribute and by style, beside those of counting."""
        generator = NoteEventGenerator(made)
        scores: dict[str, list[Score]] = {}
        for piece in self._corpus.held_out:
            scores.setdefault(piece.source.style, []).append(piece.score)
        parts = {style: evaluate(generator, scores[style], style if style in made.styles else "") for style in scores}
        notes = sum(part.notes for part in parts.values())
        if not notes:
            raise TrainingError("The held-out pieces have no notes to measure the model by.")
        means = {name: sum(getattr(part, name) * part.notes for part in parts.values()) / notes for name in _FIELDS}
        by_style = {style: part.nats_per_note for style, part in parts.items() if part.notes}
        unigram = unigram_nats(self.music)
        return {
            "held_out_notes": float(notes),
            **means,
            "nats_by_style": by_style,
            "unigram_nats_per_note": unigram.pop(""),
            "unigram_nats_by_style": unigram,
        }

    def rows(self, net: nn.Module) -> Mapping[str, str]:
        """See the protocol."""
        weights = sum(p.numel() for p in net.parameters())
        layers = "1 layer" if self.size.layers == 1 else f"{self.size.layers} layers"
        return {
            "Network": f"{layers} of {self.size.hidden} units, {weights:,} weights; hears notes one by one and draws onset, "
            "pitch, length and velocity, each knowing what was chosen before; int8 weights",
            "Variation": f"{_VARIATION[self.instrument]}; style, bars to the end and what is recalled hidden "
            "at times; in 60 % some of what is to come known beforehand",
        }


def held_out_nats(net: nn.Module, windows: list[Window]) -> tuple[float, float, float, float]:
    """Nats a note over ``windows`` (which follow one another): onset, pitch, length, velocity."""
    if not isinstance(net, NoteEventNet):
        raise TypeError("not a note-event network")
    state = net.empty_state(windows[0].pitch.shape[1])
    total, notes, voiced = np.zeros(4), 0.0, 0.0
    with torch.inference_mode():
        for window in windows:
            nats, state = net.nats(window, state)
            total += [float(t.sum()) for t in (nats.onset, nats.pitch, nats.length, nats.velocity)]
            notes += float((window.weight * (window.pitch < 128)).sum())
            voiced += float((window.weight * (window.velocity < 32)).sum())
    onset, pitch, length, velocity = total / [max(n, 1.0) for n in (notes, notes, notes, voiced)]
    return float(onset), float(pitch), float(length), float(velocity)


def _check_windows(library: Library) -> list[Window]:
    pieces = np.flatnonzero(library.held_out)
    chosen = pieces[np.unique(np.linspace(0, len(pieces) - 1, min(_CHECK_LANES, len(pieces))).astype(int))]
    longest = int(min(_CHECK_ROWS, library.notes[chosen].max()))
    return held_out_windows(library, chosen, longest, _WINDOW)
