"""How many takes are drawn at once, and how different they are from the one there is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from musegen_app.ui.controls.segmented import Segmented
from musegen_app.ui.controls.slider_row import Scale, SliderRow
from musegen_app.ui.panels.choices import labelled

MOST_TAKES: Final = 8
DIFFERENT: Final = Scale(0.0, 1.0, 1.0, 0.05, lambda value: "all new" if value >= 1 else f"{value:.2f}")


class TakesBox(QWidget):
    """``changed`` comes with each choice of the user."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.different = SliderRow(
            "How different",
            DIFFERENT,
            "With ghosts there: how much of them the next takes change. What is locked always stays",
        )
        self.number = Segmented([(count, str(count)) for count in range(1, MOST_TAKES + 1)], "Takes")
        self.number.setToolTip("How many takes are drawn at once, to choose from")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.different)
        column.addWidget(labelled("Takes", self.number))
        self.number.changed.connect(lambda _count: self.changed.emit())
        self.different.changed.connect(lambda *_: self.changed.emit())

    @property
    def count(self) -> int:
        """Takes to draw, 1–8."""
        count = self.number.value
        return count if isinstance(count, int) else 1

    @property
    def how_different(self) -> float:
        """0 for nearly the take there is, 1 for one of its own."""
        return self.different.value
