"""The middle of the window: ruler, chords, keys, notes, velocities and overview over one view."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QNativeGestureEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from musegen_app.editor.document import Document, Topic, merged
from musegen_app.score import Key, NoteTable, Track
from musegen_app.ui.drum_names import row_name
from musegen_app.ui.roll.canvas import Audition, Canvas
from musegen_app.ui.roll.chord_lane import ChordLane
from musegen_app.ui.roll.keys import Keys
from musegen_app.ui.roll.overview import Overview
from musegen_app.ui.roll.ruler import Ruler
from musegen_app.ui.roll.velocity_lane import VelocityLane
from musegen_app.ui.roll.view import View
from musegen_app.ui.theme import Palette

_MUSIC: Final = {Topic.LOADED, Topic.NOTES, Topic.TRACKS, Topic.GHOSTS}
_TRACK: Final = {Topic.LOADED, Topic.TRACKS}
_CHORDS: Final = {Topic.LOADED, Topic.CHORDS, Topic.TIMELINE}
_ZOOM: Final = 1.25
_LINES_PX: Final = 40.0  # a wheel's notch
_EMPTY_BARS: Final = 16
_READABLE_PX: Final = 9.0  # a typical note is at least this wide when a piece opens
_READABLE_ROW_PX: Final = 10.0
_HOME: Final = (55, 76)  # where an empty roll opens: around middle C and the octave above
_KIT: Final = (35, 57)  # the drums that a kit has


def _register(track: Track) -> tuple[int, int]:
    """Lowest and highest pitch of a track, or those that it is likely to have."""
    if not track.notes:
        return _KIT if track.is_drums else _HOME
    return int(track.notes.pitch.min()), int(track.notes.pitch.max())


class RollArea(QWidget):
    """``seek_requested`` carries the tick where the user wants the playhead."""

    seek_requested = Signal(int)

    def __init__(self, document: Document, palette: Palette, audition: Audition) -> None:
        super().__init__()
        self._document = document
        self._placed = False
        self._shown_track = document.active_track_id
        self.view = View(palette)
        self.canvas = Canvas(document, self.view, audition)
        self.ruler = Ruler(document, self.view)
        self.chords = ChordLane(document, self.view)
        self.keys = Keys(self.view, audition)
        self._name_rows(document.active_track)
        self.lane = VelocityLane(self.canvas, self.view)
        self.overview = Overview(document, self.view)
        self._chord_corner: QWidget | None = None
        self._lay_out()
        self.ruler.seek_requested.connect(self.seek_requested)
        document.subscribe(self._topic_changed)

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.ruler, 0, 1)
        layout.addWidget(self.chords, 1, 1)
        layout.addWidget(self.keys, 2, 0)
        layout.addWidget(self.canvas, 2, 1)
        layout.addWidget(self.lane, 3, 1)
        layout.addWidget(self.overview, 4, 1)
        layout.setRowStretch(2, 1)
        layout.setColumnStretch(1, 1)

    def add_corner(self, corner: QWidget) -> None:
        """Put something over the keys, beside the ruler."""
        layout = self.layout()
        if isinstance(layout, QGridLayout):
            layout.addWidget(corner, 0, 0)

    def add_chord_corner(self, corner: QWidget) -> None:
        """Put something beside the chords; it shows and hides with them."""
        layout = self.layout()
        if isinstance(layout, QGridLayout):
            layout.addWidget(corner, 1, 0)
            self._chord_corner = corner

    def show_chords(self, *, shown: bool) -> None:
        """Show the chord track, or hide it."""
        self.chords.setVisible(shown)
        if self._chord_corner is not None:
            self._chord_corner.setVisible(shown)

    def _topic_changed(self, topic: Topic) -> None:
        self.canvas.topic_changed(topic)
        self.lane.topic_changed(topic)
        self.ruler.update()
        if topic in _CHORDS:
            self.chords.refresh()
        if topic in _MUSIC:
            self.overview.refresh()
        if topic in _TRACK:
            self._show_track()
        if topic is Topic.LOADED:
            self.place()

    def _name_rows(self, track: Track) -> None:
        self.keys.show_drums(drums=track.is_drums)
        self.view.name_of = partial(row_name, drums=track.is_drums)

    def _show_track(self) -> None:
        """The rows stand for what the active track plays; another one's register comes into view."""
        track, view = self._document.active_track, self.view.viewport
        self._name_rows(track)
        if track.id == self._shown_track:
            return
        self._shown_track = track.id
        low, high = _register(track)
        if high > view.pitch_of(0) or low < view.pitch_of(view.height):
            self.view.show(view.centred(low, high))

    # --- what the window asks -----------------------------------------------------------------------------------------

    def set_palette(self, palette: Palette) -> None:
        """Other colours."""
        self.view.set_palette(palette)
        self.update()

    def set_key(self, key: Key | None) -> None:
        """Tint the rows for the key that holds, None for white and black keys."""
        self.canvas.set_key(key)

    def set_playhead(self, tick: float, *, playing: bool) -> None:
        """The playhead is here."""
        self.view.set_playhead(tick, playing=playing)

    def follow(self) -> None:
        """Go along with the playhead again (playing begins)."""
        self.view.follows = True

    def place(self) -> None:
        """Show the beginning of the piece at a readable size, its register in the middle."""
        notes, view = self._all_notes(), self.view.viewport
        shown = _EMPTY_BARS * self._document.score.timeline.metres[0].bar_ticks
        opening = notes.take(notes.starting_in(0, shown)) or notes
        if opening:
            readable = np.median(opening.length) * self.canvas.width() / _READABLE_PX
            shown = int(np.clip(readable, shown / 4, shown))
            opening = notes.take(notes.starting_in(0, shown)) or opening
        low, high = (int(opening.pitch.min()), int(opening.pitch.max())) if opening else _HOME
        self.view.show(view.fitted(0, shown, low, high, _READABLE_ROW_PX))
        self.view.follows = True

    def fit(self) -> None:
        """Show everything."""
        notes = self._all_notes()
        if not notes:
            self.place()
            return
        low, high = int(notes.pitch.min()), int(notes.pitch.max())
        self.view.follows = False
        self.view.show(self.view.viewport.fitted(0, notes.end_tick, low, high))

    def reveal(self, start_tick: int, end_tick: int) -> None:
        """Bring a stretch of time into view, changing as little as possible."""
        view = self.view.viewport
        if view.left_tick <= start_tick and end_tick <= view.right_tick:
            return
        lead = (view.right_tick - view.left_tick) * 0.25
        wide = (end_tick - start_tick + lead) * view.px_per_tick
        if wide > view.width:
            view = view.zoomed(view.width / wide, 0)
        self.view.show(view.scrolled(view.x_of(max(start_tick - lead, 0)), 0))

    def zoom_in(self) -> None:
        """Wider, around the middle."""
        self._zoom(_ZOOM, self.canvas.width() / 2)

    def zoom_out(self) -> None:
        """Narrower, around the middle."""
        self._zoom(1 / _ZOOM, self.canvas.width() / 2)

    def _all_notes(self) -> NoteTable:
        return merged([self._document.ghosts, *(track.notes for track in self._document.score.tracks)])

    def _zoom(self, factor: float, x: float) -> None:
        self.view.follows = False
        self.view.show(self.view.viewport.zoomed(factor, x))

    # --- Qt's events --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._placed and self.canvas.width() > 1:
            self._placed = True
            self.place()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.view.palette.surface))
        corner = QRect(0, self.lane.y(), self.keys.width(), self.lane.height())
        painter.fillRect(corner, QColor(self.view.palette.row_out_of_scale))
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(self.view.palette.muted))
        painter.drawText(corner.adjusted(8, 8, 0, 0), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, "vel")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Wheel scrolls, Shift sideways; Ctrl zooms at the cursor, Ctrl+Shift the rows."""
        place = self.canvas.mapFrom(self, event.position().toPoint())
        pixels, notches = event.pixelDelta(), event.angleDelta()
        dx = pixels.x() or notches.x() / 120 * _LINES_PX
        dy = pixels.y() or notches.y() / 120 * _LINES_PX
        keys = event.modifiers()
        if keys & Qt.KeyboardModifier.ControlModifier:
            factor = _ZOOM ** ((dy or dx) / _LINES_PX)
            if keys & Qt.KeyboardModifier.ShiftModifier:
                self.view.show(self.view.viewport.zoomed_rows(factor, place.y()))
            else:
                self._zoom(factor, place.x())
        elif keys & Qt.KeyboardModifier.ShiftModifier:
            self.view.scroll(-(dy or dx), 0)
        else:
            self.view.scroll(-dx, -dy)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Pinching zooms."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1 + event.value(), self.canvas.mapFrom(self, event.position().toPoint()).x())
            return True
        return super().event(event)
