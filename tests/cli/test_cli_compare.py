"""``musegen compare``: a model's continuations in numbers, beside the pieces' own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from terminal import Musegen, Refused, line, score_of

from musegen_app.files import write_midi
from musegen_app.generate import DataSource, Manifest
from musegen_app.score import NoteTable, Track

UP = [60, 62, 64, 65, 67, 69, 71, 72] * 6
ODD = [61, 66, 60, 70, 63, 75, 62, 68, 74, 61, 69] * 5


@pytest.fixture
def music(home: Path) -> Path:
    """Held out: scales of C, and leaps. Learnt from: the scales, in D."""
    folder = home / "music"
    rows = [("scales/a.mid", "valid", UP), ("leaps/b.mid", "valid", ODD), ("scales/c.mid", "train", [p + 2 for p in UP])]
    for name, _, pitches in rows:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_midi(score_of(Track(1, "Tune", notes=NoteTable.of(line(pitches)))), folder / name)
    head = "file\tset\tstyle\tsplit\tnotes\tgroup\tlicence\torigin"
    told = [f"{name}\t{name.split('/')[0]}\tfolk\t{split}\t{len(pitches)}\t\tCC0\tmine" for name, split, pitches in rows]
    (folder / "index.tsv").write_text("\n".join([head, *told]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def learnt(scale_model: Manifest) -> Manifest:
    made = replace(scale_model, data=(DataSource("scales", "CC0"),))
    made.write()
    return made


def test_what_was_learnt_is_found_in_the_real_music_and_the_drawn(musegen: Musegen, music: Path, learnt: Manifest) -> None:
    answer = musegen("compare", "flagship", "--on", music, "--bars", 2, "--count", 9, "--json")
    assert answer.code == 0
    rows = answer.json["flagship"]
    assert rows["real"]["copied"] == 1
    assert rows["real"]["count"] == 7  # twelve bars hold 8 + 2 from bars 1 to 3, and 4 + 2 from bars 4 to 7
    assert rows["drawn"]["out_of_scale"] == 0
    assert rows["drawn"]["short"] == 0
    assert rows["drawn"]["notes_per_bar"] == 4


def test_other_sets_may_be_asked_about(musegen: Musegen, music: Path, learnt: Manifest) -> None:
    rows = musegen("compare", "flagship", "--on", music, "--bars", 2, "--only", "leaps", "--json").json["flagship"]
    assert rows["real"]["copied"] == 0
    assert rows["real"]["scale_consistency"] < 0.9


def test_people_get_a_table(musegen: Musegen, music: Path, learnt: Manifest) -> None:
    answer = musegen("compare", "flagship", "--on", music, "--bars", 2)
    lines = answer.out.splitlines()
    assert [text.split(" | ")[0] for text in lines[2:]] == ["| Flagship", "| what really follows"]
    assert "| 100.0 % |" in lines[3]
    assert {text.count("|") for text in lines} == {lines[0].count("|")}


def test_models_of_one_name_are_told_apart_and_one_asked_about_twice_is_there_once(
    musegen: Musegen, music: Path, learnt: Manifest, home: Path
) -> None:
    other = home / "other" / "flagship"
    shutil.copytree(learnt.path, other)
    asked = ("compare", "flagship", other, "flagship", "--on", music, "--bars", 2)
    assert list(musegen(*asked, "--json").json) == ["flagship", str(other)]
    titles = [text.split(" | ")[0] for text in musegen(*asked).out.splitlines()[2:]]
    assert titles == ["| Flagship", "| what really follows", f"| {other}", "| what really follows"]


def test_areas_come_when_asked_for(musegen: Musegen, music: Path, learnt: Manifest) -> None:
    asked = ("compare", "flagship", "--on", music, "--bars", 2, "--only", "scales", "--areas")
    answer = musegen(*asked, "--json").json["flagship"]
    assert answer["areas"]["notes_per_bar"] == answer["areas_of_real_halves"]["notes_per_bar"] == 1
    assert set(answer["areas"]) == {
        *("pitch_class_entropy", "scale_consistency", "notes_per_bar"),
        *("interval", "length", "onset", "polyphony"),
    }
    assert all(0 <= area <= 1 for area in answer["areas"].values())
    lines = musegen(*asked).out.split("\n\n")[1].splitlines()
    assert lines[0].startswith("| overlapped area | pitch class entropy |")
    assert lines[2].startswith("| Flagship | ")
    assert lines[3].startswith("| one half of what really follows over the other | ")


def test_bad_input_is_one_sentence(refused: Refused, music: Path, learnt: Manifest, home: Path) -> None:
    (home / "empty").mkdir()
    assert "not a folder" in refused("compare", "flagship", "--on", home / "nowhere")
    assert "no MIDI files" in refused("compare", "flagship", "--on", home / "empty")
    assert "long enough" in refused("compare", "flagship", "--on", music, "--bars", 200)
    assert "1 or more" in refused("compare", "flagship", "--on", music, "--count", 0)
    assert "no model" in refused("compare", "nobody", "--on", music)
