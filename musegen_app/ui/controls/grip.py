"""A grip that is dragged out of the window as a MIDI file, again and again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QDrag, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from musegen_app.ui import colours, icons
from musegen_app.ui.controls.field import sized
from musegen_app.ui.theme import RADIUS_PX

_PAD_PX = 12


class Grip(QWidget):
    """``write`` makes a fresh file for each drag and returns its path, or None where it could not be written."""

    def __init__(self, write: Callable[[], Path | None]) -> None:
        super().__init__()
        self._write = write
        self._pressed_at: QPoint | None = None
        self._facts = ""
        self.setFixedHeight(52)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName("Drag .mid")
        self.setToolTip("Drag this into your DAW or a folder: a MIDI file of the piece, a fresh one each time")

    def show_facts(self, facts: str, *, enabled: bool) -> None:
        """Say what a drag would carry."""
        self.setEnabled(enabled)
        self._facts = facts
        self.update()

    def mime_data(self) -> QMimeData | None:
        """What a drag carries: one file URL of a fresh file. None where it could not be written."""
        path = self._write()
        if path is None:
            return None
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        return data

    def sizeHint(self) -> QSize:
        return QSize(160, 52)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._pressed_at = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is None:
            return
        moved = (event.position().toPoint() - self._pressed_at).manhattanLength()
        if moved >= QApplication.startDragDistance():
            self._pressed_at = None
            self._drag()

    def _drag(self) -> None:
        data = self.mime_data()
        if data is None:
            return
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(icons.tinted("drag-clip", colours.colour(self, colours.YOURS).name(), self.devicePixelRatioF(), 32))
        drag.exec(Qt.DropAction.CopyAction)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.isEnabled() and self.underMouse()
        pen = QPen(colours.colour(self, colours.YOURS if lit else colours.STRONG_LINE), 1, Qt.PenStyle.DashLine)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(colours.colour(self, colours.RAISED) if lit else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
        text = colours.colour(self, colours.TEXT if self.isEnabled() else colours.MUTED)
        icons.draw(painter, "drag-clip", text, _PAD_PX, (self.height() - icons.ICON_PX) / 2)
        left = _PAD_PX + icons.ICON_PX + 10
        room = self.width() - left - _PAD_PX
        bold, small = sized(self.font(), 12, bold=True), sized(self.font(), 11)
        for font, words, y, ink in (
            (bold, "Drag .mid", 8, text),
            (small, self._facts, 27, colours.colour(self, colours.MUTED)),
        ):
            painter.setFont(font)
            painter.setPen(ink)
            shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(left, y, room, 17), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()
