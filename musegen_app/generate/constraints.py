"""What a generated note must never break, as masks over the choices of a model. Pure functions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from musegen_app.errors import InputError
from musegen_app.score import Key, pitch_name

PITCHES = 128
Mask = npt.NDArray[np.bool_]


def range_mask(pitch_range: tuple[int, int]) -> Mask:
    """128 booleans: which MIDI pitches lie within ``pitch_range``, both ends included."""
    low, high = pitch_range
    pitches = np.arange(PITCHES)
    return (pitches >= low) & (pitches <= high)


def pitch_mask(key: Key | None, pitch_range: tuple[int, int] = (0, PITCHES - 1)) -> Mask:
    """128 booleans: the pitches a note may have, in the key's scale (None: any) and within the range.

    Raises:
        InputError: no pitch is left.
    """
    mask = range_mask(pitch_range)
    if key is not None:
        mask &= key.mask()
    if not mask.any():
        low, high = pitch_range
        scale = f" of {key.name}" if key else ""
        raise InputError(f"There is no note{scale} from {pitch_name(low)} to {pitch_name(high)}; widen the range.")
    return mask


def ascending_mask(mask: Mask, last_pitch: int | None) -> Mask:
    """``mask`` for the next note of a chord: its pitches ascend, so only those above ``last_pitch`` are left.

    ``last_pitch`` None begins a chord. The result may be empty: the chord is full.
    """
    if last_pitch is None:
        return mask
    return mask & (np.arange(PITCHES) > last_pitch)
