"""What can be chosen for a continuation or a fill: a column that scrolls where the window is low."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from musegen_app.ui.controls.elided import ElidedLabel

_LABEL_PX: Final = 56
_LOWEST_PX: Final = 160
SIDE_PX: Final = 16


class ScrolledColumn(QScrollArea):
    """As high as what it holds where there is room, lower with a scroll bar where there is not."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._held = held = QWidget()
        held.setObjectName("scrolled")
        self.column = QVBoxLayout(held)
        self.column.setContentsMargins(SIDE_PX, 0, SIDE_PX, 0)
        self.column.setSpacing(8)
        self.setWidget(held)
        held.installEventFilter(self)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(lambda low, high: self._make_room(bar.sizeHint().width() if high > low else 0))

    def sizeHint(self) -> QSize:
        return QSize(self._held.sizeHint().width(), self._wanted_px)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(_LOWEST_PX, self._wanted_px))

    def _make_room(self, bar_px: int) -> None:
        """The scroll bar stands in the margin."""
        self.column.setContentsMargins(SIDE_PX, 0, SIDE_PX - bar_px, 0)

    @property
    def _wanted_px(self) -> int:
        """How high what it holds is at this width: sentences that wrap need more than their size hint tells."""
        return (
            self.column.totalHeightForWidth(self.width())
            if self.column.hasHeightForWidth()
            else self._held.sizeHint().height()
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()  # what it holds grew or shrank
        return super().eventFilter(watched, event)


def labelled(text: str, widget: QWidget) -> QWidget:
    """A row: a quiet label and what it names."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    label = ElidedLabel(text)
    label.setFixedWidth(_LABEL_PX)
    row.addWidget(label)
    row.addWidget(widget, 1)
    return holder
