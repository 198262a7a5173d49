"""The files that could not be learnt from: how many, and opened, which and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget


class LeftOut(QWidget):
    """A line that unfolds into sentences."""

    def __init__(self) -> None:
        super().__init__()
        self._sentences: tuple[str, ...] = ()
        self.line = QPushButton()
        self.line.setProperty("kind", "link")
        self.line.setCheckable(True)
        self.line.setAutoDefault(False)
        self.line.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.line.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.line.toggled.connect(lambda _on: self._show())
        self.text = QLabel()
        self.text.setObjectName("scrolled")
        self.text.setWordWrap(True)
        self.text.setContentsMargins(8, 0, 8, 0)
        self.text.setProperty("kind", "small")
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.line)
        column.addWidget(self._scroll, 1)
        column.addStretch(0)
        self.show_sentences(())

    def show_sentences(self, sentences: Sequence[str]) -> None:
        """Show a sentence for each file, folded at first."""
        if tuple(sentences) != self._sentences:
            self._sentences = tuple(sentences)
            self.text.setText("\n".join(self._sentences))
            self.line.setChecked(False)
        self._show()

    def _show(self) -> None:
        count = len(self._sentences)
        self.line.setVisible(bool(count))
        self._scroll.setVisible(bool(count) and self.line.isChecked())
        files = "1 file was" if count == 1 else f"{count:,} files were"
        self.line.setText(f"{files} left out {'▴' if self.line.isChecked() else '▾'}")
        self.line.setToolTip("\n".join(self._sentences[:12]))
