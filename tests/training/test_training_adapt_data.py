"""Adapting the flagship to a set that it never saw, and what ten pieces of it that nobody learnt from then cost."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import pytest

from musegen_app.files.midi_reader import read_midi
from musegen_app.generate import find, load
from musegen_app.generate.evaluation import evaluate
from musegen_app.paths import bundle_dir
from musegen_app.training import adapt

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.data
@pytest.mark.timeout(900)
def test_thirty_pop_songs_make_ten_others_cheaper(tmp_path: Path) -> None:
    rows = [row.split("\t") for row in (DATA / "index.tsv").read_text(encoding="utf-8").splitlines()]
    songs = {
        split: [DATA / row[0] for row in rows if row[1] == "pop909" and row[3] == split] for split in ("train", "valid")
    }
    folder = tmp_path / "songs"
    folder.mkdir()
    for song in songs["train"][::20][:30]:
        shutil.copy(song, folder)
    flagship = bundle_dir() / "models" / "flagship"
    output = tmp_path / "models" / "pop"
    assert adapt.run(argparse.Namespace(folder=folder, output=output, model=str(flagship), epochs=2.0)) == 0

    adapted, unseen = find("pop", [tmp_path / "models"]), [read_midi(song).score for song in songs["valid"][:10]]
    before = evaluate(load(find("flagship", [flagship.parent])), unseen, str(adapted.settings["adapted_like"]))
    after = evaluate(load(adapted), unseen)
    assert after.notes == before.notes > 5_000
    assert after.nats_per_note < before.nats_per_note - 0.7  # songs say things again: the base that recalls knows much
    assert after.nats_per_note < 4.0
    assert after.nats_pitch < before.nats_pitch - 0.1
