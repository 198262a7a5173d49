"""Edits of the chord track, in any order."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import timelines

from musegen_app.editor import chord_edits
from musegen_app.editor.document import Document
from musegen_app.errors import InputError
from musegen_app.score import Chord, ChordSpan, Score, Timeline

QUARTER, BAR = 960, 3840
TEXTS = ("C", "Am7", "Dm7 G7", "F | G/B | Em7 | A7", "C maj7")


def document_with(*names: str) -> Document:
    document = Document()
    for bar, name in enumerate(names):
        chord_edits.write(document, (bar * BAR, (bar + 1) * BAR), name)
    return document


def told(document: Document) -> list[tuple[float, float, str]]:
    return [(span.start / QUARTER, span.end / QUARTER, span.chord.name) for span in document.score.chords]


def test_a_chord_within_another_takes_the_rest_of_it() -> None:
    document = document_with("C")
    chord_edits.write(document, chord_edits.room_for(document, 2 * QUARTER), "G7")
    assert told(document) == [(0, 2, "C"), (2, 4, "G7")]
    assert chord_edits.room_for(document, BAR + QUARTER) == (BAR + QUARTER, 2 * BAR)
    chord_edits.write(document, (BAR + 2 * QUARTER, 2 * BAR), "F")
    assert chord_edits.room_for(document, BAR) == (BAR, BAR + 2 * QUARTER)


def test_several_words_are_several_chords_but_for_one_that_has_spaces() -> None:
    assert [chord.name for chord in chord_edits.chords_in("Dm7  G7")] == ["Dm7", "G7"]
    assert [chord.name for chord in chord_edits.chords_in("C maj7")] == ["Cmaj7"]
    with pytest.raises(InputError, match='"Hx" is not a chord'):
        chord_edits.chords_in("C Hx")
    with pytest.raises(InputError, match="not a chord"):
        chord_edits.chords_in(" ")


def test_text_that_is_not_understood_changes_nothing() -> None:
    document = document_with("C")
    before = document.score
    with pytest.raises(InputError):
        chord_edits.write(document, (BAR, 2 * BAR), "C Hx")
    with pytest.raises(InputError):
        chord_edits.rename(document, before.chords[0], "nonsense")
    assert document.score is before


def test_more_chords_than_ticks_find_no_room() -> None:
    document = document_with("C")
    with pytest.raises(InputError, match="no room for 4 chords"):
        chord_edits.write(document, (0, 3), "C D E F")
    chord_edits.write(document, (0, 4), "C D E F")
    assert len(document.score.chords) == 5


def test_a_chord_renamed_to_nothing_is_deleted() -> None:
    document = document_with("C", "F")
    assert chord_edits.rename(document, document.score.chords[0], "  ") is None
    assert told(document) == [(4, 8, "F")]


def test_nudges_that_follow_each_other_are_one_step() -> None:
    document = document_with("C")
    for beat in range(1, 4):
        old = document.score.chords[0]
        chord_edits.shift(document, old, old.moved(QUARTER), joined=True)
        assert document.score.chords[0].start == beat * QUARTER
    document.undo()
    assert told(document) == [(0, 4, "C")]


def test_neighbours() -> None:
    document = document_with("C", "F", "G")
    c, f, g = document.score.chords
    assert [chord_edits.neighbour((c, f, g), at, 1) for at in (None, c, f, g)] == [c, f, g, g]
    assert [chord_edits.neighbour((c, f, g), at, -1) for at in (None, c, f, g)] == [g, c, c, f]
    assert chord_edits.neighbour((), None, 1) is None
    assert chord_edits.neighbour((c, f), ChordSpan(0, 1, Chord.parse("B")), 1) == c


@given(
    st.lists(
        st.tuples(st.sampled_from(["write", "shift", "size", "copy", "delete"]), st.integers(0, 20), st.sampled_from(TEXTS))
    ),
    timelines(),
)
def test_any_edits_leave_chords_in_order_and_can_be_undone(steps: list[tuple[str, int, str]], timeline: Timeline) -> None:
    document = Document(Score(timeline=timeline))
    for kind, number, text in steps:
        chords = document.score.chords
        if kind == "write" or not chords:
            chord_edits.write(document, chord_edits.room_for(document, number * QUARTER), text)
            continue
        span = chords[number % len(chords)]
        if kind == "shift":
            chord_edits.shift(document, span, span.moved((number - 10) * QUARTER))
        elif kind == "size":
            chord_edits.shift(document, span, ChordSpan(span.start, span.end + number * 240, span.chord), chord_edits.SIZED)
        elif kind == "copy":
            chord_edits.copy_to(document, span, number * 480)
        else:
            chord_edits.delete(document, span)
        now = document.score.chords
        assert all(span.start < span.end for span in now)
        assert all(a.end <= b.start for a, b in itertools.pairwise(now))
    while document.undo():
        pass
    assert document.score.chords == ()
