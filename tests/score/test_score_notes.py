from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import notes

from musegen_app.score import EMPTY, GENERATED, Note, NoteTable


def test_rows_are_sorted_by_start_then_pitch_then_id() -> None:
    table = NoteTable.of([Note(10, 1, 60, id=3), Note(0, 1, 70), Note(10, 1, 50), Note(10, 1, 60, id=2)])
    assert [(n.start, n.pitch, n.id) for n in table] == [(0, 70, 0), (10, 50, 0), (10, 60, 2), (10, 60, 3)]


def test_columns_cannot_be_written() -> None:
    table = NoteTable.of([Note(0, 1, 60)])
    for column in (*table.columns, table.end):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 5


def test_a_table_does_not_follow_the_array_it_was_made_of() -> None:
    starts = np.array([0, 10])
    table = NoteTable.from_columns(starts, [1, 1], [60, 61])
    starts[0] = 99
    assert table.start.tolist() == [0, 10]


@pytest.mark.parametrize(
    ("start", "length", "pitch", "velocity"),
    [(-1, 1, 60, 64), (0, 0, 60, 64), (0, 1, -1, 64), (0, 1, 128, 64), (0, 1, 60, 0), (0, 1, 60, 128)],
)
def test_values_out_of_range_are_refused(start: int, length: int, pitch: int, velocity: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        NoteTable.of([Note(start, length, pitch, velocity)])


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        NoteTable.from_columns([0, 1], [1], [60, 61])


def test_the_empty_table() -> None:
    assert not EMPTY
    assert EMPTY.end_tick == 0
    assert NoteTable.of([]) is EMPTY
    assert EMPTY.merged(EMPTY) == EMPTY
    assert list(EMPTY.without([1])) == []
    assert EMPTY.overlapping(0, 100).tolist() == []
    assert EMPTY.rows_of([1, 2]).tolist() == []


@given(notes())
def test_iterating_and_building_again_gives_the_same_table(table: NoteTable) -> None:
    again = NoteTable.of(list(table))
    assert again == table
    assert hash(again) == hash(table)
    assert [table[row] for row in range(len(table))] == list(table)


@given(notes(), st.integers(-1000, 250_000), st.integers(1, 100_000))
def test_overlapping_finds_exactly_the_notes_that_sound(table: NoteTable, start: int, width: int) -> None:
    end = start + width
    expected = [row for row, n in enumerate(table) if n.start < end and n.end > start]
    assert table.overlapping(start, end).tolist() == expected


@given(notes(), st.integers(0, 200_000), st.integers(0, 100_000))
def test_starting_in_finds_exactly_the_notes_that_begin(table: NoteTable, start: int, width: int) -> None:
    expected = [n for n in table if start <= n.start < start + width]
    assert list(table.take(table.starting_in(start, start + width))) == expected


@given(notes(), st.sets(st.integers(0, 60)))
def test_having_and_without_share_the_notes_out(table: NoteTable, ids: set[int]) -> None:
    wanted = sorted(ids)
    assert {n.id for n in table.having(wanted)} == ids & set(table.id.tolist())
    assert table.having(wanted).merged(table.without(wanted)) == table


@given(notes(), notes())
def test_merging_keeps_every_note_and_the_order(one: NoteTable, other: NoteTable) -> None:
    both = one.merged(other)
    key = [(n.start, n.pitch, n.id) for n in both]
    assert sorted(key) == key
    assert sorted(map(repr, both)) == sorted([*map(repr, one), *map(repr, other)])


def test_replacing_columns_sorts_again_and_takes_single_values() -> None:
    table = NoteTable.of([Note(0, 5, 60, id=1), Note(10, 5, 62, id=2)])
    turned = table.with_columns(start=[20, 3], flags=GENERATED)
    assert [(n.id, n.start, n.flags) for n in turned] == [(2, 3, GENERATED), (1, 20, GENERATED)]
    assert [n.id for n in table.numbered(7)] == [7, 8]


def test_a_note_longer_than_the_search_window_is_still_found() -> None:
    drone = Note(0, 1_000_000, 36)
    table = NoteTable.of([drone, *(Note(t, 100, 60) for t in range(0, 900_000, 1000))])
    assert 0 in table.overlapping(899_000, 899_001).tolist()
    assert table.overlapping(1_000_000, 1_000_001).tolist() == []
