"""The typing keyboard as a piano: A S D F … are the white keys from C, W E T Y … the black ones; Z and X change the octave.

Keys are told by where they lie, so that the piano stays in its place on a keyboard that swaps letters. It listens only while
it is on, and leaves everything alone that is typed into a field or with Ctrl, Alt or Shift.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from musegen_app.midi_io.messages import Message, note_off, note_on
from musegen_app.score import DEFAULT_VELOCITY, pitch_name

Play = Callable[[float, Message], None]

_NOTES: Final = "AWSEDFTGYHUJKOLP;"
"""Keys by semitone above C."""
_LETTERS: Final[dict[int, str]] = {
    **{ord(letter): letter for letter in _NOTES},
    Qt.Key.Key_Z.value: "Z",
    Qt.Key.Key_X.value: "X",
}
_PLACES: Final[dict[int, str]] = dict(
    zip(
        (30, 17, 31, 18, 32, 33, 20, 34, 21, 35, 22, 36, 37, 24, 38, 25, 39, 44, 45),
        (*_NOTES, "Z", "X"),
        strict=True,
    )
)
"""Scan codes of the PC's first set, which Linux kept."""
_X_OFFSET: Final = 8
_LOWEST, _HIGHEST = 12, 108
_MODIFIERS: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
    | Qt.KeyboardModifier.ShiftModifier
)
_TEXT: Final = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)
_LEFT: Final = {QEvent.Type.WindowDeactivate, QEvent.Type.ApplicationStateChange}
_KEYS: Final = {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease}


class TypingKeyboard(QObject):
    """Calls ``play`` with time and message. ``changed`` comes when it is switched or moved. UI thread only."""

    changed = Signal()

    def __init__(self, play: Play) -> None:
        super().__init__()
        self._play = play
        self._window: QWidget | None = None
        self._held: dict[str, int] = {}
        self._base = 60
        self.is_on = False

    def watch(self, window: QWidget) -> None:
        """Play while this window has the keyboard."""
        self._window = window

    @property
    def words(self) -> str:
        """What can be played."""
        return f"{pitch_name(self._base)}–{pitch_name(min(self._base + len(_NOTES) - 1, 127))}"

    def switch(self, *, on: bool) -> None:
        """Begin to listen, or end."""
        app = QApplication.instance()
        if on == self.is_on or app is None:
            return
        self.is_on = on
        if on:
            app.installEventFilter(self)
        else:
            app.removeEventFilter(self)
            self.release()
        self.changed.emit()

    def release(self) -> None:
        """Let go of every key."""
        for name in tuple(self._held):
            self._let_go(name)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in _LEFT:
            self.release()
        if kind not in _KEYS or not isinstance(event, QKeyEvent):
            return False
        name = _name_of(event)
        if kind == QEvent.Type.KeyRelease:
            return self._released(name, event)
        if not name or event.modifiers() & _MODIFIERS or self._is_elsewhere():
            return False
        event.accept()
        if kind == QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._pressed(name)
        return True

    # --- inside -------------------------------------------------------------------------------------------------------

    def _is_elsewhere(self) -> bool:
        """Whether keys are meant for something else than the piano."""
        if QApplication.activePopupWidget() is not None or isinstance(QApplication.focusWidget(), _TEXT):
            return True
        active = QApplication.activeWindow()
        return active is not None and active is not self._window

    def _pressed(self, name: str) -> None:
        if name in "ZX":
            self._base = min(max(self._base + (12 if name == "X" else -12), _LOWEST), _HIGHEST)
            self.changed.emit()
            return
        pitch = self._base + _NOTES.index(name)
        if name not in self._held and pitch < 128:
            self._held[name] = pitch
            self._play(time.perf_counter(), note_on(0, pitch, DEFAULT_VELOCITY))

    def _released(self, name: str, event: QKeyEvent) -> bool:
        if name not in self._held:
            return False
        if not event.isAutoRepeat():
            self._let_go(name)
        return True

    def _let_go(self, name: str) -> None:
        self._play(time.perf_counter(), note_off(0, self._held.pop(name)))


def _name_of(event: QKeyEvent) -> str:
    """The key by its place, or, where the system does not tell, by its letter; "" for any other."""
    code = event.nativeScanCode()
    if sys.platform != "darwin" and code:
        return _PLACES.get(code if sys.platform == "win32" else code - _X_OFFSET, "")
    return _LETTERS.get(event.key(), "")
