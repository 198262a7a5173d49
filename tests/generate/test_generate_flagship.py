"""The model that ships: what its manifest and card promise."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from musegen_app.files.midi_reader import read_midi
from musegen_app.generate import GenerateRequest, Sampling, find, load
from musegen_app.generate.evaluation import evaluate
from musegen_app.paths import bundle_dir
from musegen_app.score import Key, Note, NoteTable, Timeline

DATA = Path(__file__).parents[3] / "shared" / "data"
MODELS = [bundle_dir() / "models"]
SEED = NoteTable.of(Note(beat * 480, 480, pitch) for beat, pitch in enumerate([60, 64, 67, 72, 65, 69, 72, 77] * 4))


def test_it_foresees_far_better_than_counting() -> None:
    manifest = find("", MODELS)
    assert manifest.name == "flagship"
    network, counting = manifest.metric("nats_per_note"), manifest.metric("unigram_nats_per_note")
    assert network is not None
    assert counting is not None
    assert network < counting - 3
    card = (manifest.path / "CARD.md").read_text(encoding="utf-8")
    assert f"{network:.3f}" in card
    assert f"{counting:.3f}" in card


def test_everyone_it_learnt_from_is_credited() -> None:
    manifest = find("", MODELS)
    credit = (manifest.path / "CREDITS.md").read_text(encoding="utf-8")
    for name in ("OpenScore", "Polish Music Heritage", "First Editions", "Open Hymnal", "music21", "Mutopia", "Freedoom"):
        assert name in credit
    assert not {"pop909", "groove"} & {data.set for data in manifest.data}


@pytest.mark.parametrize("temperature", [0.2, 1.0, 2.0])
def test_it_stays_in_the_scale_at_any_temperature(temperature: float) -> None:
    key = Key(9, "minor")
    request = GenerateRequest(SEED, Timeline(), 8, key=key, pitch_range=(40, 84), takes=3, sampling=Sampling(temperature))
    found = list(load(find("", MODELS)).generate(request, lambda: False))
    assert {n.take for n in found} == {0, 1, 2}
    assert all(key.mask()[n.note.pitch] and 40 <= n.note.pitch <= 84 for n in found)


@pytest.mark.data
def test_chorales_it_never_saw_cost_what_the_manifest_says() -> None:
    manifest = find("", MODELS)
    rows = (DATA / "index.tsv").read_text(encoding="utf-8").splitlines()
    held_out = [row.split("\t")[0] for row in rows if "\tchorale\tvalid\t" in row]
    found = evaluate(load(manifest), [read_midi(DATA / name).score for name in held_out], "chorale")
    by_style = manifest.metrics["nats_by_style"]
    assert isinstance(by_style, dict)
    assert found.nats_per_note == pytest.approx(by_style["chorale"], abs=0.02)


LOOPY = [
    *((0, 1920, pitch) for pitch in (47, 52, 56, 60, 73, 89)),
    *((1920, 960, pitch) for pitch in (42, 52, 53, 64)),
    *((2880, 1920, pitch) for pitch in (42, 43, 44, 64, 74, 76)),
    *((4800, 960, pitch) for pitch in (55, 64, 83)),
    *((start, 3840, pitch) for start, pitch in ((5760, 59), (5760, 63), (9600, 42), (9600, 58))),
    (13440, 1920, 54),
]


def test_moving_out_of_a_loop_never_leaves_the_range() -> None:
    """Where one of two pitches goes on with a loop and the other one sounds, neither can be left out."""
    seed, cold = NoteTable.of(Note(*row, 80) for row in LOOPY), Sampling(temperature=0.05, min_p=0.0)
    generator = load(find("", MODELS))
    for bars in (6, 12):
        request = GenerateRequest(seed, Timeline(), bars, start_tick=15360, pitch_range=(42, 43), sampling=cold)
        found = [made.note for made in generator.generate(request, lambda: False)]
        assert len(found) > 4 * bars
        assert {note.pitch for note in found} == {42, 43}
        for pitch in (42, 43):
            same = [note for note in found if note.pitch == pitch]
            assert all(before.end <= after.start for before, after in pairwise(same))
