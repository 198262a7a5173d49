"""What ships with a model so that its takes can be held against what it learnt from: the runs of the pieces, packed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from musegen_app.encoding.note_events import GridNotes
from musegen_app.encoding.pieces import piece_of
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.shared_runs import FILE, SharedRuns, shared_runs_of
from musegen_app.training.corpus import Corpus


def put_index(manifest: Manifest, corpus: Corpus) -> Manifest:
    """Write the runs of the pieces learnt from beside the model's graph; returns the manifest that names the file.

    Where the manifest names an index already, an adapted model's from its base, what it holds stays known.

    Raises:
        ModelError: the folder cannot be written.
    """
    runs, before = SharedRuns.of(_learnt(corpus, manifest.instrument)), shared_runs_of(manifest)
    (runs.joined(before) if before else runs).write(manifest.path / FILE)
    return replace(manifest, originality=FILE)


def _learnt(corpus: Corpus, instrument: str) -> Iterator[GridNotes]:
    for part in corpus.train:
        piece = piece_of(part.score, instrument)
        if piece is not None:
            yield piece.notes
