"""The few questions the window asks: which file, and what about unsaved changes."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from musegen_app.ui.flows.opening import OPENED

OPEN_FILTER: Final = f"Music ({' '.join(f'*{suffix}' for suffix in OPENED)});;All files (*)"
PROJECT_FILTER: Final = "MuseGen projects (*.musegen)"
MIDI_FILTER: Final = "MIDI files (*.mid)"


class Answer(Enum):
    """What becomes of unsaved changes."""

    SAVE = auto()
    DISCARD = auto()
    CANCEL = auto()


class Asks(Protocol):
    """Whoever answers these questions: the user, or a test."""

    def open_path(self, folder: str) -> Path | None:
        """Which file to open, None for none."""
        ...

    def project_path(self, suggestion: Path) -> Path | None:
        """Where to save the project."""
        ...

    def midi_path(self, suggestion: Path) -> Path | None:
        """Where to export the MIDI file."""
        ...

    def unsaved(self, title: str) -> Answer:
        """What becomes of unsaved changes."""
        ...


class Dialogs:
    """Asks the user, over the window ``parent``."""

    def __init__(self) -> None:
        self.parent: QWidget | None = None

    def open_path(self, folder: str) -> Path | None:
        """The system's dialog for opening."""
        name, _ = QFileDialog.getOpenFileName(self.parent, "Open", folder, OPEN_FILTER)
        return Path(name) if name else None

    def project_path(self, suggestion: Path) -> Path | None:
        """The system's dialog for saving."""
        return self._save("Save", suggestion, PROJECT_FILTER)

    def midi_path(self, suggestion: Path) -> Path | None:
        """The system's dialog for saving."""
        return self._save("Export MIDI", suggestion, MIDI_FILTER)

    def unsaved(self, title: str) -> Answer:
        """Save, Don't save, Cancel."""
        box = QMessageBox(self.parent)
        box.setWindowTitle("MuseGen")
        box.setText(f"Save the changes to “{title}”?")
        box.setInformativeText("Without saving, what changed since the last save is lost.")
        save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Don’t save", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.setEscapeButton(cancel)
        box.exec()
        clicked = box.clickedButton()
        return Answer.SAVE if clicked is save else Answer.DISCARD if clicked is discard else Answer.CANCEL

    def _save(self, title: str, suggestion: Path, name_filter: str) -> Path | None:
        dialog = QFileDialog(self.parent, title, str(suggestion.parent), name_filter)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suggestion.suffix)  # the dialog asks before it overwrites what it names
        dialog.selectFile(suggestion.name)
        try:
            return self._named(dialog, suggestion.suffix) if dialog.exec() else None
        finally:
            dialog.deleteLater()

    def _named(self, dialog: QFileDialog, suffix: str) -> Path | None:
        chosen = Path(dialog.selectedFiles()[0])
        path = suffixed(chosen, suffix)
        return path if path == chosen or not path.exists() or self._overwrite(path) else None

    def _overwrite(self, path: Path) -> bool:
        answer = QMessageBox.question(self.parent, "MuseGen", f"{path.name} is there already. Write over it?")
        return answer is QMessageBox.StandardButton.Yes


def suffixed(path: Path, suffix: str) -> Path:
    """The path with the suffix that its kind of file is known by: "Op. 27" would not be opened again, nor "tune.mid"."""
    return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)
