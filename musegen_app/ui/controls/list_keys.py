"""Keys that a row of a list answers itself, so that they do not start the music or move notes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from musegen_app.ui.controls.icon_button import presses


def row_of(event: QEvent) -> int:
    """Where an arrow key leads in the list: −1 up, 1 down, 0 for any other key."""
    if not isinstance(event, QKeyEvent) or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return 0
    return {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)


def keeps_key(event: QEvent, row: QWidget) -> bool:
    """Keep a key from the window's shortcuts where it presses ``row`` or leads to another; whether it was kept."""
    kept = event.type() == QEvent.Type.ShortcutOverride and bool(presses(event, row) or row_of(event))
    if kept:
        event.accept()
    return kept
