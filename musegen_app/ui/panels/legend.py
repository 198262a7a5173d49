"""What the colours of a model's thoughts mean: quiet samples in the status line, while they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from musegen_app.ui import colours
from musegen_app.ui.colours import blend
from musegen_app.ui.roll import thoughts_paint
from musegen_app.ui.roll.rects import draw_rects
from musegen_app.ui.theme import STATUS_PX, Palette

SAMPLES: Final = 5
_SHADES: Final = (0, 2, 4, 6, 7)
_WIDTH_PX: Final = 14.0
_HEIGHT_PX: Final = 10.0
_GAP_PX: Final = 2.0
_PAD_PX: Final = 6.0

Sample = Callable[[QPainter, Palette, int, QRectF], None]


class Legend(QWidget):
    """Words, samples from little to much, words. Hidden until it is needed."""

    def __init__(self, words: tuple[str, str], tip: str, sample: Sample, palette: Palette) -> None:
        super().__init__()
        self._words, self._sample, self._palette = words, sample, palette
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setFixedHeight(STATUS_PX - 2)
        font = QFont(self.font())
        font.setPixelSize(11)
        self.setFont(font)
        self.hide()

    def set_palette(self, palette: Palette) -> None:
        """Other colours."""
        self._palette = palette
        self.update()

    def sizeHint(self) -> QSize:
        words = sum(self.fontMetrics().horizontalAdvance(text) for text in self._words)
        return QSize(round(words + SAMPLES * (_WIDTH_PX + _GAP_PX) + 2 * _PAD_PX), STATUS_PX - 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(colours.colour(self, colours.MUTED))
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
        for text, side in zip(self._words, sides, strict=True):
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | side, text)
        left = self.fontMetrics().horizontalAdvance(self._words[0]) + _PAD_PX
        top = round((self.height() - _HEIGHT_PX) / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        for number in range(SAMPLES):
            box = QRectF(left + number * (_WIDTH_PX + _GAP_PX), top, _WIDTH_PX, _HEIGHT_PX)
            self._sample(painter, self._palette, number, box)
        painter.end()


def surprise_legend(palette: Palette) -> Legend:
    """From calm to surprising, with the marks that grow."""
    tip = "Surprise: how unlikely the model held each note; the mark at its beginning grows with it"
    return Legend(("Calm", "surprising"), tip, _surprise, palette)


def heat_legend(palette: Palette) -> Legend:
    """From unlikely to likely."""
    tip = "Heat map: when and where the model expects the next note"
    return Legend(("Next note: unlikely", "likely"), tip, _heat, palette)


def _surprise(painter: QPainter, palette: Palette, number: int, box: QRectF) -> None:
    shade = _SHADES[number]
    ground = thoughts_paint.surprised(palette).shades[shade]
    painter.fillRect(box, QColor(ground))
    share = thoughts_paint.mark_share(shade)
    if share:
        rect = np.array([[box.x(), box.y(), box.width(), box.height()]])
        painter.setBrush(QColor(thoughts_paint.mark_colour(ground)))
        draw_rects(painter, thoughts_paint.marks(rect, np.array([share])))


def _heat(painter: QPainter, palette: Palette, number: int, box: QRectF) -> None:
    share = thoughts_paint.OPAQUE * (number + 0.5) / SAMPLES
    painter.fillRect(box, QColor(blend(palette.row_in_scale, palette.generated, share)))
