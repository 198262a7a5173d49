"""Runs are found again in any key, and only where they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.generate.originality import RUN_NOTES, RunIndex
from musegen_app.score import NoteTable


def melody(pitches: list[int], gap: int = 240) -> NoteTable:
    count = len(pitches)
    lengths, velocities = np.full(count, max(gap, 1)), np.full(count, 80)
    return NoteTable.from_columns(np.arange(count) * gap, lengths, np.array(pitches, dtype=int), velocities)


PITCHES = st.lists(st.integers(20, 100), min_size=RUN_NOTES, max_size=40)


@given(PITCHES, st.integers(-20, 20), st.sampled_from([120, 240, 480]))
def test_a_piece_is_wholly_found_in_itself_in_any_key_and_pace(pitches: list[int], shift: int, gap: int) -> None:
    index = RunIndex.of([melody(pitches)])
    assert index.share(melody([pitch + shift for pitch in pitches], gap)) == 1


@given(PITCHES, PITCHES)
def test_the_share_is_that_of_the_runs_that_are_there(known: list[int], asked: list[int]) -> None:
    def runs(pitches: list[int]) -> list[tuple[int, ...]]:
        steps = np.diff(pitches).tolist()
        return [tuple(steps[place : place + RUN_NOTES - 1]) for place in range(len(pitches) - RUN_NOTES + 1)]

    wanted = np.mean([run in set(runs(known)) for run in runs(asked)])
    assert RunIndex.of([melody(known)]).share(melody(asked)) == pytest.approx(wanted)


def test_a_chord_is_not_the_arpeggio_of_its_notes() -> None:
    scale = list(range(60, 60 + RUN_NOTES))
    index = RunIndex.of([melody(scale)])
    assert index.share(melody(scale, gap=0)) == 0


@pytest.mark.parametrize("count", [0, 1, RUN_NOTES - 1])
def test_what_is_shorter_than_a_run_is_nobodys(count: int) -> None:
    few = melody(list(range(60, 60 + count)))
    assert RunIndex.of([few]).share(few) == 0
    assert len(RunIndex.of([few])) == 0
    assert RunIndex.of([]).share(melody(list(range(60, 80)))) == 0
