"""A line opened over what it edits: Return and Escape are its own, and the focus goes back to where it was."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from shiboken6 import isValid

ENDING: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class LineEditor(QLineEdit):
    """Tells how the typing ended: ``returnPressed``, ``escaped``, or ``left`` when the focus went elsewhere.

    Qt lets a window's shortcuts have Return and Escape before a line gets them; here they would accept or reject a take.
    """

    escaped = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before: QWidget | None = None

    def open(self, text: str) -> None:
        """Show ``text``, to be typed over."""
        self._before = QApplication.focusWidget()
        self.setText(text)
        self.show()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def shut(self) -> None:
        """Hide; whoever had the keyboard before has it again."""
        before, had_focus = self._before, self.hasFocus()
        self._before = None
        self.hide()
        if had_focus and before is not None and isValid(before):
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ENDING:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)
        if event.key() in ENDING:
            event.accept()  # a line hands them on to its parent, which might open it anew

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isVisible() and event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()
