"""The window itself: where the places lie, how panels fold, what is dropped on it. It knows no rooms below."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QPaintEvent, QScreen
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from musegen_app.ui.flows.opening import OPENED
from musegen_app.ui.panels.status import Notice, StatusLine

MIN_SIZE: Final = (1060, 640)
DEFAULT_SIZE: Final = (1440, 900)


class MainWindow(QMainWindow):
    """Transport on top, tracks left, roll in the middle, generate right, status below.

    ``may_close`` is asked before the window closes. ``first_painted`` comes once, when the first frame was drawn.
    ``dropped`` carries the file and the place in the window.
    """

    first_painted = Signal()
    closed = Signal()
    dropped = Signal(Path, object)

    def __init__(
        self, transport: QWidget, left: QWidget, roll: QWidget, right: QWidget, may_close: Callable[[], bool]
    ) -> None:
        super().__init__()
        self.left, self.right, self.roll = left, right, roll
        self.notice = Notice()
        self.status = StatusLine()
        self._may_close = may_close
        self._painted = False
        self.setAcceptDrops(True)
        self.setMinimumSize(*MIN_SIZE)
        self.resize(*DEFAULT_SIZE)
        middle = _column(self.notice, roll)
        places = QHBoxLayout()
        places.setContentsMargins(0, 0, 0, 0)
        places.setSpacing(0)
        places.addWidget(left)
        places.addLayout(middle, 1)
        places.addWidget(right)
        whole = _column(transport)
        whole.addLayout(places, 1)
        whole.addWidget(self.status)
        centre = QWidget()
        centre.setLayout(whole)
        self.setCentralWidget(centre)

    def show_title(self, title: str, *, modified: bool) -> None:
        """Show the document's title in the system's title bar."""
        self.setWindowTitle(f"{title}[*] – MuseGen")
        self.setWindowModified(modified)

    def fold_left(self) -> None:
        """Fold the tracks away, or bring them back."""
        self.left.setVisible(self.left.isHidden())

    def fold_right(self) -> None:
        """Fold the generate panel away, or bring it back."""
        self.right.setVisible(self.right.isHidden())

    @property
    def placement(self) -> tuple[int, int, int, int]:
        """Where the window lies, to be remembered."""
        place = self.normalGeometry()
        return place.x(), place.y(), place.width(), place.height()

    def place(self, placement: tuple[int, int, int, int] | None) -> None:
        """Go where the window was, if that is still on a screen; else a good part of the screen."""
        if placement is not None:
            wanted = QRect(*placement)
            if any(screen.availableGeometry().intersects(wanted.adjusted(80, 0, -80, -80)) for screen in _screens()):
                self.setGeometry(wanted)
                return
        room = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(DEFAULT_SIZE[0], room.width()), min(DEFAULT_SIZE[1], room.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.first_painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close():
            event.accept()
            self.closed.emit()
        else:
            event.ignore()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_path(event) is not None and event.source() is None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped_path(event)
        if path is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(path, event.position())


def _dropped_path(event: QDropEvent) -> Path | None:
    for url in event.mimeData().urls():
        if url.isLocalFile() and Path(url.toLocalFile()).suffix.lower() in OPENED:
            return Path(url.toLocalFile())
    return None


def _screens() -> list[QScreen]:
    return QGuiApplication.screens()


def _column(*widgets: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget, 1 if widget is widgets[-1] and len(widgets) > 1 else 0)
    return column
