"""What a larger network costs: notes a second of random weights in the shipped form, sizes taking turns in one process.

    python tests/benchmarks/bench_sizes.py [rounds]

prints a table of the sizes that were weighed against each other; the test holds the shipped size against the largest.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch

from musegen_app.encoding.anticipation import KNOWN_CLASSES, KNOWN_WIDTH
from musegen_app.encoding.context import SOUND_WIDTH, STYLE
from musegen_app.encoding.note_events import NO_LENGTH
from musegen_app.encoding.recall import RECALL_CLASSES
from musegen_app.generate import GenerateRequest, Manifest
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import NoteTable, Timeline
from musegen_app.training.graphs.note_events_export import export
from musegen_app.training.models.note_events import NoteEventNet, Size, Window

SIZES: Final = ((1, 512), (2, 256), (2, 320), (2, 384), (2, 512))
SHIPPED: Final = (2, 256)
_STYLES: Final = ("chorale", "song")
_NOTES: Final = 150


class Cost(NamedTuple):
    """``weights`` of a size, megabytes on disk, seconds a note of one take in each round."""

    weights: int
    megabytes: float
    note_s: list[float]


def measured(folder: Path, sizes: Iterable[tuple[int, int]], rounds: int) -> Mapping[tuple[int, int], Cost]:
    """Export a network of each of ``sizes`` (layers, units), and let them draw in turns."""
    made = {size: _exported(folder, *size) for size in sizes}
    costs: dict[tuple[int, int], list[float]] = {size: [] for size in made}
    for _ in range(rounds):
        for size, (generator, _) in made.items():
            costs[size].append(_note_s(generator))
    return {
        size: Cost(weights, (generator.manifest.path / "model.onnx").stat().st_size / 1e6, costs[size])
        for size, (generator, weights) in made.items()
    }


def _exported(folder: Path, layers: int, units: int) -> tuple[NoteEventGenerator, int]:
    torch.manual_seed(5)
    net = NoteEventNet(Size(hidden=units, layers=layers, styles=len(_STYLES) + 1)).eval()
    net.onset_head.bias.data[[0, 6, 12, 24]] += 4.0  # chords, sixteenths, eighths, quarters, as music has them
    path = folder / f"{layers}x{units}"
    path.mkdir()
    manifest = Manifest(name=path.name, title=path.name, family="note-events", path=path, styles=_STYLES)
    made, *_ = export(net, manifest, _window())
    return NoteEventGenerator(made), sum(parameter.numel() for parameter in net.parameters())


def _window() -> Window:
    """Rows by which the exporter compares graph and network."""
    random, shape = np.random.default_rng(2), (12, 3)

    def whole(high: int, *more: int) -> torch.Tensor:
        return torch.from_numpy(random.integers(0, high, (*shape, *more)))

    def sounds(width: int) -> torch.Tensor:
        return torch.from_numpy((random.random((*shape, width)) < 0.02).astype(np.float32))

    return Window(
        classes=whole(3, STYLE + 1),
        sounds=sounds(SOUND_WIDTH),
        pitch=whole(128),
        length=whole(100),
        velocity=whole(32),
        onset=whole(100),
        floor=torch.full(shape, -1),
        weight=torch.ones(shape),
        known_classes=whole(3, KNOWN_CLASSES),
        known_sounds=sounds(KNOWN_WIDTH),
        references=whole(129, 3),
        recall_classes=whole(3, RECALL_CLASSES),
        recall_lengths=torch.full((*shape, 128), NO_LENGTH),
    )


def _note_s(generator: NoteEventGenerator) -> float:
    """The median time of a note, which others on the machine disturb least."""
    seed = NoteTable.from_columns(range(0, 64 * 480, 480), [480] * 64, [60, 64, 67, 72] * 16)
    marks: list[float] = []
    for _ in generator.generate(GenerateRequest(seed, Timeline(), bars=128), lambda: False):
        marks.append(time.perf_counter())
        if len(marks) > _NOTES:
            break
    return statistics.median(np.diff(marks).tolist())


def ratio(costs: Mapping[tuple[int, int], Cost], size: tuple[int, int]) -> float:
    """How many notes ``size`` draws while the shipped size draws one: the median of the rounds."""
    return statistics.median(
        shipped / other for shipped, other in zip(costs[SHIPPED].note_s, costs[size].note_s, strict=True)
    )


def test_four_times_the_weights_cost_less_than_four_times_the_time(tmp_path: Path) -> None:
    costs = measured(tmp_path, (SHIPPED, (2, 512)), 7)
    assert 0.2 < ratio(costs, (2, 512)) < 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        found = measured(Path(name), SIZES, int(sys.argv[1]) if len(sys.argv) > 1 else 15)
    sys.stdout.write("| layers × units | weights | MB | notes a second | beside the shipped size |\n|---|---|---|---|---|\n")
    for (layers, units), cost in found.items():
        speed = 1 / min(cost.note_s)
        shown = f"{cost.weights / 1e6:.1f} M | {cost.megabytes:.1f} | {speed:,.0f} | {ratio(found, (layers, units)):.2f}"
        sys.stdout.write(f"| {layers} × {units} | {shown} |\n")
