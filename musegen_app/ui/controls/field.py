"""A field of the transport: a small caption over a bold value; a click opens its menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from musegen_app.ui import colours
from musegen_app.ui.controls.icon_button import paint_focus, presses
from musegen_app.ui.theme import RADIUS_PX

FillMenu = Callable[[QMenu], None]
_PAD_PX = 10


class Field(QAbstractButton):
    """Caption and value on a raised background. ``fill`` puts the choices into a fresh menu each time it opens."""

    def __init__(self, caption: str, width_px: int, tip: str, fill: FillMenu | None = None) -> None:
        super().__init__()
        self.caption = caption
        self._fill = fill
        self.setToolTip(tip)
        self.setAccessibleName(caption)
        self.setFixedSize(width_px, 40)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self.open_menu)

    def show_value(self, text: str) -> None:
        """Show a value; one too long for the field is elided and told in full by the tooltip."""
        self.setText(text)
        self.setAccessibleDescription(text)
        self.update()

    def open_menu(self) -> None:
        """Open the choices under the field."""
        if self._fill is not None:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._fill(menu)
            menu.popup(self.mapToGlobal(self.place_of(menu)))

    def place_of(self, _menu: QMenu) -> QPoint:
        """Where the menu opens, from the field's corner."""
        return QPoint(0, self.height() + 4)

    def sizeHint(self) -> QSize:
        return QSize(self.width(), 40)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and presses(event, self):
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_raised(self, painter)
        small, bold = sized(self.font(), 10), sized(self.font(), 12, bold=True)
        room = self.width() - 2 * _PAD_PX
        painter.setPen(colours.colour(self, colours.MUTED))
        painter.setFont(small)
        painter.drawText(QRectF(_PAD_PX, 4, room, 15), Qt.AlignmentFlag.AlignVCenter, self.caption)
        painter.setPen(colours.colour(self, colours.TEXT))
        painter.setFont(bold)
        text = QFontMetrics(bold).elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(_PAD_PX, 19, room, 17), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


def paint_raised(button: QAbstractButton, painter: QPainter) -> None:
    """The raised, rounded background of a field or card, lighter under the mouse, outlined with the focus."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.colour(button, colours.HOVER if button.underMouse() else colours.RAISED))
    painter.drawRoundedRect(QRectF(button.rect()), RADIUS_PX, RADIUS_PX)
    paint_focus(button, painter)


def sized(font: QFont, px: int, *, bold: bool = False) -> QFont:
    """The font in another size and weight."""
    made = QFont(font)
    made.setPixelSize(px)
    made.setBold(bold)
    return made


def elided_name(widget: QWidget, text: str, room_px: int) -> str:
    """``text``, cut with an ellipsis to fit ``room_px`` in the widget's font."""
    return widget.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room_px)
