"""Which gesture a press begins: by button, tool, what lies under the pointer, and the keys held."""

from __future__ import annotations

from enum import Enum, auto

from musegen_app.editor.tools.draw import Draw
from musegen_app.editor.tools.erase import Erase
from musegen_app.editor.tools.gesture import Context, Gesture
from musegen_app.editor.tools.marquee import Marquee
from musegen_app.editor.tools.move import Move, Still
from musegen_app.editor.tools.pointer import Modifier, Pointer, Zone
from musegen_app.editor.tools.resize import Resize


class Tool(Enum):
    """What a press on empty ground does: draw a note, or begin a marquee."""

    DRAW = auto()
    SELECT = auto()


def press(context: Context, tool: Tool, pointer: Pointer) -> Gesture:
    """The gesture that a press of the left button begins. A note pressed outside the selection becomes the selection."""
    if not pointer.note_id:
        if tool is Tool.SELECT or pointer.modifiers & {Modifier.CTRL, Modifier.SHIFT, Modifier.ALT}:
            return Marquee(context, pointer)
        context.document.select(())
        return Draw(context, pointer)
    document = context.document
    if pointer.holds(Modifier.SHIFT):
        document.select(document.selection ^ {pointer.note_id})
        return Still()
    if pointer.note_id not in document.selection:
        document.select({pointer.note_id})
    if pointer.zone is Zone.BODY:
        return Move(context, pointer, document.selected)
    return Resize(context, pointer, document.selected)


def press_right(context: Context, pointer: Pointer) -> Gesture:
    """The gesture that a press of the right button begins."""
    return Erase(context, pointer)
