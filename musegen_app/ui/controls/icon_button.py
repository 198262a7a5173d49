"""A button that is an icon, and the small base that makes painted buttons kind to keyboards."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from musegen_app.ui import colours, icons
from musegen_app.ui.theme import RADIUS_PX


class Tone(Enum):
    """How loud a button is."""

    FLAT = auto()
    """No background until the mouse is over it."""
    RAISED = auto()
    """A raised background; checked, the icon takes the accent."""
    FILLED = auto()
    """Raised; checked, the background takes the accent."""


class IconButton(QToolButton):
    """An icon of ours on a rounded background. Give it an action, and it takes its state and tooltip from there."""

    def __init__(self, icon: str, tone: Tone = Tone.FLAT, size_px: int = 32, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._tone = tone
        self._size = QSize(size_px, 32)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(self._size)

    @classmethod
    def of(cls, action: QAction, icon: str, tone: Tone = Tone.FLAT, size_px: int = 32) -> IconButton:
        """A button that triggers ``action``."""
        button = cls(icon, tone, size_px)
        button.setDefaultAction(action)
        button.setAccessibleName(action.text().replace("&", ""))
        return button

    def show_icon(self, name: str) -> None:
        """Show another icon."""
        if name != self._icon_name:
            self._icon_name = name
            self.update()

    @property
    def icon_name(self) -> str:
        """The icon shown."""
        return self._icon_name

    def sizeHint(self) -> QSize:
        return self._size

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and presses(event, self):
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        background = self._background()
        if background is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(background)
            painter.drawRoundedRect(QRectF(self.rect()), RADIUS_PX, RADIUS_PX)
        paint_focus(self, painter)
        offset_x, offset_y = (self.width() - icons.ICON_PX) / 2, (self.height() - icons.ICON_PX) / 2
        icons.draw(painter, self._icon_name, self._foreground(), offset_x, offset_y)
        painter.end()

    def _background(self) -> QColor | None:
        if self._tone is Tone.FILLED and self.isChecked():
            return colours.colour(self, colours.YOURS)
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            return colours.colour(self, colours.LINE if self.isDown() else colours.HOVER)
        return None if self._tone is Tone.FLAT else colours.colour(self, colours.RAISED)

    def _foreground(self) -> QColor:
        if not self.isEnabled():
            return colours.colour(self, colours.DIM)
        if self.isChecked():
            return colours.colour(self, colours.ON_YOURS if self._tone is Tone.FILLED else colours.YOURS)
        return colours.colour(self, colours.MUTED if self._tone is Tone.FLAT and not self.underMouse() else colours.TEXT)


def presses(event: QEvent, widget: QWidget) -> bool:
    """Whether a key event means "press this button", so that Space there does not start the music."""
    return (
        isinstance(event, QKeyEvent)
        and widget.hasFocus()
        and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        and event.modifiers() == Qt.KeyboardModifier.NoModifier
    )


def paint_focus(widget: QWidget, painter: QPainter) -> None:
    """Outline the widget when the keyboard is in it."""
    if widget.hasFocus():
        painter.setPen(colours.colour(widget, colours.YOURS))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
