"""The empty roll: one line, and a demo seed one click away. Clicks beside the buttons go through to the roll."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget

from musegen_app.paths import resources_dir

HINT: Final = "Draw or play a few notes, then Continue"
_GAP_PX: Final = 12


class EmptyHint(QObject):
    """A label and a button laid over ``host``. ``seed_chosen`` carries a demo seed's file."""

    seed_chosen = Signal(Path)

    def __init__(self, host: QWidget, seeds: Sequence[Path]) -> None:
        super().__init__(host)
        self._host = host
        self._label = QLabel(HINT, host)
        self._label.setProperty("kind", "hint")
        self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.button = QPushButton("Start from a demo seed", host)
        self.button.setProperty("kind", "chip")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setCursor(Qt.CursorShape.ArrowCursor)
        self._seeds = tuple(seeds)
        menu = QMenu(self.button)
        for seed in self._seeds:
            menu.addAction(seed_title(seed)).triggered.connect(lambda _=False, s=seed: self.seed_chosen.emit(s))
        if len(self._seeds) > 1:
            self.button.setMenu(menu)
        elif self._seeds:
            self.button.clicked.connect(lambda: self.seed_chosen.emit(self._seeds[0]))
        host.installEventFilter(self)
        self.show(visible=True)

    def show(self, *, visible: bool) -> None:
        """Show or hide the hint."""
        self._label.setVisible(visible)
        self.button.setVisible(visible and bool(self._seeds))
        self._place()

    @property
    def is_visible(self) -> bool:
        """Whether it is shown."""
        return not self._label.isHidden()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        for widget in (self._label, self.button):
            widget.adjustSize()
            widget.raise_()
        middle_x, middle_y = self._host.width() // 2, self._host.height() * 2 // 5
        self._label.move(middle_x - self._label.width() // 2, middle_y - self._label.height() - _GAP_PX // 2)
        self.button.move(middle_x - self.button.width() // 2, middle_y + _GAP_PX // 2)


def demo_seeds() -> tuple[Path, ...]:
    """The demo seeds that are shipped."""
    return tuple(sorted((resources_dir() / "seeds").glob("*.mid")))


def seed_title(seed: Path) -> str:
    """A seed's file name as words: "a-minor-waltz.mid" is "A minor waltz"."""
    words = seed.stem.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]
