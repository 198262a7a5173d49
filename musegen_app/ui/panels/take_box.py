"""The main action and what follows it: Continue, Fill or Cancel, Accept, Reject, Again, and how the stream goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from musegen_app.ui.controls.elided import ElidedLabel

_STEPS = 1000


class Stage(Enum):
    """Where a continuation or a fill is."""

    IDLE = auto()
    STREAMING = auto()
    LISTENING = auto()
    """A jam goes on and has written nothing yet."""
    JAMMING = auto()
    """A jam goes on: ghosts come and go, and can be kept at any time."""
    WAITING = auto()
    """Its notes are ghosts: accept, reject, or again."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What is told under the button; ``share`` 0–1 fills the bar, None hides it. ``remarks`` are sentences of the model."""

    left: str = ""
    right: str = ""
    share: float | None = None
    remarks: tuple[str, ...] = ()


class TakeBox(QWidget):
    """Buttons follow actions; :meth:`show_stage` tells which of them make sense."""

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self._actions = actions
        self.main = QPushButton("Continue")
        self.main.setProperty("kind", "primary")
        self.main.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.main.clicked.connect(self._press_main)
        self.accept = _button("Accept ↵", actions["accept"], "accept")
        self.reject = _button("Reject Esc", actions["reject"], "take")
        self.again = _button("Again G", actions["again"], "take")
        self._left = ElidedLabel("", "small")
        self._left.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._right = ElidedLabel("", "small", right=True)
        self._why = QLabel()
        self._why.setWordWrap(True)
        self._why.setProperty("kind", "small")
        self._why.hide()
        self._remarks = QLabel()
        self._remarks.setWordWrap(True)
        self._remarks.setProperty("kind", "small")
        self._bar = QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        for button in (self.accept, self.reject, self.again):
            choices.addWidget(button, 1)
        words = QHBoxLayout()
        words.addWidget(self._left, 1)
        words.addWidget(self._right)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.main)
        column.addLayout(choices)
        column.addWidget(self._why)
        column.addLayout(words)
        column.addWidget(self._bar)
        column.addWidget(self._remarks)
        self.stage = Stage.IDLE
        self._action = "continue"
        self.show_progress(Progress())

    def show_stage(self, stage: Stage, words: str, why_not: str = "", action: str = "continue") -> None:
        """Show a stage with the main button's words and the action it triggers; ``why_not`` disables it, told below it."""
        self.stage = stage
        self._action = "cancel" if stage is Stage.STREAMING else action
        streaming = stage in (Stage.STREAMING, Stage.LISTENING, Stage.JAMMING)
        if self.main.property("streaming") != streaming:
            self.main.setProperty("streaming", streaming)
            self.main.style().unpolish(self.main)
            self.main.style().polish(self.main)
        self.main.setText(words)
        self.main.setEnabled(streaming or not why_not)
        self._why.setText(why_not)
        self._why.setVisible(bool(why_not))
        if why_not:
            self.show_progress(Progress())
        self.main.setToolTip(why_not or self._actions[self._action].toolTip())
        has_take = stage not in (Stage.IDLE, Stage.LISTENING)
        for name in ("accept", "reject"):
            self._actions[name].setEnabled(has_take)
        self._actions["again"].setEnabled(has_take and stage is not Stage.JAMMING)

    def show_progress(self, progress: Progress) -> None:
        """Tell how it goes."""
        self._left.setText(progress.left)
        self._right.setText(progress.right)
        self._right.updateGeometry()
        self._remarks.setText("\n".join(progress.remarks))
        self._remarks.setVisible(bool(progress.remarks))
        self._bar.setVisible(progress.share is not None)
        self._bar.setValue(round((progress.share or 0.0) * _STEPS))

    @property
    def words(self) -> tuple[str, str]:
        """What stands under the buttons."""
        return self._why.text() or self._left.text(), self._right.text()

    @property
    def remarks(self) -> str:
        """What the model remarked, "" for nothing."""
        return self._remarks.text()

    def _press_main(self) -> None:
        self._actions[self._action].trigger()


def _button(text: str, action: QAction, kind: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("kind", kind)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setToolTip(action.toolTip())
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    return button
