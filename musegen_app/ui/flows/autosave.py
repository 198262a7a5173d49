"""Lost work is the worst bug: what is not saved is kept beside, after each change settles, and offered on the next start."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QLockFile, QObject, QTimer

from musegen_app.errors import MuseGenError
from musegen_app.files import Project, read_project, write_project
from musegen_app.paths import data_dir
from musegen_app.ui.background import Background

SETTLE_MS: Final = 1_500
ORIGIN: Final = "autosave_of"
"""Key, in a project's ``view``, of the path it belongs to."""
_log = logging.getLogger(__name__)


class Autosave(QObject):
    """Keeps the unsaved piece of this process in a file that only a clean end removes.

    A lock beside the file tells whether the process that wrote it still lives.
    """

    def __init__(self, project: Callable[[], Project], path: Callable[[], Path | None], background: Background) -> None:
        super().__init__()
        self._project, self._origin, self._background = project, path, background
        self._folder = data_dir() / "autosave"
        self._file = self._folder / f"{uuid.uuid4().hex}.musegen"
        self._lock = QLockFile(str(_lock_of(self._file)))
        self._lock.setStaleLockTime(0)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self.save_now)

    @property
    def file(self) -> Path:
        """Where this process keeps its piece."""
        return self._file

    def changed(self, *, saved: bool) -> None:
        """The piece changed; ``saved`` says that the user's own file holds it as it is."""
        if saved:
            self._timer.stop()
            self._background.run(self._remove, lambda _none: None, self._failed)
        else:
            self._timer.start()

    def save_now(self) -> None:
        """Write the piece, on the background's thread."""
        project, origin = self._project(), self._origin()
        kept = replace(project, view={**project.view, ORIGIN: str(origin) if origin else ""})
        self._background.run(lambda: self._write(kept), lambda _none: None, self._failed)

    def left_behind(self) -> tuple[Path, ...]:
        """Files of processes that ended without removing them, the newest first."""
        found = [file for file in self._folder.glob("*.musegen") if file != self._file and _is_orphan(file)]
        return tuple(sorted(found, key=lambda file: file.stat().st_mtime, reverse=True))

    def close(self, *, keep: bool = False) -> None:
        """End: remove the file, or write it once more, to be offered on the next start. Before the background closes."""
        self._timer.stop()
        if keep:
            self.save_now()
        else:
            self._background.run(self._remove, lambda _none: None, self._failed)
        self._background.run(self._lock.unlock, lambda _none: None, self._failed)

    def _write(self, project: Project) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self._lock.isLocked():
            self._lock.tryLock(0)
        write_project(project, self._file)

    def _remove(self) -> None:
        self._file.unlink(missing_ok=True)

    @staticmethod
    def _failed(error: MuseGenError) -> None:
        _log.warning("The piece could not be kept beside: %s", error)


def restore(file: Path) -> tuple[Project, Path | None]:
    """What an autosave holds, and the path it belongs to.

    Raises:
        FileError: it cannot be read.
    """
    project = read_project(file)
    view = dict(project.view)
    origin = view.pop(ORIGIN, "")
    return replace(project, view=view), Path(origin) if isinstance(origin, str) and origin else None


def discard(file: Path) -> None:
    """Forget an autosave."""
    file.unlink(missing_ok=True)
    _lock_of(file).unlink(missing_ok=True)


def when_saved(file: Path) -> str:
    """When an autosave was written, as shown: "14:05" today, else with the date."""
    at = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
    today = at.date() == datetime.now().astimezone().date()
    return f"{at:%H:%M}" if today else f"{at:%Y-%m-%d %H:%M}"


def _lock_of(file: Path) -> Path:
    return file.with_suffix(".lock")


def _is_orphan(file: Path) -> bool:
    lock = QLockFile(str(_lock_of(file)))
    lock.setStaleLockTime(0)
    if not lock.tryLock(0):
        return False
    lock.unlock()
    return True
