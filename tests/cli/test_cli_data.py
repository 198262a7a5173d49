"""``musegen continue`` and ``evaluate`` over real music of every kind."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from pathlib import Path

import pytest
from terminal import Musegen

import musegen_app
from musegen_app.files import read_midi
from musegen_app.generate import registry
from musegen_app.score import Key

CHECKOUT = Path(musegen_app.__file__).parent.parent
DATA = CHECKOUT.parent / "shared" / "data"
FILES_A_SET = 4

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def shipped_models(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "model_dirs", lambda: (CHECKOUT / "models",))


def held_out_files() -> list[Path]:
    with (DATA / "index.tsv").open(encoding="utf-8", newline="") as index:
        rows = list(csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE))
    by_set: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["split"] == "valid" and row["style"] != "drums":
            by_set[row["set"]].append(row["file"])
    picked = random.Random(7)
    return [DATA / file for files in by_set.values() for file in picked.sample(files, min(FILES_A_SET, len(files)))]


def test_music_of_every_kind_is_continued_and_kept(musegen: Musegen, home: Path) -> None:
    files = held_out_files()
    assert len(files) > 20
    for path in files:
        answer = musegen("continue", path, "-o", "out.mid", "--bars", 4, "--key", "auto", "--seed", 1, "--json").json
        before, after = read_midi(path).score, read_midi(home / "out.mid").score
        assert answer["notes"] == after.note_count - before.note_count > 0, path
        assert [t.name for t in after.tracks] == [t.name for t in before.tracks], path
        key = Key.parse(answer["key"])
        for old, new in zip(before.tracks, after.tracks, strict=True):
            rows = {(n.start, n.length, n.pitch, n.velocity) for n in old.notes}
            added = [n for n in new.notes if (n.start, n.length, n.pitch, n.velocity) not in rows]
            assert len(new.notes) - len(added) == len(old.notes), path
            assert all(n.pitch % 12 in key.pitch_classes for n in added), path


def test_a_whole_set_is_evaluated(musegen: Musegen) -> None:
    answer = musegen("evaluate", DATA / "openhymnal", "--json").json
    assert (answer["files"], answer["skipped"]) == (len(list((DATA / "openhymnal").glob("*.mid"))), [])
    assert 1 < answer["nats_per_note"] < 5
