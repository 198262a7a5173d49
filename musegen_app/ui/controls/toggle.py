"""An on/off switch with its words at the left."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from musegen_app.ui import colours
from musegen_app.ui.controls.icon_button import paint_focus, presses

_TRACK: Final = QSize(36, 20)


class Toggle(QAbstractButton):
    """A checkable row: text left, switch right. The whole row is the target."""

    def __init__(self, text: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setToolTip(tip)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + _TRACK.width() + 16, 24)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and presses(event, self):
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(self.width() - _TRACK.width(), (self.height() - _TRACK.height()) / 2, _TRACK.width(), _TRACK.height())
        on = self.isChecked() and self.isEnabled()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour(self, colours.YOURS if on else colours.STRONG_LINE))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        painter.setBrush(colours.colour(self, colours.SURFACE))
        radius = track.height() / 2 - 2
        x = track.right() - radius - 2 if self.isChecked() else track.left() + radius + 2
        painter.drawEllipse(QPointF(x, track.center().y()), radius, radius)
        painter.setPen(colours.colour(self, colours.TEXT if self.isEnabled() else colours.MUTED))
        room = self.width() - _TRACK.width() - 8
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(0, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        paint_focus(self, painter)
        painter.end()
