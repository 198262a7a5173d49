"""The ground under the notes: rows tinted by scale, lines by strength."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from musegen_app.editor import grid
from musegen_app.editor.viewport import Viewport
from musegen_app.score import Key, Timeline
from musegen_app.ui.colours import blend
from musegen_app.ui.roll.rects import Rects, draw_rects
from musegen_app.ui.theme import Palette

WHITE_KEYS: Final = frozenset({0, 2, 4, 5, 7, 9, 11})


class Ground:
    """Rows in the scale, out of it and the root's (without a key white and black keys), grid lines of three strengths.

    Rows of drums know no scale: every second one is tinted.

    All rows of one colour look the same, so a strip of each colour is drawn once and laid down row by row: tall lines touch
    each line of pixels, and drawing them over the whole height takes several times as long. Positions are whole pixels of
    the device, so that lines are sharp at any ratio.
    """

    def __init__(
        self, view: Viewport, palette: Palette, key: Key | None, ratio: float = 1.0, *, drums: bool = False
    ) -> None:
        self._view, self._palette, self._key, self._ratio = view, palette, None if drums else key, ratio
        self._drums = drums
        self._fine = replace(
            view,
            width=view.width * ratio,
            height=view.height * ratio,
            px_per_tick=view.px_per_tick * ratio,
            row_px=view.row_px * ratio,
            top_px=view.top_px * ratio,
        )
        self._thickness = max(math.floor(ratio), 1)

    def draw(self, painter: QPainter, timeline: Timeline, step: int) -> None:
        """Cover the painter's whole area; ``step`` is the grid's, in ticks."""
        uprights = self._uprights(timeline, step)
        palette = self._palette
        colours = (palette.row_in_scale, palette.row_out_of_scale, palette.row_root)
        strips = {colour: self._strip(colour, uprights) for colour in colours}
        fine = self._fine
        painter.save()
        painter.scale(1 / self._ratio, 1 / self._ratio)
        for pitch in range(fine.pitch_of(fine.height), fine.pitch_of(0) + 1):
            top, bottom = round(fine.y_of(pitch)), round(fine.y_of(pitch - 1))
            strip = strips[self.colour_of(pitch)]
            painter.drawPixmap(0, top, strip, 0, 0, strip.width(), bottom - top)
        painter.restore()

    def colour_of(self, pitch: int) -> str:
        """Colour of a pitch's row."""
        if self._drums:
            return self._palette.row_out_of_scale if pitch % 2 else self._palette.row_in_scale
        if self._key and pitch % 12 == self._key.tonic:
            return self._palette.row_root
        inside = self._key.pitch_classes if self._key else WHITE_KEYS
        return self._palette.row_in_scale if pitch % 12 in inside else self._palette.row_out_of_scale

    @property
    def _faint(self) -> str:
        return blend(self._palette.row_in_scale, self._palette.line, 0.55)

    def _uprights(self, timeline: Timeline, step: int) -> list[tuple[str, Rects]]:
        """Lines in time as colours and rectangles of a strip: grid steps faint, beats clearer, bars clearest."""
        view, fine = self._view, self._fine
        found = grid.lines(timeline, int(view.left_tick), int(view.right_tick) + 1, step, view.px_per_tick)
        lines = ((self._faint, found.steps), (self._palette.line, found.beats), (self._palette.strong_line, found.bars))
        made = []
        for colour, ticks in lines:
            rects = np.zeros((len(ticks), 4))
            rects[:, 0] = np.round((ticks - fine.left_tick) * fine.px_per_tick)
            rects[:, 2:] = self._thickness, self._strip_height
            made.append((colour, rects))
        return made

    @property
    def _strip_height(self) -> int:
        return math.ceil(self._fine.row_px) + 1

    def _strip(self, colour: str, uprights: list[tuple[str, Rects]]) -> QPixmap:
        strip = QPixmap(max(math.ceil(self._fine.width), 1), self._strip_height)
        strip.fill(QColor(colour))
        painter = QPainter(strip)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(0, 0, strip.width(), self._thickness, QColor(self._faint))
        for line_colour, rects in uprights:
            painter.setBrush(QColor(line_colour))
            draw_rects(painter, rects)
        painter.end()
        return strip
