"""Toy music, a pitch struck on every beat and held to the next, and small Boltzmann machines that learn or know it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch

from musegen_app.files.collection import Source
from musegen_app.generate import Manifest
from musegen_app.score import Metre, Note, NoteTable, Score, Timeline, Track
from musegen_app.training.corpus import Corpus, CorpusPiece
from musegen_app.training.models.rbm import BoltzmannNet, Size
from musegen_app.training.task import Options
from musegen_app.training.tasks.rbm import BoltzmannTask

PITCHES: Final = (55, 60, 64, 69)
"""What pieces are made of; they are moved by up to six semitones in training."""


def drone(pitch: int, beats: int = 16, begin: int = 0) -> NoteTable:
    """A quarter on each beat, all of one pitch."""
    return NoteTable.of(Note((begin + beat) * 960, 960, pitch) for beat in range(beats))


def piece(notes: NoteTable, split: str = "train", metre: tuple[int, int] = (4, 4)) -> CorpusPiece:
    """A piece of a corpus, of these notes."""
    track = Track(1, "Part", notes=notes.numbered(1))
    score = Score((track,), Timeline.made(metres=(Metre(0, *metre),)), next_id=len(notes) + 1)
    return CorpusPiece(Source(Path(f"{split}.mid"), "toy", split, "toy"), score)


def toy_corpus() -> Corpus:
    """Pieces to learn from, and two held out."""
    train = [piece(drone(pitch)) for pitch in PITCHES]
    return Corpus((*train, *(piece(drone(pitch), "valid") for pitch in PITCHES[:2])))


def toy_task(*, published: bool = False, hidden: int = 24) -> BoltzmannTask:
    """The task of learning them."""
    return BoltzmannTask(toy_corpus(), Options(as_published=published, hidden=hidden), Path())


def taught(task: BoltzmannTask, steps: int, lanes: int = 24, rate: float = 0.01) -> BoltzmannNet:
    """A machine after so many steps of training."""
    torch.manual_seed(4)
    net = task.network()
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.0)
    chains = None
    for step, batch in zip(range(steps), task.batches(range(lanes), 7), strict=False):
        optimiser.param_groups[0]["lr"] = rate * (1 - step / steps)
        answer = net(batch, chains)
        chains = answer.state
        optimiser.zero_grad()
        answer.loss.backward()
        optimiser.step()
    return net.eval()


def knowing() -> BoltzmannNet:
    """A machine built to know that music: a hidden unit a pitch, on where some steps of the pattern are seen."""
    size = Size(hidden=78)
    net = BoltzmannNet(size)
    weight = torch.zeros(size.steps, 2, size.pitches, size.hidden)
    for pitch in range(size.pitches):
        for step in range(size.steps):
            weight[step, 1 if step % 4 == 0 else 0, pitch, pitch] = 12.0
    net.weight.data[:] = weight.flatten(0, 2)
    net.hidden_bias.data[:] = -40.0
    net.visible_bias.data[:] = -8.0
    net.place_weight.data.zero_()
    return net.eval()


def tiny_rbm(folder: Path, *, published: bool = False) -> Manifest:
    """Export a machine into ``folder``: the one that knows, or one as published that has learnt nothing yet."""
    task = toy_task(published=published, hidden=78)
    task.export_levels = 20
    torch.manual_seed(4)
    net = task.network() if published else knowing()
    return task.export(net, Manifest(name=folder.name, title="Tiny", family="rbm", path=folder))[0]
