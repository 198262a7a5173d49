"""Chord symbols and the chord track."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import chords

from musegen_app.errors import InputError
from musegen_app.score import Chord, ChordSpan
from musegen_app.score.chord_track import as_masks, chord_at, placed, room_at, without

C, G = Chord.parse("C"), Chord.parse("G7")


@pytest.mark.parametrize(
    ("text", "name", "classes"),
    [
        ("C", "C", {0, 4, 7}),
        ("am7", "Am7", {9, 0, 4, 7}),
        ("Bb", "B♭", {10, 2, 5}),
        ("bb", "B♭", {10, 2, 5}),
        ("b", "B", {11, 3, 6}),
        ("G/B", "G/B", {7, 11, 2}),
        ("F/G", "F/G", {5, 9, 0, 7}),
        ("F#m7b5", "F♯m7♭5", {6, 9, 0, 4}),
        ("C maj7", "Cmaj7", {0, 4, 7, 11}),
        ("CM7", "CM7", {0, 4, 7, 11}),
        ("Cm7", "Cm7", {0, 3, 7, 10}),
        ("CΔ", "CΔ", {0, 4, 7, 11}),
        ("CmMaj7", "CmMaj7", {0, 3, 7, 11}),
        ("Cm(maj7)", "Cm(maj7)", {0, 3, 7, 11}),
        ("C-7", "C-7", {0, 3, 7, 10}),
        ("Cø", "Cø", {0, 3, 6, 10}),
        ("Cdim", "Cdim", {0, 3, 6}),
        ("C°7", "C°7", {0, 3, 6, 9}),
        ("C+7", "C+7", {0, 4, 8, 10}),
        ("C6/9/E", "C6/9/E", {0, 4, 7, 9, 2}),
        ("C13", "C13", {0, 4, 7, 10, 2, 9}),
        ("C11", "C11", {0, 7, 10, 2, 5}),
        ("Cm9", "Cm9", {0, 3, 7, 10, 2}),
        ("C7sus4", "C7sus4", {0, 5, 7, 10}),
        ("Csus2", "Csus2", {0, 2, 7}),
        ("Cmadd9", "Cmadd9", {0, 3, 7, 2}),
        ("C7(b9,#11)", "C7(♭9,♯11)", {0, 4, 7, 10, 1, 6}),
        ("C7#5", "C7♯5", {0, 4, 8, 10}),
        ("C7+", "C7+", {0, 4, 8, 10}),
        ("C7alt", "C7alt", {0, 4, 10, 1, 3, 6, 8}),
        ("C5", "C5", {0, 7}),
    ],
)
def test_symbols_mean_what_lead_sheets_mean(text: str, name: str, classes: set[int]) -> None:
    chord = Chord.parse(text)
    assert (chord.name, chord.pitch_classes) == (name, classes)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no note from A to G"),
        ("H7", "no note from A to G"),
        ("Cfoo", '"foo" in the chord "Cfoo" is not understood'),
        ("Abb", '"b" in the chord "Abb" is not understood'),
        ("C/H", '"/H" in the chord "C/H" is not understood'),
        ("Em7/", '"/" in the chord'),
        ("a song of many words, not a chord", "too long"),
    ],
)
def test_what_is_not_understood_is_named(text: str, part: str) -> None:
    with pytest.raises(InputError, match="write one like") as caught:
        Chord.parse(text)
    assert part in str(caught.value)


@given(st.text(st.sampled_from("ABCDGHm#b♯♭7913Δø°+-/ majdisug(),6x"), max_size=12))
def test_any_text_is_a_chord_over_its_root_or_is_refused_in_one_sentence(text: str) -> None:
    try:
        chord = Chord.parse(text)
    except InputError as error:
        assert str(error).endswith(".")
        assert "\n" not in str(error)
        return
    assert {chord.root, chord.bass} <= chord.pitch_classes
    assert Chord.parse(chord.name) == chord


QUALITIES = ("", "m", "7", "maj7", "m7♭5", "dim7", "sus4", "13", "madd9", "7(♯9)")


@given(st.sampled_from(QUALITIES), st.sampled_from(["C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"]))
def test_another_root_is_the_same_chord_transposed(quality: str, root: str) -> None:
    at_c, there = Chord.parse(f"C{quality}"), Chord.parse(f"{root}{quality}")
    assert there.pitch_classes == {(pitch_class + there.root) % 12 for pitch_class in at_c.pitch_classes}


def span(start: int, end: int, chord: Chord = C) -> ChordSpan:
    return ChordSpan(start, end, chord)


def test_a_chord_laid_over_others_cuts_parts_or_covers_them() -> None:
    lane = (span(0, 100), span(100, 200), span(300, 400))
    assert placed(lane, [span(150, 350, G)]) == (span(0, 100), span(100, 150), span(150, 350, G), span(350, 400))
    assert placed(lane, [span(20, 40, G)]) == (span(0, 20), span(20, 40, G), span(40, 100), *lane[1:])
    assert placed(lane, [span(0, 400, G)]) == (span(0, 400, G),)
    with pytest.raises(ValueError, match="a chord from"):
        placed(lane, [span(5, 5)])


@given(chords(), st.integers(0, 30_000), st.integers(1, 9_000))
def test_the_lane_stays_in_order_and_outside_the_new_chord_as_it_was(lane, start: int, length: int) -> None:
    made = placed(lane, [span(start, start + length, G)])
    assert all(a.end <= b.start for a, b in itertools.pairwise(made))
    for tick in range(0, 40_000, 479):
        inside = start <= tick < start + length
        now, before = chord_at(made, tick), chord_at(lane, tick)
        assert (now and now.chord) == (G if inside else before and before.chord)


def test_masks_end_where_no_chord_follows() -> None:
    lane = (span(0, 960), span(960, 1920, G), span(3840, 4800))
    assert as_masks(lane) == ((0, C.mask), (960, G.mask), (1920, 0), (3840, C.mask), (4800, 0))
    assert as_masks(()) == ()


def test_small_questions_about_the_lane() -> None:
    lane = (span(0, 100), span(300, 400))
    assert without(lane, [lane[0]]) == (lane[1],)
    assert (room_at(lane, 100, 500), room_at(lane, 100, 200), room_at(lane, 300, 400)) == (300, 200, 400)
    assert (lane[1].moved(-500).start, lane[1].moved(-500).end) == (0, 100)
