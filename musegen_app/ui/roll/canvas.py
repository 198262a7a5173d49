"""The notes: grid and notes as pixmaps, gestures and the playhead over them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from musegen_app.editor import grid
from musegen_app.editor.document import Document, Topic
from musegen_app.editor.tools.gesture import NOTHING, Context, Gesture, Preview
from musegen_app.editor.tools.pointer import Pointer
from musegen_app.score import DEFAULT_VELOCITY, TICKS_PER_QUARTER, Key, NoteTable
from musegen_app.ui.roll import names_paint, notes_paint, thoughts_paint
from musegen_app.ui.roll.ghost_marks import draw_ghost_marks
from musegen_app.ui.roll.grid_paint import Ground
from musegen_app.ui.roll.keyboard import handle_key
from musegen_app.ui.roll.pointing import Pointing
from musegen_app.ui.roll.thoughts import Thoughts
from musegen_app.ui.roll.view import View

Audition = Callable[[int | None], None]
_STRIP_PX: Final = 3
_NOTES_CHANGE: Final = {Topic.LOADED, Topic.NOTES, Topic.TRACKS, Topic.SELECTION}
_GESTURE_ENDS: Final = {Topic.LOADED, Topic.NOTES, Topic.TRACKS, Topic.TIMELINE}
"""A gesture's own edit comes after its end; any other edit takes away the notes it holds."""
_GRID_CHANGES: Final = {Topic.LOADED, Topic.TRACKS, Topic.TIMELINE, Topic.KEY, Topic.SNAP}


