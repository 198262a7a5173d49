"""The samples of a training, the newest first, each with a button that plays it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from musegen_app.jobs.training_events import Sampled
from musegen_app.ui.controls.elided import ElidedLabel
from musegen_app.ui.controls.icon_button import IconButton


class SampleList(QWidget):
    """``play_requested`` carries the file, ``stop_requested`` comes from the row that plays."""

    play_requested = Signal(Path)
    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[tuple[int, Path, str], ...] = ()
        self.buttons: dict[Path, IconButton] = {}
        self._playing: Path | None = None
        heading = QLabel("SAMPLES")
        heading.setProperty("kind", "heading")
        self._empty = QLabel("What it makes of a held-out piece, to be heard here as it gets better.")
        self._empty.setProperty("kind", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        inner = QWidget()
        inner.setObjectName("scrolled")
        self._rows = QVBoxLayout(inner)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._rows.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(inner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(heading)
        column.addWidget(self._empty, 1)
        column.addWidget(self._scroll, 1)

    def show_samples(self, samples: Sequence[Sampled], unit: str) -> None:
        """Show these; those that show already stay as they are."""
        wanted = tuple((sample.units, sample.path, unit) for sample in samples)
        self._empty.setVisible(not wanted)
        self._scroll.setVisible(bool(wanted))
        if wanted == self._shown:
            return
        if self._shown != wanted[: len(self._shown)]:
            self._clear()
        for units, path, _ in wanted[len(self._shown) :]:
            self._rows.insertWidget(0, self._row(path, f"after {units:,} {unit}s"))
        self._shown = wanted

    def show_playing(self, path: Path | None) -> None:
        """Which of them is heard."""
        self._playing = path
        for own, button in self.buttons.items():
            _show_state(button, playing=own == path)

    def _row(self, path: Path, words: str) -> QFrame:
        frame = QFrame()
        row = QHBoxLayout(frame)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        button = IconButton("play", size_px=28)
        button.setFixedHeight(28)
        _show_state(button, playing=path == self._playing)
        button.clicked.connect(lambda: self._pressed(path))
        self.buttons[path] = button
        row.addWidget(button)
        row.addWidget(ElidedLabel(words, "plain"), 1)
        return frame

    def _pressed(self, path: Path) -> None:
        if path == self._playing:
            self.stop_requested.emit()
        else:
            self.play_requested.emit(path)

    def _clear(self) -> None:
        self._shown = ()
        self.buttons.clear()
        while self._rows.count() > 1:
            item = self._rows.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def _show_state(button: IconButton, *, playing: bool) -> None:
    button.show_icon("stop" if playing else "play")
    words = "Stop" if playing else "Hear it; your piece pauses and stays where it is"
    button.setToolTip(words)
    button.setAccessibleName(words)
