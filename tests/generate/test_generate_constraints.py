"""Constraints are exact: what a mask leaves open is in the scale and the range, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.errors import InputError
from musegen_app.generate import ascending_mask, pitch_mask, range_mask
from musegen_app.score import SCALES, Key

KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))
RANGES = st.tuples(st.integers(0, 127), st.integers(0, 127)).map(lambda pair: (min(pair), max(pair)))


@given(KEYS | st.none(), RANGES)
def test_a_pitch_is_open_when_it_is_in_the_scale_and_the_range(key: Key | None, pitch_range: tuple[int, int]) -> None:
    low, high = pitch_range
    expected = {p for p in range(low, high + 1) if key is None or p % 12 in key.pitch_classes}
    if not expected:
        with pytest.raises(InputError):
            pitch_mask(key, pitch_range)
        return
    mask = pitch_mask(key, pitch_range)
    assert mask.shape == (128,)
    assert mask.dtype == np.bool_
    assert set(np.flatnonzero(mask).tolist()) == expected


def test_an_empty_choice_is_told_in_a_musician_s_words() -> None:
    with pytest.raises(InputError, match=r"There is no note of C major from C♯4 to C♯4; widen the range\."):
        pitch_mask(Key(0, "major"), (61, 61))


def test_masks_are_not_shared() -> None:
    pitch_mask(Key(0), (0, 127))[:] = False
    assert pitch_mask(Key(0), (0, 127)).any()
    assert range_mask((60, 60)).sum() == 1


@given(KEYS, st.integers(0, 127))
def test_chords_ascend(key: Key, last: int) -> None:
    mask = pitch_mask(key)
    assert ascending_mask(mask, None) is mask
    above = np.flatnonzero(ascending_mask(mask, last))
    assert above.tolist() == [p for p in np.flatnonzero(mask).tolist() if p > last]
