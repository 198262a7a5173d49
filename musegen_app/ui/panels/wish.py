"""What the right panel asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from musegen_app.editor.asking import FillMode

Controls = tuple[tuple[str, float], ...]
"""Values of a family's own controls by name."""


class Mode(Enum):
    """The panel's tabs; the value is what the tab says."""

    CONTINUE = "Continue"
    FILL = "Fill"
    JAM = "Jam"
    TRAIN = "Train"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the panel asks for. ``model`` and ``style`` are names, "" for the default; ``pitch_range`` is inclusive.

    ``ending`` is a request's own; ``one_track``: the active track alone is continued or filled, the others are heard.
    ``takes`` are drawn at once; ``different`` is 0 for nearly the take there is, 1 for one of its own.
    """

    model: str
    style: str
    bars: int
    temperature: float
    pitch_range: tuple[int, int]
    stay_in_key: bool
    controls: Controls = ()
    ending: str = ""
    fill_mode: FillMode = FillMode.MUSIC
    one_track: bool = False
    follow_chords: bool = False
    takes: int = 1
    different: float = 1.0
