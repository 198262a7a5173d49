"""``musegen reproduce``: fits small sets, goes on with what it has, and says what it cannot do."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from terminal import Musegen, Refused

from musegen_app.cli import reproduce


@pytest.fixture
def splits(home: Path) -> Path:
    """A set of random walks of a note, in the .json form."""
    random = np.random.default_rng(1)
    folder = home / "splits"
    folder.mkdir()
    pieces = [[[60 + int(step)] for step in random.integers(-3, 4, size=30)] for _ in range(5)]
    parts = {"train": pieces[:3], "valid": pieces[3:4], "test": pieces[4:]}
    (folder / "JSB_Chorales.json").write_text(str(parts).replace("'", '"'))
    return folder


OPTIONS = ("--sets", "jsb", "--models", "chained,lstm", "--minutes", "0.01", "-o", "out")


def test_models_are_fitted_once_and_their_numbers_kept(musegen: Musegen, splits: Path, home: Path) -> None:
    first = musegen("reproduce", str(splits), *OPTIONS, "--json")
    assert first.code == 0
    rows = {row["model"]: row for row in first.json}
    assert list(rows) == ["unigram", "lstm", "chained", "chained, views mixed"]
    assert all(0 < row["test"] < 100 and row["set"] == "jsb" for row in rows.values())
    assert rows["chained"]["minutes"] < 1
    assert "jsb lstm:" in first.err
    again = musegen("reproduce", str(splits), *OPTIONS, "--json")
    assert (again.json, again.err) == (first.json, "")
    shown = musegen("reproduce", str(splits), *OPTIONS)
    assert f"| **chained keys, ours** | {rows['chained']['test']:.2f} |" in shown.out
    assert "| BALSTM | 5.05 |" in shown.out
    assert (home / "out" / "jsb-chained.pt").is_file()


def test_chorales_by_voice_have_a_table_of_their_own(musegen: Musegen, splits: Path) -> None:
    chords = [[72 + step, 67, 64, 48 + step] for step in (0, 0, 0, 0, 2, 2, 2, 2)]
    parts = {"train": [chords] * 2, "valid": [chords], "test": [chords]}
    (splits / "jsb-chorales-16th.json").write_text(str(parts).replace("'", '"'))
    asked = ("reproduce", str(splits), "--sets", "jsb16", "--minutes", "0.01", "-o", "out")
    first = musegen(*asked, "--json")
    assert [row["model"] for row in first.json] == ["unigram", "voices", "voices, nets mixed"]
    lines = musegen(*asked).out.splitlines()
    assert lines[0] == "| nats a token | JSB on sixteenths, test | valid |"
    assert lines[-2].startswith(f"| **voice after voice, ours** | {first.json[1]['test']:.3f} | ")


def test_a_folder_without_the_set_is_refused(refused: Refused, splits: Path, home: Path) -> None:
    assert refused("reproduce", str(splits), "-o", "out").startswith("There is no Nottingham.mat in")
    assert not (home / "out").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--sets", "jsb,abba"], '"abba" is not one of jsb, nottingham, musedata, piano, jsb16'),
        (["--models", ""], '"" is not one of rbm, lstm, chained'),
        (["--minutes", "0"], "--minutes: 0 is not more than 0"),
        (["--minutes", "inf"], "--minutes: inf is not more than 0"),
    ],
)
def test_bad_options_are_told(refused: Refused, splits: Path, options: list[str], sentence: str) -> None:
    assert sentence in refused("reproduce", str(splits), "-o", "out", *options)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("torch", "Torch is not installed here"), ("musegen_app.training", "The training room is not part of this program")],
)
def test_without_the_extra_one_sentence_names_it(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, splits: Path, missing: str, sentence: str
) -> None:
    monkeypatch.setattr(reproduce, "find_spec", lambda name: None if name == missing else ModuleSpec(name, None))
    told = refused("reproduce", str(splits), "-o", "out")
    assert told.startswith(sentence)
    assert told.rstrip().endswith('pip install "musegen[train]"')
