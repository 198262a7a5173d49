"""What a request asks of a continuation beyond the model's own liking, read once and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from musegen_app.encoding.note_events import GRID
from musegen_app.errors import InputError
from musegen_app.generate.request import GenerateRequest

GRIDS: Final = (0, 1, 2, 3, 4, 6, 8)
"""Steps a quarter that onsets may be held to; 0 is anywhere."""
MOST_DENSITY: Final = 32
"""Notes a bar that may be asked for."""


@dataclass(frozen=True, slots=True)
class Steering:
    """The controls of the note-event family, see :mod:`musegen_app.generate.families`.

    ``density`` in notes a bar and ``polyphony`` in notes at once, 0 for as it comes; ``grid`` in steps between allowed
    onsets, 1 for anywhere; ``swing`` and ``feel`` 0–1; ``only_chords`` allows nothing but notes of the chords.
    """

    density: float
    polyphony: int
    grid: int
    swing: float
    feel: float
    only_chords: bool

    @classmethod
    def of(cls, request: GenerateRequest) -> Steering:
        """The controls of ``request``.

        Raises:
            InputError: a value that the control does not have.
        """
        grid = _within(request, "grid", 0, 8)
        if grid not in GRIDS:
            raise InputError(f"A rhythm grid of {grid:g} steps a quarter is not known; ask for 1, 2, 3, 4, 6 or 8.")
        return cls(
            density=_within(request, "density", 0, MOST_DENSITY),
            polyphony=int(_within(request, "polyphony", 0, 128)),
            grid=GRID // int(grid) if grid else 1,
            swing=_within(request, "swing", 0, 1),
            feel=_within(request, "feel", 0, 1),
            only_chords=bool(_within(request, "chord_lock", 0, 1)),
        )

    @property
    def is_neutral(self) -> bool:
        """Whether the model is left to itself (``only_chords`` says nothing without chords)."""
        return not (self.density or self.polyphony or self.swing or self.feel) and self.grid == 1


def recalls(request: GenerateRequest) -> bool:
    """Whether earlier bars may come back.

    Raises:
        InputError: a value that the control does not have.
    """
    return bool(_within(request, "recall", 0, 1, default=1))


def _within(request: GenerateRequest, name: str, low: float, high: float, default: float = 0) -> float:
    value = request.control(name, default)
    if not low <= value <= high:
        raise InputError(f'Control "{name}" is {low:g} to {high:g}, not {value:g}.')
    return value
