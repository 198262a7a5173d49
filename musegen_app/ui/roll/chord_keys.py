"""Keys while the chord lane has the focus: a table of what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from musegen_app.editor import chord_edits, grid
from musegen_app.score import ChordSpan

if TYPE_CHECKING:
    from musegen_app.ui.roll.chord_lane import ChordLane

Key = Qt.Key
_NONE: Final = Qt.KeyboardModifier.NoModifier
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CTRL: Final = Qt.KeyboardModifier.ControlModifier
_OF_THE_TAKE: Final = (Key.Key_Return, Key.Key_Enter, Key.Key_Escape)
_PRESSED: Final = _SHIFT | _CTRL | Qt.KeyboardModifier.AltModifier
Deed = Callable[["ChordLane"], None]


def is_ours(lane: ChordLane, event: QKeyEvent) -> bool:
    """Whether the lane has a use for the key, so that no shortcut of the window takes it.

    While a take waits, Return accepts it and Escape rejects it, wherever the keyboard is.
    """
    takes_it = lane.document.take is not None and event.key() in _OF_THE_TAKE and not lane.is_dragging
    return lane.hasFocus() and not takes_it and _deed(lane, event) is not None


def handle_key(lane: ChordLane, event: QKeyEvent) -> bool:
    """Do what the key means; whether it means something."""
    deed = _deed(lane, event)
    if deed is not None:
        deed(lane)
    return deed is not None


def _deed(lane: ChordLane, event: QKeyEvent) -> Deed | None:
    pressed = (Key(event.key()), event.modifiers() & _PRESSED)
    if pressed in _ALWAYS:
        return _ALWAYS[pressed]
    return _CHOSEN.get(pressed) if lane.chosen is not None or lane.is_dragging else None


def _go(step: int) -> Deed:
    def run(lane: ChordLane) -> None:
        span = chord_edits.neighbour(lane.document.score.chords, lane.chosen, step)
        lane.choose(span)
        viewport = lane.view.viewport
        if span is not None and not viewport.left_tick <= span.start < viewport.right_tick:
            lane.view.scroll(viewport.x_of(span.start) - viewport.width / 4, 0)

    return run


def _shift(change: Callable[[ChordSpan, int], ChordSpan], name: str, step: int) -> Deed:
    def run(lane: ChordLane) -> None:
        old = lane.chosen
        if old is None:
            return
        new = change(old, step * lane.beat_ticks(old.start))
        if new.start < new.end and new != old:
            chord_edits.shift(lane.document, old, new, name, joined=True)
            lane.choose(new)

    return run


def _resized(span: ChordSpan, ticks: int) -> ChordSpan:
    return replace(span, end=span.end + ticks)


def _write(lane: ChordLane) -> None:
    if lane.chosen is not None:
        lane.writing.change(lane.chosen)
    else:
        tick, timeline = lane.view.playhead_tick, lane.document.score.timeline
        lane.writing.write_at(grid.snap_down(tick, lane.beat_ticks(int(tick)), timeline))


def _delete(lane: ChordLane) -> None:
    if lane.chosen is not None:
        after = chord_edits.neighbour(lane.document.score.chords, lane.chosen, 1)
        chord_edits.delete(lane.document, lane.chosen)
        lane.choose(after if after in lane.document.score.chords else None)


def _copy(lane: ChordLane) -> None:
    lane.copied = lane.chosen


def _cut(lane: ChordLane) -> None:
    _copy(lane)
    _delete(lane)


def _paste(lane: ChordLane) -> None:
    """At the playhead, or after the chosen chord, so that pasting again follows."""
    if lane.copied is None:
        return
    tick, timeline = lane.view.playhead_tick, lane.document.score.timeline
    start = lane.chosen.end if lane.chosen else grid.snap_down(tick, lane.beat_ticks(int(tick)), timeline)
    lane.choose(chord_edits.copy_to(lane.document, lane.copied, start))


def _duplicate(lane: ChordLane) -> None:
    if lane.chosen is not None:
        lane.choose(chord_edits.copy_to(lane.document, lane.chosen, lane.chosen.end))


def _cancel(lane: ChordLane) -> None:
    if not lane.let_go():
        lane.choose(None)


_ALWAYS: Final[dict[tuple[Qt.Key, Qt.KeyboardModifier], Deed]] = {
    (Key.Key_Left, _NONE): _go(-1),
    (Key.Key_Right, _NONE): _go(1),
    (Key.Key_Return, _NONE): _write,
    (Key.Key_Enter, _NONE): _write,
    (Key.Key_F2, _NONE): _write,
    (Key.Key_V, _CTRL): _paste,
    (Key.Key_Delete, _NONE): _delete,
    (Key.Key_Backspace, _NONE): _delete,
}
_CHOSEN: Final[dict[tuple[Qt.Key, Qt.KeyboardModifier], Deed]] = {
    (Key.Key_Left, _CTRL): _shift(ChordSpan.moved, chord_edits.MOVED, -1),
    (Key.Key_Right, _CTRL): _shift(ChordSpan.moved, chord_edits.MOVED, 1),
    (Key.Key_Left, _SHIFT): _shift(_resized, chord_edits.SIZED, -1),
    (Key.Key_Right, _SHIFT): _shift(_resized, chord_edits.SIZED, 1),
    (Key.Key_C, _CTRL): _copy,
    (Key.Key_X, _CTRL): _cut,
    (Key.Key_D, _CTRL): _duplicate,
    (Key.Key_Escape, _NONE): _cancel,
}
