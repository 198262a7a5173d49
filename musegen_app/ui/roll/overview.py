"""The overview: the whole piece in a strip, with a frame around what shows; drag it to go elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from musegen_app.editor.document import Document
from musegen_app.editor.viewport import Viewport
from musegen_app.score import TICKS_PER_QUARTER, NoteTable
from musegen_app.ui.roll import notes_paint
from musegen_app.ui.roll.view import View
from musegen_app.ui.theme import OVERVIEW_PX, Palette

_MARGIN_PX: Final = 3.0
_FEWEST_ROWS: Final = 24  # a tune of five notes does not fill the strip


class Overview(QWidget):
    """All tracks and the ghosts, squeezed into the widget's width."""

    def __init__(self, document: Document, view: View) -> None:
        super().__init__()
        self._document, self._view = document, view
        self._picture: QPixmap | None = None
        self._pictured: tuple[int, float] = (0, 0.0)
        self.setFixedHeight(OVERVIEW_PX)
        self.setAccessibleName("Overview")
        self.setToolTip("Drag to show another part")
        view.moved.connect(self.update)
        view.restyled.connect(self.refresh)

    def refresh(self) -> None:
        """The music or the colours changed."""
        self._picture = None
        self.update()

    @property
    def _end_tick(self) -> float:
        """Where the strip ends. Beyond the music it grows in steps, so that scrolling there redraws it rarely."""
        music = max(self._document.score.end_tick, self._document.ghosts.end_tick)
        shown = self._view.viewport.right_tick
        if shown <= music:
            return float(music)
        step = max(music, TICKS_PER_QUARTER) / 8
        return math.ceil(shown / step) * step

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette, viewport = self._view.palette, self._view.viewport
        painter.fillRect(self.rect(), QColor(palette.background))
        if self._picture is None or self._pictured != (self.width(), self._end_tick):
            self._picture = self._drawn()
            self._pictured = (self.width(), self._end_tick)
        painter.drawPixmap(0, 0, self._picture)
        scale = self.width() / self._end_tick
        frame = QRectF(viewport.left_tick * scale, 0, (viewport.right_tick - viewport.left_tick) * scale, self.height())
        fill = QColor(palette.text)
        fill.setAlphaF(0.10)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setBrush(fill)
        painter.setPen(QPen(QColor(palette.dim), 1))
        painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def _drawn(self) -> QPixmap:
        ratio, palette, document = self.devicePixelRatioF(), self._view.palette, self._document
        picture = QPixmap((self.size().toSizeF() * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        layers = [(track.notes, notes_paint.others(palette)) for track in document.score.tracks]
        layers.append((document.active_track.notes, notes_paint.yours(palette)))
        layers.append((document.ghosts, _solid(palette)))
        heard = [(notes, inks) for notes, inks in layers if notes]
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=True)
        if heard:
            low = min(int(notes.pitch.min()) for notes, _ in heard)
            high = max(int(notes.pitch.max()) for notes, _ in heard)
            for notes, inks in heard:
                self._paint(painter, notes, inks, low, high)
        painter.end()
        return picture

    def _paint(self, painter: QPainter, notes: NoteTable, inks: notes_paint.Inks, low: int, high: int) -> None:
        """The piece's own range of pitches fills the height; a row is never thinner than can be seen."""
        width = float(self.width())
        whole = replace(Viewport(), width=width, px_per_tick=width / self._end_tick)
        seen = notes_paint.coverage(notes, np.arange(len(notes)), whole, inks.shades)
        row = (self.height() - 2 * _MARGIN_PX) / max(high - low + 1, _FEWEST_ROWS)
        top = _MARGIN_PX + row * (high - seen.high)
        painter.drawImage(QRectF(0, top, width, max(row * (seen.high - seen.low + 1), 2.0)), seen.image)

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
