"""The status line and the notice above the roll: quiet numbers, and one-line problems with a way out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from musegen_app.ui import colours, icons
from musegen_app.ui.controls.elided import ElidedLabel
from musegen_app.ui.controls.icon_button import IconButton
from musegen_app.ui.theme import STATUS_PX

SEPARATOR = " · "


class StatusLine(QFrame):
    """One row: the port and how playback keeps time at the left, the music and a hint at the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("statusBar")
        self.setFixedHeight(STATUS_PX)
        self.playback = ElidedLabel("", "small")
        self.music = ElidedLabel("", "small", right=True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 0, 8, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.playback, 1)
        self._row.addSpacing(16)
        self._row.addWidget(self.music, 1)

    def add_folds(self, left: QAction, right: QAction) -> None:
        """Put the buttons that fold the side panels at the line's ends, under their panels."""
        self._row.insertWidget(0, _fold(left, "panel-left"))
        self._row.addWidget(_fold(right, "panel-right"))

    def add_legends(self, *legends: QWidget) -> None:
        """Put what explains colours before the music's half."""
        for number, legend in enumerate(legends):
            self._row.insertWidget(self._row.indexOf(self.music) + number - 1, legend)

    def show_playback(self, *parts: str) -> None:
        """Show the left half."""
        self._show(self.playback, parts)

    def show_music(self, *parts: str) -> None:
        """Show the right half."""
        self._show(self.music, parts)

    @staticmethod
    def _show(label: ElidedLabel, parts: tuple[str, ...]) -> None:
        text = SEPARATOR.join(part.rstrip(".") for part in parts if part)
        if text != label.text():
            label.setText(text)


def _fold(action: QAction, icon: str) -> IconButton:
    button = IconButton.of(action, icon, size_px=28)
    button.setFixedHeight(24)
    return button


class Notice(QFrame):
    """One sentence with at most one way out and a close button. Hidden while there is nothing to tell."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.setFixedHeight(40)
        self._text = ElidedLabel("", "plain")
        self._way_out = QPushButton()
        self._way_out.setProperty("kind", "link")
        self._way_out.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._other = QPushButton()
        self._other.setProperty("kind", "link")
        self._other.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close = IconButton("close", size_px=28)
        close.setToolTip("Hide this")
        close.setAccessibleName("Hide this")
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(_Sign())
        row.addWidget(self._text, 1)
        self._ways: dict[QPushButton, Callable[[], None]] = {}
        for button in (self._way_out, self._other):
            button.clicked.connect(lambda _checked=False, b=button: self._go(b))
            row.addWidget(button)
        row.addWidget(close)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown, "" while hidden."""
        return "" if self.isHidden() else self._text.text()

    def tell(self, sentence: str, *ways_out: tuple[str, Callable[[], None]]) -> None:
        """Show a sentence and up to two ways out: the button's words and what it does."""
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self._ways.clear()
        for button, way in zip((self._way_out, self._other), (*ways_out, None, None), strict=False):
            button.setVisible(way is not None)
            if way is not None:
                button.setText(way[0])
                self._ways[button] = way[1]
        self.show()

    def pass_over(self) -> None:
        """What was told is over: another piece is open, or another model is used. What has a way out stays."""
        if not self._ways:
            self.hide()

    def _go(self, button: QPushButton) -> None:
        self.hide()
        way = self._ways.pop(button, None)
        if way is not None:
            way()


class _Sign(QWidget):
    """The sign of a notice."""

    def sizeHint(self) -> QSize:
        return QSize(icons.ICON_PX, icons.ICON_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        icons.draw(painter, "warning", colours.colour(self, colours.TIME), 0, (self.height() - icons.ICON_PX) / 2)
        painter.end()
