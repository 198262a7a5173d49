"""Mouse events on the notes, as pointers for the tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from musegen_app.editor.tools.choose import Tool, press, press_right
from musegen_app.editor.tools.draw import Draw
from musegen_app.editor.tools.gesture import Gesture
from musegen_app.editor.tools.hear import Hear
from musegen_app.editor.tools.pointer import Modifier, Pointer, Zone, hit
from musegen_app.editor.tools.resize import Resize
from musegen_app.ui.roll.edge_scroll import EdgeScroll

if TYPE_CHECKING:
    from musegen_app.ui.roll.canvas import Canvas

_CURSORS: Final = {
    Zone.START: Qt.CursorShape.SizeHorCursor,
    Zone.END: Qt.CursorShape.SizeHorCursor,
    Zone.BODY: Qt.CursorShape.SizeAllCursor,
}
_CLICK_PX: Final = 4.0
_KEYS: Final = (
    (Qt.KeyboardModifier.ShiftModifier, Modifier.SHIFT),
    (Qt.KeyboardModifier.ControlModifier, Modifier.CTRL),
    (Qt.KeyboardModifier.AltModifier, Modifier.ALT),
)


class Pointing:
    """Turns the canvas's mouse events into gestures, panning and cursors."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.tool = Tool.DRAW
        self._button = Qt.MouseButton.NoButton
        self._panned_from: QPointF | None = None
        self._pressed_at, self._pressed_note = QPointF(), 0
        self._last = (QPointF(), Qt.KeyboardModifier.NoModifier)
        self._edge = EdgeScroll(canvas.view)
        canvas.view.moved.connect(self._view_moved)

    def pointer(self, event: QMouseEvent) -> Pointer:
        """Where the event is in the music."""
        self._last = (event.position(), event.modifiers())
        return self._last_pointer()

    def _last_pointer(self) -> Pointer:
        place, keys = self._last
        view = self._canvas.view.viewport
        tick, pitch = max(view.tick_of(place.x()), 0.0), view.pitch_of(place.y())
        note_id, zone = hit(self._canvas.document.active_track.notes, tick, pitch, view.px_per_tick)
        return Pointer(tick, pitch, note_id, zone, frozenset(ours for theirs, ours in _KEYS if keys & theirs))

    def _view_moved(self) -> None:
        """The music moved under the pointer, by a wheel or at the edge: what is dragged stays with the pointer."""
        if self._canvas.gesture is None:
            self._edge.stop()
        elif self._button is not Qt.MouseButton.NoButton:
            self._canvas.drag(self._last_pointer())

    def press(self, event: QMouseEvent) -> None:
        """A button goes down; another one during a gesture is ignored."""
        if self._button is not Qt.MouseButton.NoButton:
            return
        self._button, self._pressed_at = event.button(), event.position()
        pointer, canvas = self.pointer(event), self._canvas
        self._pressed_note = pointer.note_id
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panned_from = event.position()
            canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.RightButton:
            canvas.begin(press_right(canvas.context, pointer), pointer)
        elif self._locks(event):
            self._button = Qt.MouseButton.NoButton
            canvas.lock_wanted.emit(self.ghost_at(event.position()))
        elif event.button() == Qt.MouseButton.LeftButton:
            self._take_over(pointer)
            canvas.begin(self._begun(pointer, event.position()), pointer)

    def _begun(self, pointer: Pointer, place: QPointF) -> Gesture:
        """The gesture of the left button. A ghost is heard: a note drawn over it would be doubled when it is accepted."""
        if self.tool is Tool.DRAW and not pointer.note_id and not pointer.modifiers and self.ghost_at(place):
            self._canvas.document.select(())
            return Hear(pointer.pitch)
        return press(self._canvas.context, self.tool, pointer)

    def _locks(self, event: QMouseEvent) -> bool:
        """Whether a click means to lock a ghost: Ctrl+click on one, beside any note."""
        alone = event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.button() == Qt.MouseButton.LeftButton
        return alone and not self.pointer(event).note_id and self.ghost_at(event.position()) < 0

    def ghost_under_pointer(self) -> int:
        """Id of the ghost under the pointer, 0 where there is none, or the pointer is elsewhere."""
        return self.ghost_at(self._last[0]) if self._canvas.underMouse() else 0

    def _take_over(self, pointer: Pointer) -> None:
        """New notes are as long and as loud as the note that was touched last."""
        if pointer.note_id:
            touched = self._canvas.document.active_track.notes.having([pointer.note_id])[0]
            self._canvas.length, self._canvas.velocity = touched.length, touched.velocity

    def move(self, event: QMouseEvent) -> None:
        """The pointer moves."""
        canvas = self._canvas
        if self._button is not Qt.MouseButton.NoButton and not event.buttons() & self._button:
            self._end()  # the release went elsewhere, to a menu or another window
        if self._panned_from is not None:
            delta = event.position() - self._panned_from
            self._panned_from = event.position()
            canvas.view.scroll(-delta.x(), -delta.y())
            return
        pointer = self.pointer(event)
        if canvas.gesture is not None:
            canvas.drag(pointer)
            self._edge.watch(event.position(), canvas.size().toSizeF())
        else:
            self._show_cursor(pointer.zone, event.position())

    def release(self, event: QMouseEvent) -> None:
        """A button goes up."""
        if event.button() != self._button:
            return
        self._end()
        self._show_cursor(self.pointer(event).zone, event.position())
        asked = self._asked_about(event)
        if asked:
            self._canvas.asked_about.emit(asked)

    def _asked_about(self, event: QMouseEvent) -> int:
        """Id of the note whose alternatives a click asks for: Alt+click on any, right-click on a ghost; 0 for none."""
        if (event.position() - self._pressed_at).manhattanLength() > _CLICK_PX:
            return 0
        ghost = self.ghost_at(event.position())
        if event.button() == Qt.MouseButton.RightButton:
            return 0 if self._pressed_note else ghost
        alone = event.modifiers() == Qt.KeyboardModifier.AltModifier
        return self._pressed_note or ghost if alone and event.button() == Qt.MouseButton.LeftButton else 0

    def words_at(self, place: QPointF) -> str:
        """What the model thinks of a place of the canvas, as a tooltip says it; "" where it does not tell."""
        canvas, view = self._canvas, self._canvas.view.viewport
        note_id = self.note_at(place)
        if note_id:
            return canvas.thoughts.words_of(note_id)
        pitch = view.pitch_of(place.y())
        return canvas.thoughts.words_at(view.tick_of(place.x()), pitch, canvas.view.name_of(pitch))

    def note_at(self, place: QPointF) -> int:
        """Id of the note or the ghost at a place of the canvas, 0 where there is none."""
        view = self._canvas.view.viewport
        tick, pitch = view.tick_of(place.x()), view.pitch_of(place.y())
        found, _ = hit(self._canvas.document.active_track.notes, tick, pitch, view.px_per_tick)
        return found or self.ghost_at(place)

    def ghost_at(self, place: QPointF) -> int:
        """Id of the ghost at a place of the canvas, 0 where there is none."""
        view = self._canvas.view.viewport
        tick, pitch = view.tick_of(place.x()), view.pitch_of(place.y())
        return hit(self._canvas.document.ghosts, tick, pitch, view.px_per_tick)[0]

    def _end(self) -> None:
        self._button = Qt.MouseButton.NoButton
        self._edge.stop()
        canvas = self._canvas
        if self._panned_from is not None:
            self._panned_from = None
        else:
            gesture = canvas.gesture
            canvas.finish()
            if isinstance(gesture, Resize):
                canvas.length = gesture.length
            elif isinstance(gesture, Draw):
                canvas.length = gesture.note.length

    def _show_cursor(self, zone: Zone, place: QPointF) -> None:
        draws = self.tool is Tool.DRAW and not (zone is Zone.NONE and self.ghost_at(place))
        empty = Qt.CursorShape.CrossCursor if draws else Qt.CursorShape.ArrowCursor
        self._canvas.setCursor(_CURSORS.get(zone, empty))
