"""What stands over the piece: its title, what undo and redo would do, and whether a crash would lose anything."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel

from musegen_app.editor.document import Document
from musegen_app.ui.actions import tip_of
from musegen_app.ui.flows.autosave import Autosave
from musegen_app.ui.flows.files import Files
from musegen_app.ui.main_window import MainWindow


class Heading:
    """Shows the document's name and history; :meth:`show` after each change of them."""

    def __init__(
        self,
        document: Document,
        files: Files,
        autosave: Autosave,
        places: tuple[MainWindow, QLabel],
        actions: Mapping[str, QAction],
    ) -> None:
        self._document, self._files, self._autosave = document, files, autosave
        self._window, self._title = places
        self._actions = actions

    def show(self) -> None:
        """Title, undo and redo, and what a crash would lose."""
        modified = self._document.is_modified
        self._window.show_title(self._files.title, modified=modified)
        self._title.setText(self._files.title + (" •" if modified else ""))
        self._autosave.changed(saved=not modified)
        self._show_history()

    def _show_history(self) -> None:
        history = self._document.history
        for name, word, step in (("undo", "Undo", history.undo_name), ("redo", "Redo", history.redo_name)):
            action = self._actions[name]
            action.setEnabled(bool(step))
            action.setText(f"{word} {step[:1].lower()}{step[1:]}" if step else word)
            action.setToolTip(tip_of(action.text(), [action.shortcut().toString()]))
