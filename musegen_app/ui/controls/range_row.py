"""A labelled range with two handles: the notes a continuation may use."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from musegen_app.score import pitch_name
from musegen_app.ui import colours

PIANO: Final = (21, 108)
OCTAVE: Final = 12
_HANDLE_PX: Final = 7.5


class RangeRow(QWidget):
    """Label, "G2 – C6" and two handles. ``changed`` carries (low, high), both included, and only comes from the user."""

    changed = Signal(int, int)

    def __init__(self, label: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip(tip)
        name = QLabel(label)
        name.setProperty("kind", "muted")
        self._text = QLabel()
        self._text.setProperty("kind", "value")
        self.slider = RangeSlider(PIANO)
        self.slider.setAccessibleName(label)
        heading = QHBoxLayout()
        heading.addWidget(name)
        heading.addStretch(1)
        heading.addWidget(self._text)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addLayout(heading)
        rows.addWidget(self.slider)
        self.slider.changed.connect(self._moved)
        self._show()

    @property
    def value(self) -> tuple[int, int]:
        """Lowest and highest pitch; the whole piano is reported as every MIDI pitch."""
        return (0, 127) if self.slider.value == PIANO else self.slider.value

    def set_value(self, low: int, high: int) -> None:
        """Show a range, quietly."""
        self.slider.set_value(low, high)
        self._show()

    def _moved(self) -> None:
        self._show()
        self.changed.emit(*self.value)

    def _show(self) -> None:
        low, high = self.slider.value
        self._text.setText("Any" if (low, high) == PIANO else f"{pitch_name(low)} – {pitch_name(high)}")


class RangeSlider(QWidget):
    """Two handles on a line. Drag one, or Tab to it: arrows move the handle last used, Shift by an octave, X swaps them."""

    changed = Signal()

    def __init__(self, bounds: tuple[int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bounds = bounds
        self._ends = list(bounds)
        self._active = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def value(self) -> tuple[int, int]:
        """Low and high end."""
        return self._ends[0], self._ends[1]

    def set_value(self, low: int, high: int) -> None:
        """Move both handles, quietly."""
        first, last = self._bounds
        self._ends = [min(max(low, first), last), min(max(high, first), last)]
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 20)

    def x_of(self, value: int) -> float:
        """Pixel of a value."""
        first, last = self._bounds
        return _HANDLE_PX + (value - first) / (last - first) * (self.width() - 2 * _HANDLE_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        low, high = (self.x_of(end) for end in self._ends)
        accent = colours.colour(self, colours.YOURS if self.isEnabled() else colours.DIM)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour(self, colours.STRONG_LINE))
        painter.drawRoundedRect(QRectF(0, middle - 1.5, self.width(), 3), 1, 1)
        painter.setBrush(accent)
        painter.drawRoundedRect(QRectF(low, middle - 1.5, high - low, 3), 1, 1)
        painter.setPen(QPen(accent, 2))
        for index, x in enumerate((low, high)):
            lit = self.hasFocus() and index == self._active
            painter.setBrush(accent if lit else colours.colour(self, colours.SURFACE))
            painter.drawEllipse(QPointF(x, middle), _HANDLE_PX - 1, _HANDLE_PX - 1)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        low, high = (abs(x - self.x_of(end)) for end in self._ends)
        self._active = 0 if low < high or (low == high and x < self.x_of(self._ends[0])) else 1
        self._drag_to(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag_to(event.position().x())

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self._ends = list(self._bounds)
        self.update()
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = OCTAVE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        steps = {Qt.Key.Key_Left: -step, Qt.Key.Key_Down: -step, Qt.Key.Key_Right: step, Qt.Key.Key_Up: step}
        if event.key() in steps:
            self._set_active(self._ends[self._active] + steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_X:
            self._active = 1 - self._active
            self.update()
        else:
            super().keyPressEvent(event)

    def _drag_to(self, x: float) -> None:
        first, last = self._bounds
        share = (x - _HANDLE_PX) / max(self.width() - 2 * _HANDLE_PX, 1)
        self._set_active(round(first + share * (last - first)))

    def _set_active(self, value: int) -> None:
        first, last = self._bounds
        low, high = (first, self._ends[1] - OCTAVE) if self._active == 0 else (self._ends[0] + OCTAVE, last)
        value = min(max(value, low), high)
        if value != self._ends[self._active]:
            self._ends[self._active] = value
            self.update()
            self.changed.emit()
