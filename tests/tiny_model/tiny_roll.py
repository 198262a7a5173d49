"""Toy music in columns, and piano-roll models of a few units, mended and as published."""

from __future__ import annotations

from pathlib import Path

import torch

from musegen_app.files.collection import Source
from musegen_app.generate import Manifest
from musegen_app.score import Metre, Note, NoteTable, Score, Timeline, Track
from musegen_app.training.corpus import Corpus, CorpusPiece
from musegen_app.training.task import Options, Task
from musegen_app.training.tasks.roll_lstm import RollTask, roll_task

STYLE = "toy"


def arpeggio(root: int, bars: int = 6, numerator: int = 4) -> NoteTable:
    """A long root in each bar, and broken chords of two sixteenths each above it."""
    notes = []
    for beat in range(bars * numerator):
        if beat % numerator == 0:
            notes.append(Note(beat * 960, 960 * numerator, root))
        notes += [Note(beat * 960 + half * 480, 480, root + 12 + (4, 7)[half]) for half in range(2)]
    return NoteTable.of(notes)


def toy_piece(root: int, split: str = "train", numerator: int = 4) -> CorpusPiece:
    """A piece of a corpus."""
    notes = arpeggio(root, numerator=numerator)
    timeline = Timeline.made(metres=(Metre(0, numerator, 4),))
    score = Score((Track(1, "Piano", notes=notes.numbered(1)),), timeline, next_id=len(notes) + 1)
    return CorpusPiece(Source(Path(f"{root}.mid"), STYLE, split, STYLE), score)


def toy_rolls() -> Corpus:
    """Pieces to learn from, and two held out."""
    train = [toy_piece(root, numerator=metre) for root in (48, 51, 55) for metre in (4, 3)]
    return Corpus((*train, toy_piece(50, "valid"), toy_piece(53, "valid", 3)))


def toy_roll_task(*, published: bool = False, hidden: int = 16) -> Task:
    """The task of learning them."""
    options = Options(as_published=published, hidden=hidden)
    return roll_task(toy_rolls(), options, Path()) if published else RollTask(toy_rolls(), options, window=32)


def taught(task: Task, steps: int, rate: float = 0.01) -> torch.nn.Module:
    """A network after so many steps of training."""
    torch.manual_seed(5)
    net = task.network()
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate)
    state = None
    for _, batch in zip(range(steps), task.batches(range(4), 3), strict=False):
        answer = net(batch, state)
        optimiser.zero_grad()
        answer.loss.backward()
        optimiser.step()
        state = answer.state and type(answer.state)(*(part.detach() for part in answer.state))
    return net.eval()


def tiny_roll(folder: Path, *, published: bool = False, steps: int = 0) -> Manifest:
    """Export a tiny model into ``folder``; without ``steps`` it obeys all masks and knows no music."""
    task = toy_roll_task(published=published, hidden=64 if published else 16)
    manifest = Manifest(folder.name, "Tiny", "roll-lstm", folder, styles=(STYLE,))
    net = taught(task, steps)
    if published:
        for parameter in net.parameters():
            parameter.data *= 4  # so that what it likes changes from column to column
    return task.export(net, manifest)[0]
