"""From folders to lanes of notes: what is read, what is left out, and how it is shown to the network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from training_music import tune, write_folder

from musegen_app.encoding.context import ARRIVAL, BARS_LEFT, BARS_UNKNOWN, PLANES, STYLE, TRANSPOSITION
from musegen_app.encoding.note_events import BEGIN_PITCH, END, PITCHES
from musegen_app.errors import MuseGenError, TrainingError
from musegen_app.files.midi_writer import write_midi
from musegen_app.score import Metre, Score, Tempo, Timeline, Track
from musegen_app.training import corpus as corpus_module
from musegen_app.training.baseline import unigram_nats
from musegen_app.training.batches import Lanes, Rows, held_out_windows, window_of
from musegen_app.training.corpus import Corpus, read_corpus
from musegen_app.training.prepare import Library, prepare, sources


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = write_folder(tmp_path_factory.mktemp("music"), songs=6, hymns=4)
    return prepare(corpus_of(folder), folder / "cache.npz")


def corpus_of(folder: Path) -> Corpus:
    return read_corpus(sources(folder), folder / "corpus.npz")


def test_subfolders_are_styles_and_one_piece_at_least_is_held_out(library: Library) -> None:
    assert library.styles == ("hymns", "songs")
    assert library.held_out.sum() == 1
    assert len(library.style) == 10


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
        corpus_of(tmp_path)


def test_a_folder_of_drums_is_one_sentence(tmp_path: Path) -> None:
    for name in "ab":
        track = tune(1).tracks[0]
        write_midi(Score((Track(1, "Drums", 9, notes=track.notes),)), tmp_path / f"{name}.mid")
    with pytest.raises(TrainingError, match="Fewer than two pieces with notes"):
        prepare(corpus_of(tmp_path), tmp_path / "cache.npz")


def test_no_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="is not a folder"):
        sources(tmp_path / "nowhere")


def test_broken_files_are_left_out_and_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, songs=3)
    (folder / "songs" / "broken.mid").write_bytes(b"MThd and no more")
    told: list[tuple[int, int]] = []
    found = read_corpus(sources(folder), folder / "corpus.npz", lambda done, total: told.append((done, total)))
    assert len(found.pieces) == 3
    assert len(found.broken) == 1
    assert "broken.mid" in found.broken[0]
    assert told == [(number, 4) for number in range(1, 5)]


def test_what_was_read_is_kept_until_the_folder_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_folder(tmp_path, songs=3)
    (folder / "songs" / "broken.mid").write_bytes(b"MThd and no more")
    read = corpus_of(folder)
    with monkeypatch.context() as patch:
        patch.delattr(corpus_module, "read_midi")
        kept = corpus_of(folder)
    assert kept.broken == read.broken
    assert [part.source for part in kept.pieces] == [part.source for part in read.pieces]
    assert [part.score.note_count for part in kept.pieces] == [part.score.note_count for part in read.pieces]
    write_midi(tune(9), folder / "songs" / "new.mid")
    assert len(corpus_of(folder).pieces) == 4
    for damage in (b"damaged", (folder / "corpus.npz").read_bytes()[:200]):
        (folder / "corpus.npz").write_bytes(damage)
        assert len(corpus_of(folder).pieces) == 4


def test_encoded_notes_are_kept_with_their_corpus(tmp_path: Path) -> None:
    folder, cache = write_folder(tmp_path, songs=3), tmp_path / "cache.npz"
    made = prepare(corpus_of(folder), cache)
    kept = prepare(corpus_of(folder), cache)
    assert kept.styles == made.styles
    np.testing.assert_array_equal(kept.planes, made.planes)
    cache.write_bytes(b"damaged")
    assert len(prepare(corpus_of(folder), cache).style) == 3


@given(st.lists(st.integers(0, 30), min_size=2, max_size=4), st.sampled_from([(4, 4), (3, 4), (6, 8)]))
@settings(max_examples=15)
def test_scores_come_back_from_the_cache(numbers: list[int], metre: tuple[int, int]) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        for index, number in enumerate(numbers):
            score = tune(number)
            timeline = Timeline.made((Tempo(0, 400_000), Tempo(3840, 600_000)), (Metre(0, *metre),))
            other = replace(score.tracks[0], id=2, name="Bass", channel=3, program=32)
            write_midi(replace(score, tracks=(*score.tracks, other), timeline=timeline), folder / f"{index}.mid")
        read, kept = corpus_of(folder), corpus_of(folder)
        for before, after in zip(read.pieces, kept.pieces, strict=True):
            assert after.source == before.source
            assert after.score.timeline == before.score.timeline
            for one, other in zip(before.score.tracks, after.score.tracks, strict=True):
                assert (one.name, one.channel, one.program) == (other.name, other.channel, other.program)
                for name in ("start", "length", "pitch", "velocity"):
                    np.testing.assert_array_equal(getattr(one.notes, name), getattr(other.notes, name))


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
    assert {s.set for s in sources(folder, only=frozenset({"a"}))} == {"a"}
    with pytest.raises(TrainingError, match=r"There is no set c in .*; there are: a, b"):
        sources(folder, only=frozenset({"c"}))


def test_an_index_may_name_files_alone(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, songs=3)
    (folder / "index.tsv").write_text("file\tgroup\n" + "".join(f"songs/{n}.mid\tone\n" for n in range(3)), encoding="utf-8")
    assert [(s.style, s.set, s.split) for s in sources(folder)] == [("songs", "songs", "valid")] * 3  # all are one group
    with pytest.raises(TrainingError, match="Fewer than two pieces"):
        corpus_of(folder)


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=12), st.sampled_from(["told", "untold"]))
@settings(max_examples=20)
def test_a_group_is_on_one_side(groups: list[str], split: str) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        splits = ["valid" if split == "told" and number % 3 == 0 else "train" for number in range(len(groups))]
        rows = ["file\tgroup\tsplit"]
        for number, group in enumerate(groups):
            (folder / f"{number}.mid").write_bytes(b"")
            rows.append(f"{number}.mid\t{group}\t{splits[number] if split == 'told' else ''}")
        (folder / "index.tsv").write_text("\n".join(rows), encoding="utf-8")
        found = sources(folder)
        assert {s.split for s in found} <= {"train", "valid"}
        assert any(s.split == "valid" for s in found)
        for group in set(groups):
            assert len({s.split for s in found if s.group == group}) == 1


@pytest.mark.parametrize(
    ("index", "sentence"),
    [
        (b"\xff\xfe\x00", "cannot be read as a table"),
        (b"name\tstyle\na.mid\tsong\n", 'no column named "file"'),
        (b"", "There are no MIDI files"),
    ],
)
def test_a_strange_index_is_one_sentence(tmp_path: Path, index: bytes, sentence: str) -> None:
    folder = write_folder(tmp_path, songs=3)
    (folder / "index.tsv").write_bytes(index)
    with pytest.raises(MuseGenError, match=sentence):
        sources(folder)


@given(st.integers(-6, 6), st.integers(0, 5))
@settings(max_examples=20)
def test_a_window_that_is_moved_is_the_window_of_the_moved_piece(shift: int, number: int) -> None:
    written, moved = (_one_piece(tune(number, move=move)) for move in (0, shift))
    rows = np.arange(len(written.pitch))[:, None]
    flat = np.zeros_like(rows)
    made = window_of(written, Rows.shown(rows, flat + shift, flat, flat > 0))
    wanted = window_of(moved, Rows.shown(rows, flat, flat, flat > 0))
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
    return Library(**columns, first=np.array([0, count]), style=empty, held_out=empty > 0, styles=())


def test_lanes_play_on_where_they_were_and_only_learn_from_what_is_not_held_out(library: Library) -> None:
    lanes = Lanes(library, range(4), 16, seed=3)
    held_out = int(np.flatnonzero(library.held_out)[0])
    secret = set(range(int(library.first[held_out]), int(library.first[held_out + 1])))
    seen: list[np.ndarray] = []
    fill = lanes._fill

    def watched(rows: Rows, index: int, lane: object) -> None:
        fill(rows, index, lane)
        seen.append(rows.row[:, index].copy())

    lanes._fill = watched  # type: ignore[method-assign]
    for _ in range(40):
        window, keep = lanes.next()
        assert window.pitch.shape == (16, 4)
        assert set(keep.tolist()) <= {0.0, 1.0}
    assert not secret & {int(row) for part in seen for row in part}
    steps = np.diff(np.array(seen), axis=1)
    joins = np.isin(np.array(seen)[:, 1:], library.first[:-1])
    assert ((steps == 1) | joins).all()


def test_a_lane_hears_the_same_whoever_has_the_others(library: Library) -> None:
    together = Lanes(library, range(4), 16, seed=3)
    apart = [Lanes(library, range(first, 4, 2), 16, seed=3) for first in range(2)]
    for _ in range(12):
        whole, parts = together.next(), [lanes.next() for lanes in apart]
        for first, part in enumerate(parts):
            torch.testing.assert_close(whole.window.pitch[:, first::2], part.window.pitch)
            torch.testing.assert_close(whole.window.sounds[:, first::2], part.window.sounds)
            torch.testing.assert_close(whole.keep[first::2], part.keep)


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
