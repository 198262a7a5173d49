"""The velocity lane: a stalk a note; drag one, or draw a ramp."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from musegen_app.editor.document import Topic
from musegen_app.editor.tools.pointer import Pointer
from musegen_app.editor.tools.velocity import Velocity
from musegen_app.score import NoteTable
from musegen_app.score.notes import MAX_VELOCITY, Ints
from musegen_app.ui.roll import notes_paint
from musegen_app.ui.roll.canvas import Canvas
from musegen_app.ui.roll.rects import draw_rects
from musegen_app.ui.roll.view import View
from musegen_app.ui.theme import VELOCITY_PX

Floats = npt.NDArray[np.float64]
_TOP_PX: Final = 12.0
_BOTTOM_PX: Final = 4.0
_STALK_PX: Final = 2.0
_HEAD_ROOM_PX: Final = 6.0  # closer together, heads run into each other


class VelocityLane(QWidget):
    """Shows the active track's velocities over the canvas's time."""

    def __init__(self, canvas: Canvas, view: View) -> None:
        super().__init__()
        self._canvas, self._view = canvas, view
        self._pressed = False
        self._layer: QPixmap | None = None
        self.setFixedHeight(VELOCITY_PX)
        self.setAccessibleName("Velocity")
        self.setToolTip("Drag to change how loud notes are")
        canvas.previewed.connect(self.refresh)
        view.moved.connect(self.refresh)
        view.restyled.connect(self.refresh)
        view.playhead_moved.connect(self._playhead_moved)

    def topic_changed(self, topic: Topic) -> None:
        """The document says that something changed."""
        if topic not in {Topic.PATH, Topic.HISTORY, Topic.LOOP}:
            self.refresh()

    def refresh(self) -> None:
        """Draw everything anew."""
        self._layer = None
        self.update()

    def _playhead_moved(self, before: float, after: float) -> None:
        for tick in (before, after):
            self.update(QRect(int(self._view.viewport.x_of(tick)) - 3, 0, 7, self.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._layer is None:
            ratio = self.devicePixelRatioF()
            self._layer = QPixmap((self.size().toSizeF() * ratio).toSize())
            self._layer.setDevicePixelRatio(ratio)
            self._paint(self._layer)
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        painter.drawPixmap(0, 0, self._layer)
        painter.setPen(QPen(QColor(self._view.palette.time), 1.5))
        x = round(self._view.viewport.x_of(self._view.playhead_tick))
        painter.drawLine(x, 0, x, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def _paint(self, layer: QPixmap) -> None:
        painter = QPainter(layer)
        palette, document = self._view.palette, self._canvas.document
        painter.fillRect(self.rect(), QColor(palette.row_out_of_scale))
        painter.setPen(QColor(palette.line))
        painter.drawLine(0, 0, self.width(), 0)
        preview = self._canvas.preview
        notes = document.active_track.notes
        if document.replaced:
            notes = notes.without(list(document.replaced))
        if preview.hidden:
            notes = notes.without(list(preview.hidden)).merged(preview.shown)
        chosen = document.selection
        plain = notes.without(list(chosen)) if chosen else notes
        self._paint_stalks(painter, plain, palette.yours)
        if chosen:
            edge = notes_paint.selected(palette).shades[-1]
            self._paint_stalks(painter, notes.having(list(chosen)), edge)
        self._paint_stalks(painter, document.ghosts, palette.generated)
        painter.end()

    def _paint_stalks(self, painter: QPainter, notes: NoteTable, colour: str) -> None:
        viewport = self._view.viewport
        shown = notes.starting_in(int(viewport.left_tick) - 64, int(viewport.right_tick) + 64)
        if shown.start == shown.stop:
            return
        starts_px = np.round((notes.start[shown] - viewport.left_tick) * viewport.px_per_tick)
        x, velocity = _loudest_by_pixel(starts_px, notes.velocity[shown])
        top = self._y_of(velocity)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        floor = self.height() - _BOTTOM_PX
        if len(x) * _STALK_PX * 2 > self.width():
            painter.drawImage(0, 0, thicket(x, top, self.width(), int(floor), colour))
            return
        draw_rects(painter, np.stack([x, top, np.full(len(x), _STALK_PX), np.maximum(floor - top, 1.0)], axis=1))
        if len(x) * _HEAD_ROOM_PX > self.width():
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        for x_px, y_px in zip(x.tolist(), top.tolist(), strict=True):
            painter.drawEllipse(QRectF(x_px - 1.5, y_px - 2.5, 5, 5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _y_of(self, velocity: Ints) -> Floats:
        room = self.height() - _TOP_PX - _BOTTOM_PX
        return _TOP_PX + room * (1 - velocity / MAX_VELOCITY)

    def _velocity_of(self, y: float) -> float:
        room = self.height() - _TOP_PX - _BOTTOM_PX
        return (1 - (y - _TOP_PX) / room) * MAX_VELOCITY

    # --- gestures -----------------------------------------------------------------------------------------------------

    def _pointer(self, event: QMouseEvent) -> Pointer:
        tick, velocity = self._view.viewport.tick_of(event.position().x()), self._velocity_of(event.position().y())
        return Pointer(tick, 0, velocity=velocity)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.LeftButton and self._canvas.gesture is None:
            self._pressed = True
            pointer = self._pointer(event)
            self._canvas.begin(Velocity(self._canvas.context, pointer), pointer)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed:
            self._canvas.drag(self._pointer(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = False
            self._canvas.finish()


def _loudest_by_pixel(x: Floats, velocity: Ints) -> tuple[Floats, Ints]:
    """Stalks at one pixel hide each other but for the highest; ``x`` ascends."""
    first = np.flatnonzero(np.diff(x, prepend=x[0] - 1))
    return x[first], np.maximum.reduceat(velocity, first)


def thicket(x: Floats, top: Floats, width: int, floor: int, colour: str) -> QImage:
    """Stalks a pixel wide as a picture: where they stand close, rectangles take some times as long."""
    tops = np.full(width, floor, dtype=np.int64)
    inside = (x >= 0) & (x < width)
    tops[x[inside].astype(np.int64)] = np.minimum(np.round(top[inside]), floor - 1)
    stands = np.arange(floor)[:, None] >= tops
    pixels = np.where(stands, np.uint32(QColor(colour).rgba()), np.uint32(0))
    image = QImage(pixels.data, width, floor, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()
