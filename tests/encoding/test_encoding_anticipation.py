"""What is known to come, asked from any moment, and the tune of a piece."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from test_encoding_note_events import grid_notes

from musegen_app.encoding.anticipation import (
    FAR_PLANES,
    FAR_START,
    KNOWN_CLASSES,
    KNOWN_PLANES,
    KNOWN_WIDTH,
    Anticipation,
    Foreknowledge,
)
from musegen_app.encoding.note_events import ONSETS, PITCHES, GridNotes
from musegen_app.encoding.voices import top_line

BAR = 96


def struck(notes: GridNotes, first: int, last: int) -> set[int]:
    """Pitches struck from step ``first`` to ``last``, both included."""
    return set(notes.pitch[(notes.onset >= first) & (notes.onset <= last)].tolist())


def planes(sounds: np.ndarray, count: int = KNOWN_PLANES) -> list[set[int]]:
    rows = sounds[: count * PITCHES].reshape(count, PITCHES)
    return [set(np.flatnonzero(row).tolist()) for row in rows]


@given(grid_notes(), st.integers(0, 400), st.integers(-1, 100))
def test_every_plane_is_what_counting_finds(notes: GridNotes, at: int, floor: int) -> None:
    classes, sounds = Anticipation(notes).look(np.array([at]), np.array([floor]), np.array([BAR]))
    here, following, soon, ahead, sounding = planes(sounds[0])
    onsets = sorted({onset for onset in notes.onset.tolist() if onset > at})
    assert here == {pitch for pitch in struck(notes, at, at) if pitch > floor}
    assert following == (struck(notes, onsets[0], onsets[0]) if onsets else set())
    assert soon == struck(notes, at + 1, at + 48)
    assert ahead == struck(notes, at + BAR, at + BAR)
    held = (notes.onset <= at + BAR) & (notes.onset + notes.length > at + BAR)
    assert sounding == set(notes.pitch[held].tolist())
    within = notes.pitch[(notes.onset > at) & (notes.onset <= at + 192)]
    wanted = np.bincount(within % 12, minlength=12) / max(len(within), 1)
    np.testing.assert_allclose(sounds[0, KNOWN_PLANES * PITCHES : FAR_START], wanted, atol=1e-6)
    gaps = np.diff([at, *onsets[:2]]).tolist()
    expected = [int(ONSETS.classes(gap)) + 1 for gap in gaps] + [0, 0]
    assert classes[0, :2].tolist() == expected[:2]


@given(grid_notes(), st.integers(0, 400))
def test_what_lies_far_ahead_is_what_counting_finds(notes: GridNotes, at: int) -> None:
    classes, sounds = Anticipation(notes).look(np.array([at]), np.array([-1]), np.array([BAR]))
    two_bars, four_bars = planes(sounds[0, FAR_START:], FAR_PLANES)
    assert two_bars == struck(notes, at + 2 * BAR, at + 2 * BAR)
    assert four_bars == struck(notes, at + 4 * BAR, at + 4 * BAR)
    onsets = sorted(onset for onset in set(notes.onset.tolist()) if onset > at)
    coming = notes.pitch[(notes.onset > at) & (notes.onset <= (onsets[0] if onsets else 0) + 192)]
    wanted = np.bincount(coming % 12, minlength=12) / max(len(coming), 1)
    np.testing.assert_allclose(sounds[0, FAR_START + FAR_PLANES * PITCHES :], wanted, atol=1e-6)
    for column, bars in enumerate((1, 2, 4), 2):
        later = sorted(onset - at - bars * BAR for onset in notes.onset.tolist() if onset >= at + bars * BAR)
        assert classes[0, column] == (int(ONSETS.classes(later[0])) + 1 if later else 0)


def test_what_lies_four_bars_behind_a_gap_is_seen_in_it() -> None:
    # A bar of known notes, and the moment that stands where they stand, four bars before.
    notes = GridNotes(np.array([384, 408]), np.array([60, 64]), np.array([24, 24]), np.array([80, 80]))
    classes, sounds = Anticipation(notes).look(np.array([0, 12]), np.array([-1, -1]), np.array([BAR, BAR]))
    assert planes(sounds[0, FAR_START:], FAR_PLANES) == [set(), {60}]
    assert classes[1, KNOWN_CLASSES - 1] == int(ONSETS.classes(12)) + 1


def test_who_knows_nothing_sees_nothing() -> None:
    nobody = np.zeros(0, dtype=np.int64)
    known = Anticipation(GridNotes(nobody, nobody, nobody, nobody))
    assert known.is_empty
    classes, sounds = known.look(np.array([0, 7]), np.array([-1, 60]), np.array([BAR, BAR]))
    assert not classes.any()
    assert sounds.shape == (2, KNOWN_WIDTH)
    assert not sounds.any()


@given(grid_notes(), st.lists(st.integers(0, 300), min_size=1, max_size=5))
def test_moments_are_asked_about_together_as_one_by_one(notes: GridNotes, moments: list[int]) -> None:
    known, at = Anticipation(notes), np.array(moments)
    floor, bar = np.full(len(at), -1), np.full(len(at), BAR)
    together = known.look(at, floor, bar)
    for row in range(len(at)):
        one = slice(row, row + 1)
        alone = known.look(at[one], floor[one], bar[one])
        np.testing.assert_array_equal(together[0][one], alone[0])
        np.testing.assert_array_equal(together[1][one], alone[1])


def test_the_tune_is_the_line_on_top_while_it_sounds() -> None:
    # A half note on top; under it two chords, the second struck while it sounds; then the tune goes down.
    onset = np.array([0, 0, 0, 24, 24, 48, 48])
    pitch = np.array([48, 55, 76, 52, 60, 50, 72])
    length = np.array([24, 24, 48, 24, 24, 48, 48])
    line = top_line(GridNotes(onset, pitch, length, np.full(7, 80)))
    assert np.flatnonzero(line).tolist() == [2, 6]


@given(grid_notes())
def test_a_tune_has_one_note_at_a_time_to_strike(notes: GridNotes) -> None:
    line = notes.rows(top_line(notes))
    assert len(np.unique(line.onset)) == len(line)
    if len(notes):
        assert int(line.pitch.max()) == int(notes.pitch.max())


def test_what_is_known_is_shown_from_the_note_before_those_that_are_drawn() -> None:
    notes = GridNotes(np.arange(6) * 24, np.arange(60, 66), np.full(6, 24), np.full(6, 80))
    drawn = np.array([False, False, True, True, False, False])
    known = Anticipation(notes.rows(~drawn))
    at, floor, bar = np.append(0, notes.onset), np.full(7, -1), np.full(7, BAR)
    classes, sounds = Foreknowledge(known, drawn).look(np.arange(7), at, floor, bar)
    everything = known.look(at, floor, bar)
    assert np.flatnonzero(sounds.any(axis=1)).tolist() == [2, 3, 4]  # the second note's row says when the third comes
    np.testing.assert_array_equal(sounds[2:5], everything[1][2:5])
    np.testing.assert_array_equal(classes[2:5], everything[0][2:5])
    assert not classes[[0, 1, 5, 6]].any()
