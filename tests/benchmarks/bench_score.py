"""The score's promise: with 100,000 notes an edit costs far less than touching each note."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from musegen_app.score import Change, Note, NoteTable, Score, Track

NOTES = 100_000


def big_score() -> Score:
    random = np.random.default_rng(1)
    starts = np.sort(random.integers(0, 4_000_000, NOTES))
    table = NoteTable.from_columns(starts, random.integers(1, 2000, NOTES), random.integers(20, 110, NOTES))
    return Score((Track(1, "Big", notes=table.numbered(1)),), next_id=NOTES + 1)


def seconds_of(work: Callable[[], object], rounds: int = 5) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def test_adding_a_note_beats_rebuilding_note_by_note(benchmark: BenchmarkFixture) -> None:
    score = big_score()
    change = Change.of_notes(1, added=score.new_notes([Note(2_000_000, 480, 60)]))
    after = benchmark(score.apply, change)
    assert after.note_count == NOTES + 1
    naive = seconds_of(lambda: NoteTable.of([*score.tracks[0].notes, Note(2_000_000, 480, 60)]), rounds=2)
    assert naive > 10 * seconds_of(lambda: score.apply(change))


def test_finding_what_a_view_shows_beats_looking_at_every_note(benchmark: BenchmarkFixture) -> None:
    notes = big_score().tracks[0].notes
    rows = benchmark(notes.overlapping, 2_000_000, 2_030_000)
    everyone = np.flatnonzero((notes.start < 2_030_000) & (notes.end > 2_000_000))
    assert np.array_equal(np.sort(rows), everyone)
    assert seconds_of(lambda: [n for n in notes if n.start < 2_030_000 and n.end > 2_000_000], rounds=1) > 100 * seconds_of(
        lambda: notes.overlapping(2_000_000, 2_030_000)
    )
