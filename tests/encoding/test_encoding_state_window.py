"""States of a sixteenth: what the grid and the 78 pitches hold comes back, beats are told, windows lie where they should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.encoding.columns import COLUMN_TICKS, columns_of, notes_of
from musegen_app.encoding.state_window import (
    ELSEWHERE,
    HELD,
    HIGHEST,
    LOWEST,
    NO_PLACE,
    PITCHES,
    PLACES,
    REST,
    STRUCK,
    States,
    beat_steps,
    bits_of,
    columns_from,
    piece_states,
    places,
    states_at,
    states_from_bits,
    states_of,
    unheard,
)
from musegen_app.score import Metre, Note, NoteTable, Score, Timeline, Track


def table(*rows: tuple[int, int, int]) -> NoteTable:
    return NoteTable.of(Note(onset * COLUMN_TICKS, length * COLUMN_TICKS, pitch) for onset, length, pitch in rows)


def score_of(notes: NoteTable, metre: tuple[int, int] = (4, 4), channel: int = 0) -> Score:
    track = Track(1, "Part", channel=channel, notes=notes.numbered(1))
    return Score((track,), Timeline.made(metres=(Metre(0, *metre),)), next_id=len(notes) + 1)


@st.composite
def some_states(draw: st.DrawFn) -> States:
    """States in which only what sounds is held."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    states = random.choice(
        np.array([REST, HELD, STRUCK], dtype=np.uint8), (draw(st.integers(0, 20)), PITCHES), p=[0.6, 0.3, 0.1]
    )
    sounds = np.zeros(PITCHES, dtype=np.bool_)
    for step in states:
        step[(step == HELD) & ~sounds] = REST
        sounds = step != REST
    return states


@given(some_states())
def test_states_come_back_from_the_picture_and_from_the_notes(states: States) -> None:
    np.testing.assert_array_equal(states_of(columns_from(states)), states)
    notes = notes_of(columns_from(states))
    again = NoteTable.from_columns(
        notes.onset * COLUMN_TICKS, notes.length * COLUMN_TICKS, notes.pitch, np.full(len(notes), 90)
    )
    np.testing.assert_array_equal(states_at([again], 0, len(states)), states)


@given(some_states())
def test_states_come_back_from_the_published_bits(states: States) -> None:
    np.testing.assert_array_equal(states_from_bits(bits_of(states)), states)


def test_a_struck_bit_without_its_held_one_is_no_note() -> None:
    bits = np.zeros((1, 2, PITCHES), dtype=np.bool_)
    bits[0, 1, 5] = True
    assert (states_from_bits(bits) == REST).all()


def test_what_is_held_without_having_sounded_is_struck() -> None:
    states = np.zeros((3, PITCHES), dtype=np.uint8)
    states[1:, 10] = HELD
    assert states_of(columns_from(states))[:, 10].tolist() == [REST, STRUCK, HELD]


@given(some_states(), st.integers(0, 6), st.integers(0, 12))
def test_a_part_of_the_music_is_that_part_of_its_states(states: States, begin: int, more: int) -> None:
    notes = notes_of(columns_from(states))
    heard = NoteTable.from_columns(
        notes.onset * COLUMN_TICKS, notes.length * COLUMN_TICKS, notes.pitch, np.full(len(notes), 90)
    )
    padded = np.concatenate([states, np.zeros((begin + more, PITCHES), dtype=np.uint8)])
    np.testing.assert_array_equal(states_at([heard], begin, begin + more), padded[begin : begin + more])
    early = states_at([heard], -3, 2)
    assert (early[:3] == REST).all()
    np.testing.assert_array_equal(early[3:], padded[:2] if len(padded) >= 2 else early[3:])


def test_pitches_that_are_not_heard_are_counted() -> None:
    notes = table((0, 4, LOWEST - 1), (0, 4, LOWEST), (0, 4, HIGHEST), (4, 4, HIGHEST + 1))
    assert unheard(notes) == 2
    assert np.count_nonzero(states_at([notes], 0, 8) == STRUCK) == 2


@pytest.mark.parametrize(
    ("metre", "beat", "beats"),
    [
        ((4, 4), 4, 4),
        ((2, 2), 4, 4),
        ((3, 4), 4, 3),
        ((2, 4), 4, 2),
        ((6, 8), 6, 2),
        ((9, 8), 6, 3),
        ((3, 8), 6, 1),
        ((6, 4), 4, 6),
    ],
)
def test_beats_have_a_place_each(metre: tuple[int, int], beat: int, beats: int) -> None:
    timeline = Timeline.made(metres=(Metre(0, *metre),))
    found = places(timeline, 0, beat * beats * 2)
    assert beat_steps(timeline.metres[0]) == beat
    assert (np.flatnonzero(found != NO_PLACE) % beat == 0).all()
    told = found[found != NO_PLACE].tolist()
    assert told[:beats] == told[beats:]
    assert len(set(told)) == beats
    assert ELSEWHERE not in told


def test_all_places_differ_and_none_is_beyond_the_last() -> None:
    seen: set[int] = set()
    for metre in ((2, 4), (3, 4), (4, 4), (6, 4), (3, 8), (6, 8), (9, 8), (12, 8)):
        found = places(Timeline.made(metres=(Metre(0, *metre),)), 0, 96)
        told = set(found[found != NO_PLACE].tolist())
        assert not told & seen
        seen |= told
    assert seen == set(range(ELSEWHERE))
    assert PLACES == ELSEWHERE + 1
    odd = places(Timeline.made(metres=(Metre(0, 5, 4),)), 0, 40)
    assert set(odd.tolist()) == {NO_PLACE, ELSEWHERE}


def test_a_metre_that_changes_and_steps_before_the_first_keep_their_beats() -> None:
    timeline = Timeline.made(metres=(Metre(0, 3, 4), Metre(3 * 960, 6, 8)))
    found = places(timeline, -8, 24)
    assert (np.flatnonzero(found != NO_PLACE) - 8).tolist() == [-8, -4, 0, 4, 8, 12, 18]
    assert found[0] == found[12]
    np.testing.assert_array_equal(places(timeline, 5, 20), found[13:28])


def test_a_piece_begins_at_its_bar_line_and_tells_its_windows() -> None:
    piece = piece_states(score_of(table((20, 4, 60), (24, 26, 62))))
    assert piece is not None
    assert len(piece) == 50 - 16
    assert piece.states[4, 60 - LOWEST] == STRUCK
    assert piece.beginnings(16).tolist() == [0, 4, 8, 12, 16]
    assert piece.apart(16).tolist() == [0, 16]
    assert piece.windows(piece.apart(16), 16).shape == (2, 16, PITCHES)
    assert piece.published().tolist() == []


def test_published_windows_want_fifty_steps_and_two_or_four_above() -> None:
    notes = table((0, 50, 60))
    found = [piece_states(score_of(notes, metre)) for metre in ((4, 4), (2, 2), (3, 4))]
    assert [piece.published().tolist() if piece else None for piece in found] == [[0, 15, 30], [0, 15, 30], []]


def test_drums_and_pitches_out_of_reach_make_no_piece() -> None:
    assert piece_states(score_of(table((0, 4, 60)), channel=9)) is None
    assert piece_states(score_of(table((0, 4, 12)))) is None
    assert piece_states(Score(())) is None
    assert columns_of([]).struck.shape == (0, 128)
