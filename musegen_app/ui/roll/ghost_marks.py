"""Marks on ghosts: what is locked has a firm outline and a fuller colour, what is liked has a star over it."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from musegen_app.editor.viewport import Viewport
from musegen_app.score import LIKED, LOCKED, NoteTable
from musegen_app.ui import icons
from musegen_app.ui.roll.notes_paint import layout, visible_rows
from musegen_app.ui.theme import NOTE_RADIUS_PX, Palette

_STAR_PX: Final = 9
_FULL: Final = 0.45


def draw_ghost_marks(painter: QPainter, ghosts: NoteTable, view: Viewport, palette: Palette, area: QRect) -> None:
    """Draw the marks of the ghosts that show in ``area``."""
    marked = ghosts.take((ghosts.flags & (LOCKED | LIKED)) > 0)
    if not marked:
        return
    rows = visible_rows(marked, view)
    rects, flags = layout(marked, rows, view), marked.flags[rows]
    shown = (rects[:, 0] <= area.right() + _STAR_PX) & (rects[:, 0] + rects[:, 2] >= area.left() - _STAR_PX)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    _draw_locked(painter, rects[shown & ((flags & LOCKED) > 0)], palette)
    device = painter.device()
    star = icons.tinted("star-filled", palette.generated, device.devicePixelRatio() if device else 1.0, _STAR_PX)
    for x, y, _, _ in rects[shown & ((flags & LIKED) > 0)].tolist():
        painter.drawPixmap(round(x) - 1, round(y) - _STAR_PX + 1, star)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _draw_locked(painter: QPainter, rects: np.ndarray[tuple[int, ...], np.dtype[np.float64]], palette: Palette) -> None:
    pen = QPen(QColor(palette.generated), 2.0)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    fill = QColor(palette.generated)
    fill.setAlphaF(_FULL)
    painter.setPen(pen)
    painter.setBrush(fill)
    for x, y, width, height in rects.tolist():
        radius = min(NOTE_RADIUS_PX, width / 4, height / 4)
        painter.drawRoundedRect(QRectF(x + 1, y + 1, max(width - 2, 1.0), height - 2), radius, radius)