class Canvas(QWidget):
    """Shows and edits the active track. ``audition`` sounds a pitch, None silences it; ``previewed``: a gesture goes on.

    ``asked_about`` carries the id of a note or a ghost whose alternatives are wanted, ``lock_wanted`` that of a ghost.
    """

    previewed = Signal()
    asked_about = Signal(int)
    lock_wanted = Signal(int)

    def __init__(self, document: Document, view: View, audition: Audition) -> None:
        super().__init__()
        self.document, self.view = document, view
        self.key: Key | None = None
        self._audition = audition
        self._sounding: int | None = None
        self._grid, self._notes = QPixmap(), QPixmap()
        self._grid_is_stale = self._notes_are_stale = True
        self._dimmed: frozenset[int] = frozenset()
        self._recorded = NoteTable.empty()
        self.thoughts = Thoughts()
        self.preview: Preview = NOTHING
        self.gesture: Gesture | None = None
        self.length = TICKS_PER_QUARTER
        self.velocity = DEFAULT_VELOCITY
        self.pointing = Pointing(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Piano roll")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        view.moved.connect(self.refresh)
        view.restyled.connect(self.refresh)
        view.playhead_moved.connect(self._playhead_moved)

    # --- what changed -------------------------------------------------------------------------------------------------

    def topic_changed(self, topic: Topic) -> None:
        """The document says that something changed."""
        if topic in _GESTURE_ENDS:
            self.cancel_gesture()
        if topic in _GRID_CHANGES:
            self._grid_is_stale = True
        if topic in _NOTES_CHANGE or self.document.replaced != self._dimmed:
            self._notes_are_stale = True
        self.update()

    def refresh(self) -> None:
        """Draw everything anew."""
        self._grid_is_stale = self._notes_are_stale = True
        self.update()

    def show_recorded(self, notes: NoteTable) -> None:
        """Show what is being recorded, over the notes there are."""
        if notes or self._recorded:
            self._recorded = notes
            self.update()

    def refresh_notes(self) -> None:
        """Draw the notes anew, and what lies under them."""
        self._notes_are_stale = True
        self.update()

    def set_key(self, key: Key | None) -> None:
        """Tint the rows for this key."""
        if key != self.key:
            self.key = key
            self._grid_is_stale = True
            self.update()

    def _playhead_moved(self, before: float, after: float) -> None:
        for tick in (before, after):
            x = int(self.view.viewport.x_of(tick))
            self.update(QRect(x - _STRIP_PX, 0, 2 * _STRIP_PX + 1, self.height()))

    # --- gestures -----------------------------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        """What gestures need to know."""
        return Context(self.document, self.view.viewport.px_per_tick, self.length, self.velocity)

    @property
    def step(self) -> int:
        """Ticks between grid lines as shown."""
        return grid.step_ticks(self.document.snap, self.view.viewport.px_per_tick)

    def begin(self, gesture: Gesture, pointer: Pointer) -> None:
        """A gesture begins."""
        self.gesture = gesture
        self.view.held = True
        self.drag(pointer)

    def drag(self, pointer: Pointer) -> None:
        """The gesture goes on."""
        if self.gesture is None:
            return
        preview = self.gesture.drag(pointer)
        if preview.hidden != self.preview.hidden or preview.picked != self.preview.picked:
            self._notes_are_stale = True
        self.preview = preview
        self.sound(preview.sounding)
        self.update()
        self.previewed.emit()

    def finish(self) -> None:
        """The gesture is done: commit it."""
        gesture, self.gesture = self.gesture, None
        self._clear_preview()
        if gesture is not None:
            gesture.commit()

    def cancel_gesture(self) -> bool:
        """Leave things as they were; whether a gesture was going on."""
        going, self.gesture = self.gesture is not None, None
        self._clear_preview()
        return going

    def _clear_preview(self) -> None:
        self.view.held = False
        if self.preview is not NOTHING:
            self.preview = NOTHING
            self._notes_are_stale = True
            self.previewed.emit()
        self.sound(None)
        self.update()

    def sound(self, pitch: int | None) -> None:
        """Sound a pitch, once for as long as it stays."""
        if pitch != self._sounding:
            self._sounding = pitch
            self._audition(pitch)

    # --- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = event.rect()
        painter.setClipRect(area)
        self._bring_up_to_date()
        painter.drawPixmap(0, 0, self._notes)
        self._paint_over(painter, area)
        painter.end()

    def _bring_up_to_date(self) -> None:
        """Draw into the pixmaps there are: new ones of this size cost more than what is drawn into them."""
        ratio = self.devicePixelRatioF()
        size = (self.size().toSizeF() * ratio).toSize()
        if self._grid.size() != size or self._grid.devicePixelRatioF() != ratio:
            self._grid, self._notes = QPixmap(size), QPixmap(size)
            for layer in (self._grid, self._notes):
                layer.setDevicePixelRatio(ratio)
            self._grid_is_stale = True
        if self._grid_is_stale:
            self._paint_grid(self._grid)
        if self._grid_is_stale or self._notes_are_stale:
            self._paint_notes(self._notes)
        self._grid_is_stale = self._notes_are_stale = False

    def _paint_grid(self, layer: QPixmap) -> None:
        painter = QPainter(layer)
        view, drums = self.view, self.document.active_track.is_drums
        ground = Ground(view.viewport, view.palette, self.key, self.devicePixelRatioF(), drums=drums)
        ground.draw(painter, self.document.score.timeline, self.step)
        painter.end()

    def _paint_notes(self, layer: QPixmap) -> None:
        """Notes over a copy of the grid: one opaque picture, so that a frame is one copy of pixels."""
        painter = QPainter(layer)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawPixmap(0, 0, self._grid)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        viewport, palette, ratio = self.view.viewport, self.view.palette, self.devicePixelRatioF()
        heat = self.thoughts.heat
        if heat is not None:
            is_free = max(self.document.score.end_tick, self.document.ghosts.end_tick) <= heat.start_tick
            thoughts_paint.draw_heat(painter, heat, viewport, palette, self.view.name_of if is_free else None)
        active = self.document.active_track
        self._dimmed = self.document.replaced
        for track in self.document.score.tracks:
            if track.id != active.id:
                kept = _without(track.notes, self._dimmed)
                notes_paint.draw_notes(painter, kept, viewport, notes_paint.others(palette), ratio)
        if self._dimmed:
            dimmed = active.notes.having(list(self._dimmed))
            notes_paint.draw_notes(painter, dimmed, viewport, notes_paint.replaced(palette), ratio)
        notes = _without(active.notes, self.preview.hidden | self._dimmed)
        chosen = self.document.selection if self.preview.picked is None else self.preview.picked
        plain = notes.without(list(chosen)) if chosen else notes
        self._paint_yours(painter, plain)
        if chosen:
            picked, inks = notes.having(list(chosen)), notes_paint.selected(palette)
            self._paint_named(painter, picked, inks)
            if self.thoughts.tint is not None:
                thoughts_paint.draw_marks(painter, self.thoughts.tint.split(picked)[0], viewport, inks, ratio)
        painter.end()

    def _paint_yours(self, painter: QPainter, notes: NoteTable) -> None:
        """The musician's notes, by velocity or by how much they surprise."""
        palette, tint = self.view.palette, self.thoughts.tint
        if tint is not None:
            tinted, notes = tint.split(notes)
            inks = thoughts_paint.surprised(palette)
            self._paint_named(painter, tinted, inks)
            thoughts_paint.draw_marks(painter, tinted, self.view.viewport, inks, self.devicePixelRatioF())
        self._paint_named(painter, notes, notes_paint.yours(palette))

    def _paint_ghosts(self, painter: QPainter, ghosts: NoteTable, area: QRect) -> None:
        """The generated notes that show in ``area``."""
        palette, viewport, tint = self.view.palette, self.view.viewport, self.thoughts.tint
        if tint is not None:
            tinted, ghosts = tint.split(ghosts)
            inks = thoughts_paint.surprised_ghosts(palette)
            notes_paint.draw_ghosts(painter, tinted, viewport, inks, area)
            thoughts_paint.draw_marks(painter, tinted, viewport, inks, self.devicePixelRatioF(), area)
            names_paint.draw_names(painter, tinted, viewport, inks, area, self.view.name_of)
        inks = notes_paint.generated(palette)
        notes_paint.draw_ghosts(painter, ghosts, viewport, inks, area)
        names_paint.draw_names(painter, ghosts, viewport, inks, area, self.view.name_of)

    def _paint_thoughts(self, painter: QPainter) -> None:
        """The note that is asked about, and the alternative that is tried."""
        viewport, palette, thoughts = self.view.viewport, self.view.palette, self.thoughts
        if thoughts.asked is not None:
            thoughts_paint.draw_asked(painter, thoughts.asked, viewport, palette)
        if thoughts.tried is not None:
            thoughts_paint.draw_tried(painter, thoughts.tried, viewport, palette)

    def _paint_named(self, painter: QPainter, notes: NoteTable, inks: notes_paint.Inks) -> None:
        viewport = self.view.viewport
        notes_paint.draw_notes(painter, notes, viewport, inks, self.devicePixelRatioF())
        names_paint.draw_names(painter, notes, viewport, inks, None, self.view.name_of)

    def _paint_over(self, painter: QPainter, area: QRect) -> None:
        viewport, palette = self.view.viewport, self.view.palette
        if self.document.take is not None:
            self._paint_ghosts(painter, self.document.ghosts, area)
            draw_ghost_marks(painter, self.document.ghosts, viewport, palette, area)
        self._paint_thoughts(painter)
        if self._recorded:
            self._paint_named(painter, self._recorded, notes_paint.recorded(palette))
        if self.preview.shown:
            shown = self.preview.shown
            plain = np.isin(shown.id, list(self.document.selection), invert=True) & (shown.id > 0)
            self._paint_named(painter, shown.take(plain), notes_paint.yours(palette))
            self._paint_named(painter, shown.take(~plain), notes_paint.selected(palette))
            self._paint_name(painter, shown)
        if self.preview.area is not None:
            self._paint_marquee(painter)
        painter.setPen(QPen(QColor(palette.time), 1.5))
        x = viewport.x_of(self.view.playhead_tick)
        painter.drawLine(round(x), 0, round(x), self.height())

    def _paint_name(self, painter: QPainter, shown: NoteTable) -> None:
        """The pitch beside a note that is being drawn or moved."""
        if len(shown) > 1 or self.preview.sounding is None:
            return
        note, viewport = shown[0], self.view.viewport
        if names_paint.fits(note.length * viewport.px_per_tick, viewport):
            return
        font = QFont(painter.font())
        font.setPixelSize(11)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(self.view.palette.text))
        x, y = viewport.x_of(note.end) + 6, viewport.y_of(note.pitch)
        painter.drawText(QRectF(x, y, 60, viewport.row_px), Qt.AlignmentFlag.AlignVCenter, self.view.name_of(note.pitch))

    def _paint_marquee(self, painter: QPainter) -> None:
        area, viewport = self.preview.area, self.view.viewport
        if area is None:
            return
        top, bottom = viewport.y_of(area.high_pitch), viewport.y_of(area.low_pitch - 1)
        left, right = viewport.x_of(area.start_tick), viewport.x_of(area.end_tick)
        fill = QColor(self.view.palette.yours)
        painter.setPen(QPen(fill, 1.0))
        fill.setAlphaF(0.14)
        painter.setBrush(fill)
        painter.drawRect(QRectF(left, top, right - left, bottom - top))

    # --- Qt's events --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view.show(self.view.viewport.resized(event.size().width(), event.size().height()))
        self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.pointing.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.pointing.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointing.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pointing.release(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not handle_key(self, event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """While a gesture goes on, Esc is the gesture's, whatever shortcut the window gave it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self.pointing.words_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), words, self)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            wanted = event.key() == Qt.Key.Key_Escape and self.gesture is not None
            if wanted:
                event.accept()
                return True
        return super().event(event)


def _without(notes: NoteTable, ids: AbstractSet[int]) -> NoteTable:
    return notes.without(list(ids)) if ids else notes
