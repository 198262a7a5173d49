"""Texts become values, or a complaint."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.cli import options
from musegen_app.score import pitch_name

PITCHES = st.integers(0, 127)


@given(PITCHES)
def test_a_pitch_is_read_by_name_and_by_number(pitch: int) -> None:
    assert options.pitch(pitch_name(pitch)) == options.pitch(str(pitch)) == pitch


@given(PITCHES, PITCHES)
def test_a_range_is_read_with_octaves_below_zero(a: int, b: int) -> None:
    low, high = min(a, b), max(a, b)
    assert options.pitch_range(f"{pitch_name(low)}-{pitch_name(high)}") == (low, high)
    assert options.pitch_range(f"{low} - {high}") == (low, high)


@given(st.text(max_size=12))
def test_no_text_gets_through_as_nonsense(text: str) -> None:
    for read in (options.pitch, options.pitch_range, options.whole, options.number, options.seed_number, options.key_choice):
        try:
            read(text)
        except argparse.ArgumentTypeError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("text", "pitch"), [("C4", 60), ("c4", 60), ("F#3", 54), ("Bb-1", 10), ("G9", 127), ("Cb4", 59), ("0", 0)]
)
def test_names_musicians_write(text: str, pitch: int) -> None:
    assert options.pitch(text) == pitch


@pytest.mark.parametrize("text", ["G#9", "Cb-1", "128", "-1", "H4", "C", "", "²"])
def test_what_is_no_note(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a note"):
        options.pitch(text)
