"""The names of notes, written on those that are large enough to read them on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from musegen_app.editor.viewport import Viewport
from musegen_app.score import NoteTable, pitch_name
from musegen_app.ui.roll import notes_paint

Naming = Callable[[int], str]
"""What the row of a pitch is called."""
LEAST_ROW_PX: Final = 16.0
LEAST_WIDTH_PX: Final = 28.0
MOST_NAMES: Final = 300  # where more fit on the screen they are a texture, not to be read
_INSET_PX: Final = 4.0


def fits(width_px: float, view: Viewport) -> bool:
    """Whether a note this wide carries its name."""
    return view.row_px >= LEAST_ROW_PX and width_px >= LEAST_WIDTH_PX


def draw_names(
    painter: QPainter, notes: NoteTable, view: Viewport, inks: notes_paint.Inks, area: QRect | None = None,
    name_of: Naming = pitch_name,
) -> None:  # fmt: skip
    """Write the names of the notes that the view shows; a note cut by the left edge has its name at that edge.

    ``area`` is what has to be painted, None for everything; ``name_of`` names a pitch.
    """
    if view.row_px < LEAST_ROW_PX:
        return
    rows = notes_paint.visible_rows(notes, view)
    rects = notes_paint.layout(notes, rows, view)
    left = np.maximum(rects[:, 0], 0.0)
    width = np.minimum(rects[:, 0] + rects[:, 2], view.width) - left
    wide = np.flatnonzero(width >= LEAST_WIDTH_PX)
    if not 0 < len(wide) <= MOST_NAMES:
        return
    font = QFont(painter.font())
    font.setPixelSize(min(max(int(view.row_px * 0.6), 9), 11))
    painter.setFont(font)
    pens = [QColor(name_colour(shade)) for shade in inks.shades]
    shades = notes_paint.shade_of(notes.velocity[rows])
    if area is not None:
        wide = wide[(left[wide] <= area.right() + 1) & (left[wide] + width[wide] >= area.left())]
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    for i in wide.tolist():
        painter.setPen(pens[int(shades[i])])
        box = QRectF(left[i] + _INSET_PX, rects[i, 1], width[i] - _INSET_PX, rects[i, 3])
        painter.drawText(box, flags, name_of(int(notes.pitch[rows[i]])))


def name_colour(ground: str) -> str:
    """Black or white: one of them has at least 4.5:1 on any colour, which two tokens have not."""
    return max(("#000000", "#FFFFFF"), key=lambda ink: contrast(ink, ground))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1–21 (WCAG 2.2)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
