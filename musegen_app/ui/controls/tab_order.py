"""Tab goes where the eye goes: down a panel's layout, also to what came into it last."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget


def follow_layout(panel: QWidget) -> None:
    """Let Tab reach the widgets of ``panel`` in the order of its layouts; Qt's own is that in which they were made."""
    for before, after in pairwise(_within(panel)):
        QWidget.setTabOrder(before, after)


def _within(widget: QWidget) -> Iterator[QWidget]:
    """The widgets that Tab reaches, from ``widget`` itself on."""
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
        yield widget
    held = widget.widget() if isinstance(widget, QScrollArea) else None
    if held is not None:
        yield from _within(held)
    layout = widget.layout()
    if layout is not None:
        yield from _of_layout(layout)


def _of_layout(layout: QLayout) -> Iterator[QWidget]:
    for index in range(layout.count()):
        item = layout.itemAt(index)
        widget, inner = (item.widget(), item.layout()) if item is not None else (None, None)
        if widget is not None:
            yield from _within(widget)
        elif inner is not None:
            yield from _of_layout(inner)
