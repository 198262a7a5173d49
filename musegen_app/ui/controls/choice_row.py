"""A label with a choice of many beside it, of numbers that have names."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from musegen_app.ui.controls.choice import Choice


class ChoiceRow(QWidget):
    """``changed`` carries the number, and only comes from the user."""

    changed = Signal(float)

    def __init__(self, label: str, names: Mapping[float, str], default: float, tip: str) -> None:
        super().__init__()
        self._numbers = {str(index): number for index, number in enumerate(names)}
        self.choice = Choice(label, tip)
        self.choice.offer({key: names[number] for key, number in self._numbers.items()}, "")
        name = QLabel(label)
        name.setProperty("kind", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(name)
        row.addStretch(1)
        row.addWidget(self.choice)
        self.setToolTip(tip)
        self.choice.chosen.connect(lambda key: self.changed.emit(self._numbers[key]))
        self.set_value(default)

    @property
    def value(self) -> float:
        """The number."""
        return self._numbers[self.choice.value]

    def set_value(self, value: float) -> None:
        """Show a number, quietly; one that is not offered changes nothing."""
        for key, number in self._numbers.items():
            if number == value:
                self.choice.set_value(key)
