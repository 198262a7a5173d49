"""What the right panel asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

Controls = tuple[tuple[str, float], ...]
"""Values of a family's own controls by name."""


class Mode(Enum):
    """The panel's tabs; the value is what the tab says."""

    CONTINUE = "Continue"
    FILL = "Fill"
    TRAIN = "Train"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the panel asks for. ``model`` and ``style`` are names, "" for the default; ``pitch_range`` is inclusive."""

    model: str
    style: str
    bars: int
    temperature: float
    pitch_range: tuple[int, int]
    stay_in_key: bool
    controls: Controls = ()
