from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import notes

from musegen_app.score import EMPTY, Note, NoteTable
from musegen_app.score.transforms import (
    move,
    quantise,
    resize,
    resize_start,
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
