"""The seed number: the same number with the same settings gives the same notes."""

from __future__ import annotations

import secrets
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from musegen_app.ui.controls.icon_button import IconButton
from musegen_app.ui.controls.line_editor import LineEditor

MAX_SEED: Final = 99_999


class SeedRow(QWidget):
    """Number, dice and lock. A new number is thrown for each continuation unless it is held."""

    def __init__(self) -> None:
        super().__init__()
        label = QLabel("Seed number")
        label.setProperty("kind", "muted")
        self.number = LineEditor()
        self.number.setValidator(QIntValidator(0, MAX_SEED, self.number))
        self.number.setMaxLength(len(str(MAX_SEED)))
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setFixedWidth(72)
        self.number.setAccessibleName("Seed number")
        self.number.setToolTip("The same number with the same settings gives the same notes")
        self.number.returnPressed.connect(self.number.clearFocus)
        self.number.escaped.connect(self.number.clearFocus)
        self.dice = IconButton("dice")
        self.dice.setToolTip("Throw a new number")
        self.dice.setAccessibleName("Throw a new seed number")
        self.held = IconButton("unlock")
        self.held.setCheckable(True)
        self.held.setToolTip("Hold this number: Continue and Again replay it")
        self.held.setAccessibleName("Hold the seed number")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(label)
        row.addStretch(1)
        row.addWidget(self.number)
        row.addWidget(self.dice)
        row.addWidget(self.held)
        self.dice.clicked.connect(self.throw)
        self.held.toggled.connect(lambda on: self.held.show_icon("lock" if on else "unlock"))
        self.throw()

    def throw(self) -> None:
        """Show a new number."""
        self.show_number(secrets.randbelow(MAX_SEED) + 1)

    def show_number(self, number: int) -> None:
        """Show a number."""
        self.number.setText(str(number))

    def next_number(self) -> int:
        """The number for the next continuation: the one held, or a new one."""
        if not self.held.isChecked():
            self.throw()
        return int(self.number.text() or 0)
