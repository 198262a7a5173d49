"""An adapted model's export: the graph it was adapted from with other numbers, checked against PyTorch note by note."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import onnx

from musegen_app.encoding.note_events import GRID
from musegen_app.errors import TrainingError
from musegen_app.generate.manifest import Manifest
from musegen_app.training.export import described, put
from musegen_app.training.graphs.adapted import adapted_graph, with_initial_state
from musegen_app.training.graphs.note_events import note_graph
from musegen_app.training.graphs.note_events_export import FAMILY, checked
from musegen_app.training.models.adapter import AdaptedNet
from musegen_app.training.models.note_events import Window
from musegen_app.training.task import Check

MOST_NATS_APART: Final = 0.05
"""What the int8 graph may cost more or less than PyTorch, nats a note. Its weights are the same numbers; only what flows
between them is rounded, anew at each note, which was seen to cost 0.001."""


def export(
    net: AdaptedNet, base: onnx.ModelProto, manifest: Manifest, window: Window, settings: Mapping[str, object]
) -> tuple[Manifest, Check]:
    """Write graph and manifest of ``net``, unpacked from ``base``, into ``manifest.path``, checked on ``window``.

    Raises:
        TrainingError: the graph does not compute what PyTorch computes; nothing was written.
        ModelError: the folder cannot be written.
    """
    plain = net.eval().plain()
    graph = adapted_graph(base, net)
    made = replace(described(manifest, graph, settings), family=FAMILY, grid=GRID)
    with tempfile.TemporaryDirectory() as scratch:
        exact, small = Path(scratch) / "fp32.onnx", Path(scratch) / "adapted.onnx"
        onnx.save(with_initial_state(note_graph(plain), plain.initial.numpy()), exact)
        onnx.save(graph, small)
        check = checked(plain, made, (exact, small), window)
        if not abs(check.nats_lost) < MOST_NATS_APART:
            raise TrainingError(
                f"The adapted graph differs from PyTorch by {check.nats_lost:.3f} nats a note; it was not written."
            )
        return put(made, small), check
