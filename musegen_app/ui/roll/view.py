"""The view that the parts of the roll share: which stretch of music shows, the playhead, the colours."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from musegen_app.editor.viewport import Viewport
from musegen_app.score import pitch_name
from musegen_app.ui.theme import Palette


class View(QObject):
    """What shows, where the playhead is, in which colours.

    ``moved`` comes when another part of the music shows, ``playhead_moved`` with the old and the new tick, ``restyled`` with
    other colours. ``follows``: whether the view goes along with the playhead; it lets go as soon as the user scrolls in
    time. ``held``: something is being dragged, so nothing but the pointer moves the view.
    """

    moved = Signal()
    playhead_moved = Signal(float, float)
    restyled = Signal()

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.viewport = Viewport()
        self.palette = palette
        self.playhead_tick = 0.0
        self.follows = True
        self.held = False
        self.name_of: Callable[[int], str] = pitch_name
        """What the row of a pitch is called."""

    def show(self, viewport: Viewport) -> None:
        """Show another part."""
        if viewport != self.viewport:
            self.viewport = viewport
            self.moved.emit()

    def scroll(self, dx_px: float, dy_px: float) -> None:
        """The user scrolls."""
        self.follows = self.follows and dx_px == 0
        self.show(self.viewport.scrolled(dx_px, dy_px))

    def set_palette(self, palette: Palette) -> None:
        """Other colours."""
        self.palette = palette
        self.restyled.emit()

    def set_playhead(self, tick: float, *, playing: bool) -> None:
        """The playhead is elsewhere; while it plays the view turns the page for it."""
        before, self.playhead_tick = self.playhead_tick, tick
        x = self.viewport.x_of(tick)
        if playing and self.follows and not self.held and not 0 <= x < self.viewport.width:
            self.show(self.viewport.scrolled(x - self.viewport.width * 0.04, 0))
        if before != tick:
            self.playhead_moved.emit(before, tick)
