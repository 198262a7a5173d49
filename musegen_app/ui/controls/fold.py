"""A line that shows or hides what lies under it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from musegen_app.ui import colours, icons
from musegen_app.ui.controls.icon_button import paint_focus, presses

_ROW_PX: Final = 26


class Fold(QWidget):
    """``content`` shows under the line while it is open. ``toggled`` comes when the user opens or closes it."""

    toggled = Signal(bool)

    def __init__(self, words: str, tip: str) -> None:
        super().__init__()
        self.head = _Head(words, tip)
        self._held = QWidget()
        self.column = QVBoxLayout(self._held)
        self.column.setContentsMargins(0, 4, 0, 0)
        self.column.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._held)
        self._held.hide()
        self.head.toggled.connect(self._held.setVisible)
        self.head.clicked.connect(self.toggled)

    @property
    def is_open(self) -> bool:
        """Whether what lies under it shows."""
        return self.head.isChecked()

    def open(self, *, on: bool) -> None:
        """Open or close it, quietly."""
        self.head.setChecked(on)


class _Head(QAbstractButton):
    """Words in grey with a chevron that turns."""

    def __init__(self, words: str, tip: str) -> None:
        super().__init__()
        self.setText(words)
        self.setToolTip(tip)
        self.setAccessibleName(words)
        self.setCheckable(True)
        self.setFixedHeight(_ROW_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(80, _ROW_PX)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and presses(event, self):
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = colours.colour(self, colours.TEXT if self.underMouse() else colours.MUTED)
        painter.setPen(colour)
        painter.drawText(QRectF(0, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.save()
        painter.translate(self.width() - icons.ICON_PX / 2, self.height() / 2)
        if self.isChecked():
            painter.rotate(180)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        icons.draw(painter, "chevron-down", colour, -icons.ICON_PX / 2, -icons.ICON_PX / 2)
        painter.restore()
        paint_focus(self, painter)
        painter.end()
