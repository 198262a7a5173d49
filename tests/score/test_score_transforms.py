from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import notes

from musegen_app.score import EMPTY, Note, NoteTable
from musegen_app.score.transforms import (
    legato,
    move,
    quantise,
    resize,
    resize_start,
    scale_velocity,
    stretch,
    transpose,
    without_overlaps,
)


def _shape(table: NoteTable) -> list[tuple[int, int, int]]:
    return [(n.start, n.length, n.pitch) for n in table]


@given(notes(), st.integers(-200, 200))
def test_transposing_keeps_every_interval(table: NoteTable, semitones: int) -> None:
    moved = transpose(table, semitones)
    before, after = {n.id: n.pitch for n in table}, {n.id: n.pitch for n in moved}
    steps = {after[i] - before[i] for i in before}
    assert len(steps) <= 1
    assert all(abs(step) <= abs(semitones) and step * semitones >= 0 for step in steps)


def test_a_chord_at_the_top_stops_as_a_block() -> None:
    chord = NoteTable.of([Note(0, 10, 115), Note(0, 10, 120), Note(0, 10, 124)])
    assert transpose(chord, 12).pitch.tolist() == [118, 123, 127]
    assert transpose(chord, -200).pitch.tolist() == [0, 5, 9]


@given(notes(), st.integers(-300_000, 300_000))
def test_moving_keeps_every_distance(table: NoteTable, ticks: int) -> None:
    moved = move(table, ticks)
    assert len({int(a - b) for a, b in zip(moved.start, table.start, strict=True)}) <= 1
    assert moved.length.tolist() == table.length.tolist()


def test_quantise_draws_starts_to_the_nearest_line() -> None:
    table = NoteTable.of([Note(10, 200, 60), Note(230, 100, 62), Note(360, 100, 64)])
    assert _shape(quantise(table, 240)) == [(0, 200, 60), (240, 100, 62), (480, 100, 64)]
    assert quantise(table, 240, 0.0) == table
    assert quantise(table, 240, 0.5).start.tolist() == [5, 235, 420]


def test_quantise_can_draw_the_ends_too() -> None:
    table = NoteTable.of([Note(10, 200, 60), Note(10, 20, 62)])
    assert _shape(quantise(table, 240, ends=True)) == [(0, 240, 60), (0, 1, 62)]


@given(notes(), st.sampled_from([1, 7, 160, 240, 960]))
def test_quantising_twice_is_quantising_once(table: NoteTable, grid: int) -> None:
    once = quantise(table, grid, ends=True)
    assert quantise(once, grid) == once
    assert not (once.start % grid).any()


@pytest.mark.parametrize(("grid", "strength"), [(0, 1.0), (-5, 1.0), (240, 1.5), (240, -0.1)])
def test_quantise_refuses_what_is_no_grid(grid: int, strength: float) -> None:
    with pytest.raises(ValueError, match="cannot quantise"):
        quantise(EMPTY, grid, strength)


def test_legato_fills_up_to_the_next_start() -> None:
    table = NoteTable.of([Note(0, 10, 60), Note(0, 900, 64), Note(480, 100, 62), Note(960, 50, 65)])
    assert _shape(legato(table)) == [(0, 480, 60), (0, 480, 64), (480, 480, 62), (960, 50, 65)]
    assert _shape(legato(table, 20))[0] == (0, 460, 60)
    assert legato(EMPTY) == EMPTY


@given(notes(), st.integers(0, 500))
def test_legato_keeps_starts_and_lengths_of_at_least_a_tick(table: NoteTable, gap: int) -> None:
    joined = legato(table, gap)
    assert joined.start.tolist() == table.start.tolist()
    assert (joined.length >= 1).all()


def test_resizing_stops_at_the_shortest_length_but_never_lengthens_by_shortening() -> None:
    table = NoteTable.of([Note(0, 500, 60), Note(0, 30, 62)])
    assert resize(table, -490, min_length=60).length.tolist() == [60, 30]
    assert resize(table, 100).length.tolist() == [600, 130]


@given(notes(), st.integers(-300_000, 300_000), st.integers(1, 500))
def test_resizing_the_start_keeps_every_end(table: NoteTable, ticks: int, shortest: int) -> None:
    moved = resize_start(table, ticks, shortest)
    assert {n.id: n.end for n in moved} == {n.id: n.end for n in table}
    lengths = {n.id: n.length for n in table}
    assert all(n.length >= min(shortest, lengths[n.id]) for n in moved)


def test_stretching_doubles_around_its_origin() -> None:
    table = NoteTable.of([Note(960, 100, 60), Note(1200, 101, 62)])
    assert _shape(stretch(table, 2, 960)) == [(960, 200, 60), (1440, 202, 62)]
    assert _shape(stretch(table, 0.5, 960)) == [(960, 50, 60), (1080, 50, 62)]
    with pytest.raises(ValueError, match="cannot stretch"):
        stretch(table, 0)


def test_velocities_are_scaled_and_stay_audible() -> None:
    table = NoteTable.of([Note(0, 1, 60, 100), Note(1, 1, 60, 2), Note(2, 1, 60, 127)])
    assert scale_velocity(table, 0.1).velocity.tolist() == [10, 1, 13]
    assert scale_velocity(table, 1, 10).velocity.tolist() == [110, 12, 127]
    assert scale_velocity(table, 0).velocity.tolist() == [1, 1, 1]


def test_a_note_ends_where_its_pitch_begins_again() -> None:
    table = NoteTable.of(
        [Note(0, 1000, 60, id=1), Note(480, 100, 60, id=2), Note(480, 300, 60, id=3), Note(0, 900, 61, id=4)]
    )
    assert [(n.id, n.start, n.length) for n in without_overlaps(table)] == [(1, 0, 480), (4, 0, 900), (3, 480, 300)]


@given(notes(max_length=100_000))
def test_no_pitch_sounds_twice_and_nothing_free_is_changed(table: NoteTable) -> None:
    clean = without_overlaps(table)
    assert without_overlaps(clean) == clean
    assert {(n.start, n.pitch) for n in clean} == {(n.start, n.pitch) for n in table}
    by_pitch: dict[int, list[Note]] = {}
    for note in clean:
        by_pitch.setdefault(note.pitch, []).append(note)
    for line in by_pitch.values():
        assert all(a.end <= b.start for a, b in pairwise(line))
    originals = {n.id: n for n in table}
    for note in clean:
        before = originals[note.id]
        assert note.length <= before.length
        others = [n for n in table if n.pitch == note.pitch and n.id != note.id]
        if not any(n.start < before.end and n.end > before.start for n in others):
            assert note == before
