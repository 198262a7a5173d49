"""A raised card of two lines that opens a menu: the model in use."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu

from musegen_app.ui import colours, icons
from musegen_app.ui.controls.field import Field, FillMenu, paint_raised, sized

_PAD_PX = 12


class Card(Field):
    """Title over a line of facts, with a chevron. Takes the width it is given."""

    def __init__(self, title: str, tip: str, fill: FillMenu) -> None:
        super().__init__(title, 100, tip, fill)
        self.setMaximumWidth(16_777_215)
        self.setMinimumSize(100, 52)
        self.setFixedHeight(52)

    def show_card(self, title: str, facts: str) -> None:
        """Show a title and its facts."""
        self.caption = title
        self.setAccessibleName(title)
        self.show_value(facts)

    def place_of(self, menu: QMenu) -> QPoint:
        """Under the card, the right edges in one line: the list is wider, and the card stands at the window's edge."""
        return QPoint(min(self.width() - menu.sizeHint().width(), 0), self.height() + 4)

    def sizeHint(self) -> QSize:
        return QSize(200, 52)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_raised(self, painter)
        bold, small = sized(self.font(), 12, bold=True), sized(self.font(), 11)
        room = self.width() - 2 * _PAD_PX - icons.ICON_PX - 4
        for font, text, y, role in ((bold, self.caption, 8, colours.TEXT), (small, self.text(), 27, colours.MUTED)):
            painter.setFont(font)
            painter.setPen(colours.colour(self, role))
            shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(_PAD_PX, y, room, 17), Qt.AlignmentFlag.AlignVCenter, shown)
        muted = colours.colour(self, colours.MUTED)
        icons.draw(painter, "chevron-down", muted, self.width() - _PAD_PX - icons.ICON_PX + 3, (self.height() - 20) / 2)
        painter.end()
