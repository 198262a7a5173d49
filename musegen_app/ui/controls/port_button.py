"""The port in use, with a dot that tells how it is: teal open, amber lost, grey none."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from musegen_app.ui import colours
from musegen_app.ui.controls.field import Field, FillMenu, paint_raised, sized

_PAD_PX: Final = 12


class PortState(Enum):
    """How the port is."""

    NONE = auto()
    OPEN = auto()
    LOST = auto()


_DOTS: Final = {PortState.NONE: colours.DIM, PortState.OPEN: colours.GENERATED, PortState.LOST: colours.TIME}


class PortButton(Field):
    """Dot and name; a click opens the list of ports, read afresh."""

    def __init__(self, fill: FillMenu) -> None:
        super().__init__("MIDI port", 100, "Where the notes are sent", fill)
        self._state = PortState.NONE
        self.setFixedHeight(32)
        self.setMinimumWidth(96)
        self.setMaximumWidth(168)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_port("No MIDI port", PortState.NONE)

    @property
    def state(self) -> PortState:
        """The state shown."""
        return self._state

    def show_port(self, text: str, state: PortState) -> None:
        """Show a port's name and state."""
        if (text, state) != (self.text(), self._state):
            self._state = state
            self.show_value(text)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        bold = sized(self.font(), 12, bold=True)
        return QSize(min(QFontMetrics(bold).horizontalAdvance(self.text()) + 2 * _PAD_PX + 18, 168), 32)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_raised(self, painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour(self, _DOTS[self._state]))
        painter.drawEllipse(QPointF(_PAD_PX + 4, self.height() / 2), 4, 4)
        bold = sized(self.font(), 12, bold=self._state is not PortState.NONE)
        painter.setFont(bold)
        painter.setPen(colours.colour(self, colours.TEXT if self._state is not PortState.NONE else colours.MUTED))
        room = self.width() - 2 * _PAD_PX - 16
        text = QFontMetrics(bold).elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(_PAD_PX + 16, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
