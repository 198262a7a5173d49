"""Colours and sizes of the window, as tokens.

Hues carry meaning: blue is yours, teal is generated, amber is time, rose is surprise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GRID_PX: Final = 8
RADIUS_PX: Final = 8
NOTE_RADIUS_PX: Final = 2
TOP_BAR_PX: Final = 56
STATUS_PX: Final = 26
LEFT_PX: Final = 216
RIGHT_PX: Final = 288
RULER_PX: Final = 30
KEYS_PX: Final = 52
VELOCITY_PX: Final = 104
OVERVIEW_PX: Final = 20


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#RRGGBB``. The ``_text`` ones are their hues where they are read: at least 4.5:1 on every surface."""

    is_dark: bool
    background: str
    surface: str
    raised: str
    line: str
    strong_line: str
    text: str
    muted: str
    dim: str
    yours: str
    on_yours: str
    generated: str
    time: str
    surprise: str
    row_in_scale: str
    row_out_of_scale: str
    row_root: str
    generated_text: str
    time_text: str


DARK: Final = Palette(
    is_dark=True,
    background="#121419",
    surface="#1A1D24",
    raised="#232731",
    line="#2C313C",
    strong_line="#3A404D",
    text="#E7E9EE",
    muted="#969DAB",
    dim="#646B79",
    yours="#7AA2FF",
    on_yours="#0E1420",
    generated="#4FD1C5",
    time="#F2B35A",
    surprise="#FF7EB6",
    row_in_scale="#1E222A",
    row_out_of_scale="#181B22",
    row_root="#202637",
    generated_text="#4FD1C5",
    time_text="#F2B35A",
)
LIGHT: Final = Palette(
    is_dark=False,
    background="#EEEFF2",
    surface="#FAFAFB",
    raised="#FFFFFF",
    line="#DADDE3",
    strong_line="#C3C8D1",
    text="#1B1F27",
    muted="#5C6470",
    dim="#8B93A1",
    yours="#2F62D9",
    on_yours="#FFFFFF",
    generated="#0E8F86",
    time="#B56A00",
    surprise="#B3126B",
    row_in_scale="#FFFFFF",
    row_out_of_scale="#F3F4F7",
    row_root="#E8EDFB",
    generated_text="#0A6F68",
    time_text="#8A5100",
)
