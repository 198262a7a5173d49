"""The tiny model, made once a run."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import onnx
import pytest

from musegen_app.generate import Manifest
from musegen_app.generate.note_events import NoteEventGenerator

sys.path.insert(0, str(Path(__file__).parents[1] / "tiny_model"))


@pytest.fixture(scope="session")
def tiny_manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    from tiny import tiny_model

    return tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny(tiny_manifest: Manifest) -> NoteEventGenerator:
    """A generator with random weights: it obeys all masks and knows no music."""
    return NoteEventGenerator(tiny_manifest)


@pytest.fixture(scope="module")
def exact() -> NoteEventGenerator:
    """The tiny model in 32 bits: what is heard beside a note does not round it, so figures agree to four digits."""
    from tiny import STYLES, tiny_net

    from musegen_app.training.export import described, put
    from musegen_app.training.graphs.note_events import note_graph

    folder = Path(tempfile.mkdtemp()) / "exact"
    net = tiny_net()
    graph = note_graph(net)
    manifest = Manifest(name="exact", title="Exact", family="note-events", path=folder, styles=STYLES, grid=24)
    source = folder.with_suffix(".onnx")
    onnx.save(graph, source)
    return NoteEventGenerator(put(described(manifest, graph, net.size.as_dict()), source))
