"""The corner over the keys: what the roll shows of the model's thoughts, switched on and off."""

from __future__ import annotations

from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from musegen_app.ui import colours
from musegen_app.ui.controls.icon_button import IconButton
from musegen_app.ui.theme import KEYS_PX, RULER_PX

_BUTTON_PX = 24


class Corner(QWidget):
    """Two switches, one beside the other."""

    def __init__(self, heat: QAction, tint: QAction) -> None:
        super().__init__()
        self.setFixedSize(KEYS_PX, RULER_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 0, 1, 1)
        row.setSpacing(1)
        for action, icon in ((heat, "heat"), (tint, "surprise")):
            button = IconButton.of(action, icon, size_px=_BUTTON_PX)
            button.setFixedHeight(_BUTTON_PX)
            row.addWidget(button)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = QColor(colours.colour(self, colours.LINE))
        painter.fillRect(0, self.height() - 1, self.width(), 1, line)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), line)
        painter.end()
