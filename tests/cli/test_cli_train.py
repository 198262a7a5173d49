"""``musegen train``: what is said where training cannot be."""

from __future__ import annotations

from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from terminal import Refused

from musegen_app.cli import train


def only_without(*missing: str) -> Callable[[str], ModuleSpec | None]:
    return lambda name: None if name in missing else ModuleSpec(name, None)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        (("torch",), 'Torch is not installed here; training needs: pip install "musegen[train]"'),
        (("torch", "onnx"), 'Torch, onnx are not installed here; training needs: pip install "musegen[train]"'),
        (("musegen_app.training",), "The training room is not part of this program"),
    ],
)
def test_without_the_extra_one_sentence_names_it(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, home: Path, missing: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.setattr(train, "find_spec", only_without(*missing))
    assert refused("train", home, "-o", "models/mine").startswith(sentence)


def test_a_folder_without_music_is_refused(refused: Refused, home: Path) -> None:
    (home / "empty").mkdir()
    for folder in ("nowhere", "empty"):
        assert folder in refused("train", folder, "-o", "models/mine", "--minutes", "1")
    assert not (home / "models").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--minutes", "0"], "--minutes: 0 is not more than 0"),
        (["--minutes", "nan"], "--minutes: nan is not more than 0"),
        (["--epochs", "-1"], "--epochs: -1 is not more than 0"),
        (["--hidden", "0"], "--hidden: 0 is not within 1 to"),
        (["--layers", "two"], '"two" is not a whole number'),
    ],
)
def test_bad_options_are_told(refused: Refused, home: Path, options: list[str], sentence: str) -> None:
    assert sentence in refused("train", home, "-o", "models/mine", *options)
