"""The files that were open of late, in the File menu."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from musegen_app.ui.menus import named
from musegen_app.ui.preferences import Preferences

TITLE: Final = "Open recent"
NONE: Final = "No file was open yet"
GONE: Final = "not there"
CLEAR: Final = "Clear the list"


class RecentFiles:
    """Fills the menu anew each time it opens; a file that is gone stays listed, greyed, since a drive may come back."""

    def __init__(self, preferences: Preferences, open_path: Callable[[Path], None]) -> None:
        self._preferences, self._open = preferences, open_path

    def put_into(self, menu: QMenu, after: QAction) -> QMenu:
        """Put the submenu into ``menu``, behind the action ``after``."""
        behind = menu.actions()[menu.actions().index(after) + 1 :]
        recent = QMenu(TITLE, menu)
        recent.setToolTipsVisible(True)
        menu.insertMenu(behind[0] if behind else QAction(menu), recent)
        self._fill(recent)
        return recent

    def _fill(self, menu: QMenu) -> None:
        paths = [Path(name) for name in self._preferences.value.recent_files]
        for number, path in enumerate(paths, start=1):
            there = path.is_file()
            words = named(path.name) if there else f"{named(path.name)} ({GONE})"
            action = menu.addAction(f"&{number % 10}  {words}")
            action.setToolTip(str(path))
            action.setEnabled(there)
            action.triggered.connect(lambda _=False, p=path: self._open(p))
        if not paths:
            menu.addAction(NONE).setEnabled(False)
            return
        menu.addSeparator()
        menu.addAction(CLEAR).triggered.connect(lambda: self._preferences.change(recent_files=()))
