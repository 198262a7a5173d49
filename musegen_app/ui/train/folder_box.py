"""Where a folder of MIDI files is dropped, and what was found in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout

from musegen_app.jobs.training_needs import FolderContents
from musegen_app.ui import colours
from musegen_app.ui.controls.elided import ElidedLabel
from musegen_app.ui.theme import RADIUS_PX

_MOST_SETS: Final = 8
_DROP: Final = "Drop a folder of MIDI files here"
_ABOUT: Final = "Its subfolders are read too and become styles. One piece in twenty is held out to measure the model by."


class FolderBox(QFrame):
    """``dropped`` carries what was dropped, file or folder; ``choose_requested`` asks for the system's dialog."""

    dropped = Signal(Path)
    choose_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._over = False
        self.title = QLabel(_DROP)
        self.title.setProperty("kind", "title")
        self.title.setWordWrap(True)
        self.facts = QLabel(_ABOUT)
        self.facts.setWordWrap(True)
        self.facts.setProperty("kind", "muted")
        self._sets = QGridLayout()
        self._sets.setHorizontalSpacing(16)
        self._sets.setVerticalSpacing(4)
        self._sets.setColumnStretch(0, 1)
        self.choose = QPushButton("Choose a folder…")
        self.choose.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(self.choose_requested)
        self.choose.setProperty("kind", "chip")
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(self.title)
        column.addWidget(self.facts)
        column.addSpacing(8)
        column.addLayout(self._sets)
        column.addSpacing(8)
        column.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._arrange(centred=True)

    def show_looking(self, folder: Path) -> None:
        """Its files are being counted."""
        self._show(folder.name, "Looking for MIDI files…")

    def show_contents(self, contents: FolderContents) -> None:
        """What the folder holds."""
        files, sets = contents.files, contents.sets
        where = f" in {len(sets)} subfolders" if len(sets) > 1 else ""
        self._show(contents.folder.name, f"{files:,} MIDI files{where}")
        self.title.setToolTip(str(contents.folder))
        shown = sets if len(sets) <= _MOST_SETS else sets[: _MOST_SETS - 1]
        rows = list(shown) if len(sets) > 1 else []
        if len(shown) < len(sets):
            rows.append((f"and {len(sets) - len(shown)} more", files - sum(count for _, count in shown)))
        for row, (name, count) in enumerate(rows):
            self._sets.addWidget(ElidedLabel(name, "muted"), row, 0)
            self._sets.addWidget(ElidedLabel(f"{count:,}", "value", right=True), row, 1)
        self._arrange(centred=not rows)

    def show_problem(self, name: str, sentence: str) -> None:
        """The folder cannot be learnt from."""
        self._show(name or _DROP, sentence)

    def _show(self, title: str, facts: str) -> None:
        while (item := self._sets.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.title.setText(title)
        self.title.setToolTip("")
        self.facts.setText(facts)
        self.choose.setText("Choose another…")
        self._arrange(centred=True)

    def _arrange(self, *, centred: bool) -> None:
        """In the middle while it is a place to drop at; from the top, with the button at the bottom, while it is a list."""
        side = Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft
        for label in (self.title, self.facts):
            label.setAlignment(side)
        self._column.setStretch(0, 1 if centred else 0)
        self._column.setStretch(self._column.indexOf(self._sets), 0)
        self._column.setAlignment(self.choose, side)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._set_over(over=True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._set_over(over=False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_over(over=False)
        path = _dropped(event)
        if path is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(path)

    def _set_over(self, *, over: bool) -> None:
        self._over = over
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = colours.colour(self, colours.YOURS if self._over else colours.STRONG_LINE)
        painter.setPen(QPen(line, 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(colours.colour(self, colours.BACKGROUND))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS_PX, RADIUS_PX)
        painter.end()


def _dropped(event: QDropEvent) -> Path | None:
    return next((Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()), None)
