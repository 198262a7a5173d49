"""Going from one take to another: at once while all is still, at the next bar line while it plays.

The player is given the music of both takes, joined at the bar line, as soon as the other one is chosen; so the change is
heard on the line whatever the window is doing then. The roll follows when the playhead has crossed it.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal

from musegen_app.editor.document import Document, Topic
from musegen_app.editor.takes import Span
from musegen_app.score import TICKS_PER_QUARTER, Timeline
from musegen_app.ui.flows.playing import Playing

LEAST_TICKS: Final = TICKS_PER_QUARTER // 8
"""A bar line nearer than this comes too soon to be met; the one after it is."""


class Auditioning(QObject):
    """``changed`` comes when another take waits for the bar line, or no more."""

    changed = Signal()

    def __init__(self, document: Document, playing: Playing) -> None:
        super().__init__()
        self._document, self._playing = document, playing
        playing.moved.connect(self._moved)
        playing.state_changed.connect(lambda _playing: self._settle())
        self._unsubscribe = document.subscribe(self._document_changed)

    def close(self) -> None:
        """Look no more."""
        self._unsubscribe()

    @property
    def coming(self) -> int:
        """Index of the take that waits for the bar line, −1 for none."""
        switch = self._document.shelf.switch
        return switch.index if switch else -1

    def show(self, index: int) -> None:
        """Hear this take: now, or from the next bar line on while the piece plays."""
        document = self._document
        if not 0 <= index < len(document.shelf.takes):
            return
        if not self._playing.is_playing or document.take is None:
            document.show_take(index)
        else:
            hold = bar_around(document.score.timeline, int(self._playing.tick), document.loop)
            document.put_shelf(document.shelf.switching(index, hold))
        self.changed.emit()

    def play(self, index: int) -> None:
        """Hear this take from its beginning."""
        document = self._document
        if not 0 <= index < len(document.shelf.takes):
            return
        document.show_take(index)
        take = document.take
        if take is not None:
            self._playing.seek(take.span[0])
        if not self._playing.is_playing:
            self._playing.toggle()
        self.changed.emit()

    def _moved(self, tick: float) -> None:
        switch = self._document.shelf.switch
        if switch is not None and not switch.hold[0] <= tick < switch.hold[1]:
            self._settle()

    def _settle(self) -> None:
        """Show the take that waits."""
        switch = self._document.shelf.switch
        if switch is not None:
            self._document.show_take(switch.index)
            self.changed.emit()

    def _document_changed(self, topic: Topic) -> None:
        if topic in {Topic.LOOP, Topic.TIMELINE}:
            self._settle()  # the bar line it waits for may never come


def bar_around(timeline: Timeline, tick: int, loop: Span | None) -> Span:
    """The bar that is heard at ``tick``, up to the line where another take may begin: the next one, or the loop's end."""
    bar = timeline.bar_at(tick)
    start, end = timeline.bar_start(bar), timeline.bar_start(bar + 1)
    if end - tick < LEAST_TICKS:
        end = timeline.bar_start(bar + 2)
    if loop is not None and loop[0] <= tick < loop[1]:
        start, end = max(start, loop[0]), min(end, loop[1])
    return start, end
