"""Joins the Train window to the training, the player and the musician's answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from musegen_app.errors import MuseGenError
from musegen_app.files import read_midi
from musegen_app.jobs import training_needs
from musegen_app.jobs.training_needs import FolderContents
from musegen_app.jobs.training_order import TrainingOrder, free_name, sweep, unfinished
from musegen_app.paths import data_dir, model_dirs
from musegen_app.score import Score
from musegen_app.ui.background import Background
from musegen_app.ui.dialogs import Asks, TrainingAnswer
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.train.course import Course, Phase
from musegen_app.ui.train.flow import Training
from musegen_app.ui.train.sheet import TrainSheet

_MOST_UNFINISHED: Final = 3
_LEAVING: Final = "Closing as soon as the training has ended…"


class TrainPresenter(QObject):
    """``model_made`` carries the name of a new model, ``told`` a sentence for the main window while the sheet is hidden.

    ``left`` comes when the training that held up the closing of the program has ended.
    """

    model_made = Signal(str)
    told = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget, playing: Playing, asks: Asks, folder: Callable[[], str]) -> None:
        super().__init__()
        self._parent, self._playing, self._asks, self._folder = parent, playing, asks, folder
        self._sheet: TrainSheet | None = None
        self._background: Background | None = None
        self._looked_for: Path | None = None
        self._sample: Path | None = None
        self._leaving = False
        self.training = Training()
        self.training.changed.connect(self._show)
        self.training.ended.connect(self._ended)
        playing.aside_changed.connect(self._aside_changed)

    @property
    def models(self) -> Path:
        """The folder that new models go to."""
        return data_dir() / "models"

    def open(self) -> TrainSheet:
        """Show the window, made when it is first wanted."""
        sheet = self._sheet or self._make()
        sheet.setup.show_missing(training_needs.missing())
        if self.training.course is None:
            self._show_unfinished()
        self._show()
        sheet.come_forward()
        return sheet

    def may_leave(self) -> bool:
        """Whether the program may close now; where a training has to end first, ``left`` comes later."""
        course = self.training.course
        if course is None or not self.training.is_running:
            return True
        if self._leaving:
            return False
        answer = self._asks.leave_training(course.order.title)
        if answer is TrainingAnswer.CANCEL or not self.training.is_running:
            return answer is not TrainingAnswer.CANCEL
        self._leaving = True
        making = course.phase is Phase.MAKING  # too late to stop: it ends by itself, with a model
        if answer is TrainingAnswer.DISCARD:
            self.training.discard()
        elif answer is TrainingAnswer.KEEP and not making:
            self.training.keep()
        elif answer is TrainingAnswer.STOP and not making:
            self.training.stop()
        self.told.emit(_LEAVING)
        return False

    def close(self) -> None:
        """End; a training that goes on is saved."""
        self.training.close()
        if self._background is not None:
            self._background.close()

    # --- building -----------------------------------------------------------------------------------------------------

    def _make(self) -> TrainSheet:
        sheet = self._sheet = TrainSheet(self._parent)
        self._background = Background()
        self._background.run(lambda: sweep(self.models), lambda _none: None, lambda _error: None)
        setup, course = sheet.setup, sheet.course
        setup.folder_box.dropped.connect(self.look_into)
        setup.folder_box.choose_requested.connect(self._choose)
        setup.start_requested.connect(self._start)
        setup.go_on_requested.connect(self._take_up)
        course.stop_requested.connect(self.training.stop)
        course.keep_requested.connect(self.training.keep)
        course.go_on_requested.connect(self.training.go_on)
        course.discard_requested.connect(self._discard)
        course.back_requested.connect(self._back)
        course.samples.play_requested.connect(self._play)
        course.samples.stop_requested.connect(self._playing.end_aside)
        return sheet

    # --- choosing -----------------------------------------------------------------------------------------------------

    def look_into(self, folder: Path) -> None:
        """Learn from this folder, if there is something to learn."""
        if self._sheet is None or self._background is None:
            return
        setup, self._looked_for = self._sheet.setup, folder
        setup.show_looking(folder)

        def found(contents: FolderContents) -> None:
            if self._looked_for == folder:
                setup.show_contents(contents)

        def failed(error: MuseGenError) -> None:
            if self._looked_for == folder:
                setup.show_bad_folder(folder, str(error))

        self._background.run(lambda: training_needs.look_into(folder), found, failed)

    def _choose(self) -> None:
        folder = self._asks.training_folder(self._folder())
        if folder is not None:
            self.look_into(folder)

    def _start(self) -> None:
        if self._sheet is None:
            return
        taken = {path.name for models in model_dirs() if models.is_dir() for path in models.iterdir()}
        order = self._sheet.setup.order(self.models / free_name(self._sheet.setup.title, taken))
        if order is None:
            return
        try:
            self.training.begin(order)
        except MuseGenError as error:
            order.discard()
            self.training.clear()
            self._sheet.setup.show_problem(str(error))

    def _take_up(self, order: TrainingOrder) -> None:
        self.training.show(order)
        self.training.go_on()

    def _show_unfinished(self) -> None:
        if self._sheet is not None:
            self._sheet.setup.show_unfinished(unfinished(self.models)[:_MOST_UNFINISHED])

    # --- in its course ------------------------------------------------------------------------------------------------

    def _discard(self) -> None:
        course = self.training.course
        if course is None or (course.learnt and not self._asks.discard_training(course.order.title)):
            return
        if self.training.course is course:
            self._playing.end_aside()
            self.training.discard()
            self._show_unfinished()

    def _back(self) -> None:
        course = self.training.course
        self._playing.end_aside()
        if course is not None and course.phase is not Phase.DONE and not course.order.can_go_on:
            self.training.discard()
        else:
            self.training.clear()
        self._show_unfinished()

    def _play(self, path: Path) -> None:
        if self._background is None:
            return

        def play(score: Score) -> None:
            self._playing.play_aside(score)
            self._sample = path
            self._aside_changed(is_heard=True)

        self._background.run(lambda: read_midi(path).score, play, lambda error: self.told.emit(str(error)))

    def _aside_changed(self, is_heard: bool) -> None:  # noqa: FBT001  a signal's slot
        if not is_heard:
            self._sample = None
        if self._sheet is not None:
            self._sheet.course.samples.show_playing(self._sample)

    def _show(self) -> None:
        if self._sheet is not None:
            self._sheet.show_course(self.training.course)

    def _ended(self, course: Course) -> None:
        if course.phase is Phase.DONE:
            self.model_made.emit(course.model)
        elif self.training.course is None:
            self._show_unfinished()
        if self._leaving:
            self._leaving = False
            self.left.emit()
        elif self._sheet is None or not self._sheet.isVisible():
            self._tell_end(course)

    def _tell_end(self, course: Course) -> None:
        if course.phase is Phase.DONE:
            self.told.emit(f"“{course.order.title}” is trained, stands in the list of models and is chosen.")
        elif course.phase is Phase.FAILED:
            self.told.emit(course.sentence)
