"""What ships beside a model: the runs of the pieces it learnt from, and of no other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from musegen_app.errors import ModelError
from musegen_app.files.collection import HELD_OUT, TRAIN, Source
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.shared_runs import FILE, shared_runs_of
from musegen_app.score import DRUM_CHANNEL, NoteTable, Score, Track
from musegen_app.training.corpus import Corpus, CorpusPiece
from musegen_app.training.originality_index import put_index


def notes(seed: int) -> NoteTable:
    rng = np.random.default_rng(seed)
    return NoteTable.from_columns(np.cumsum(rng.integers(1, 5, 60)) * 240, np.full(60, 200), rng.integers(40, 90, 60))


def piece(seed: int, split: str, channel: int = 0) -> CorpusPiece:
    score = Score((Track(1, "", channel, notes=notes(seed).numbered(1)),), next_id=61)
    return CorpusPiece(Source(Path(f"{seed}.mid"), "folk", split, "set"), score)


def test_the_index_holds_what_was_learnt_and_nothing_held_out(tmp_path: Path) -> None:
    corpus = Corpus((piece(1, TRAIN), piece(2, HELD_OUT), piece(3, TRAIN, DRUM_CHANNEL)))
    made = put_index(Manifest("tiny", "Tiny", "note-events", tmp_path), corpus)
    assert made.originality == FILE
    made.write()
    runs = shared_runs_of(Manifest.read(tmp_path))
    assert runs is not None
    assert runs.longest(notes(1)).notes == 60
    assert runs.longest(notes(2)).notes < 10
    assert runs.longest(notes(3)).notes < 10


def test_an_adapted_model_knows_what_its_base_learnt_from_too(tmp_path: Path) -> None:
    base = put_index(Manifest("tiny", "Tiny", "note-events", tmp_path), Corpus((piece(1, TRAIN),)))
    adapted = put_index(base, Corpus((piece(2, TRAIN), piece(4, HELD_OUT))))
    runs = shared_runs_of(adapted)
    assert runs is not None
    assert [runs.longest(notes(seed)).notes for seed in (1, 2)] == [60, 60]
    assert max(runs.longest(notes(seed)).notes for seed in (3, 4)) < 10
    again = put_index(adapted, Corpus((piece(3, TRAIN),)))
    runs = shared_runs_of(again)
    assert runs is not None
    assert [runs.longest(notes(seed)).notes for seed in (1, 2, 3)] == [60, 60, 60]


def test_a_model_without_an_index_or_with_a_damaged_one_tells_nothing(tmp_path: Path) -> None:
    manifest = Manifest("tiny", "Tiny", "note-events", tmp_path)
    assert shared_runs_of(manifest) is None
    made = put_index(manifest, Corpus((piece(1, TRAIN),)))
    (tmp_path / FILE).write_bytes(b"damaged")
    assert shared_runs_of(made) is None
    (tmp_path / FILE).unlink()
    assert shared_runs_of(made) is None


def test_a_manifest_names_a_file_beside_it_and_no_other(tmp_path: Path) -> None:
    Manifest("tiny", "Tiny", "note-events", tmp_path, originality="../other.npz").write()
    with pytest.raises(ModelError, match='"originality" must be a file beside it'):
        Manifest.read(tmp_path)
