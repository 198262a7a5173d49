"""A label that gives way: cut with an ellipsis when there is no room, told in full by its tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from musegen_app.ui import colours


class ElidedLabel(QLabel):
    """Text of a ``kind`` of the style sheet that may shrink to nothing."""

    def __init__(self, text: str = "", kind: str = "muted", *, right: bool = False) -> None:
        super().__init__(text)
        self.setProperty("kind", kind)
        self._side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, super().sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(colours.colour(self, colours.TEXT))  # the style sheet's colour for this kind of label
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | self._side, text)
        painter.end()
        whole = text == self.text()
        if bool(self.toolTip()) == whole:
            self.setToolTip("" if whole else self.text())
