"""The overview: the whole piece in a strip, with a frame around what shows; drag it to go elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from musegen_app.editor.document import Document
from musegen_app.editor.viewport import Viewport
from musegen_app.score import NoteTable
from musegen_app.ui.roll import notes_paint
from musegen_app.ui.roll.view import View
from musegen_app.ui.theme import OVERVIEW_PX, Palette


class Overview(QWidget):
    """All tracks and the ghosts, squeezed into the widget's width."""

    def __init__(self, document: Document, view: View) -> None:
        super().__init__()
        self._document, self._view = document, view
        self.setFixedHeight(OVERVIEW_PX)
        self.setAccessibleName("Overview")
        self.setToolTip("Drag to show another part")
        view.moved.connect(self.update)
        view.restyled.connect(self.update)

    @property
    def _end_tick(self) -> float:
        ends = (self._document.score.end_tick, self._document.ghosts.end_tick, self._view.viewport.right_tick)
        return max(*ends, 1.0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette, viewport = self._view.palette, self._view.viewport
        painter.fillRect(self.rect(), QColor(palette.background))
        active = self._document.active_track_id
        for track in self._document.score.tracks:
            inks = notes_paint.yours(palette) if track.id == active else notes_paint.others(palette)
            self._paint(painter, track.notes, inks)
        self._paint(painter, self._document.ghosts, _solid(palette))
        scale = self.width() / self._end_tick
        frame = QRectF(viewport.left_tick * scale, 0, (viewport.right_tick - viewport.left_tick) * scale, self.height())
        fill = QColor(palette.text)
        fill.setAlphaF(0.10)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setBrush(fill)
        painter.setPen(QPen(QColor(palette.dim), 1))
        painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def _paint(self, painter: QPainter, notes: NoteTable, inks: notes_paint.Inks) -> None:
        if not notes:
            return
        low, high = int(notes.pitch.min()), int(notes.pitch.max())
        width = float(self.width())
        whole = replace(Viewport(), width=width, height=128.0, px_per_tick=width / self._end_tick, row_px=1.0)
        picture = notes_paint.coverage(notes, np.arange(len(notes)), whole, inks.shades)
        top, rows = 127 - high, high - low + 1
        room = self.height() - 6.0
        target = QRectF(0, 3 + room * (127 - high) / 128, width, max(room * rows / 128, 2.0))
        painter.drawImage(target, picture, QRectF(0, top, picture.width(), rows))

    def _go(self, x: float) -> None:
        viewport = self._view.viewport
        middle = x / max(self.width(), 1) * self._end_tick
        shown = viewport.right_tick - viewport.left_tick
        self._view.follows = False
        self._view.show(replace(viewport, left_tick=middle - shown / 2).clamped())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position().x())


def _solid(palette: Palette) -> notes_paint.Inks:
    return notes_paint.Inks((palette.generated,) * notes_paint.SHADES)
