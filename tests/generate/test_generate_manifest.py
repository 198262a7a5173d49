"""Manifests: what is written is read again, and what is broken is told in a sentence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from musegen_app.errors import ModelError
from musegen_app.generate import DataSource, Manifest, Tensor


def full_manifest(folder: Path) -> Manifest:
    return Manifest(
        name=folder.name,
        title="Flagship",
        family="note-events",
        path=folder,
        styles=("piano", "hymn"),
        default_style="piano",
        inputs=(Tensor("events", "int64", ("batch", "time", 4)),),
        outputs=(Tensor("notes", "int64", ("batch", 4)),),
        states=(Tensor("h0", "float32", (2, "batch", 512)),),
        licence="MIT",
        data=(DataSource("chopin", "CC-BY-4.0", "The Fryderyk Chopin Institute – Łódź"),),
        metrics={"nats_per_note": 2.61, "styles": {"hymn": 1.97}},
        created="2026-01-02",
        notes_per_s=3000.0,
        settings={"hidden": 512, "lookback": [1, 2]},
    )


def write_graph(folder: Path, content: bytes = b"a graph") -> None:
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").write_bytes(content)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    write_graph(folder)
    manifest = full_manifest(folder).sealed()
    manifest.write()
    assert Manifest.read(folder) == manifest
    assert sorted(p.name for p in folder.iterdir()) == ["model.json", "model.onnx"]


def test_the_file_is_plain_json_a_person_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    full_manifest(folder).write()
    text = (folder / "model.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    assert next(iter(raw)) == "format"
    assert "path" not in raw
    assert raw["inputs"] == {"events": {"dtype": "int64", "shape": ["batch", "time", 4]}}
    assert "Łódź" in text


def test_sealing_names_the_graph_on_disk(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    write_graph(folder, b"0123456789")
    sealed = full_manifest(folder).sealed()
    assert sealed.size_bytes == 10
    assert sealed.sha256 == hashlib.sha256(b"0123456789").hexdigest()


def test_sealing_without_a_graph_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r'"mine".*model\.onnx cannot be read'):
        full_manifest(tmp_path / "mine").sealed()


def test_a_copied_folder_is_a_model_of_its_own(tmp_path: Path) -> None:
    full_manifest(tmp_path / "first").write()
    (tmp_path / "first").rename(tmp_path / "second")
    assert Manifest.read(tmp_path / "second").name == "second"


def test_metric_gives_plain_numbers_only(tmp_path: Path) -> None:
    manifest = full_manifest(tmp_path / "mine")
    assert manifest.metric("nats_per_note") == 2.61
    assert manifest.metric("styles") is None
    assert manifest.metric("never measured") is None


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no model\.json") as caught:
        Manifest.read(tmp_path / "nothing")
    assert caught.value.model == "nothing"


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "nul\x00", "[" * 100_000, b"\xff\xfe\x00"])
def test_a_damaged_manifest_is_told(tmp_path: Path, text: str | bytes) -> None:
    (tmp_path / "model.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ModelError, match="is damaged"):
        Manifest.read(tmp_path)


def test_a_newer_format_is_told_even_when_its_fields_differ(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"format": 2, "graphs": {}}')
    with pytest.raises(ModelError, match="newer MuseGen"):
        Manifest.read(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("family", 3, '"family" must be text'),
        ("grid", "24", '"grid" must be a whole number'),
        ("size_bytes", -1, '"size_bytes" must be a whole number'),
        ("format", True, '"format" must be a whole number'),
        ("styles", "piano", '"styles" must be a list'),
        ("inputs", [], '"inputs" must be an object'),
        ("states", {"h0": {"dtype": "float32", "shape": [2.5]}}, '"shape" must hold numbers and names'),
        ("states", {"h0": 3}, '"h0" must be an object'),
        ("data", ["chopin"], '"data" must be a list of objects'),
        ("metrics", {"nats_per_note": "good"}, '"nats_per_note" must be a number'),
        ("graph", "../elsewhere.onnx", '"graph" must be a file beside it'),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, key: str, value: object, sentence: str) -> None:
    folder = tmp_path / "mine"
    full_manifest(folder).write()
    raw = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "model.json").write_text(json.dumps({**raw, key: value}))
    with pytest.raises(ModelError) as caught:
        Manifest.read(folder)
    assert str(caught.value) == f'Model "mine" cannot be used: {sentence} in model.json.'


def test_a_missing_field_is_named_and_unknown_ones_are_ignored(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    full_manifest(folder).write()
    raw = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "model.json").write_text(json.dumps({**raw, "mood": "bright"}))
    assert Manifest.read(folder).title == "Flagship"
    del raw["sha256"]
    (folder / "model.json").write_text(json.dumps(raw))
    with pytest.raises(ModelError, match='"sha256" is missing'):
        Manifest.read(folder)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ModelError, match="cannot be written"):
        replace(full_manifest(tmp_path / "mine"), path=tmp_path / "file" / "mine").write()


def test_a_second_graph_is_sealed_with_the_first(tmp_path: Path) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"0123")
    (folder / "step.onnx").write_bytes(b"456789")
    both = Manifest(name="two", title="", family="note-events", path=folder, step="step.onnx").sealed()
    assert (both.size_bytes, both.sha256) == (10, hashlib.sha256(b"0123456789").hexdigest())
    both.write()
    assert Manifest.read(folder) == both
    assert Manifest.read(folder).graph_files == ("model.onnx", "step.onnx")
    (folder / "step.onnx").unlink()
    with pytest.raises(ModelError, match=r"its file step\.onnx is missing"):
        both.graphs_size()
    with pytest.raises(ModelError, match=r"its file step\.onnx cannot be read"):
        both.graphs_sha256()


def test_a_second_graph_lies_beside_the_manifest(tmp_path: Path) -> None:
    made = Manifest(name="far", title="", family="note-events", path=tmp_path / "far", step="../step.onnx")
    made.write()
    with pytest.raises(ModelError, match='"step" must be a file beside it'):
        Manifest.read(made.path)
