"""The line in which a chord is typed: Return keeps it, Tab goes on to the next, Escape leaves it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from musegen_app.ui.controls.line_editor import LineEditor

_TABS: Final = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}


class ChordEditor(LineEditor):
    """``tabbed`` carries 1 for the next chord, -1 for the one before."""

    tabbed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "inline")
        self.setAccessibleName("Chord")
        self.setPlaceholderText("Am7")
        self.setToolTip("A chord such as Am7 or G/B, or several that share the bar; Tab goes on to the next")
        self.textEdited.connect(lambda _text: self.show_wrong(wrong=False))
        self.hide()

    def show_wrong(self, *, wrong: bool) -> None:
        """Say by the frame that the text is not understood."""
        if bool(self.property("wrong")) != wrong:
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)

    def event(self, event: QEvent) -> bool:
        """Tab is taken here, before it would move the keyboard elsewhere."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _TABS:
            self.tabbed.emit(_TABS[Qt.Key(event.key())])
            return True
        return super().event(event)
