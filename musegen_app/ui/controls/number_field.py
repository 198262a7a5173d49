"""A transport field that holds a number: drag up and down, turn the wheel, or double-click and type."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QDoubleValidator, QKeyEvent, QMouseEvent, QWheelEvent

from musegen_app.ui.controls.field import Field
from musegen_app.ui.controls.line_editor import LineEditor

_DRAG_START_PX = 3


class NumberField(Field):
    """``changed`` carries the number while it is dragged, ``settled`` when a gesture ends; both only come from the user."""

    changed = Signal(float)
    settled = Signal()

    def __init__(self, caption: str, bounds: tuple[float, float], width_px: int, tip: str) -> None:
        super().__init__(caption, width_px, tip)
        self._bounds = bounds
        self._own_words = caption, tip
        self._external = False
        self._value = bounds[0]
        self._pressed_y: float | None = None
        self._pressed_value = 0.0
        self._dragging = False
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self._editor = LineEditor(self)
        self._editor.setProperty("kind", "inline")
        self._editor.setValidator(QDoubleValidator(*bounds, 2, self._editor))
        self._editor.setGeometry(QRect(5, 16, width_px - 10, 22))
        self._editor.hide()
        self._editor.returnPressed.connect(self._typed)
        self._editor.escaped.connect(self._editor.shut)
        self._editor.left.connect(self._editor.shut)

    @property
    def value(self) -> float:
        """The number shown."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a number, quietly."""
        self._value = value
        self.show_value(f"{value:.1f}" if round(value * 10) == round(value * 100) / 10 else f"{value:.2f}")

    @property
    def is_external(self) -> bool:
        """Whether another sets the number."""
        return self._external

    def show_external(self, source: str) -> None:
        """Say that ``source`` sets the number, so that it cannot be changed here; "" for nobody."""
        self.caption = "External" if source else self._own_words[0]
        self.setToolTip(f"Follows the clock of {source}" if source else self._own_words[1])
        self.setAccessibleName(f"{self._own_words[0]}, external" if source else self._own_words[0])
        self._external = bool(source)
        self._pressed_y, self._dragging = None, False
        self._editor.shut()
        self.setCursor(Qt.CursorShape.ArrowCursor if source else Qt.CursorShape.SizeVerCursor)
        self.update()

    def begin_typing(self) -> None:
        """Open the editor."""
        if not self._external:
            self._editor.open(f"{self._value:g}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._external:
            self._pressed_y, self._pressed_value, self._dragging = event.position().y(), self._value, False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_y is None:
            return
        up_px = self._pressed_y - event.position().y()
        self._dragging = self._dragging or abs(up_px) > _DRAG_START_PX
        if self._dragging:
            fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._change(round(self._pressed_value + up_px * (0.1 if fine else 0.5), 1 if fine else 0))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._pressed_y = None
        if self._dragging:
            self._dragging = False
            self.settled.emit()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.begin_typing()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            self._change(self._value + (1 if event.angleDelta().y() > 0 else -1))
            self.settled.emit()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        if event.key() in steps:
            self._change(self._value + steps[Qt.Key(event.key())])
            self.settled.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.begin_typing()
        else:
            super().keyPressEvent(event)

    def _typed(self) -> None:
        self._editor.shut()
        self._change(self._editor.locale().toDouble(self._editor.text())[0])
        self.settled.emit()

    def _change(self, value: float) -> None:
        low, high = self._bounds
        value = min(max(value, low), high)
        if value != self._value and not self._external:
            self.set_value(value)
            self.changed.emit(value)
