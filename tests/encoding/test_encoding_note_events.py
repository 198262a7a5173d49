"""Notes as classes and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import notes

from musegen_app.encoding.note_events import (
    LENGTHS,
    ONSETS,
    STEP_TICKS,
    ClassTable,
    GridNotes,
    decode,
    encode,
    on_grid,
    velocities,
    velocity_classes,
)
from musegen_app.score import Note, NoteTable


@st.composite
def grid_notes(draw: st.DrawFn, *, max_size: int = 60) -> GridNotes:
    """Notes as the grid keeps them: no doubles, no overlaps of one pitch, velocities at the middle of their class."""
    gap = st.one_of(st.integers(0, 3), st.integers(0, 96), st.integers(0, ONSETS.longest))
    length = st.one_of(st.integers(1, 48), st.integers(1, LENGTHS.longest))
    note = st.tuples(gap, st.integers(0, 127), length, st.integers(0, 31))
    rows = np.array(draw(st.lists(note, max_size=max_size)), dtype=np.int64).reshape(-1, 4)
    start = np.cumsum(rows[:, 0]) * STEP_TICKS
    table = NoteTable.from_columns(start, rows[:, 2] * STEP_TICKS, rows[:, 1], velocities(rows[:, 3]))
    return on_grid([table])


@given(grid_notes(), st.integers(0, 300))
def test_decoding_gives_back_what_was_encoded(notes: GridNotes, origin: int) -> None:
    moved = notes.moved(origin)
    assert_equal(decode(encode(moved, origin), origin), moved)


def assert_equal(made: GridNotes, wanted: GridNotes) -> None:
    for name in ("onset", "pitch", "length", "velocity"):
        np.testing.assert_array_equal(getattr(made, name), getattr(wanted, name), err_msg=name)


@given(st.lists(notes(), min_size=1, max_size=3))
def test_the_grid_has_no_doubles_and_no_pitch_that_is_struck_while_it_sounds(tables: list[NoteTable]) -> None:
    grid = on_grid(tables)
    assert (grid.length > 0).all()
    assert (np.lexsort((grid.pitch, grid.onset)) == np.arange(len(grid))).all()
    for pitch in np.unique(grid.pitch):
        of_pitch = grid.rows(grid.pitch == pitch)
        assert (of_pitch.onset[1:] >= (of_pitch.onset + of_pitch.length)[:-1]).all()


@given(st.lists(notes(), min_size=1, max_size=3))
def test_what_was_put_on_the_grid_stays_as_it_is(tables: list[NoteTable]) -> None:
    grid = on_grid(tables)
    again = NoteTable.from_columns(grid.onset * STEP_TICKS, grid.length * STEP_TICKS, grid.pitch, grid.velocity)
    assert_equal(on_grid([again]), grid)


def test_of_two_notes_at_one_place_the_longest_and_the_loudest_stay() -> None:
    grid = on_grid([NoteTable.of([Note(0, 480, 60, 30)]), NoteTable.of([Note(7, 960, 60, 20), Note(480, 480, 62)])])
    assert grid.pitch.tolist() == [60, 62]
    assert grid.length.tolist() == [24, 12]
    assert grid.velocity.tolist() == [30, 96]


@pytest.mark.parametrize("table", [ONSETS, LENGTHS])
def test_classes_cover_every_time_once(table: ClassTable) -> None:
    steps = np.arange(table.low[0], table.longest + 1)
    classes = table.classes(steps)
    assert ((table.low[classes] <= steps) & (steps <= table.high[classes])).all()
    assert (np.diff(classes) >= 0).all()
    np.testing.assert_allclose(np.bincount(classes), np.exp(table.log_width))


def test_times_beyond_the_longest_become_the_longest() -> None:
    far = GridNotes(*(np.array([value]) for value in (10_000, 60, 9_000, 2)))
    made = decode(encode(far))
    assert (made.onset[0], made.length[0]) == (ONSETS.longest, LENGTHS.longest)


def test_a_velocity_moves_by_two_at_most() -> None:
    velocity = np.arange(1, 128)
    assert np.abs(velocities(velocity_classes(velocity)) - velocity).max() <= 2
