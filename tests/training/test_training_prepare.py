"""From folders to lanes of notes: what is read, what is left out, and how it is shown to the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from training_music import tune, write_folder

from musegen_app.encoding.context import ARRIVAL, BARS_LEFT, BARS_UNKNOWN, PLANES, STYLE, TRANSPOSITION
from musegen_app.encoding.note_events import BEGIN_PITCH, END, PITCHES
from musegen_app.errors import TrainingError
from musegen_app.files.midi_writer import write_midi
from musegen_app.score import Score, Track
from musegen_app.training import prepare as prepare_module
from musegen_app.training.baseline import unigram_nats
from musegen_app.training.batches import Lanes, Rows, held_out_windows, window_of
from musegen_app.training.prepare import Library, prepare, sources


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = write_folder(tmp_path_factory.mktemp("music"), songs=6, hymns=4)
    return prepare(sources(folder), folder / "cache.npz")


def test_subfolders_are_styles_and_one_piece_at_least_is_held_out(library: Library) -> None:
    assert library.styles == ("hymns", "songs")
    assert library.held_out.sum() == 1
    assert len(library.style) == 10
    assert library.broken == ()


def test_every_piece_begins_with_a_mark_and_ends_with_an_end(library: Library) -> None:
    first, last = library.first[:-1], library.first[1:] - 1
    assert (library.pitch[first] == BEGIN_PITCH).all()
    assert (library.onset[last] == END).all()
    assert (library.pitch == BEGIN_PITCH).sum() == len(first)
    inner = np.ones(len(library.pitch) - 1, dtype=bool)
    inner[last[:-1]] = False
    np.testing.assert_array_equal(library.onset[:-1][inner], library.classes[1:, ARRIVAL][inner])


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "There are no MIDI files in"),
        ({"a.mid": tune(1)}, "holds one piece; training needs at least two"),
        ({"a.mid": Score((Track(1),)), "b.mid": Score((Track(1),))}, "Fewer than two pieces with notes"),
        ({"a.mid": tune(1), "b.mid": Score((Track(1),))}, "Fewer than two pieces with notes"),
    ],
)
def test_a_folder_that_cannot_be_learnt_from_is_one_sentence(tmp_path: Path, files: dict[str, Score], sentence: str) -> None:
    for name, score in files.items():
        write_midi(score, tmp_path / name)
    with pytest.raises(TrainingError, match=sentence):
        prepare(sources(tmp_path), tmp_path / "cache.npz")


def test_no_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="is not a folder"):
        sources(tmp_path / "nowhere")


def test_broken_files_are_left_out_and_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, songs=3)
    (folder / "songs" / "broken.mid").write_bytes(b"MThd and no more")
    found = prepare(sources(folder), folder / "cache.npz")
    assert len(found.style) == 3
    assert len(found.broken) == 1
    assert "broken.mid" in found.broken[0]


def test_what_was_read_is_kept_until_the_folder_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_folder(tmp_path, songs=3)
    cache = tmp_path / "work" / "cache.npz"
    read = prepare(sources(folder), cache)
    with monkeypatch.context() as patch:
        patch.delattr(prepare_module, "read_midi")
        kept = prepare(sources(folder), cache)
    assert kept.styles == read.styles
    np.testing.assert_array_equal(kept.planes, read.planes)
    write_midi(tune(9), folder / "songs" / "new.mid")
    assert len(prepare(sources(folder), cache).style) == 4
    cache.write_bytes(b"damaged")
    assert len(prepare(sources(folder), cache).style) == 4


def test_an_index_says_what_is_what(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, songs=3)
    names = [f"songs/{n}.mid" for n in range(3)]
    rows = [(names[0], "a", "lied", "train"), (names[1], "b", "lied", "train"), (names[2], "a", "lied", "valid")]
    head = "file\tset\tstyle\tsplit\tnotes\tgroup\tlicence\torigin\tcomposer\ttitle"
    lines = [f"{file}\t{kind}\t{style}\t{split}\t20\t\tCC0\tmine\t\t" for file, kind, style, split in rows]
    (folder / "index.tsv").write_text("\n".join([head, *lines, "gone.mid" + "\t" * 9]) + "\n", encoding="utf-8")
    found = sources(folder)
    assert [(s.style, s.split, s.set, s.licence) for s in found] == [
        ("lied", "train", "a", "CC0"),
        ("lied", "train", "b", "CC0"),
        ("lied", "valid", "a", "CC0"),
    ]
    assert {s.set for s in sources(folder, frozenset({"b"}))} == {"a"}


@given(st.integers(-6, 6), st.integers(0, 5))
@settings(max_examples=20)
def test_a_window_that_is_moved_is_the_window_of_the_moved_piece(shift: int, number: int) -> None:
    written, moved = (_one_piece(tune(number, move=move)) for move in (0, shift))
    rows = np.arange(len(written.pitch))[:, None]
    flat = np.zeros_like(rows)
    made = window_of(written, Rows(rows, flat + shift, flat, flat > 0))
    wanted = window_of(moved, Rows(rows, flat, flat, flat > 0))
    for name in ("sounds", "pitch", "length", "velocity", "onset", "floor", "weight"):
        np.testing.assert_allclose(getattr(made, name), getattr(wanted, name), atol=1e-3, err_msg=name)
    columns = [column for column in range(STYLE + 1) if column != TRANSPOSITION]
    np.testing.assert_array_equal(made.classes[..., columns], wanted.classes[..., columns])
    assert (made.classes[..., TRANSPOSITION] == shift + 6).all()


def _one_piece(score: Score) -> Library:
    from musegen_app.encoding.pieces import piece_of
    from musegen_app.training.prepare import _rows

    piece = piece_of(score)
    assert piece is not None
    columns = _rows(piece)
    count = len(columns["pitch"])
    empty = np.zeros(1, dtype=np.int64)
    return Library(**columns, first=np.array([0, count]), style=empty, held_out=empty > 0, styles=(), sets=(), broken=())


def test_lanes_play_on_where_they_were_and_only_learn_from_what_is_not_held_out(library: Library) -> None:
    lanes = Lanes(library, 4, 16, seed=3)
    held_out = int(np.flatnonzero(library.held_out)[0])
    secret = set(range(int(library.first[held_out]), int(library.first[held_out + 1])))
    seen: list[np.ndarray] = []
    fill = lanes._fill

    def watched(rows: Rows, lane: int) -> None:
        fill(rows, lane)
        seen.append(rows.row[:, lane].copy())

    lanes._fill = watched  # type: ignore[method-assign]
    for _ in range(40):
        window, keep = lanes.next()
        assert window.pitch.shape == (16, 4)
        assert set(keep.tolist()) <= {0.0, 1.0}
    assert not secret & {int(row) for part in seen for row in part}
    steps = np.diff(np.array(seen), axis=1)
    joins = np.isin(np.array(seen)[:, 1:], library.first[:-1])
    assert ((steps == 1) | joins).all()


def test_held_out_music_is_shown_as_written_without_its_end(library: Library) -> None:
    pieces = np.arange(3)
    windows = held_out_windows(library, pieces, 32, 16)
    assert len(windows) == 2
    for window in windows:
        assert (window.classes[..., TRANSPOSITION] == 6).all()
        assert (window.classes[..., BARS_LEFT] == BARS_UNKNOWN).all()
        assert window.sounds.shape == (16, 3, PLANES * PITCHES + 12)


def test_counting_is_a_baseline(library: Library) -> None:
    nats = unigram_nats(library)
    assert 3 < nats[""] < 15
    assert set(nats) <= {"", *library.styles}
