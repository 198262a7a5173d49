"""A roll on the screen, and a hand with a mouse over it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from musegen_app.editor.document import Document
from musegen_app.score import Note, NoteTable, Score, Track
from musegen_app.ui.roll.area import RollArea
from musegen_app.ui.theme import DARK, Palette

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
MELODY = (Note(0, 960, 60, 90), Note(1920, 960, 64, 91), Note(3840, 1920, 67, 92))
PX_PER_TICK = 0.05
ROW_PX = 14.0
TOP_PITCH = 80


class Stage:
    """960 ticks are 48 px, a row is 14 px, pitch 80 is at the top, tick 0 at the left."""

    def __init__(self, notes: tuple[Note, ...] = MELODY, palette: Palette = DARK) -> None:
        table = NoteTable.of(notes).numbered(1)
        self.document = Document(Score((Track(1, "Piano", notes=table),), next_id=len(table) + 1))
        self.heard: list[int | None] = []
        self.roll = RollArea(self.document, palette, self.heard.append)
        self.canvas = self.roll.canvas
        self.roll.resize(900, 700)

    def settle(self) -> None:
        """Show the place that the tests know."""
        view = self.roll.view
        top = (127 - TOP_PITCH) * ROW_PX
        view.show(replace(view.viewport, px_per_tick=PX_PER_TICK, row_px=ROW_PX, left_tick=0.0, top_px=top).clamped())
        QApplication.processEvents()

    # --- places -------------------------------------------------------------------------------------------------------

    def at(self, tick: float, pitch: float) -> QPoint:
        """The middle of a pitch's row, as the view is now."""
        view = self.roll.view.viewport
        return QPoint(round(view.x_of(tick)), round(view.y_of(pitch) + view.row_px / 2))

    @property
    def shape(self) -> list[tuple[int, int, int]]:
        return [(n.start, n.length, n.pitch) for n in self.document.active_track.notes]

    @property
    def velocities(self) -> list[int]:
        return [n.velocity for n in self.document.active_track.notes]

    @property
    def steps(self) -> list[str]:
        return [step.name for step in self.document.history.done]

    # --- the hand -----------------------------------------------------------------------------------------------------

    def drag(self, *path: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
        """Press at the first place, move along, let go at the last."""
        press(self.canvas, path[0], button, keys)
        for place in path[1:]:
            move(self.canvas, place, button, keys)
        release(self.canvas, path[-1], button, keys)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.canvas, key, keys)


def press(widget: QWidget, place: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(widget, button, keys, place)


def release(widget: QWidget, place: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseRelease(widget, button, keys, place)


def move(widget: QWidget, place: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
    """QTest's own move knows no keys."""
    where, everywhere = QPointF(place), QPointF(widget.mapToGlobal(place))
    event = QMouseEvent(QEvent.Type.MouseMove, where, everywhere, Qt.MouseButton.NoButton, button, keys)
    QApplication.sendEvent(widget, event)


def wheel(widget: QWidget, place: QPoint, notches: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
    """As it comes from the screen: to the window, which finds the widget."""
    window = widget.window()
    where = QPointF(widget.mapTo(window, place))
    QTest.wheelEvent(window.windowHandle(), where, notches * 120, QPoint(), keys)


def pixels(image: QImage) -> np.ndarray:
    """Height × width × 4, uint8."""
    plain = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    rows = np.frombuffer(plain.constBits(), dtype=np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 4].reshape(plain.height(), plain.width(), 4).copy()


def picture(widget: QWidget) -> np.ndarray:
    return pixels(widget.grab().toImage())
