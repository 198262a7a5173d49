"""The corner beside the chord lane: find the chords, or hide them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from musegen_app.ui import colours
from musegen_app.ui.controls.icon_button import IconButton
from musegen_app.ui.roll.chord_lane import CHORDS_PX
from musegen_app.ui.theme import KEYS_PX

_BUTTON_PX = 24


class ChordCorner(QWidget):
    """A button that reads the chords, and one that hides the lane."""

    def __init__(self, find: QAction, show: QAction) -> None:
        super().__init__()
        self.setFixedSize(KEYS_PX, CHORDS_PX)
        self.finder = IconButton.of(find, "find-chords", size_px=_BUTTON_PX)
        self.hide_lane = IconButton("close", size_px=_BUTTON_PX)
        self.hide_lane.setToolTip("Hide the chord track; it guides nothing then")
        self.hide_lane.setAccessibleName("Hide the chord track")
        self.hide_lane.clicked.connect(show.trigger)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 0, 1, 1)
        row.setSpacing(1)
        for button in (self.finder, self.hide_lane):
            button.setFixedHeight(_BUTTON_PX)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = QColor(colours.colour(self, colours.LINE))
        painter.fillRect(0, self.height() - 1, self.width(), 1, line)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), line)
        painter.end()
