"""A model at the protocol that answers with a scale: enough to see what the terminal makes of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from musegen_app.generate import FAMILIES, GeneratedNote, GenerateRequest, Generator, Manifest, pitch_mask
from musegen_app.score import Note

FAMILY = "scale"


class ScaleModel:
    """Quarter notes through the allowed pitches, from the seed number's on; take by take a step higher."""

    def __init__(self, manifest: Manifest) -> None:
        self.name = manifest.name

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        allowed = np.flatnonzero(pitch_mask(request.key, request.pitch_range)).tolist()
        for step, start in enumerate(range(*request.span, 960)):
            for take in range(request.takes):
                if cancelled():
                    return
                pitch = allowed[(request.seed_number + step + take) % len(allowed)]
                yield GeneratedNote(request.id, take, Note(start, 960, pitch, 80), -1.0)


def load_scale_model(manifest: Manifest) -> Generator:
    return ScaleModel(manifest)


def install(models: Path, name: str = "flagship") -> Manifest:
    """Put a model folder of this family into ``models``; :data:`FAMILIES` must know the family."""
    assert FAMILY in FAMILIES
    folder = models / name
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"scales need no weights")
    manifest = Manifest(
        name, name.title(), FAMILY, folder, ("piano", "hymn"), "piano", metrics={"nats_per_note": 2.5}
    ).sealed()
    manifest.write()
    return manifest
