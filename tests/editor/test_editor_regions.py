"""Which stretch a fill is about, and what it is called."""

from __future__ import annotations

import pytest
from editor_scenes import document_of
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.editor.regions import Region, fill_region, span_words
from musegen_app.score import Metre, Note, Timeline

BAR = 3840


def test_nothing_marked_is_no_region() -> None:
    assert fill_region(document_of(Note(0, 960, 60))) is None


def test_the_loop_goes_before_the_selection() -> None:
    document = document_of(Note(0, 960, 60), Note(960, 960, 62))
    document.select([2])
    assert fill_region(document) == Region(960, 1920, "the selected notes", frozenset({2}))
    document.set_loop((BAR, 2 * BAR))
    assert fill_region(document) == Region(BAR, 2 * BAR, "the loop")
    document.set_loop(None)
    assert fill_region(document) == Region(960, 1920, "the selected notes", frozenset({2}))


def test_played_notes_give_whole_sixteenths_and_ring_over_no_line() -> None:
    document = document_of(Note(955, 500, 60), Note(1910, 1960, 62))
    document.select([1, 2])
    assert fill_region(document) == Region(720, BAR, "the selected notes", frozenset({1, 2}))


@given(st.integers(0, 20_000), st.integers(1, 5_000))
def test_a_region_holds_the_start_of_every_selected_note(start: int, length: int) -> None:
    document = document_of(Note(start, length, 60), Note(start + length, 10, 64))
    document.select([1, 2])
    region = fill_region(document)
    assert region is not None
    assert region.start <= start
    assert region.end > start + length
    assert (region.start % 240, region.end % 240) == (0, 0)
    assert start + length + 10 - region.end <= 60


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (4 * BAR, 8 * BAR, "bars 5–8"),
        (0, BAR, "bar 1"),
        (960, 2880, "1.2 to 1.4"),
        (BAR, BAR + 1200, "2.1 to 2.2.2"),
        (240, BAR, "1.1.2 to 2.1"),
    ],
)
def test_a_span_is_called_as_musicians_call_it(start: int, end: int, words: str) -> None:
    assert span_words(Timeline(), start, end) == words


def test_bars_are_those_of_the_metre() -> None:
    waltz = Timeline.made((), (Metre(0, 3, 4),))
    assert span_words(waltz, 2880, 5760) == "bar 2"
    assert span_words(waltz, 0, BAR) == "1.1 to 2.2"
