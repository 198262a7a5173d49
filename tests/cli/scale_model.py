"""A model at the protocol that answers with a scale: enough to see what the terminal makes of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from musegen_app.generate import (
    FAMILIES,
    Control,
    Family,
    GeneratedNote,
    GenerateRequest,
    Generator,
    Manifest,
    pitch_mask,
)
from musegen_app.generate.request import Likelihood
from musegen_app.score import Note, Score

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


class Patient(ScaleModel):
    """A family of its own: it fills, has controls, remarks, knows energies, foresees, and tells notes by their ends."""

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        start, end = request.span
        low = int(request.control("low", 0))
        first = Note(start, end - start, 101 + low, 80)
        notes = [first, *(Note(tick, 480, 100 + low, 80) for tick in range(start + 960, end, 960))]
        for note in sorted(notes, key=lambda note: note.end):
            if cancelled():
                return
            yield GeneratedNote(request.id, 0, note, -1.0, -40.0)

    def remarks(self, request: GenerateRequest) -> tuple[str, ...]:
        return (f"{len(request.notes)} notes are heard an octave up.",)

    def likelihood(self, scores: Iterable[Score]) -> Likelihood:
        return Likelihood("step", sum(score.note_count for score in scores), 0.75)


PATIENT = Family(
    "patient", "Patient scales", "step", Patient,
    (Control("low", "Lowest", "", 0, 8, 2, 1), Control("warm", "Warm", "", 0.5, 1.5, 1.0, 0.25)),
    can_fill=True, has_temperature=False, has_styles=False,
)  # fmt: skip


def load_scale_model(manifest: Manifest) -> Generator:
    return ScaleModel(manifest)


def install(models: Path, name: str = "flagship", family: str = FAMILY, **metrics: float) -> Manifest:
    """Put a model folder of a family into ``models``; :data:`FAMILIES` must know the family."""
    assert family in FAMILIES
    folder = models / name
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"scales need no weights")
    manifest = Manifest(
        name, name.title(), family, folder, ("piano", "hymn"), "piano", metrics=metrics or {"nats_per_note": 2.5}
    ).sealed()
    manifest.write()
    return manifest
