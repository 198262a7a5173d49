"""The settings while the program runs: one value, saved a moment after each change."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer

from musegen_app import settings
from musegen_app.errors import FileError
from musegen_app.settings import Settings

_SETTLE_MS: Final = 500
_log = logging.getLogger(__name__)


class Preferences(QObject):
    """Holds the settings. UI thread only."""

    def __init__(self, value: Settings) -> None:
        super().__init__()
        self._value = value
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self._save)

    @property
    def value(self) -> Settings:
        """The settings as they are."""
        return self._value

    def change(self, **changes: Any) -> None:
        """Change some fields of :class:`Settings`."""
        changed = replace(self._value, **changes)
        if changed != self._value:
            self._value = changed
            self._timer.start()

    def close(self) -> None:
        """Save what is not saved yet."""
        if self._timer.isActive():
            self._timer.stop()
            self._save()

    def _save(self) -> None:
        try:
            settings.save(self._value)
        except FileError as error:
            _log.warning("%s", error)
