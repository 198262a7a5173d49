"""The chord track under the ruler: chords written as text, dragged, copied and deleted.

A double click writes or changes one; a drag moves it, its edges resize it, with Ctrl a copy is dragged; a right click
deletes. With the keyboard in the lane: arrows choose, with Shift resize, with Ctrl move; Return writes, Del deletes.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from musegen_app.editor import chord_edits, grid
from musegen_app.editor.document import Document
from musegen_app.score import ChordSpan
from musegen_app.score.chord_track import chord_at, placed, without
from musegen_app.ui.roll.chord_keys import handle_key, is_ours
from musegen_app.ui.roll.chord_paint import ChordPaint
from musegen_app.ui.roll.chord_writing import ChordWriting
from musegen_app.ui.roll.view import View

CHORDS_PX: Final = 28
_EDGE_PX: Final = 5.0
_DRAG_PX: Final = 4.0


class Grab(Enum):
    """What of a chord is dragged."""

    START = auto()
    WHOLE = auto()
    END = auto()


class ChordLane(QWidget):
    """Shows and edits the document's chords. ``refused`` says what of a typed chord is not understood."""

    refused = Signal(str)

    def __init__(self, document: Document, view: View) -> None:
        super().__init__()
        self.document, self.view = document, view
        self.chosen: ChordSpan | None = None
        self.copied: ChordSpan | None = None
        self._hovered: ChordSpan | None = None
        self._grab: tuple[ChordSpan, Grab, float] | None = None
        self._preview: ChordSpan | None = None
        self._copies = False
        self.setFixedHeight(CHORDS_PX)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Chords")
        self.setToolTip("Double-click to write a chord, drag to move it, drag its edges to resize it")
        view.moved.connect(self.update)
        view.restyled.connect(self.update)
        view.playhead_moved.connect(self._playhead_moved)
        self.writing = ChordWriting(self)
        self.writing.refused.connect(self.refused)

    def refresh(self) -> None:
        """The chords, or the bars they lie in, changed."""
        if self.chosen not in self.document.score.chords:
            self.chosen = None
        self._hovered = None
        self.let_go()
        self.update()

    def choose(self, span: ChordSpan | None) -> None:
        """Choose a chord, None for none."""
        self.chosen = span
        self.setAccessibleDescription(span.chord.name if span else "")
        self.update()

    def _playhead_moved(self, before: float, after: float) -> None:
        for tick in (before, after):
            self.update(QRect(round(self.view.viewport.x_of(tick)) - 3, 0, 7, self.height()))

    # --- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        viewport, timeline = self.view.viewport, self.document.score.timeline
        paint = ChordPaint(painter, viewport, self.view.palette, self.height())
        first, last = int(viewport.left_tick), int(viewport.right_tick) + 1
        lines = grid.lines(timeline, first, last, self.beat_ticks(first), viewport.px_per_tick)
        paint.ground(self.width(), lines.bars.tolist())
        chords = self._shown()
        if not chords:
            paint.hint(self.width())
        for span in chords:
            if span.end > first and span.start < last:
                chosen = span == self._preview or (span == self.chosen and self.hasFocus())
                paint.chord(span, chosen=chosen, hovered=span == self._hovered)
        painter.setPen(QPen(QColor(self.view.palette.time), 1.5))
        x = round(viewport.x_of(self.view.playhead_tick))
        painter.drawLine(x, 0, x, self.height())
        painter.end()

    @property
    def is_dragging(self) -> bool:
        """Whether a chord is being dragged."""
        return self._preview is not None

    def _shown(self) -> tuple[ChordSpan, ...]:
        """The chords, with one being dragged where it would go."""
        chords = self.document.score.chords
        if self._preview is None or self._grab is None:
            return chords
        return placed(chords if self._copies else without(chords, [self._grab[0]]), [self._preview])

    # --- the mouse ----------------------------------------------------------------------------------------------------

    def grid_tick(self, x: float, *, fine: bool = False) -> int:
        """The beat nearest to ``x``, the line of the grid where it is ``fine``."""
        timeline = self.document.score.timeline
        tick = self.view.viewport.tick_of(x)
        step = grid.step_ticks(self.document.snap, self.view.viewport.px_per_tick) if fine else self.beat_ticks(int(tick))
        return max(grid.snap_nearest(tick, step, timeline), 0)

    def beat_ticks(self, tick: int) -> int:
        """Ticks of a beat at ``tick``."""
        return self.document.score.timeline.metre_at(max(tick, 0)).beat_ticks

    def _at(self, x: float) -> ChordSpan | None:
        return chord_at(self.document.score.chords, int(self.view.viewport.tick_of(x)))

    def _part_at(self, span: ChordSpan, x: float) -> Grab:
        left, right = self.view.viewport.x_of(span.start), self.view.viewport.x_of(span.end)
        edge = min(_EDGE_PX, (right - left) / 4)
        return Grab.START if x - left <= edge else Grab.END if right - x <= edge else Grab.WHOLE

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        span = self._at(x)
        self.choose(span)
        if event.button() == Qt.MouseButton.RightButton and span is not None:
            chord_edits.delete(self.document, span)
        elif event.button() == Qt.MouseButton.LeftButton and span is not None:
            self._copies = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._grab = (span, Grab.WHOLE if self._copies else self._part_at(span, x), x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._grab is None:
            self._hover(x)
            return
        span, part, pressed_x = self._grab
        if self._preview is None and abs(x - pressed_x) < _DRAG_PX:
            return
        self.view.held = True
        fine = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        self._preview = self._dragged(span, part, x - pressed_x, fine=fine)
        self.update()

    def _dragged(self, span: ChordSpan, part: Grab, dx: float, *, fine: bool) -> ChordSpan:
        viewport = self.view.viewport
        if part is Grab.WHOLE:
            return span.moved(self.grid_tick(viewport.x_of(span.start) + dx, fine=fine) - span.start)
        if part is Grab.START:
            start = self.grid_tick(viewport.x_of(span.start) + dx, fine=fine)
            return replace(span, start=start if start < span.end else span.start)
        end = self.grid_tick(viewport.x_of(span.end) + dx, fine=fine)
        return replace(span, end=end if end > span.start else span.end)

    def _hover(self, x: float) -> None:
        span = self._at(x)
        part = self._part_at(span, x) if span else None
        sized = part in {Grab.START, Grab.END}
        self.setCursor(Qt.CursorShape.SizeHorCursor if sized else Qt.CursorShape.ArrowCursor)
        if span != self._hovered:
            self._hovered = span
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        grab, made, copies = self._grab, self._preview, self._copies
        if event.button() != Qt.MouseButton.LeftButton or grab is None:
            return
        self.let_go()
        if made is None or made == grab[0]:
            return
        if copies:
            chord_edits.copy_to(self.document, grab[0], made.start)
        else:
            name = chord_edits.MOVED if grab[1] is Grab.WHOLE else chord_edits.SIZED
            chord_edits.shift(self.document, grab[0], made, name)
        self.choose(made)

    def let_go(self) -> bool:
        """The drag is over; whether there was one."""
        going = self._preview is not None
        self._grab = self._preview = None
        self.view.held = False
        self.update()
        return going

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.let_go()
        span = self._at(event.position().x())
        if span is not None:
            self.writing.change(span)
        else:
            tick = int(max(self.view.viewport.tick_of(event.position().x()), 0))
            self.writing.write_at(grid.snap_down(tick, self.beat_ticks(tick), self.document.score.timeline))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = None
        self.update()

    # --- the keyboard -------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Keys that mean a chord here are no shortcuts of the window; the tooltip of a chord is its name."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_ours(self, event):
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            span = self._at(event.pos().x())
            QToolTip.showText(event.globalPos(), span.chord.name if span else self.toolTip(), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not handle_key(self, event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
