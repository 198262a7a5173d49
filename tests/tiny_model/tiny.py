"""A note-event model of sixteen units with random weights: everything but taste, made in a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from musegen_app.encoding.anticipation import KNOWN_CLASSES, KNOWN_WIDTH
from musegen_app.encoding.context import SOUND_WIDTH, STYLE
from musegen_app.encoding.note_events import NO_LENGTH
from musegen_app.encoding.recall import RECALL_CLASSES
from musegen_app.generate import Manifest
from musegen_app.training.graphs.note_events_export import export
from musegen_app.training.models.note_events import NoteEventNet, Size, Window

STYLES = ("chorale", "song")
SILENT = ("known_", "copy_head", "interval_head", "recall_", "length_gate", "onset_gate")
"""Parts of the network that start at nothing."""


def tiny_net() -> NoteEventNet:
    """The network, the same each time. It likes chords, sixteenths, eighths and quarters."""
    torch.manual_seed(4)
    net = NoteEventNet(Size(hidden=16, layers=2, head=16, styles=len(STYLES) + 1)).eval()
    for name, parameter in net.named_parameters():
        if name.startswith(SILENT):
            torch.nn.init.normal_(parameter, std=0.03)
    net.onset_head.bias.data[[0, 6, 12, 24]] += 4.0
    return net


def random_window(time: int = 12, lanes: int = 3, seed: int = 2) -> Window:
    """Notes that make no music but are valid inputs."""
    rng = np.random.default_rng(seed)

    def whole(high: int) -> torch.Tensor:
        return torch.from_numpy(rng.integers(0, high, (time, lanes)))

    return Window(
        classes=torch.from_numpy(rng.integers(0, 3, (time, lanes, STYLE + 1))),
        sounds=torch.from_numpy((rng.random((time, lanes, SOUND_WIDTH)) < 0.02).astype(np.float32)),
        pitch=whole(128),
        length=whole(100),
        velocity=whole(32),
        onset=whole(100),
        floor=torch.full((time, lanes), -1),
        weight=torch.ones(time, lanes),
        known_classes=torch.from_numpy(rng.integers(0, 3, (time, lanes, KNOWN_CLASSES))),
        known_sounds=torch.from_numpy((rng.random((time, lanes, KNOWN_WIDTH)) < 0.02).astype(np.float32)),
        references=torch.from_numpy(rng.integers(0, 129, (time, lanes, 3))),
        recall_classes=torch.from_numpy(rng.integers(0, 4, (time, lanes, RECALL_CLASSES))),
        recall_lengths=torch.from_numpy(np.where(rng.random((time, lanes, 128)) < 0.1, rng.integers(0, 50), NO_LENGTH)),
    )


def tiny_model(folder: Path) -> Manifest:
    """Export the tiny model into ``folder``."""
    manifest = Manifest(name=folder.name, title="Tiny", family="note-events", path=folder, styles=STYLES)
    return export(tiny_net(), manifest, random_window())[0]
