"""Typing chords into the lane: a line opened over the place, which stays open while its text is not understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QToolTip

from musegen_app.editor import chord_edits
from musegen_app.errors import InputError
from musegen_app.score import ChordSpan
from musegen_app.score.chord_track import chord_at
from musegen_app.ui.controls.chord_editor import ChordEditor

if TYPE_CHECKING:
    from musegen_app.ui.roll.chord_lane import ChordLane

_EDITOR_PX: Final = 92


class ChordWriting(QObject):
    """``refused`` says what of a typed chord is not understood."""

    refused = Signal(str)

    def __init__(self, lane: ChordLane) -> None:
        super().__init__(lane)
        self._lane = lane
        self._place: tuple[int, int] = (0, 1)
        self._span: ChordSpan | None = None
        self.editor = ChordEditor(lane)
        self.editor.returnPressed.connect(self._typed)
        self.editor.escaped.connect(self.editor.shut)
        self.editor.left.connect(self._left)
        self.editor.tabbed.connect(self._tabbed)
        lane.view.moved.connect(self._follow)

    def write_at(self, tick: int) -> None:
        """Open the line for a chord at ``tick``, or for the one that begins there."""
        document = self._lane.document
        here = chord_at(document.score.chords, tick)
        if here is not None and here.start == tick:
            self.change(here)
        else:
            self._open(chord_edits.room_for(document, tick), None, "")

    def change(self, span: ChordSpan) -> None:
        """Open the line for a chord that is there."""
        self._open((span.start, span.end), span, span.chord.name)

    def _open(self, place: tuple[int, int], span: ChordSpan | None, text: str) -> None:
        view = self._lane.view
        self._place, self._span = place, span
        if not view.viewport.left_tick <= place[0] < view.viewport.right_tick:
            view.scroll(view.viewport.x_of(place[0]) - view.viewport.width / 4, 0)
        self.editor.show_wrong(wrong=False)
        self._put()
        self.editor.open(text)

    def _put(self) -> None:
        """Lay the line over its place."""
        lane = self._lane
        x = max(round(lane.view.viewport.x_of(self._place[0])) + 1, 0)
        self.editor.setGeometry(min(x, max(lane.width() - _EDITOR_PX, 0)), 2, _EDITOR_PX, lane.height() - 5)

    def _follow(self) -> None:
        if self.editor.isVisible():
            self._put()

    def _typed(self) -> bool:
        """Keep what was typed; whether it was understood."""
        try:
            made = self._keep(self.editor.text())
        except InputError as error:
            self.editor.show_wrong(wrong=True)
            self.refused.emit(str(error))
            QToolTip.showText(self.editor.mapToGlobal(QPoint(0, self.editor.height())), str(error), self.editor)
            return False
        self.editor.shut()
        self._lane.choose(made)
        return True

    def _keep(self, text: str) -> ChordSpan | None:
        document, span = self._lane.document, self._span
        if span is not None and span in document.score.chords:
            return span if text == span.chord.name else chord_edits.rename(document, span, text)
        return chord_edits.write(document, self._place, text) if text.strip() else None

    def _left(self) -> None:
        """The keyboard went elsewhere: what is understood is kept."""
        if not self._typed():
            self.editor.shut()

    def _tabbed(self, step: int) -> None:
        """On to the next chord, or to the next bar where none begins before it; or back to the one before."""
        start, end = self._place
        if not self._typed():
            return
        document = self._lane.document
        if step > 0:
            self.write_at(min(end, document.score.timeline.bar_ceil(start + 1)))
            return
        before = [span for span in document.score.chords if span.start < start]
        if before:
            self.change(before[-1])
