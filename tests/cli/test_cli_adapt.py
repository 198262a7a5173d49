"""``musegen adapt``: a model learns a folder in a process of its own, and what is said where it cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from terminal import Musegen, Refused, line, score_of

from musegen_app.cli import adapt
from musegen_app.files import read_midi, write_midi
from musegen_app.generate import Manifest
from musegen_app.score import NoteTable, Track

sys.path.insert(0, str(Path(__file__).parents[1] / "tiny_model"))
PATIENCE_S = 90.0


@pytest.fixture
def tiny(home: Path) -> Manifest:
    from tiny import tiny_model

    return tiny_model(home / "models" / "tiny")


@pytest.fixture
def folder(home: Path) -> Path:
    path = home / "tunes"
    path.mkdir()
    for number in range(4):
        pitches = [60 + (step * (number + 2)) % 13 for step in range(32)]
        write_midi(score_of(Track(1, "Tune", notes=NoteTable.of(line(pitches, length=480)))), path / f"{number}.mid")
    return path


def only_without(*missing: str) -> Callable[[str], ModuleSpec | None]:
    return lambda name: None if name in missing else ModuleSpec(name, None)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        (("torch",), 'Torch is not installed here; adapting needs: pip install "musegen[train]"'),
        (("torch", "onnx"), 'Torch, onnx are not installed here; adapting needs: pip install "musegen[train]"'),
        (("musegen_app.training",), "The training room is not part of this program"),
    ],
)
def test_without_the_extra_one_sentence_names_it(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, home: Path, missing: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.setattr(adapt, "find_spec", only_without(*missing))
    assert refused("adapt", home, "-o", "models/mine").startswith(sentence)


def test_what_cannot_be_learnt_from_is_refused(refused: Refused, home: Path, tiny: Manifest, melody: Path) -> None:
    (home / "empty").mkdir()
    (home / "one").mkdir()
    write_midi(read_midi(melody).score, home / "one" / "only.mid")
    for folder, sentence in (
        ("nowhere", "nowhere is not a folder."),
        ("empty", "There are no MIDI files in empty."),
        ("one", "one holds one piece; training needs at least two, to hold one out."),
    ):
        assert refused("adapt", folder, "-o", "models/mine", "--model", "tiny") == sentence
    assert not (home / "models" / "mine").exists()


def test_what_cannot_be_adapted_is_refused(refused: Refused, folder: Path, tiny: Manifest, scale_model: Manifest) -> None:
    assert 'There is no model "gone"' in refused("adapt", folder, "-o", "models/mine", "--model", "gone")
    assert "into its own folder" in refused("adapt", folder, "-o", tiny.path, "--model", "tiny")
    with tiny.graph_path.open("r+b") as graph:
        graph.seek(1000)
        graph.write(b"damaged")
    assert "model.onnx or step.onnx is damaged" in refused("adapt", folder, "-o", "models/mine", "--model", "tiny")


@pytest.mark.parametrize("minutes", ["0", "nan", "-3"])
def test_bad_options_are_told(refused: Refused, home: Path, minutes: str) -> None:
    assert f"--minutes: {minutes} is not more than 0" in refused("adapt", home, "-o", "models/mine", "--minutes", minutes)


def start(folder: Path, home: Path, *more: str) -> subprocess.Popen[str]:
    argv = ["adapt", str(folder), "-o", "models/mine", "--model", str(home / "models" / "tiny"), *more]
    return subprocess.Popen(
        [sys.executable, "-m", "musegen_app", *argv],
        cwd=home,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_killed_it_goes_on_and_ends_in_a_model_that_continues(
    musegen: Musegen, home: Path, folder: Path, tiny: Manifest, melody: Path
) -> None:
    first = start(folder, home, "--minutes", "5", "--events")
    assert first.stdin is not None
    assert first.stdout is not None
    events = (json.loads(text) for text in first.stdout)
    assert next(event for event in events if event["event"] == "corpus")["pieces"] == 3
    next(event for event in events if event["event"] == "progress")
    print("stop", file=first.stdin, flush=True)
    first.communicate(timeout=PATIENCE_S)
    assert first.returncode == 3
    assert not (home / "models" / "mine" / "model.json").exists()

    second = start(folder, home, "--minutes", "5", "--resume")
    time.sleep(3)
    second.kill()
    second.communicate()

    third = start(folder, home, "--minutes", "5", "--resume", "--events")
    out, err = third.communicate("finish\n", timeout=PATIENCE_S)
    assert third.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["event"] == "done"
    (made,) = (model for model in musegen("models", "--json").json["models"] if model["name"] == "mine")
    assert made["title"] == "Tiny, adapted to mine"
    assert musegen("continue", melody, "-o", "out.mid", "--model", "mine", "--bars", "2").code == 0
    assert read_midi(home / "out.mid").score.note_count > 16
    assert musegen("evaluate", folder, "--model", "mine", "--style", "mine", "--json").code == 0
