"""The longest run that is shared is found in any key, told no shorter than it is, and survives being packed and read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.encoding.note_events import on_grid
from musegen_app.errors import ModelError
from musegen_app.generate.packed_set import PackedSet
from musegen_app.generate.shared_runs import LENGTHS, SHORT, SharedRuns
from musegen_app.score import NoteTable

RNG = np.random.default_rng(4)


def tune(count: int, seed: int) -> NoteTable:
    rng = np.random.default_rng(seed)
    starts = np.cumsum(rng.integers(1, 6, count)) * 240
    return NoteTable.from_columns(starts, np.full(count, 200), rng.integers(40, 90, count))


def spliced(known: NoteTable, first: int, count: int, seed: int) -> NoteTable:
    """Notes of nobody's, then ``count`` notes of ``known``, five semitones higher, then notes of nobody's."""
    own, part, rest = tune(30, seed), known.take(slice(first, first + count)), tune(30, seed + 1)
    middle = part.start - part.start[0] + own.end_tick + 960
    after = rest.start + middle[-1] + 7 * 960
    start = np.concatenate([own.start, middle, after])
    pitch = np.concatenate([own.pitch, part.pitch + 5, rest.pitch])
    return NoteTable.from_columns(start, np.full(len(start), 200), pitch)


@given(st.sets(st.integers(0, 2**64 - 1), max_size=300), st.integers(1, 16))
def test_what_is_in_a_packed_set_is_found(numbers: set[int], bits: int) -> None:
    packed = PackedSet.of(np.array(sorted(numbers), dtype=np.uint64), bits)
    assert packed.count == len(numbers)
    assert packed.has(np.array(list(numbers), dtype=np.uint64)).all()


@pytest.mark.parametrize("bits", [3, 6, 10])
def test_what_is_not_in_a_packed_set_is_found_as_seldom_as_stated(bits: int) -> None:
    numbers = RNG.integers(0, 2**63, 20_000, dtype=np.uint64)
    others = RNG.integers(0, 2**63, 40_000, dtype=np.uint64) + np.uint64(2**63)
    packed = PackedSet.of(numbers, bits)
    assert np.mean(packed.has(others)) == pytest.approx(2.0**-bits, rel=0.25)
    assert packed.nbytes * 8 / packed.count <= bits + 2.1


@given(st.integers(SHORT, 40), st.integers(0, 50), st.integers(0, 1000))
def test_a_run_is_found_in_another_key_and_never_told_shorter(count: int, first: int, seed: int) -> None:
    known = tune(100, 5_000)
    runs = SharedRuns.of([on_grid([known])])
    found = runs.longest(spliced(known, first, count, seed))
    assert count <= found.notes <= count + 3  # a false find may lengthen it
    assert count < 10 or abs(found.first - 30) <= 3


def test_what_is_nobodys_shares_no_long_run() -> None:
    runs = SharedRuns.of([on_grid([tune(3_000, 1)])])
    assert max(runs.longest(tune(200, seed)).notes for seed in range(2, 12)) <= SHORT + 2


def test_other_times_between_the_notes_are_another_run() -> None:
    known = tune(60, 9)
    slower = NoteTable.from_columns(known.start * 2, known.length, known.pitch)
    assert SharedRuns.of([on_grid([known])]).longest(slower).notes <= SHORT


@pytest.mark.parametrize("count", [0, 1, SHORT - 1])
def test_a_few_notes_share_nothing(count: int) -> None:
    runs = SharedRuns.of([on_grid([tune(50, 1)])])
    assert runs.longest(tune(count, 1) if count else NoteTable.empty()).notes == 0
    assert SharedRuns.of([]).longest(tune(50, 1)).notes == 0


def test_the_words_tell_how_many_notes() -> None:
    known = tune(40, 3)
    assert SharedRuns.of([on_grid([known])]).longest(known).words == "longest shared run: 40 notes"
    assert SharedRuns.of([]).longest(known).words == "no shared run of 6 notes"


def test_runs_are_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    known = tune(500, 1)
    runs = SharedRuns.of([on_grid([known])])
    runs.write(tmp_path / "originality.npz")
    read = SharedRuns.read(tmp_path / "originality.npz")
    for seed in range(20):
        music = spliced(known, 20 * seed, 9, seed)
        assert read.longest(music) == runs.longest(music)
    assert read.nbytes == runs.nbytes


def test_runs_of_two_sources_are_known_side_by_side_and_read_again(tmp_path: Path) -> None:
    first, second, path = tune(200, 1), tune(200, 2), tmp_path / "originality.npz"
    both = SharedRuns.of([on_grid([first])]).joined(SharedRuns.of([on_grid([second])]))
    both.write(path)
    read = SharedRuns.read(path)
    for runs in (both, read):
        assert [runs.longest(known).notes for known in (first, second)] == [200, 200]
        assert runs.longest(tune(200, 3)).notes <= SHORT + 3
    assert read.nbytes == both.nbytes


def test_a_set_that_is_missing_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "originality.npz"
    SharedRuns.of([on_grid([tune(50, 1)])]).joined(SharedRuns.of([on_grid([tune(50, 2)])])).write(path)
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files if name != f"size_{LENGTHS[1][0]}_1"}
    np.savez(path, **arrays)
    with pytest.raises(ModelError, match="damaged"):
        SharedRuns.read(path)


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "none"])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "originality.npz"
    SharedRuns.of([on_grid([tune(100, 1)])]).write(path)
    whole = path.read_bytes()
    if damage == "none":
        path.unlink()
    else:
        path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"no zip at all"}[damage])
    with pytest.raises(ModelError, match="damaged"):
        SharedRuns.read(path)


def test_a_set_whose_bits_are_cut_off_is_damaged(tmp_path: Path) -> None:
    path, length = tmp_path / "originality.npz", LENGTHS[0][0]
    SharedRuns.of([on_grid([tune(100, 1)])]).write(path)
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays[f"low_{length}"] = arrays[f"low_{length}"][:3]
    np.savez(path, **arrays)
    with pytest.raises(ModelError, match="damaged"):
        SharedRuns.read(path)
