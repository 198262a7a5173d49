"""Light and dark: follows the system, or the user's choice."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from musegen_app.ui.colours import qt_palette
from musegen_app.ui.stylesheet import stylesheet
from musegen_app.ui.theme import DARK, LIGHT, Palette


class Appearance(QObject):
    """Puts a palette on the application and tells ``on_change`` of each new one."""

    def __init__(self, app: QApplication, choice: str = "system") -> None:
        super().__init__()
        self._app = app
        self._choice = choice
        self._scheme = app.styleHints().colorScheme()
        self._told: list[Callable[[Palette], None]] = []
        self.palette = self._wanted()
        self._apply()
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def choice(self) -> str:
        """One of ``system``, ``light`` and ``dark``."""
        return self._choice

    def choose(self, choice: str) -> None:
        """Follow the system, or stay light or dark."""
        self._choice = choice
        self._change()

    def on_change(self, tell: Callable[[Palette], None]) -> None:
        """Call ``tell`` with each new palette."""
        self._told.append(tell)

    def close(self) -> None:
        """Follow the system no longer."""
        self._told.clear()
        self._app.styleHints().colorSchemeChanged.disconnect(self._system_changed)

    def _system_changed(self, scheme: Qt.ColorScheme) -> None:
        self._scheme = scheme
        self._change()

    def _change(self) -> None:
        wanted = self._wanted()
        if wanted != self.palette:
            self.palette = wanted
            self._apply()
            for tell in self._told:
                tell(wanted)

    def _wanted(self) -> Palette:
        if self._choice in {"light", "dark"}:
            return DARK if self._choice == "dark" else LIGHT
        return LIGHT if self._scheme is Qt.ColorScheme.Light else DARK

    def _apply(self) -> None:
        self._app.setPalette(qt_palette(self.palette))
        self._app.setStyleSheet(stylesheet(self.palette))
