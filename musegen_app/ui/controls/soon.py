"""Doing something once the event loop has had its turn: what has just come into a layout has no place before."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


def soon(owner: QObject, do: Callable[[], None]) -> QTimer:
    """A timer of ``owner``: each start of it leads to one call, and starts in a row to a single one."""
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.timeout.connect(do)
    return timer
