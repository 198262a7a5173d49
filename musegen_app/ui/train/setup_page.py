"""What is chosen before a training begins: the folder, the kind of model, its name, how long."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from musegen_app.generate.families import FAMILIES
from musegen_app.jobs.training_needs import FolderContents, Missing
from musegen_app.jobs.training_order import ADAPT, TrainingOrder
from musegen_app.ui.controls.choice import Choice
from musegen_app.ui.controls.segmented import Segmented
from musegen_app.ui.controls.toggle import Toggle
from musegen_app.ui.train.folder_box import FolderBox

MINUTES: Final = ((5, "5"), (15, "15"), (30, "30"), (60, "60"), (180, "180"))
_ADAPT_MINUTES: Final = 5
_TRAIN_MINUTES: Final = 30
_ADAPT_WORDS: Final = "Adapt the flagship to these pieces"
_ABOUT: Final = {
    ADAPT: "The flagship learns your pieces as one style more, in minutes. "
    "A dozen pieces are a beginning, a hundred are better.",
    "note-events": "The flagship’s own kind, from nothing: note by note with length and touch. It wants hundreds of pieces "
    "and an hour.",
    "roll-lstm": "Writes the piano roll column by column, a sixteenth at a time, all voices at once.",
    "rbm": "States of a sixteenth, several bars at once; it continues and fills gaps.",
    "chord-lstm": "Words of notes and chords: small and quick, and it keeps to what it has read.",
}
_WIDTH_PX: Final = 296


class SetupPage(QWidget):
    """``start_requested`` when Start was pressed, ``go_on_requested`` with the stopped training to take up.

    The folder's own signals are those of ``folder_box``.
    """

    start_requested = Signal()
    go_on_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._can_train = True
        self._contents: FolderContents | None = None
        self.folder_box = FolderBox()
        self.family = Choice("Kind of model", "What is trained on the pieces")
        self.family.offer({ADAPT: _ADAPT_WORDS, **{name: family.title for name, family in FAMILIES.items()}}, ADAPT)
        self.about = _muted()
        self.name = QLineEdit()
        self.name.setPlaceholderText("As the folder")
        self.name.setAccessibleName("Name of the model")
        self.minutes = Segmented(MINUTES, "Minutes")
        self.minutes.set_value(_ADAPT_MINUTES)
        self.as_published = Toggle("As published", "Layers, windows and sampling as the authors had them, faults included")
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setProperty("kind", "warning")
        self.command = QLineEdit()
        self.command.setReadOnly(True)
        self.command.setAccessibleName("What to run")
        self.start = QPushButton("Start training")
        self.start.setProperty("kind", "primary")
        self.start.setAutoDefault(False)
        self._go_on = QVBoxLayout()
        self._go_on.setSpacing(4)
        self._lay_out()
        self.family.chosen.connect(self._family_chosen)
        self.start.clicked.connect(self.start_requested)
        self.show_missing(None)
        self.show_problem("")
        self._show_family()

    def _lay_out(self) -> None:
        form = QVBoxLayout()
        form.setSpacing(8)
        for words, widget in (("Kind of model", self.family), ("Name", self.name), ("Minutes", self.minutes)):
            label = _muted(words)
            form.addWidget(label)
            form.addWidget(widget)
            if widget is self.family:
                form.addWidget(self.about)
            form.addSpacing(8)
        form.addWidget(self.as_published)
        form.addStretch(1)
        form.addWidget(self.problem)
        form.addWidget(self.command)
        form.addWidget(self.start)
        right = QWidget()
        right.setFixedWidth(_WIDTH_PX)
        right.setLayout(form)
        form.setContentsMargins(0, 0, 0, 0)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.folder_box, 1)
        left.addLayout(self._go_on)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 24, 24, 24)
        row.setSpacing(24)
        row.addLayout(left, 1)
        row.addWidget(right)

    @property
    def contents(self) -> FolderContents | None:
        """What there is to learn from, None before a folder is chosen."""
        return self._contents

    @property
    def title(self) -> str:
        """The model's name: as typed, else as the folder."""
        return self.name.text().strip() or self.name.placeholderText()

    def order(self, output: Path) -> TrainingOrder | None:
        """What is chosen, as an order into the model folder ``output``; None without a folder."""
        if self._contents is None:
            return None
        minutes = self.minutes.value
        return TrainingOrder(
            folder=self._contents.folder,
            output=output,
            family=self.family.value,
            minutes=float(minutes) if isinstance(minutes, int) else _TRAIN_MINUTES,
            title=self.title,
            as_published=self.as_published.isVisibleTo(self) and self.as_published.isChecked(),
        )

    def show_looking(self, folder: Path) -> None:
        """A folder was chosen and is being looked into."""
        self._contents = None
        self.folder_box.show_looking(folder)
        self.name.setPlaceholderText(_words(folder.name))
        self.show_problem("")

    def show_contents(self, contents: FolderContents) -> None:
        """What was found."""
        self._contents = contents
        self.folder_box.show_contents(contents)
        self._show_start()

    def show_bad_folder(self, folder: Path, sentence: str) -> None:
        """Nothing can be learnt from this folder."""
        self._contents = None
        self.folder_box.show_problem(folder.name, sentence)
        self._show_start()

    def show_problem(self, sentence: str) -> None:
        """Why the training did not begin; "" for nothing."""
        if self._can_train:
            self.problem.setText(sentence)
            self.problem.setVisible(bool(sentence))
        self._show_start()

    def show_missing(self, missing: Missing | None) -> None:
        """What has to be installed before anything can be trained, None for nothing."""
        self._can_train = missing is None
        self.problem.setText(missing.sentence if missing else "")
        self.problem.setVisible(missing is not None)
        self.command.setText(missing.command if missing else "")
        self.command.setCursorPosition(0)
        self.command.setVisible(missing is not None and bool(missing.command))
        self._show_start()

    def show_unfinished(self, orders: Sequence[TrainingOrder]) -> None:
        """Offer the trainings that were stopped."""
        while (item := self._go_on.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for order in orders:
            button = QPushButton(f"Go on with “{order.title}”")
            button.setProperty("kind", "link")
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            button.setAutoDefault(False)
            button.setEnabled(self._can_train)
            button.clicked.connect(lambda _=False, chosen=order: self.go_on_requested.emit(chosen))
            self._go_on.addWidget(button)

    def _family_chosen(self, family: str) -> None:
        self.minutes.set_value(_ADAPT_MINUTES if family == ADAPT else _TRAIN_MINUTES)
        self._show_family()

    def _show_family(self) -> None:
        family = self.family.value
        self.about.setText(_ABOUT.get(family, ""))
        self.as_published.setVisible(family not in {ADAPT, "note-events"})

    def _show_start(self) -> None:
        self.start.setEnabled(self._can_train and self._contents is not None)


def _words(name: str) -> str:
    """A folder's name as a title."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _muted(words: str = "") -> QLabel:
    label = QLabel(words)
    label.setProperty("kind", "muted")
    label.setWordWrap(True)
    return label
