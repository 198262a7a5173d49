"""Hear a ghost: a press on one draws nothing over it."""

from __future__ import annotations

from musegen_app.editor.tools.gesture import Preview
from musegen_app.editor.tools.pointer import Pointer


class Hear:
    """One pitch sounds for as long as the button is down; nothing changes."""

    def __init__(self, pitch: int) -> None:
        self._pitch = pitch

    def drag(self, _pointer: Pointer) -> Preview:
        """The same, wherever the pointer goes."""
        return Preview(sounding=self._pitch)

    def commit(self) -> None:
        """Nothing is done."""
