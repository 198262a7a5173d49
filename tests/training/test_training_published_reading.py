"""The published splits are read from .mat and .json files, and what is no such file is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from published_music import as_json, as_mat, mat_bytes, small_set, written

from musegen_app.errors import FileError, TrainingError
from musegen_app.training.published.learner import per_frame, per_piece
from musegen_app.training.published.matfile import read_cells
from musegen_app.training.published.splits import KEYS, SETS, Splits, frames, read_set, unigram_nats

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "benchmarks"
PARTS = ("train", "valid", "test")


def same(one: Splits, other: Splits) -> bool:
    pairs = [pair for part in PARTS for pair in zip(getattr(one, part), getattr(other, part), strict=True)]
    return all(np.array_equal(*pair) for pair in pairs)


def test_a_mat_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    splits = small_set()
    for content in (as_mat(splits), as_mat(splits, compress=False)):
        (tmp_path / "MuseData.mat").write_bytes(content)
        assert same(read_set(tmp_path, "musedata"), splits)


def test_a_json_file_of_pitches_serves_as_well(tmp_path: Path) -> None:
    splits = small_set()
    (tmp_path / "Nottingham.json").write_text(as_json(splits))
    assert same(read_set(tmp_path, "nottingham"), splits)


def test_a_file_broken_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "JSB_Chorales.mat"
    whole = as_mat(small_set())
    for length in range(0, len(whole) - 1, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            read_set(tmp_path, "jsb")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not a MATLAB 5 file"),
        (b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI", "is not a MATLAB 5 file"),
        (mat_bytes({"traindata": [np.eye(KEYS)], "testdata": [np.eye(KEYS)]}), "has no cell array 'validdata'"),
        (mat_bytes({f"{part}data": [np.eye(12)] for part in PARTS}), "has rolls of 12 keys instead of 88"),
        (as_mat(small_set(), compress=False)[:128] + b"\xff" * 64, "is damaged"),
    ],
)
def test_what_is_no_set_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "JSB_Chorales.mat").write_bytes(content)
    with pytest.raises(FileError, match=sentence):
        read_set(tmp_path, "jsb")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"train": [[[60]]], "valid": [[[60]]]}',
        '{"train": [[[5]]], "valid": [[[60]]], "test": [[[60]]]}',
        '{"train": 3}',
    ],
)
def test_what_is_no_json_set_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "JSB_Chorales.json").write_text(text)
    with pytest.raises(FileError, match="is not a file of train, valid and test pieces"):
        read_set(tmp_path, "jsb")


def test_missing_files_and_empty_parts_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"There is no Piano_midi\.mat"):
        read_set(tmp_path, "piano")
    with pytest.raises(FileError, match="cannot be read"):
        read_cells(tmp_path / "nowhere.mat")
    splits = small_set()
    written(tmp_path, Splits(splits.train, [], splits.test))
    with pytest.raises(TrainingError, match="The valid part of"):
        read_set(tmp_path, "jsb")


def test_means_are_over_frames_and_over_pieces() -> None:
    nats = [np.array([1.0, 1.0, 1.0]), np.array([3.0]), np.zeros(0)]
    assert per_frame(nats) == 1.5
    assert per_piece(nats) == 2.0


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "pieces", "counts", "nats"),
    [
        ("jsb", (229, 76, 77), (13807, 4602, 4725), 11.06),
        ("nottingham", (694, 173, 170), (176561, 45513, 44463), 10.25),
        ("musedata", (524, 135, 124), (245202, 82755, 64339), 11.51),
        ("piano", (87, 12, 25), (75911, 8540, 19036), 11.05),
    ],
)
def test_the_published_files_are_read_as_others_read_them(
    name: str, pieces: tuple[int, ...], counts: tuple[int, ...], nats: float
) -> None:
    """Other readers of the same files count the same, and their note 1-gram costs 11.06, 10.25, 11.51 and 11.06."""
    assert set(SETS) == {"jsb", "nottingham", "musedata", "piano"}
    splits = read_set(PUBLISHED, name)
    parts = splits.train, splits.valid, splits.test
    assert tuple(map(len, parts)) == pieces
    assert tuple(map(frames, parts)) == counts
    assert round(per_frame(unigram_nats(splits)), 2) == nats
