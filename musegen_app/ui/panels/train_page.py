"""The Train tab: what training is for, and the button that opens it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

_ABOUT: Final = (
    "Give a folder of MIDI files to a new model, or adapt the flagship to them in minutes. "
    "It learns beside the window: you go on playing, hear samples as it gets better, and keep it or not."
)


class TrainPage(QWidget):
    """``requested`` comes when the musician wants to train."""

    requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        heading = QLabel("A model of your own music")
        heading.setProperty("kind", "title")
        about = QLabel(_ABOUT)
        about.setWordWrap(True)
        about.setProperty("kind", "muted")
        self.button = QPushButton("Train a model…")
        self.button.setProperty("kind", "primary")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 16)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(about)
        column.addSpacing(8)
        column.addWidget(self.button)
        column.addStretch(1)
