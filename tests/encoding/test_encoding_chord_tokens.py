"""Music as words and back."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.encoding.chord_context import BEGIN_ROW, PITCHES, hear
from musegen_app.encoding.chord_names import NameVocabulary, name_of, pitches_of
from musegen_app.encoding.chord_tokens import (
    LONGEST_STEP,
    REST,
    Vocabulary,
    Word,
    as_heard,
    heard_notes,
    spelled,
)
from musegen_app.encoding.context import BarGrid
from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.encoding.note_events import LENGTHS, STEP_TICKS, GridNotes, on_grid
from musegen_app.score import DRUM_CHANNEL, Note, NoteTable, Score, Timeline, Track


@st.composite
def grid_notes(draw: st.DrawFn, *, max_size: int = 40) -> GridNotes:
    """Notes as the grid keeps them, of lengths that words can say."""
    gap = st.one_of(st.integers(0, 3), st.integers(0, 96), st.integers(0, 700))
    length = st.sampled_from(LENGTHS.high.tolist())
    rows = draw(st.lists(st.tuples(gap, st.integers(0, 127), length), max_size=max_size))
    onset = 0
    found = []
    for step, pitch, held in rows:
        onset += step
        found.append(Note(onset * STEP_TICKS, held * STEP_TICKS, pitch))
    grid = on_grid([NoteTable.of(found)])
    lengths = LENGTHS.high[LENGTHS.classes(grid.length + 1) - 1] if len(grid) else grid.length
    sayable = np.where(np.isin(grid.length, LENGTHS.high), grid.length, np.maximum(lengths, 1))
    return GridNotes(grid.onset, grid.pitch, np.minimum(sayable, grid.length), grid.velocity)


def known(words: list[Word], instrument: str = PITCHED) -> Vocabulary:
    return Vocabulary.of(instrument, Counter(word.pitches for word in words if word.pitches), 100_000, least=1)


def grid(*notes: tuple[int, int, int]) -> GridNotes:
    """Notes of (onset, pitch, length) in steps."""
    return on_grid([NoteTable.of([Note(a * STEP_TICKS, c * STEP_TICKS, b) for a, b, c in notes])])


@given(grid_notes())
def test_decoding_gives_back_what_was_encoded(notes: GridNotes) -> None:
    words = spelled(notes)
    vocabulary = known(words)
    encoded = vocabulary.encode(words)
    decoded = vocabulary.decode(encoded)
    assert encoded.unknown == 0
    for name in ("onset", "pitch", "length"):
        np.testing.assert_array_equal(getattr(decoded, name), getattr(notes, name), err_msg=name)


@given(grid_notes())
def test_the_words_fill_the_time_from_the_origin_to_the_end(notes: GridNotes) -> None:
    words = spelled(notes)
    assert sum(word.step for word in words) == notes.end
    assert all(word.step <= LONGEST_STEP for word in words)
    assert all(word.step > 0 for word in words if not word.pitches)


@given(grid_notes())
def test_of_words_with_no_time_between_them_the_lower_comes_first(notes: GridNotes) -> None:
    words = spelled(notes)
    for word, following in pairwise(words):
        if word.step == 0:
            assert following.pitches
            assert following.pitches[0] > word.pitches[0]


def test_words_carry_octave_length_and_time() -> None:
    held_bass_under_a_chord = grid((0, 48, 48), (0, 60, 24), (0, 64, 24), (24, 62, 12))
    assert [word.name for word in spelled(held_bass_under_a_chord)] == ["C3/48>0", "C4.E4/24>24", "D4/12>24"]


def test_silence_is_a_rest_and_a_long_one_is_several() -> None:
    words = spelled(grid((24, 60, 12), (48, 62, 240), (336, 64, 12)))
    names = [word.name for word in words]
    assert names == ["R>24", "C4/12>12", "R>12", "D4/240>96", "R>96", "R>48", "R>48", "E4/12>12"]


def test_the_words_of_a_seed_reach_to_where_its_continuation_begins() -> None:
    assert [word.name for word in spelled(grid((0, 60, 12)), 96)] == ["C4/12>12", "R>84"]
    assert [word.name for word in spelled(grid(), 30)] == ["R>30"]


def test_an_unknown_chord_is_heard_as_the_one_with_the_same_bass_and_the_fewest_changed_notes() -> None:
    vocabulary = Vocabulary(PITCHED, ((0,), (0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 7)))
    encoded = vocabulary.encode([Word((60, 64, 67, 69), 24, 24), Word((50, 54, 57, 60), 24, 24), Word((50, 53, 60), 6, 6)])
    assert encoded.unknown == 2
    assert [vocabulary.pitches(*pair) for pair in zip(encoded.root.tolist(), encoded.shape.tolist(), strict=True)] == [
        (60, 64, 67),
        (50, 54, 57, 60),
        (50,),
    ]


def test_of_two_chords_as_near_the_one_with_the_same_top_note_is_heard() -> None:
    vocabulary = Vocabulary(PITCHED, ((0,), (0, 4, 7), (0, 7, 12)))
    number, is_known = vocabulary.number((60, 64, 67, 72))
    assert (vocabulary.shapes[number], is_known) == ((0, 7, 12), False)


def test_a_single_note_is_always_known() -> None:
    vocabulary = Vocabulary.of(PITCHED, {(60, 64): 5}, most=1)
    assert vocabulary.number((100,)) == (vocabulary.shapes.index((0,)), True)


def test_shapes_are_the_same_in_every_key() -> None:
    vocabulary = Vocabulary.of(PITCHED, {(60, 64, 67): 1, (62, 66, 69): 1, (50, 53, 57): 1}, most=10)
    assert vocabulary.shapes == ((0,), (0, 4, 7))


@given(st.integers(0, 127))
def test_a_published_note_is_played_as_it_is_called(pitch: int) -> None:
    assert pitches_of(name_of((pitch,))) == (pitch,)


@given(st.lists(st.integers(0, 127), min_size=2, max_size=8, unique=True))
def test_a_published_chord_keeps_its_pitch_classes_and_nothing_else(pitches: list[int]) -> None:
    assert {pitch % 12 for pitch in pitches_of(name_of(pitches))} == {pitch % 12 for pitch in pitches}
    assert name_of(pitches) == name_of([pitch + 12 if pitch < 116 else pitch for pitch in pitches])


@pytest.mark.parametrize(
    ("pitches", "name"),
    [((60, 64, 67), "0.4.7"), ((64, 67, 72), "0.4.7"), ((62, 65, 71), "11.2.5"), ((60, 62, 64, 67), "0.2.4.7")],
)
def test_published_chords_are_in_normal_order(pitches: tuple[int, ...], name: str) -> None:
    assert name_of(pitches) == name


def test_an_unknown_published_word_is_the_nearest_note_or_chord() -> None:
    vocabulary = NameVocabulary(("0.4.7", "0.3.7", "A4", "C4"))
    assert vocabulary.numbers(["B4", "0.4.8", "C4"]) == ([2, 0, 3], 2)


def test_a_vocabulary_comes_back_from_its_names() -> None:
    vocabulary = Vocabulary.of(PITCHED, {(60, 64, 67): 9, (60, 63): 3}, most=10)
    assert vocabulary.names == ["0", "0.4.7", "0.3"]
    assert Vocabulary.from_names(PITCHED, vocabulary.names) == vocabulary


@pytest.mark.parametrize(
    ("instrument", "names"), [("pitched", []), ("kazoo", ["0"]), ("pitched", ["0.x"]), ("drums", ["36.200"])]
)
def test_a_damaged_vocabulary_is_refused(instrument: str, names: list[str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Vocabulary.from_names(instrument, names)


def test_drums_have_words_of_their_own_without_lengths_or_rests() -> None:
    beat = [(0, 36, 1), (0, 42, 9), (12, 42, 3), (15, 38, 40)]
    score = _score(beat, channel=DRUM_CHANNEL)
    notes = heard_notes(score, DRUMS)
    assert notes.length.tolist() == [6, 6, 3, 6]
    words = spelled(notes, rings=True)
    assert [(word.pitches, word.step) for word in words] == [((36, 42), 12), ((42,), 3), ((38,), 6)]
    vocabulary = known(words, DRUMS)
    assert vocabulary.names == ["38", "42", "36.42"]
    decoded = vocabulary.decode(vocabulary.encode(words))
    np.testing.assert_array_equal(decoded.pitch, notes.pitch)
    np.testing.assert_array_equal(decoded.onset, notes.onset)
    assert not len(heard_notes(score, PITCHED))


def _score(notes: list[tuple[int, int, int]], channel: int = 0) -> Score:
    table = NoteTable.of([Note(a * STEP_TICKS, c * STEP_TICKS, b) for a, b, c in notes]).numbered(1)
    return Score((Track(1, "Track", channel, 0, table),), Timeline(), next_id=len(notes) + 1)


@given(grid_notes())
def test_drums_are_heard_with_lengths_that_never_overlap(notes: GridNotes) -> None:
    heard = as_heard(notes, DRUMS)
    decoded = known(words := spelled(heard, rings=True), DRUMS).decode(known(words, DRUMS).encode(words))
    np.testing.assert_array_equal(decoded.onset, notes.onset)
    np.testing.assert_array_equal(decoded.length, heard.length)


def test_a_word_is_heard_with_what_sounds_and_what_was_struck_a_bar_ago() -> None:
    notes = grid((0, 48, 120), (0, 60, 24), (96, 62, 24))
    words = spelled(notes)
    vocabulary = known(words)
    bars = BarGrid.of(Timeline(), 0, 200)
    heard = hear(vocabulary.encode(words), vocabulary, bars)
    assert tuple(heard.word[0]) == BEGIN_ROW
    struck, sounding, a_bar_ago = (
        [np.flatnonzero(row).tolist() for row in heard.planes[:, plane * PITCHES : (plane + 1) * PITCHES]]
        for plane in range(3)
    )
    assert struck == [[], [48], [60], [62]]
    assert sounding[-2] == [48]
    assert a_bar_ago[-2] == [48, 60]
    assert heard.chroma.sum(axis=1).tolist() == pytest.approx([0, 1, 1, 1])
    assert heard.chroma[2].argmax() == 0
    assert 0 < heard.chroma[3, 0] < 2 * heard.chroma[3, 2]
    assert heard.place[:, 1].tolist() == [0, 0, 0, 2]
    assert (heard.word[:, 0] != REST).all()
