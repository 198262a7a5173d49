"""The key that holds: found anew when the notes have settled, or the musician's."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from musegen_app.editor.document import Document
from musegen_app.score import Key, find_key
from musegen_app.ui.key_choice import KeyChoice, KeyMode

_SETTLE_MS: Final = 80


class KeyWatch(QObject):
    """``changed`` comes when the choice is another."""

    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self.choice = KeyChoice()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self.find)

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()

    def music_changed(self) -> None:
        """The notes changed: look again soon."""
        if not self._timer.isActive():
            self._timer.start()

    def find(self) -> None:
        """Look now."""
        self._set(KeyChoice(self.choice.mode, self.choice.locked, find_key(self._document.pitched_notes())))

    def choose(self, mode: KeyMode, key: Key | None) -> None:
        """The musician chose."""
        self._set(KeyChoice(mode, key, self.choice.found))

    def loaded(self) -> None:
        """Another piece: its own key holds, if it has one."""
        locked = self._document.key_lock
        self.choice = KeyChoice(KeyMode.LOCKED if locked else KeyMode.AUTO, locked)
        self.find()
        self.changed.emit()

    def _set(self, choice: KeyChoice) -> None:
        if choice != self.choice:
            self.choice = choice
            self._document.key_lock = choice.locked if choice.mode is KeyMode.LOCKED else None
            self.changed.emit()
