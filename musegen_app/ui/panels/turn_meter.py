"""Whose turn it is in a jam, seen from afar: a cell a bar that fills, amber for the player, teal for the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from musegen_app.ui import colours
from musegen_app.ui.controls.field import sized

_HEIGHT_PX: Final = 58
_HEAD_PX: Final = 26
_CELL_PX: Final = 18
_GAP_PX: Final = 4
_RADIUS_PX: Final = 4


@dataclass(frozen=True, slots=True)
class TurnView:
    """What the meter shows: words at the left and the right, and ``cells`` of which ``filled`` are full (with a fraction).

    ``is_yours``: in the colour of recording, else in that of what is generated.
    """

    words: str = "Nobody plays"
    aside: str = ""
    cells: int = 4
    filled: float = 0.0
    is_yours: bool = True


class TurnMeter(QWidget):
    """Shows what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.view = TurnView()
        self.setAccessibleName("Whose turn it is")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT_PX)

    def show_view(self, view: TurnView) -> None:
        """Show a turn."""
        if view != self.view:
            if view.words != self.view.words:
                self.setAccessibleDescription(view.words)
            self.view = view
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_words(painter)
        view = self.view
        width = (self.width() - (view.cells - 1) * _GAP_PX) / max(view.cells, 1)
        ink = colours.colour(self, colours.TIME if view.is_yours else colours.GENERATED)
        for index in range(view.cells):
            cell = QRectF(index * (width + _GAP_PX), _HEAD_PX + 4, width, _CELL_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour(self, colours.LINE))
            painter.drawRoundedRect(cell, _RADIUS_PX, _RADIUS_PX)
            share = min(max(view.filled - index, 0.0), 1.0)
            if share > 0:
                painter.setClipRect(QRectF(cell.left(), cell.top(), cell.width() * share, cell.height()))
                painter.setBrush(ink)
                painter.drawRoundedRect(cell, _RADIUS_PX, _RADIUS_PX)
                painter.setClipping(False)
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        view, area = self.view, QRectF(0, 0, self.width(), _HEAD_PX)
        painter.setFont(sized(self.font(), 15, bold=True))
        painter.setPen(colours.colour(self, colours.TEXT))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, view.words)
        painter.setFont(sized(self.font(), 11))
        painter.setPen(colours.colour(self, colours.MUTED))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, view.aside)
