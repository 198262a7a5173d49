"""Word models of sixteen units with random weights, and toy music that small ones learn in seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from musegen_app.encoding.chord_names import WINDOW, NameVocabulary
from musegen_app.encoding.chord_tokens import Vocabulary
from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.files.collection import Source
from musegen_app.generate import Manifest
from musegen_app.score import DRUM_CHANNEL, Metre, Note, NoteTable, Score, Timeline, Track
from musegen_app.training.corpus import Corpus, CorpusPiece
from musegen_app.training.export import described, put
from musegen_app.training.graphs.chord_lstm import chord_graph
from musegen_app.training.graphs.chord_lstm_export import FAMILY, export_names
from musegen_app.training.models.chord_lstm import ChordNet, NameNet, NameSize, Size
from musegen_app.training.task import Task

SHAPES = ((0,), (0, 3, 7), (0, 4, 7), (0, 12), (0, 4), (0, 3), (0, 7, 12, 16))
DRUM_SETS = ((36,), (38,), (42,), (36, 42), (38, 42), (36, 38, 49))
NAMES = ("0.4.7", "2.5.9", "A4", "B4", "C4", "D4", "E4", "F#4", "G3")


def tiny_chord_model(folder: Path, instrument: str = PITCHED) -> Manifest:
    """A model with random weights that likes steps of a sixteenth to a quarter."""
    import onnx

    torch.manual_seed(5)
    vocabulary = Vocabulary(instrument, DRUM_SETS if instrument == DRUMS else SHAPES)
    net = ChordNet(Size(16, 2, 16), torch.from_numpy(vocabulary.matrix)).eval()
    net.step_head.bias.data[[0, 6, 12, 24]] += 4.0
    graph = chord_graph(net)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(graph, folder / "exact.onnx")
    settings = net.size.as_dict() | {"as_published": False, "instrument": instrument, "shapes": vocabulary.names}
    manifest = replace(described(Manifest(folder.name, "Tiny", FAMILY, folder), graph, settings), grid=24)
    return put(manifest, folder / "exact.onnx")


def tiny_name_model(folder: Path) -> Manifest:
    """A published model with random weights."""
    torch.manual_seed(6)
    net = NameNet(NameSize(len(NAMES), 8)).eval()
    settings = {"as_published": True, "hidden": 8, "words": list(NameVocabulary(NAMES).names)}
    windows = np.random.default_rng(1).integers(0, len(NAMES), (3, WINDOW))
    return export_names(net, Manifest(folder.name, "Tiny", FAMILY, folder), windows, settings)[0]


def piece(notes: list[Note], split: str = "train", *, channel: int = 0, metre: tuple[int, int] = (4, 4)) -> CorpusPiece:
    """A piece of a corpus, of these notes."""
    track = Track(1, "Part", channel, 0, NoteTable.of(notes).numbered(1))
    score = Score((track,), Timeline.made(metres=(Metre(0, *metre),)), next_id=len(notes) + 1)
    return CorpusPiece(Source(Path(f"{split}.mid"), "toy", split, "toy"), score)


def chords_and_tune(number: int, bars: int = 12) -> list[Note]:
    """A triad held a bar, of four that follow one another, under eighths that are drawn from it, the root most."""
    random = np.random.default_rng(number)
    roots = (48, 53, 55, 48)
    notes = []
    for bar in range(bars):
        root = roots[bar % 4]
        notes += [Note(bar * 3840, 3840, root + step) for step in (0, 4, 7)]
        for eighth in range(8):
            pitch = root + 24 + int(random.choice((0, 4, 7, 12), p=(0.55, 0.15, 0.15, 0.15)))
            notes.append(Note(bar * 3840 + eighth * 480, 480, pitch))
    return notes


def beat(number: int, bars: int = 8) -> list[Note]:
    """Bass drum and snare in turns, a hi-hat on every eighth, one of them open at random."""
    random = np.random.default_rng(number)
    notes = []
    for eighth in range(bars * 8):
        notes.append(Note(eighth * 480, 60, 46 if random.random() < 0.1 else 42))
        if eighth % 2 == 0:
            notes.append(Note(eighth * 480, 60, 36 if eighth % 4 == 0 else 38))
    return notes


def toy_corpus(*, drums: bool = False) -> Corpus:
    """Eight pieces to learn from, and two held out."""
    made, channel = (beat, DRUM_CHANNEL) if drums else (chords_and_tune, 0)
    return Corpus(tuple(piece(made(n), "train" if n < 8 else "valid", channel=channel) for n in range(10)))


def taught(task: Task, steps: int, lanes: int = 8, rate: float = 0.01) -> nn.Module:
    """A network after so many steps of training."""
    torch.manual_seed(4)
    net = task.network()
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.0)
    state = None
    for step, batch in zip(range(steps), task.batches(range(lanes), 7), strict=False):
        optimiser.param_groups[0]["lr"] = rate * (1 - step / steps)
        answer = net(batch, state)
        state = tuple(part.detach() for part in answer.state) if answer.state is not None else None
        optimiser.zero_grad()
        answer.loss.backward()
        optimiser.step()
    return net.eval()
