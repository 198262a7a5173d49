"""A label that gives way: cut with an ellipsis when there is no room, told in full by its tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCursor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip

from musegen_app.ui import colours


class ElidedLabel(QLabel):
    """Text of a ``kind`` of the style sheet that may shrink to nothing."""

    def __init__(self, text: str = "", kind: str = "muted", *, right: bool = False) -> None:
        super().__init__(text)
        self.setProperty("kind", kind)
        self._side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(0)
        self._details = ""

    def show_details(self, details: str) -> None:
        """Let the tooltip say more than the text; one that is open changes as it is read."""
        if details == self._details:
            return
        self._details = details
        self.setAccessibleDescription(details)
        self._show_tip(details)
        if details and self.underMouse() and QToolTip.isVisible():
            QToolTip.showText(QCursor.pos(), details, self)

    def _show_tip(self, tip: str) -> None:
        if tip != self.toolTip():
            self.setToolTip(tip)

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
        self._show_tip(self._details or ("" if text == self.text() else self.text()))
