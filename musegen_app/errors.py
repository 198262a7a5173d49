"""What can go wrong, as sentences a musician understands.

Every error a room lets out is a :class:`MuseGenError`. It is raised low, where the cause is known, and shown once, at the
top: a dialog or bar in the window, one line on stderr and exit code 2 in the terminal. Errors of third-party packages are
translated at the wall of the room that calls them.
"""

from __future__ import annotations

from pathlib import Path


class MuseGenError(Exception):
    """A failure whose text is one clear sentence, ready to be shown."""


class FileError(MuseGenError):
    """A file could not be read or written. ``path`` says which."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


class PortError(MuseGenError):
    """A MIDI port or the MIDI system is missing, busy or lost. ``port`` is its name, or "" for the system."""

    def __init__(self, message: str, port: str = "") -> None:
        super().__init__(message)
        self.port = port


class ModelError(MuseGenError):
    """A model is missing, corrupt or does not fit the request. ``model`` is its name."""

    def __init__(self, message: str, model: str = "") -> None:
        super().__init__(message)
        self.model = model


class InputError(MuseGenError):
    """A value the user typed or a request cannot be used (a key name, an empty seed, a bad number)."""


class TrainingError(MuseGenError):
    """Training cannot start or go on (an empty folder, no notes, a missing extra)."""
