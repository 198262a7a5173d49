"""How the chord lane looks: chords as blocks under the ruler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from musegen_app.editor.viewport import Viewport
from musegen_app.score import ChordSpan
from musegen_app.ui.colours import blend
from musegen_app.ui.theme import Palette

HINT: Final = "Double-click to write a chord"
_MARGIN_PX: Final = 3.0
_PAD_PX: Final = 6.0
_LEAST_PAD_PX: Final = 2.0
_SIZES_PX: Final = (11, 9)
"""A name that has no room is written smaller, then cut."""


class ChordPaint:
    """Draws the lane of ``height`` pixels, with chosen and hovered chords told apart."""

    def __init__(self, painter: QPainter, viewport: Viewport, palette: Palette, height: int) -> None:
        self._painter, self._viewport, self._palette, self._height = painter, viewport, palette, height
        self._fonts = [_font(painter, size_px) for size_px in _SIZES_PX]
        painter.setFont(self._fonts[0])

    def ground(self, width: int, bar_starts: Sequence[int]) -> None:
        """The ground, and the bar lines."""
        painter, palette = self._painter, self._palette
        painter.fillRect(0, 0, width, self._height, QColor(palette.row_out_of_scale))
        painter.setPen(QColor(palette.line))
        for tick in bar_starts:
            x = round(self._viewport.x_of(tick))
            painter.drawLine(x, 0, x, self._height)
        painter.drawLine(0, self._height - 1, width, self._height - 1)

    def hint(self, width: int) -> None:
        """What an empty lane says."""
        self._painter.setPen(QColor(self._palette.muted))
        area = QRectF(10, 0, width - 20, self._height - 1)
        self._painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, HINT)

    def chord(self, span: ChordSpan, *, chosen: bool, hovered: bool) -> None:
        """One chord; its name stays in sight while any of it is."""
        painter, palette = self._painter, self._palette
        left, right = self._viewport.x_of(span.start) + 1, self._viewport.x_of(span.end) - 1
        box = QRectF(left, _MARGIN_PX, max(right - left, 2.0), self._height - 2 * _MARGIN_PX - 1)
        fill = blend(palette.raised, palette.yours, 0.22) if chosen else palette.raised
        edge = palette.yours if chosen else palette.dim if hovered else palette.strong_line
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(QPen(QColor(edge), 1.0))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        start = max(left, 0.0)
        name, font = self.name_within(span.chord.name, right - start)
        pad = max(min(_PAD_PX, (right - start - QFontMetricsF(font).horizontalAdvance(name)) / 2), 1.0)
        painter.setPen(QColor(palette.text))
        painter.setFont(font)
        painter.drawText(QRectF(start + pad, 0, right - start - pad, self._height - 1), Qt.AlignmentFlag.AlignVCenter, name)

    def name_within(self, name: str, width: float) -> tuple[str, QFont]:
        """What of a chord's name has room, and how large: whole, smaller, or cut and seen to be cut; else nothing.

        A minor chord never reads as a major one.
        """
        room = width - 2 * _LEAST_PAD_PX
        for font in self._fonts:
            if QFontMetricsF(font).horizontalAdvance(name) <= room:
                return name, font
        small = self._fonts[-1]
        short = QFontMetricsF(small).elidedText(name, Qt.TextElideMode.ElideRight, room)
        root = name[:2] if name[1:2] in {"♯", "♭"} else name[:1]
        return (short if len(short) > len(root) else ""), small


def _font(painter: QPainter, size_px: int) -> QFont:
    font = QFont(painter.font())
    font.setPixelSize(size_px)
    font.setWeight(QFont.Weight.DemiBold)
    return font
