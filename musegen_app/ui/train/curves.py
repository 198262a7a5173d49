"""The curves of a training: loss on the pieces it learns from, and on those it never sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from musegen_app.ui import colours
from musegen_app.ui.controls.field import sized
from musegen_app.ui.theme import RADIUS_PX
from musegen_app.ui.train.axes import Axis, loss_axis, loss_words, units_axis, units_words
from musegen_app.ui.train.course import Point

_LEFT, _TOP, _RIGHT, _BOTTOM = 48, 36, 20, 28
_MOST_POINTS: Final = 600
_LEAST_FOR_DOTS_PX: Final = 9
_WAITING: Final = "The curves begin with the first notes it learns from."


class Curves(QWidget):
    """A thin grey line for what is learnt, a strong one with dots for what is held out: colours are not needed."""

    def __init__(self) -> None:
        super().__init__()
        self._learnt: Sequence[Point] = ()
        self._held_out: Sequence[Point] = ()
        self._unit = "note"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(180)
        self.setAccessibleName("Loss while training")

    def show_curves(self, learnt: Sequence[Point], held_out: Sequence[Point], unit: str) -> None:
        """Show both curves, in nats a ``unit``."""
        self._learnt, self._held_out, self._unit = tuple(learnt), tuple(held_out), unit
        self.setAccessibleDescription(", ".join(f"{name} {value}" for name, value in self._latest() if value))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, 240)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour(self, colours.BACKGROUND))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS_PX, RADIUS_PX)
        painter.setFont(sized(self.font(), 11))
        if self._learnt or self._held_out:
            self._paint_all(painter)
        else:
            painter.setPen(colours.colour(self, colours.MUTED))
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, _WAITING)
        painter.end()

    def _paint_all(self, painter: QPainter) -> None:
        plot = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        curves = (self._learnt, self._held_out)
        units = units_axis(max(curve[-1][0] for curve in curves if curve))
        losses = loss_axis(curves)
        self._paint_axes(painter, plot, units, losses)
        painter.save()
        painter.setClipRect(plot.adjusted(-4, -4, 6, 1))
        self._paint_curve(painter, _places(self._learnt, plot, units, losses), self._tone(learnt=True), 1.5)
        held_out = _places(self._held_out, plot, units, losses)
        self._paint_curve(painter, held_out, self._tone(learnt=False), 2.0)
        self._paint_dots(painter, held_out, plot)
        painter.restore()
        self._paint_legend(painter, plot)

    def _paint_axes(self, painter: QPainter, plot: QRectF, units: Axis, losses: Axis) -> None:
        muted, line = colours.colour(self, colours.MUTED), colours.colour(self, colours.LINE)
        step = losses.ticks[1] - losses.ticks[0]
        for value in losses.ticks:
            y = plot.bottom() - losses.share(value) * plot.height()
            painter.setPen(QPen(line, 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(muted)
            beside = QRectF(0, y - 8, _LEFT - 8, 16)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, loss_words(value, step))
        for value in units.ticks[1:]:
            x = plot.left() + units.share(value) * plot.width()
            under = QRectF(min(x - 30, plot.right() - 60), plot.bottom() + 6, 60, 16)
            side = Qt.AlignmentFlag.AlignRight if x > plot.right() - 30 else Qt.AlignmentFlag.AlignHCenter
            painter.drawText(under, side | Qt.AlignmentFlag.AlignVCenter, units_words(value))
        corner = QRectF(plot.left(), plot.bottom() + 6, 200, 16)
        painter.drawText(corner, Qt.AlignmentFlag.AlignVCenter, f"{self._unit}s learnt from")
        painter.drawText(QRectF(16, 10, 160, 16), Qt.AlignmentFlag.AlignVCenter, f"nats a {self._unit}")

    def _paint_curve(self, painter: QPainter, places: QPolygonF, tone: QColor, width: float) -> None:
        painter.setPen(QPen(tone, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(places)

    def _paint_dots(self, painter: QPainter, places: QPolygonF, plot: QRectF) -> None:
        points = places.toList()
        crowded = len(points) * _LEAST_FOR_DOTS_PX > plot.width()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._tone(learnt=False))
        for place in points[-1:] if crowded else points:
            painter.drawEllipse(place, 3.0, 3.0)

    def _paint_legend(self, painter: QPainter, plot: QRectF) -> None:
        """From the right: sample of the line, name, latest value."""
        right = plot.right()
        for is_learnt, (name, value) in reversed(tuple(zip((True, False), self._latest(), strict=True))):
            if not value:
                continue
            bold, plain = sized(self.font(), 11, bold=True), sized(self.font(), 11)
            for words, font, role in ((value, bold, colours.TEXT), (name, plain, colours.MUTED)):
                painter.setFont(font)
                width = painter.fontMetrics().horizontalAdvance(words)
                painter.setPen(colours.colour(self, role))
                painter.drawText(QRectF(right - width, 10, width + 1, 16), Qt.AlignmentFlag.AlignVCenter, words)
                right -= width + 6
            painter.setPen(QPen(self._tone(learnt=is_learnt), 1.5 if is_learnt else 2.0))
            painter.drawLine(QPointF(right - 18, 18), QPointF(right, 18))
            if not is_learnt:
                painter.setBrush(self._tone(learnt=False))
                painter.drawEllipse(QPointF(right - 9, 18), 2.5, 2.5)
            right -= 18 + 20

    def _latest(self) -> tuple[tuple[str, str], tuple[str, str]]:
        learnt = f"{self._learnt[-1][1]:.2f}" if self._learnt else ""
        held_out = f"{self._held_out[-1][1]:.2f}" if self._held_out else ""
        return ("pieces it learns from", learnt), ("pieces held out", held_out)

    def _tone(self, *, learnt: bool) -> QColor:
        return colours.colour(self, colours.MUTED if learnt else colours.GENERATED)


def _places(curve: Sequence[Point], plot: QRectF, units: Axis, losses: Axis) -> QPolygonF:
    """Where the points lie, no more of them than the eye can part; the last is always among them."""
    stride = max(1, len(curve) // _MOST_POINTS)
    kept = [*curve[: len(curve) - 1 : stride], *curve[-1:]]
    return QPolygonF(
        [
            QPointF(plot.left() + units.share(at) * plot.width(), plot.bottom() - losses.share(loss) * plot.height())
            for at, loss in kept
        ]
    )
