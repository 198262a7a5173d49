"""What the Fill tab has of its own: which stretch is filled, and a model that can, where the chosen one cannot."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from musegen_app.generate.manifest import Manifest
from musegen_app.ui.controls.elided import ElidedLabel
from musegen_app.ui.panels.choices import labelled

_ROW_PX: Final = 28


class FillBox(QWidget):
    """``model_wanted`` carries the name of the model that was offered instead."""

    model_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._offered = ""
        self.region = ElidedLabel("", "value")
        self.region.setFixedHeight(_ROW_PX)
        self._region_row = labelled("Gap", self.region)
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.why.setProperty("kind", "warning")
        self.way = QPushButton()
        self.way.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.way.clicked.connect(lambda: self.model_wanted.emit(self._offered))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.why, self.way, self._region_row):
            column.addWidget(widget)
        self.show_region("")
        self.show_way("", None)

    def show_region(self, words: str) -> None:
        """Say what is filled, "" where nothing is marked."""
        self.region.setText(words)
        self._region_row.setVisible(bool(words))

    def show_way(self, why_not: str, instead: Manifest | None) -> None:
        """Say why the chosen model does not fill, "" where it does, and offer one that does."""
        self.why.setText(why_not)
        self.why.setVisible(bool(why_not))
        self._offered = instead.name if instead else ""
        self.way.setText(f"Use {instead.title}".replace("&", "&&") if instead else "")
        self.way.setVisible(bool(why_not) and instead is not None)
