"""A choice of many in one line: the value and a chevron; a click opens the list."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu

from musegen_app.ui import colours, icons
from musegen_app.ui.controls.field import Field, elided_name, paint_raised

_PAD_PX = 10


class Choice(Field):
    """One of several named values. ``chosen`` carries the value, and only comes from the user."""

    chosen = Signal(str)

    def __init__(self, caption: str, tip: str) -> None:
        super().__init__(caption, 100, tip, self._fill_values)
        self.setMinimumSize(60, 28)
        self.setMaximumSize(16_777_215, 28)
        self._words: dict[str, str] = {}
        self._value = ""

    @property
    def value(self) -> str:
        """The value chosen, "" where there is none."""
        return self._value

    def offer(self, words: Mapping[str, str], chosen: str) -> None:
        """Offer values with their words; ``chosen`` is shown if it is among them, else the first."""
        self._words = dict(words)
        self._value = ""
        self.set_value(chosen if chosen in words else next(iter(words), ""))

    def set_value(self, value: str) -> None:
        """Show a value, quietly; one that is not offered changes nothing."""
        if value in self._words:
            self._value = value
        self.show_value(self._words.get(self._value, ""))

    def sizeHint(self) -> QSize:
        return QSize(140, 28)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_raised(self, painter)
        painter.setPen(colours.colour(self, colours.TEXT))
        room = self.width() - 2 * _PAD_PX - icons.ICON_PX
        words = QRectF(_PAD_PX, 0, room, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, elided_name(self, self.text(), room))
        muted = colours.colour(self, colours.MUTED)
        icons.draw(painter, "chevron-down", muted, self.width() - icons.ICON_PX - 6, (self.height() - icons.ICON_PX) / 2)
        painter.end()

    def _fill_values(self, menu: QMenu) -> None:
        for value, words in self._words.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(value == self._value)
            action.triggered.connect(lambda _=False, v=value: self._choose(v))

    def _choose(self, value: str) -> None:
        self.set_value(value)
        self.chosen.emit(value)
