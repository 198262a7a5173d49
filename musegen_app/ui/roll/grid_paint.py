"""The ground under the notes: rows tinted by scale, lines by strength."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from musegen_app.editor import grid
from musegen_app.editor.viewport import Viewport
from musegen_app.score import Key, Timeline
from musegen_app.ui.colours import blend
from musegen_app.ui.roll.rects import Rects, draw_rects
from musegen_app.ui.theme import Palette

WHITE_KEYS = frozenset({0, 2, 4, 5, 7, 9, 11})


def draw_rows(painter: QPainter, view: Viewport, palette: Palette, key: Key | None) -> None:
    """Rows in the scale, out of it, and the root's; without a key white and black keys."""
    inside = key.pitch_classes if key else WHITE_KEYS
    low, high = view.pitch_of(view.height), view.pitch_of(0)
    for pitch in range(low, high + 1):
        colour = palette.row_in_scale if pitch % 12 in inside else palette.row_out_of_scale
        if key and pitch % 12 == key.tonic:
            colour = palette.row_root
        top, bottom = round(view.y_of(pitch)), round(view.y_of(pitch - 1))
        painter.fillRect(0, top, math.ceil(view.width), bottom - top, QColor(colour))
    tops = np.array([round(view.y_of(pitch)) for pitch in range(low, high + 1)], dtype=np.float64)
    rects = np.column_stack([np.zeros_like(tops), tops, np.full_like(tops, view.width), np.ones_like(tops)])
    _fill(painter, rects, blend(palette.row_in_scale, palette.line, 0.55))


def draw_lines(painter: QPainter, view: Viewport, palette: Palette, timeline: Timeline, step: int) -> None:
    """Grid steps faint, beats clearer, bars clearest."""
    found = grid.lines(timeline, int(view.left_tick), int(view.right_tick) + 1, step, view.px_per_tick)
    for ticks, colour in (
        (found.steps, blend(palette.row_in_scale, palette.line, 0.55)),
        (found.beats, palette.line),
        (found.bars, palette.strong_line),
    ):
        x = np.round((ticks - view.left_tick) * view.px_per_tick)
        rects = np.column_stack([x, np.zeros_like(x), np.ones_like(x), np.full_like(x, view.height)])
        _fill(painter, rects, colour)


def _fill(painter: QPainter, rects: Rects, colour: str) -> None:
    """Lines as rectangles, which are drawn some times faster than strokes."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    draw_rects(painter, rects)
