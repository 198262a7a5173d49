"""``musegen evaluate``: which files are read, under which style, and what becomes of broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import Musegen, Refused

from musegen_app.cli.evaluate import StyleIndex, midi_files, read_pieces
from musegen_app.errors import FileError, InputError

STYLES = ("song", "pop", "hymn")


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in midi_files(paths)]


def test_folders_are_searched_to_the_bottom_and_each_file_comes_once(melody: Path, band: Path, home: Path) -> None:
    deep = home / "music" / "a" / "b"
    deep.mkdir(parents=True)
    (home / "music" / "notes.txt").write_text("not music")
    melody.rename(home / "music" / "z.mid")
    band.rename(deep / "y.MIDI")
    assert names([home / "music"]) == ["y.MIDI", "z.mid"]
    assert names([home / "music" / "z.mid", home / "music", deep]) == ["z.mid", "y.MIDI"]


def test_a_path_that_is_not_there_is_an_error(home: Path) -> None:
    with pytest.raises(FileError, match="does not exist"):
        list(midi_files([home / "nowhere"]))


def test_broken_files_are_named_and_left_out(melody: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "broken.mid").write_text("this is not music")
    pieces = read_pieces([home], "", STYLES)
    assert pieces.files == 1
    assert [Path(path).name for path in pieces.skipped] == ["broken.mid"]
    assert "broken.mid is not a MIDI file" in capsys.readouterr().err


def test_nothing_but_broken_files_is_an_error(home: Path) -> None:
    (home / "broken.mid").write_text("this is not music")
    with pytest.raises(InputError, match="no MIDI file with notes"):
        read_pieces([home], "", STYLES)


def test_styles_come_from_the_nearest_index(melody: Path, band: Path, home: Path) -> None:
    inner = home / "set"
    inner.mkdir()
    band = band.rename(inner / "band.mid")
    (home / "index.tsv").write_text("file\tstyle\nmelody.mid\tsong\nset/band.mid\touter\n", encoding="utf-8")
    styles = StyleIndex()
    assert (styles.of(melody), styles.of(band), styles.of(home / "unknown.mid")) == ("song", "outer", "")
    (inner / "index.tsv").write_text("set\tfile\tstyle\nx\tband.mid\tpop\n", encoding="utf-8")
    assert StyleIndex().of(band) == "pop"
    by_style = read_pieces([home], "", STYLES).by_style
    assert {style: len(scores) for style, scores in by_style.items()} == {"song": 1, "pop": 1}
    assert set(read_pieces([home], "", ("song",)).by_style) == {"song", ""}
    assert list(read_pieces([home], "hymn", STYLES).by_style) == ["hymn"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a\tb\n1\t2\n", b"file\tstyle\nmelody.mid\n"])
def test_an_index_that_is_something_else_is_ignored(melody: Path, home: Path, content: bytes) -> None:
    (home / "index.tsv").write_bytes(content)
    assert StyleIndex().of(melody) == ""


@pytest.mark.usefixtures("scale_model")
def test_bad_input_costs_one_sentence(refused: Refused, musegen: Musegen, melody: Path, home: Path) -> None:
    assert "required: PATH" in refused("evaluate")
    assert "does not exist" in refused("evaluate", "nowhere")
    assert 'does not know the style "polka"' in refused("evaluate", melody, "--style", "polka")
    assert "There is no model" in refused("evaluate", melody, "--model", "jazz")
    (home / "empty").mkdir()
    assert "no MIDI file with notes in empty" in refused("evaluate", "empty")
    assert musegen("evaluate", "--help").code == 0
