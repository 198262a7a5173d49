"""The tiny model, made once a run."""

from __future__ import annotations

import sys
from pathlib import Path

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
