"""Columns of a sixteenth: notes on that grid survive the way there and back, and what the grid cannot hold is rounded."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.encoding.columns import COLUMN_TICKS, PITCHES, Columns, columns_of, notes_of
from musegen_app.score import Note, NoteTable

Row = tuple[int, int, int]
"""Onset and length in columns, and pitch."""


def table(rows: list[Row]) -> NoteTable:
    return NoteTable.of(Note(onset * COLUMN_TICKS, length * COLUMN_TICKS, pitch) for onset, length, pitch in rows)


def rows_of(columns: Columns) -> list[Row]:
    notes = notes_of(columns)
    return list(zip(notes.onset.tolist(), notes.length.tolist(), notes.pitch.tolist(), strict=True))


@st.composite
def music(draw: st.DrawFn) -> list[Row]:
    """Notes on the grid, none of which sounds while another of its pitch does."""
    rows = []
    for pitch in draw(st.lists(st.integers(0, 127), unique=True, max_size=6)):
        onset = 0
        for gap, length in draw(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=6)):
            rows.append((onset + gap, length, pitch))
            onset += gap + length
    return sorted(rows, key=lambda row: (row[0], row[2]))


@given(music())
def test_notes_on_the_grid_come_back_as_they_were(rows: list[Row]) -> None:
    assert rows_of(columns_of([table(rows)])) == rows


@given(music(), st.integers(0, 3))
def test_tracks_are_laid_over_each_other(rows: list[Row], every: int) -> None:
    parts = [table(rows[n :: every + 1]) for n in range(every + 1)]
    whole, laid = columns_of([table(rows)]), columns_of(parts)
    np.testing.assert_array_equal(whole.sounding, laid.sounding)
    np.testing.assert_array_equal(whole.struck, laid.struck)


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_a_picture_comes_back_as_it_was(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    struck = random.random((count, PITCHES)) < 0.1
    sounding = struck | (random.random((count, PITCHES)) < 0.3)
    for column in range(1, count):
        sounding[column] &= sounding[column - 1] | struck[column]
    struck[0] = sounding[0]
    picture = Columns(sounding, struck)
    again = columns_of([table(rows_of(picture))]).padded(count)
    np.testing.assert_array_equal(again.sounding, sounding)
    np.testing.assert_array_equal(again.struck, struck)


def test_finer_times_are_rounded_and_nothing_vanishes() -> None:
    notes = NoteTable.of([Note(100, 20, 60), Note(350, 500, 62), Note(1070, 1, 64)])
    assert rows_of(columns_of([notes])) == [(0, 1, 60), (1, 3, 62), (4, 1, 64)]


def test_a_pitch_struck_while_it_sounds_is_cut_there() -> None:
    assert rows_of(columns_of([table([(0, 8, 60), (2, 2, 60)])])) == [(0, 2, 60), (2, 6, 60)]


def test_of_notes_struck_at_once_the_longest_stays() -> None:
    assert rows_of(columns_of([table([(1, 2, 60)]), table([(1, 5, 60)])])) == [(1, 5, 60)]


def test_what_begins_before_the_origin_is_left_out() -> None:
    columns = columns_of([table([(0, 8, 60), (4, 2, 62)])], origin_tick=4 * COLUMN_TICKS)
    assert rows_of(columns) == [(0, 2, 62)]


def test_what_sounds_at_first_without_being_struck_counts_as_struck_there() -> None:
    columns = columns_of([table([(0, 8, 60)])]).part(3, 6)
    assert not columns.struck.any()
    assert rows_of(columns) == [(0, 3, 60)]


def test_nothing_is_a_picture_too() -> None:
    assert len(columns_of([])) == 0
    assert rows_of(columns_of([NoteTable.empty()])) == []
    assert rows_of(Columns.empty(7)) == []
    assert len(Columns.empty(3).padded(5)) == 5
