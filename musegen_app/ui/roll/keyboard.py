"""Keys while the roll has the focus: a table of what the arrows and their like do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from musegen_app.editor import commands
from musegen_app.editor.tools.choose import Tool

if TYPE_CHECKING:
    from musegen_app.ui.roll.canvas import Canvas

Key = Qt.Key
_NONE: Final = Qt.KeyboardModifier.NoModifier
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CTRL: Final = Qt.KeyboardModifier.ControlModifier
_PRESSED: Final = _SHIFT | _CTRL | Qt.KeyboardModifier.AltModifier


def _duplicate(canvas: Canvas) -> None:
    commands.duplicate(canvas.document)


def _other_tool(canvas: Canvas) -> None:
    canvas.pointing.tool = Tool.SELECT if canvas.pointing.tool is Tool.DRAW else Tool.DRAW


def _transpose(semitones: int) -> Callable[[Canvas], None]:
    def run(canvas: Canvas) -> None:
        commands.transpose(canvas.document, semitones)

    return run


def _nudge(steps: int) -> Callable[[Canvas], None]:
    def run(canvas: Canvas) -> None:
        commands.nudge(canvas.document, steps * canvas.step)

    return run


def _lengthen(steps: int) -> Callable[[Canvas], None]:
    def run(canvas: Canvas) -> None:
        commands.lengthen(canvas.document, steps * canvas.step)

    return run


def _cancel(canvas: Canvas) -> None:
    if not canvas.cancel_gesture():
        canvas.document.select(())


_TABLE: Final[dict[tuple[Qt.Key, Qt.KeyboardModifier], Callable[[Canvas], None]]] = {
    (Key.Key_Up, _NONE): _transpose(1),
    (Key.Key_Down, _NONE): _transpose(-1),
    (Key.Key_Up, _SHIFT): _transpose(commands.OCTAVE),
    (Key.Key_Down, _SHIFT): _transpose(-commands.OCTAVE),
    (Key.Key_Right, _NONE): _nudge(1),
    (Key.Key_Left, _NONE): _nudge(-1),
    (Key.Key_Right, _SHIFT): _lengthen(1),
    (Key.Key_Left, _SHIFT): _lengthen(-1),
    (Key.Key_D, _CTRL): _duplicate,
    (Key.Key_B, _NONE): _other_tool,
    (Key.Key_Escape, _NONE): _cancel,
}


def handle_key(canvas: Canvas, event: QKeyEvent) -> bool:
    """Do what the key stands for; whether it stands for anything."""
    action = _TABLE.get((Key(event.key()), event.modifiers() & _PRESSED))
    if action is None:
        return False
    action(canvas)
    return True
