"""The Edit and View menus' commands, on the document and the roll."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from musegen_app.editor import clipboard, commands, grid
from musegen_app.editor.document import Document
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.roll.area import RollArea

LOOP_BARS = 4


class Editing:
    """Implements :class:`musegen_app.ui.commands.Edits`."""

    def __init__(self, document: Document, roll: RollArea, playing: Playing, say: Callable[[str], None]) -> None:
        self._document, self._roll, self._playing, self._say = document, roll, playing, say
        self._last_loop: tuple[int, int] | None = None

    # --- history ------------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last step back."""
        self._tell("Undone", self._document.undo())

    def redo(self) -> None:
        """Do the step taken back again."""
        self._tell("Done again", self._document.redo())

    # --- clipboard ----------------------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Copy the selected notes, and delete them."""
        if self._document.selection:
            self.copy()
            commands.delete(self._document, "Cut")

    def copy(self) -> None:
        """Put the selected notes on the system's clipboard, so that they travel between windows."""
        text = commands.copy(self._document)
        if text:
            data = QMimeData()
            data.setData(clipboard.MIME_TYPE, text.encode())
            data.setText(text)
            QGuiApplication.clipboard().setMimeData(data)

    def paste(self) -> None:
        """Insert the clipboard's notes at the playhead, which moves on, so that pasting again follows."""
        data = QGuiApplication.clipboard().mimeData()
        raw = bytes(data.data(clipboard.MIME_TYPE).data()).decode(errors="replace")
        tick = int(self._playing.tick)
        after = commands.paste(self._document, raw or data.text(), tick)
        if after == tick:
            self._say("The clipboard holds no notes")
        elif not self._playing.is_playing:
            self._playing.seek(after)

    def delete(self) -> None:
        """Delete the selected notes."""
        commands.delete(self._document)

    def duplicate(self) -> None:
        """The selected notes once more, after themselves."""
        commands.duplicate(self._document)

    def select_all(self) -> None:
        """Select every note of the active track."""
        commands.select_all(self._document)

    def quantise(self) -> None:
        """The selected notes, or all, onto the grid."""
        step = self._document.snap.ticks
        commands.quantise(self._document, step if step > 1 else grid.DEFAULT_SNAP.ticks)

    # --- loop and view ------------------------------------------------------------------------------------------------

    def toggle_loop(self) -> None:
        """Loop where it was looped last, else the selection, else some bars from the playhead; or loop no longer."""
        document = self._document
        if document.loop is not None:
            self._last_loop = document.loop
            document.set_loop(None)
        else:
            document.set_loop(self._last_loop or self._loop_wanted())

    def mark_start(self) -> None:
        """What is to be filled begins at the playhead."""
        self._document.set_marks(self._document.marks.starting(self._marked_tick()))

    def mark_end(self) -> None:
        """What is to be filled ends at the playhead."""
        tick = self._marked_tick()
        if tick > 0:
            self._document.set_marks(self._document.marks.ending(tick))

    def _marked_tick(self) -> int:
        """The playhead on the grid."""
        return max(grid.snap_nearest(self._playing.tick, self._roll.canvas.step, self._document.score.timeline), 0)

    def forget_loop(self) -> None:
        """Another piece: its loop is its own."""
        self._last_loop = None

    def zoom_in(self) -> None:
        """Show less, larger."""
        self._roll.zoom_in()

    def zoom_out(self) -> None:
        """Show more, smaller."""
        self._roll.zoom_out()

    def fit(self) -> None:
        """Show everything."""
        self._roll.fit()

    def _loop_wanted(self) -> tuple[int, int]:
        timeline, selected = self._document.score.timeline, self._document.selected
        start = int(selected.start[0]) if selected else int(self._playing.tick)
        bar = timeline.bar_at(start)
        end = timeline.bar_ceil(selected.end_tick) if selected else timeline.bar_start(bar + LOOP_BARS)
        return timeline.bar_start(bar), end

    def _tell(self, what: str, name: str) -> None:
        if name:
            self._say(f"{what}: {name[:1].lower()}{name[1:]}")
