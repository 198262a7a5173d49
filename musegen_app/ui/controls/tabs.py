"""Tabs over a line: text, the chosen one underlined."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTabBar


class Tabs(QFrame):
    """Exactly one is chosen. ``changed`` carries its value, whoever chose it."""

    changed = Signal(object)

    def __init__(self, options: Sequence[tuple[object, str]], name: str) -> None:
        super().__init__()
        self.setObjectName("tabs")
        self._values = [value for value, _ in options]
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setUsesScrollButtons(False)
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar.setAccessibleName(name)
        for _, text in options:
            self.bar.addTab(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.addWidget(self.bar)
        row.addStretch(1)
        self.bar.currentChanged.connect(lambda index: self.changed.emit(self._values[index]))

    @property
    def value(self) -> object:
        """The chosen value."""
        return self._values[self.bar.currentIndex()]

    def choose(self, value: object) -> None:
        """Choose a value."""
        self.bar.setCurrentIndex(self._values.index(value))
