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
SOUND_FILTER: Final = "WAV files (*.wav)"


class Answer(Enum):
    """What becomes of unsaved changes."""

    SAVE = auto()
    DISCARD = auto()
    CANCEL = auto()


class TrainingAnswer(Enum):
    """What becomes of a training when the program is left."""

    KEEP = auto()
    """Learn no more, and make a model of what was learnt."""
    STOP = auto()
    """Save where it stands, to go on another day."""
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

    def sound_path(self, suggestion: Path) -> Path | None:
        """Where to export the sound."""
        ...

    def unsaved(self, title: str) -> Answer:
        """What becomes of unsaved changes."""
        ...

    def training_folder(self, folder: str) -> Path | None:
        """Which folder of MIDI files to learn from."""
        ...

    def leave_training(self, title: str) -> TrainingAnswer:
        """What becomes of the training that goes on."""
        ...

    def discard_training(self, title: str) -> bool:
        """Whether what was learnt may be thrown away."""
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

    def sound_path(self, suggestion: Path) -> Path | None:
        """The system's dialog for saving."""
        return self._save("Export WAV", suggestion, SOUND_FILTER)

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

    def training_folder(self, folder: str) -> Path | None:
        """The system's dialog for folders."""
        name = QFileDialog.getExistingDirectory(self.parent, "Learn from the MIDI files of", folder)
        return Path(name) if name else None

    def leave_training(self, title: str) -> TrainingAnswer:
        """Keep what there is, Stop and go on later, Discard, Cancel."""
        box = QMessageBox(self.parent)
        box.setWindowTitle("MuseGen")
        box.setText(f"“{title}” is still learning.")
        box.setInformativeText("Keeping makes a model of what it has learnt by now; that takes about a minute.")
        ways = {
            box.addButton("Keep what there is", QMessageBox.ButtonRole.AcceptRole): TrainingAnswer.KEEP,
            box.addButton("Stop, and go on later", QMessageBox.ButtonRole.AcceptRole): TrainingAnswer.STOP,
            box.addButton("Discard it", QMessageBox.ButtonRole.DestructiveRole): TrainingAnswer.DISCARD,
        }
        cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(next(button for button, way in ways.items() if way is TrainingAnswer.STOP))
        box.setEscapeButton(cancel)
        box.exec()
        clicked = box.clickedButton()
        return next((way for button, way in ways.items() if button is clicked), TrainingAnswer.CANCEL)

    def discard_training(self, title: str) -> bool:
        """Discard, Cancel."""
        box = QMessageBox(self.parent)
        box.setWindowTitle("MuseGen")
        box.setText(f"Discard what “{title}” has learnt?")
        box.setInformativeText("It cannot be brought back.")
        discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        box.exec()
        return box.clickedButton() is discard

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
