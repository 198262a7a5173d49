"""A take as a small picture: click it to hear it, its star to keep it, drag over its bars to choose some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget

from musegen_app.editor.takes import Span, Take
from musegen_app.ui import colours, icons
from musegen_app.ui.controls.field import sized
from musegen_app.ui.controls.list_keys import keeps_key, row_of
from musegen_app.ui.roll.rects import draw_rects
from musegen_app.ui.theme import RADIUS_PX

HEIGHT_PX: Final = 68
_PAD_PX: Final = 10
_HEAD_PX: Final = 22
_STAR_PX: Final = 24
_DRAG_PX: Final = 4
_LEAST_PITCHES: Final = 24  # a tune within an octave shall not look like a leap across the keyboard
_NOTE_PX: Final = 2.5


@dataclass(frozen=True, slots=True)
class TakeView:
    """What a card shows: take ``index`` of the shelf as ``label``, whether it is in the roll, or waits for the bar line.

    ``tip`` tells its rank and why; ``bars`` are the words for a choice of its bars.
    """

    index: int
    label: str
    take: Take
    tip: str = ""
    is_shown: bool = False
    is_coming: bool = False


class TakeCard(QAbstractButton):
    """Signals carry nothing but what is wished; ``bars_wanted`` carries the ticks of the bars that were chosen."""

    played = Signal()
    starred = Signal()
    bars_wanted = Signal(object)
    menu_wanted = Signal(QContextMenuEvent)
    stepped = Signal(int)

    def __init__(self, view: TakeView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self._chosen: Span | None = None
        self._pressed: QPointF | None = None
        self._is_dragging = False
        self.setFixedHeight(HEIGHT_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves Space and Enter to the window
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.use = QPushButton(self)
        self.use.setProperty("kind", "use")
        self.use.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.use.setToolTip("Put these bars into the take in the roll")
        self.use.hide()
        self.use.clicked.connect(self._use)
        self.show_view(view)

    def show_view(self, view: TakeView) -> None:
        """Show a take, or how it has grown."""
        if view.take.request is not self.view.take.request or view.is_shown:
            self.choose(None)
        self.view = view
        star = ", kept" if view.take.is_starred else ""
        mark = f", {_percent(view.take)}" if view.take.verdict else ""
        self.setAccessibleName(f"Take {view.label}{mark}{star}")
        self.setToolTip(view.tip)
        self.update()

    def choose(self, span: Span | None) -> None:
        """Choose these bars of it, to be used in the take in the roll."""
        self._chosen = span
        self.use.setVisible(span is not None)
        if span is not None:
            timeline = self.view.take.request.timeline
            first, last = timeline.bar_at(span[0]) + 1, timeline.bar_at(span[1] - 1) + 1
            self.use.setText(f"Use bar {first}" if first == last else f"Use bars {first}–{last}")
            self.use.setAccessibleName(f"{self.use.text()} of take {self.view.label}")
            self.use.ensurePolished()
            self.use.resize(self.use.sizeHint())
            self.use.move(self.width() - self.use.width() - 4, 2)
        self.update()

    @property
    def chosen(self) -> Span | None:
        """The bars that are chosen, None for none."""
        return self._chosen

    @property
    def star_area(self) -> QRectF:
        """Where a click sets the star."""
        return QRectF(self.width() - _STAR_PX - 4, 1, _STAR_PX, _HEAD_PX)

    @property
    def picture(self) -> QRectF:
        """Where the notes are."""
        return QRectF(_PAD_PX, _HEAD_PX + 2, self.width() - 2 * _PAD_PX, self.height() - _HEAD_PX - 2 - _PAD_PX)

    def sizeHint(self) -> QSize:
        return QSize(192, HEIGHT_PX)

    # --- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_box(painter)
        self._paint_bars(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        self._paint_notes(painter)
        self._paint_head(painter)
        painter.end()

    def _paint_box(self, painter: QPainter) -> None:
        view = self.view
        lit = view.is_shown or self.underMouse()
        edge = colours.TIME if view.is_coming else colours.GENERATED if view.is_shown else colours.LINE
        pen = QPen(colours.colour(self, colours.YOURS if self.hasFocus() else edge), 1.0)
        if view.is_coming:
            pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        painter.setBrush(colours.colour(self, colours.RAISED if lit else colours.BACKGROUND))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)

    def _paint_bars(self, painter: QPainter) -> None:
        """The bars that are chosen, and faint bar lines under the mouse, by which to choose them."""
        area, take = self.picture, self.view.take
        if self._chosen is not None:
            left, right = self._x_of(self._chosen[0]), self._x_of(self._chosen[1])
            fill = colours.colour(self, colours.YOURS)
            fill.setAlphaF(0.22)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(QRectF(left, area.top() - 2, right - left, area.height() + 4), 2, 2)
        if self.underMouse():
            painter.setPen(QPen(colours.colour(self, colours.LINE), 1.0))
            timeline, (start, end) = take.request.timeline, take.span
            for bar in range(timeline.bar_at(start) + 1, timeline.bar_at(end - 1) + 1):
                x = round(self._x_of(timeline.bar_start(bar))) + 0.5
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_notes(self, painter: QPainter) -> None:
        ghosts, area = self.view.take.ghosts, self.picture
        if not ghosts:
            return
        start, end = self.view.take.span
        low, high = int(ghosts.pitch.min()), int(ghosts.pitch.max())
        room = max(_LEAST_PITCHES - (high - low), 0) / 2
        per_pitch = (area.height() - _NOTE_PX) / max(high - low + 2 * room, 1)
        per_tick = area.width() / max(end - start, 1)
        rects = np.empty((len(ghosts), 4))
        rects[:, 0] = area.left() + np.clip(ghosts.start - start, 0, end - start) * per_tick
        rects[:, 1] = area.top() + (high + room - ghosts.pitch) * per_pitch
        rects[:, 2] = np.clip(ghosts.length * per_tick - 0.5, 1.5, area.right() - rects[:, 0] + 0.5)
        rects[:, 3] = _NOTE_PX
        ink = colours.colour(self, colours.GENERATED)
        ink.setAlphaF(1.0 if self.view.is_shown or self.underMouse() else 0.62)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_rects(painter, rects)

    def _paint_head(self, painter: QPainter) -> None:
        take, area = self.view.take, QRectF(_PAD_PX, 3, self.width() - 2 * _PAD_PX, _HEAD_PX - 2)
        left, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        self._write(painter, area, self.view.label, sized(self.font(), 12, bold=True), colours.TEXT, left)
        if self._chosen is None and take.verdict is not None and take.verdict.run is not None and take.verdict.run.notes:
            words = f"shared run: {take.verdict.run.notes}"
            self._write(painter, area.adjusted(22, 0, 0, 0), words, sized(self.font(), 10), colours.MUTED, left)
        if take.verdict is not None:
            words, font = _percent(take), sized(self.font(), 11, bold=True)
            role = colours.GENERATED if self.view.is_shown else colours.MUTED
            self._write(painter, area.adjusted(0, 0, 4 - _STAR_PX, 0), words, font, role, right)
        if take.is_starred or self.underMouse() or self.hasFocus():
            star = self.star_area
            ink = colours.colour(self, colours.GENERATED if take.is_starred else colours.MUTED)
            pixmap = icons.tinted("star-filled" if take.is_starred else "star", ink.name(), self.devicePixelRatioF(), 14)
            painter.drawPixmap(round(star.center().x() - 7), round(star.center().y() - 6), pixmap)

    def _write(self, painter: QPainter, area: QRectF, words: str, font: QFont, role: object, side: Qt.AlignmentFlag) -> None:
        painter.setFont(font)
        painter.setPen(colours.colour(self, role))  # type: ignore[arg-type]
        painter.drawText(area, side, words)

    # --- the mouse and the keys ---------------------------------------------------------------------------------------

    def _x_of(self, tick: int) -> float:
        start, end = self.view.take.span
        return self.picture.left() + (tick - start) * self.picture.width() / max(end - start, 1)

    def bars_between(self, left_px: float, right_px: float) -> Span:
        """The bars of the take that these places of the card touch, in ticks."""
        area, (start, end) = self.picture, self.view.take.span
        timeline = self.view.take.request.timeline
        places = (min(max((x - area.left()) / area.width(), 0.0), 1.0) for x in sorted((left_px, right_px)))
        first, last = (min(start + int(place * (end - start)), end - 1) for place in places)
        return max(timeline.bar_start(timeline.bar_at(first)), start), min(
            timeline.bar_start(timeline.bar_at(last) + 1), end
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._is_dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or self.view.is_shown:
            return
        if (event.position() - self._pressed).manhattanLength() > _DRAG_PX:
            self._is_dragging = True
        if self._is_dragging:
            self.choose(self.bars_between(self._pressed.x(), event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        pressed, self._pressed = self._pressed, None
        if self._is_dragging or not self.rect().contains(event.position().toPoint()):
            return
        self.choose(None)
        if self.star_area.contains(pressed):
            self.starred.emit()
        else:
            self.clicked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.star_area.contains(event.position()):
            self.played.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event)

    def event(self, event: QEvent) -> bool:
        return keeps_key(event, self) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if row_of(event):
            self.stepped.emit(row_of(event))
        elif key == Qt.Key.Key_Space:
            self.clicked.emit()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.played.emit()
        else:
            super().keyPressEvent(event)

    def _use(self) -> None:
        chosen = self._chosen
        self.choose(None)
        if chosen is not None:
            self.bars_wanted.emit(chosen)


def _percent(take: Take) -> str:
    return f"{100 * take.verdict.score:.0f}%" if take.verdict else ""
