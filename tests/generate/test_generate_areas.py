"""Overlapped areas: known distributions give the areas that theory has, and figures of music are counted as they sound."""

from __future__ import annotations

import math

import numpy as np
import pytest

from musegen_app.generate.areas import Stretch, areas, exact_overlap, intervals, lengths, onsets, polyphony, smooth_overlap
from musegen_app.score import Metre, Note, NoteTable, Timeline

BAR = 3840


def stretch(*notes: Note, bars: int = 2, timeline: Timeline | None = None) -> Stretch:
    return Stretch(NoteTable.of(notes), timeline or Timeline(), (0, bars * BAR))


def line(*pitches: int, every: int = 480) -> Stretch:
    notes = [Note(i * every, every, pitch) for i, pitch in enumerate(pitches)]
    return stretch(*notes, bars=-(-len(pitches) * every // BAR))


@pytest.mark.parametrize("away", [0.0, 0.5, 1.0, 3.0])
def test_two_bells_overlap_as_theory_says(away: float) -> None:
    bell = np.random.default_rng(1).normal(size=4000)
    other = np.random.default_rng(2).normal(size=3000) + away
    assert smooth_overlap(bell, other) == pytest.approx(math.erfc(away / 2 / math.sqrt(2)), abs=0.04)


def test_sets_without_width_are_alike_or_not() -> None:
    ones = np.ones(5)
    assert smooth_overlap(ones, ones) == 1
    assert smooth_overlap(ones, 2 * ones) == 0
    assert smooth_overlap(ones, np.array([])) == 0
    assert 0 < smooth_overlap(ones, np.array([0.5, 1.0, 1.5])) <= 1


def test_whole_numbers_overlap_by_the_share_they_have_in_common() -> None:
    assert exact_overlap(np.array([1, 1, 2, 3]), np.array([1, 2, 2, -7])) == pytest.approx(0.5)
    assert exact_overlap(np.array([4]), np.zeros(0, np.int64)) == 0


def test_figures_are_of_what_sounds() -> None:
    chord = stretch(Note(0, 1920, 60), Note(0, 1920, 64), Note(0, 960, 67), Note(960, 960, 65), Note(BAR + 480, 99_000, 40))
    assert intervals(chord).tolist() == [4, 3, -2, -24]
    assert lengths(chord).tolist() == [48, 48, 24, 24, 192]
    assert onsets(chord).tolist() == [0, 0, 0, 24, 12]
    assert polyphony(chord).tolist() == [3] * 8 + [0] * 10 + [1] * 14


def test_onsets_count_from_the_bar_line_in_any_metre() -> None:
    waltz = Timeline(metres=(Metre(0, 3, 4),))
    assert onsets(stretch(Note(0, 480, 60), Note(2880, 480, 60), Note(2880 + 1920, 480, 60), timeline=waltz)).tolist() == [
        0,
        0,
        48,
    ]


def test_like_music_overlaps_and_other_music_does_not() -> None:
    random = np.random.default_rng(3)
    calm = [line(*(60 + random.choice([0, 2, 4, 5, 7], 32))) for _ in range(12)]
    wild = [line(*random.integers(40, 90, 64), every=240) for _ in range(12)]
    same, other = areas(calm, calm), areas(calm, wild)
    assert list(same.values()) == pytest.approx([1] * len(same), abs=1e-3)
    assert list(same) == list(other)
    assert (
        max(other[name] for name in ("pitch_class_entropy", "scale_consistency", "notes_per_bar", "length", "interval"))
        < 0.5
    )
    assert other["polyphony"] == 1


def test_silence_counts_in_the_number_of_notes_alone() -> None:
    sounding = [line(60, 62, 64, 65) for _ in range(4)]
    found = areas([*sounding, stretch()], sounding)
    assert found["notes_per_bar"] < 1
    assert found["pitch_class_entropy"] == 1
    assert found["interval"] == 1
