"""The keyboard at the left: press a key to hear it, slide over others."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from musegen_app.score import pitch_name
from musegen_app.ui.roll.canvas import Audition
from musegen_app.ui.roll.grid_paint import WHITE_KEYS
from musegen_app.ui.roll.view import View
from musegen_app.ui.theme import KEYS_PX

_BLACK_SHARE: Final = 0.64
_WHITE_DARK: Final = "#E7E9EE"
_WHITE_LIGHT: Final = "#FFFFFF"
_BLACK: Final = "#2A2F3A"
_JOINT: Final = "#AEB2BA"
_NAME: Final = "#4A515E"


class Keys(QWidget):
    """Each row of the roll is a key; the C's carry their names."""

    def __init__(self, view: View, audition: Audition) -> None:
        super().__init__()
        self._view, self._audition = view, audition
        self._pressed: int | None = None
        self.setFixedWidth(KEYS_PX)
        self.setAccessibleName("Keyboard")
        view.moved.connect(self.update)
        view.restyled.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        viewport, palette = self._view.viewport, self._view.palette
        painter.fillRect(self.rect(), QColor(_WHITE_DARK if palette.is_dark else _WHITE_LIGHT))
        low, high = viewport.pitch_of(viewport.height), viewport.pitch_of(0)
        for pitch in range(low, high + 1):
            self._paint_key(painter, pitch)
        self._paint_names(painter, low, high)
        painter.setPen(QColor(palette.line))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())

    def _paint_key(self, painter: QPainter, pitch: int) -> None:
        viewport, palette = self._view.viewport, self._view.palette
        y, row = viewport.y_of(pitch), viewport.row_px
        pressed = pitch == self._pressed
        if pitch % 12 in WHITE_KEYS:
            if pressed:
                painter.fillRect(QRectF(0, y, self.width(), row), QColor(palette.yours))
            if (pitch - 1) % 12 in WHITE_KEYS:
                painter.fillRect(QRectF(0, round(y + row) - 1, self.width(), 1), QColor(_JOINT))
            return
        painter.fillRect(QRectF(0, y + row / 2, self.width(), 1), QColor(_JOINT))
        painter.fillRect(
            QRectF(0, y, self.width() * _BLACK_SHARE, row), QColor(palette.yours) if pressed else QColor(_BLACK)
        )

    def _paint_names(self, painter: QPainter, low: int, high: int) -> None:
        viewport = self._view.viewport
        font = QFont(painter.font())
        font.setPixelSize(min(max(int(viewport.row_px) - 4, 8), 10))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(_NAME))
        for pitch in range(-(-low // 12) * 12, high + 1, 12):
            row = QRectF(0, viewport.y_of(pitch), self.width() - 5, viewport.row_px)
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, pitch_name(pitch))

    def _press(self, pitch: int | None) -> None:
        if pitch != self._pressed:
            self._pressed = pitch
            self._audition(pitch)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press(self._view.viewport.pitch_of(event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons():
            self._press(self._view.viewport.pitch_of(event.position().y()))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._press(None)
