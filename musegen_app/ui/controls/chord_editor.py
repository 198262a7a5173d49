"""The line in which a chord is typed: Return keeps it, Tab goes on to the next, Escape leaves it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from musegen_app.ui.controls.line_editor import LineEditor


class ChordEditor(LineEditor):
    """``tabbed`` carries 1 for the next chord, -1 for the one before."""

    tabbed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "inline")
        self.setAccessibleName("Chord")
        self.setPlaceholderText("Am7")
        self.setToolTip("A chord such as Am7, F, G/B; Tab goes on to the next")
        self.textEdited.connect(lambda _text: self.show_wrong(wrong=False))
        self.hide()

    def show_wrong(self, *, wrong: bool) -> None:
        """Say by the frame that the text is not understood."""
        if bool(self.property("wrong")) != wrong:
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001  Qt's own signature
        self.tabbed.emit(1 if forward else -1)
        return True
