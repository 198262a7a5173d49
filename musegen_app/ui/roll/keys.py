"""The keyboard at the left: press a key to hear it, slide over others."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from musegen_app.score import pitch_name
from musegen_app.ui.drum_names import drum_label, drum_name
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
_LEAST_DRUM_PX: Final = 9.0  # rows lower than this carry no names of drums


class Keys(QWidget):
    """Each row of the roll is a key; the C's carry their names, and of a drum track every drum its own."""

    def __init__(self, view: View, audition: Audition) -> None:
        super().__init__()
        self._view, self._audition = view, audition
        self._pressed: int | None = None
        self._drums = False
        self.setFixedWidth(KEYS_PX)
        self.setAccessibleName("Keyboard")
        view.moved.connect(self.update)
        view.restyled.connect(self.update)

    def show_drums(self, *, drums: bool) -> None:
        """The rows are drums, or the keys of a piano."""
        if drums != self._drums:
            self._drums = drums
            self.setAccessibleName("Drums" if drums else "Keyboard")
            self.update()

    def event(self, event: QEvent) -> bool:
        """A drum's name in full, where the pointer rests."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._drums:
            pitch = self._view.viewport.pitch_of(event.pos().y())
            name = drum_name(pitch)
            QToolTip.showText(event.globalPos(), f"{name} ({pitch_name(pitch)})" if name else pitch_name(pitch), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        viewport, palette = self._view.viewport, self._view.palette
        painter.fillRect(self.rect(), QColor(_WHITE_DARK if palette.is_dark else _WHITE_LIGHT))
        low, high = viewport.pitch_of(viewport.height), viewport.pitch_of(0)
        for pitch in range(low, high + 1):
            if self._drums:
                self._paint_drum(painter, pitch)
            else:
                self._paint_key(painter, pitch)
        if not self._drums:
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

    def _paint_drum(self, painter: QPainter, pitch: int) -> None:
        viewport = self._view.viewport
        row = QRectF(0, viewport.y_of(pitch), self.width(), viewport.row_px)
        if pitch == self._pressed:
            painter.fillRect(row, QColor(self._view.palette.yours))
        painter.fillRect(QRectF(0, round(row.bottom()) - 1, self.width(), 1), QColor(_JOINT))
        if viewport.row_px >= _LEAST_DRUM_PX:
            self._set_font(painter, most_px=9)
            painter.drawText(row.adjusted(4, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, drum_label(pitch))

    def _set_font(self, painter: QPainter, most_px: int = 10) -> None:
        font = QFont(painter.font())
        font.setPixelSize(min(max(int(self._view.viewport.row_px) - 4, 8), most_px))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(_NAME))

    def _paint_names(self, painter: QPainter, low: int, high: int) -> None:
        viewport = self._view.viewport
        self._set_font(painter)
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
