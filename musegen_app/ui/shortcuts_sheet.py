"""Every command and its keys on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from musegen_app.ui.actions import Command, shown_keys

ROLL: Final = (
    ("Draw", "Click; keep holding to set length and pitch"),
    ("Erase", "Right-click or right-drag"),
    ("Alternatives", "Alt-click a note, right-click a ghost"),
    ("Select", "Ctrl-drag; Shift adds"),
    ("Copy while moving", "Ctrl-drag a note"),
    ("No snapping", "Alt while dragging"),
    ("Nudge", "Arrows; Shift: octave, length"),
    ("Zoom", "Ctrl+wheel; Ctrl+Shift+wheel: height"),
    ("Select tool", "B switches it on and off"),
    ("Loop region", "Drag in the ruler"),
    ("Mark what is filled", "Shift-click twice in the ruler"),
    ("Chords", "Double-click writes, Ctrl+drag copies"),
)
"""Gestures of the roll that are no commands."""

COLUMNS: Final[tuple[tuple[str, ...], ...]] = (("File", "Edit"), ("Play", "Continue"), ("View", "Help"))


class ShortcutsSheet(QDialog):
    """Commands by menu in columns. Any of its commands' keys still belong to the window behind."""

    def __init__(self, commands: Sequence[Command], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and gestures")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(24, 24, 24, 24)
        columns.setSpacing(40)
        for titles in COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(16)
            for title in titles:
                column.addWidget(
                    _block(title, [(c.text, shown_keys(c.keys[0])) for c in commands if c.menu == title and c.keys])
                )
            if titles is COLUMNS[-1]:
                column.addWidget(_block("In the roll", ROLL))
            column.addStretch(1)
            columns.addLayout(column)


def _block(title: str, rows: Sequence[tuple[str, str]]) -> QWidget:
    block = QFrame()
    grid = QGridLayout(block)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    heading = QLabel(title.upper())
    heading.setProperty("kind", "heading")
    grid.addWidget(heading, 0, 0, 1, 2)
    for index, (words, keys) in enumerate(rows, 1):
        grid.addWidget(QLabel(words.replace("&", "").removesuffix("…")), index, 0)
        shown = QLabel(keys)
        shown.setProperty("kind", "muted")
        grid.addWidget(shown, index, 1, Qt.AlignmentFlag.AlignRight)
    return block
