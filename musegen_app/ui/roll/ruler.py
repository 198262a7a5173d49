"""The ruler: bar numbers, the loop, what is marked to be filled, and where the take lies.

Click to go there, drag to loop; with Shift two clicks, or a drag, mark what is to be filled.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from musegen_app.editor import grid
from musegen_app.editor.document import Document
from musegen_app.editor.marks import Marks
from musegen_app.ui.roll.view import View
from musegen_app.ui.theme import RULER_PX

_DRAG_PX: Final = 4.0
_BAND_PX: Final = 3.0
_HANDLE_PX: Final = 5.0
_FLAG_PX: Final = 8.0
_NUMBER_PX: Final = 44.0
_CLOSEST_NUMBERS_PX: Final = 24.0


class Ruler(QWidget):
    """``seek_requested`` carries the tick clicked; dragging sets the document's loop, and its ends can be dragged."""

    seek_requested = Signal(int)

    def __init__(self, document: Document, view: View) -> None:
        super().__init__()
        self._document, self._view = document, view
        self._pressed_x: float | None = None
        self._fixed_tick = 0
        self._drags = False
        self._marks = False
        self.setFixedHeight(RULER_PX)
        self.setMouseTracking(True)
        self.setAccessibleName("Ruler")
        self.setToolTip(
            "Click to move the playhead, drag to set the loop.\nShift-click here and there to mark what is to be filled"
        )
        view.moved.connect(self.update)
        view.restyled.connect(self.update)
        view.playhead_moved.connect(self._playhead_moved)

    def _playhead_moved(self, before: float, after: float) -> None:
        for tick in (before, after):
            self.update(QRect(round(self._view.viewport.x_of(tick)) - 8, 0, 17, self.height()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette, viewport = self._view.palette, self._view.viewport
        painter.fillRect(self.rect(), QColor(palette.surface))
        self._paint_numbers(painter)
        self._paint_bands(painter)
        painter.setPen(QColor(palette.line))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.time))
        x = viewport.x_of(self._view.playhead_tick) + 0.5
        painter.drawPolygon(QPolygonF([QPointF(x - 6, 2), QPointF(x + 6, 2), QPointF(x, 10)]))
        painter.drawRect(QRectF(x - 0.75, 9, 1.5, self.height()))

    def _paint_numbers(self, painter: QPainter) -> None:
        font = QFont(painter.font())
        font.setPixelSize(11)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(self._view.palette.muted))
        for bar, x in self.numbers():
            painter.drawText(QRectF(x + 5, 0, 60, self.height() - 4), Qt.AlignmentFlag.AlignVCenter, str(bar + 1))

    def numbers(self) -> list[tuple[int, float]]:
        """Bars (from 0) whose numbers show, and where their lines stand; among short bars those with room."""
        viewport, timeline = self._view.viewport, self._document.score.timeline
        middle = int(viewport.left_tick + viewport.right_tick) // 2
        stride = grid.bar_stride(timeline, middle, viewport.px_per_tick, _NUMBER_PX)
        first = timeline.bar_at(int(viewport.left_tick)) // stride * stride
        shown: list[tuple[int, float]] = []
        for bar in range(first, timeline.bar_at(int(viewport.right_tick)) + 1, stride):
            x = viewport.x_of(timeline.bar_start(bar))
            if not shown or x - shown[-1][1] >= _CLOSEST_NUMBERS_PX:
                shown.append((bar, x))
        return shown

    def _paint_bands(self, painter: QPainter) -> None:
        palette = self._view.palette
        if self._document.loop:
            self._paint_band(painter, self._document.loop, palette.yours)
            fill = QColor(palette.yours)
            fill.setAlphaF(0.16)
            start, end = (self._view.viewport.x_of(t) for t in self._document.loop)
            painter.fillRect(QRectF(start, 0, end - start, self.height()), fill)
        self._paint_marks(painter)
        if self._document.take is not None:
            self._paint_band(painter, self._document.take.span, palette.generated)

    def _paint_marks(self, painter: QPainter) -> None:
        """What is marked to be filled, dashed as ghosts are; one end alone is a flag."""
        marks, viewport = self._document.marks, self._view.viewport
        colour = QColor(self._view.palette.generated)
        painter.setPen(QPen(colour, 1.0, Qt.PenStyle.DashLine))
        if marks.span is not None:
            start, end = (round(viewport.x_of(tick)) for tick in marks.span)
            fill = QColor(colour)
            fill.setAlphaF(0.14)
            painter.setBrush(fill)
            painter.drawRect(QRectF(start + 0.5, 2.5, end - start - 1, self.height() - 6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            return
        for tick, side in ((marks.start, 1), (marks.end, -1)):
            if tick is not None:
                x = round(viewport.x_of(tick)) + 0.5
                painter.setPen(QPen(colour, 1.5))
                painter.drawLine(QPointF(x, 2), QPointF(x, self.height() - 2))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                top = self.height() - _FLAG_PX - 5  # clear of the playhead's triangle
                flag = QPointF(x + _FLAG_PX * side, top + _FLAG_PX / 2)
                painter.drawPolygon(QPolygonF([QPointF(x, top), flag, QPointF(x, top + _FLAG_PX)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_band(self, painter: QPainter, span: tuple[int, int], colour: str) -> None:
        start, end = (self._view.viewport.x_of(t) for t in span)
        painter.fillRect(QRectF(start, self.height() - _BAND_PX, end - start, _BAND_PX), QColor(colour))

    # --- gestures -----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_x = event.position().x()
            self._marks = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            fixed = None if self._marks else self._opposite_end(self._pressed_x)
            self._fixed_tick = self._snapped(self._pressed_x) if fixed is None else fixed
            self._drags = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pressed_x is None:
            near = self._opposite_end(x) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor)
            return
        self._drags = self._drags or abs(x - self._pressed_x) >= _DRAG_PX
        if self._drags:
            start, end = sorted((self._fixed_tick, self._snapped(x)))
            if start < end and self._marks:
                self._document.set_marks(Marks(start, end))
            elif start < end:
                self._document.set_loop((start, end))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_x is None:
            return
        if not self._drags and self._marks:
            self._document.set_marks(self._document.marks.clicked(self._snapped(self._pressed_x)))
        elif not self._drags:
            self.seek_requested.emit(self._snapped(self._pressed_x))
        self._pressed_x = None

    def _opposite_end(self, x: float) -> int | None:
        """Where the cursor is on an end of the loop: the other end, which stays."""
        if self._document.loop is None:
            return None
        start, end = self._document.loop
        for here, other in ((start, end), (end, start)):
            if abs(self._view.viewport.x_of(here) - x) <= _HANDLE_PX:
                return other
        return None

    def _snapped(self, x: float) -> int:
        viewport = self._view.viewport
        step = grid.step_ticks(self._document.snap, viewport.px_per_tick)
        return grid.snap_nearest(viewport.tick_of(x), step, self._document.score.timeline)
