"""The registry: finds models, and a broken one costs a sentence, not the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from musegen_app.errors import ModelError
from musegen_app.generate import FAMILIES, Family, GeneratedNote, GenerateRequest, Generator, Manifest, registry
from musegen_app.generate.families import controls_of, fills, has_temperature

NOTE_CONTROLS = ("density", "polyphony", "grid", "swing", "feel", "chord_lock")


def make_model(parent: Path, name: str, family: str = "note-events") -> Manifest:
    folder = parent / name
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(f"the graph of {name}".encode())
    manifest = Manifest(name, name.title(), family, folder).sealed()
    manifest.write()
    return manifest


def test_models_are_found_and_the_user_s_come_first(tmp_path: Path) -> None:
    mine = make_model(tmp_path / "user", "flagship")
    make_model(tmp_path / "shipped", "flagship")
    other = make_model(tmp_path / "shipped", "pop")
    assert registry.available((tmp_path / "user", tmp_path / "shipped")) == (mine, other)


def test_the_default_is_the_flagship_or_else_the_first(tmp_path: Path) -> None:
    chopin = make_model(tmp_path, "chopin")
    assert registry.find("", (tmp_path,)) == chopin
    flagship = make_model(tmp_path, "flagship")
    assert registry.find("", (tmp_path,)) == flagship
    assert registry.find("chopin", (tmp_path,)) == chopin


def test_a_path_to_a_folder_names_a_model(tmp_path: Path) -> None:
    manifest = make_model(tmp_path / "elsewhere", "mine")
    assert registry.find(str(tmp_path / "elsewhere" / "mine"), ()) == manifest


def test_no_models_and_missing_folders_are_no_error_until_one_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    listing = registry.listing((tmp_path / "nowhere", tmp_path / "a file", tmp_path))
    assert listing == registry.Listing((), ())
    with pytest.raises(ModelError, match="No model is installed"):
        registry.find("", (tmp_path,))


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    make_model(tmp_path, "flagship")
    make_model(tmp_path, "pop")
    with pytest.raises(ModelError, match='There is no model "jazz"; there are: flagship, pop'):
        registry.find("jazz", (tmp_path,))


def cut_graph(manifest: Manifest) -> None:
    manifest.graph_path.write_bytes(manifest.graph_path.read_bytes()[:-3])


def lose_graph(manifest: Manifest) -> None:
    manifest.graph_path.unlink()


def lose_manifest(manifest: Manifest) -> None:
    (manifest.path / "model.json").unlink()


def spoil_manifest(manifest: Manifest) -> None:
    (manifest.path / "model.json").write_text("{")


def strange_family(manifest: Manifest) -> None:
    replace(manifest, family="transformer").write()


def newer_format(manifest: Manifest) -> None:
    replace(manifest, format=99).write()


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (cut_graph, "model.onnx is damaged"),
        (lose_graph, "model.onnx is missing"),
        (lose_manifest, "holds no model.json"),
        (spoil_manifest, "model.json is damaged"),
        (strange_family, 'does not know: "transformer"'),
        (newer_format, "newer MuseGen"),
    ],
)
def test_a_broken_model_costs_one_sentence(tmp_path: Path, harm: Callable[[Manifest], None], sentence: str) -> None:
    good = make_model(tmp_path, "good")
    harm(make_model(tmp_path, "bad"))
    assert registry.available((tmp_path,)) == (good,)
    (error,) = registry.broken((tmp_path,))
    assert sentence in str(error)
    assert error.model == "bad"
    assert registry.find("", (tmp_path,)) == good
    with pytest.raises(ModelError) as caught:
        registry.find("bad", (tmp_path,))
    assert str(caught.value) == str(error)


def test_loading_compares_the_checksum(tmp_path: Path) -> None:
    manifest = make_model(tmp_path, "bad")
    content = bytearray(manifest.graph_path.read_bytes())
    content[3] ^= 1
    manifest.graph_path.write_bytes(content)
    assert registry.find("bad", (tmp_path,)) == manifest
    with pytest.raises(ModelError, match="damaged"):
        registry.load(manifest)


def test_loading_goes_by_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silence:
        def __init__(self, manifest: Manifest) -> None:
            self.name = manifest.name

        def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
            if request.bars and not cancelled():
                yield from ()

    def load_silence(manifest: Manifest) -> Generator:
        return Silence(manifest)

    monkeypatch.setitem(FAMILIES, "silence", Family("silence", "Silence", "note", load_silence))
    assert registry.load(make_model(tmp_path, "quiet", "silence")).name == "quiet"


@pytest.mark.parametrize(
    ("family", "mended", "published"),
    [
        ("note-events", (NOTE_CONTROLS, True, True), ((), False, False)),
        ("roll-lstm", (("density", "stretch"), True, False), (("density", "stretch"), False, False)),
        ("rbm", (("chain",), True, True), ((), True, False)),
        ("chord-lstm", (("argmax",), True, False), ((), False, False)),
    ],
)
def test_a_model_has_what_its_form_heeds(tmp_path: Path, family: str, mended: object, published: object) -> None:
    for is_published, wanted in ((False, mended), (True, published)):
        manifest = Manifest("m", "M", family, tmp_path, settings={"as_published": is_published})
        names = tuple(control.name for control in controls_of(manifest))
        assert (names, has_temperature(manifest), fills(manifest)) == wanted
