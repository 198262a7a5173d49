"""What can be chosen for a continuation or a fill: a column that scrolls where the window is low."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from musegen_app.ui.controls.elided import ElidedLabel

_LABEL_PX = 56
_LOWEST_PX = 160


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
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.setWidget(held)
        held.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return self._held.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(_LOWEST_PX, self._held.sizeHint().height()))

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
