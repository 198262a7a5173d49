"""The Train window: beside the main one, which stays as usable as ever."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QDialog, QStackedLayout, QWidget

from musegen_app.ui.train.course import Course
from musegen_app.ui.train.course_page import CoursePage
from musegen_app.ui.train.setup_page import SetupPage

SIZE: Final = (760, 600)
_MIN_SIZE: Final = (680, 560)


class TrainSheet(QDialog):
    """Choices before a training, its course afterwards. Closing it hides it; the training goes on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Train a model")
        self.setModal(False)
        self.setMinimumSize(*_MIN_SIZE)
        self.resize(*SIZE)
        self.setup = SetupPage()
        self.course = CoursePage()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.setup)
        self._pages.addWidget(self.course)
        self.course.close_requested.connect(self.hide)

    def show_course(self, course: Course | None) -> None:
        """Show how a training goes, or without one the choices for the next."""
        if course is not None:
            self.course.show_course(course)
        page = self.setup if course is None else self.course
        if self._pages.currentWidget() is not page:
            self._pages.setCurrentWidget(page)
            page.setFocus()  # no button has the keyboard until it is asked for: Space shall discard nothing

    def come_forward(self) -> None:
        """Show it above the main window, with the keyboard."""
        if not self.isVisible():
            (self.setup if self._pages.currentWidget() is self.setup else self.course).setFocus()
        self.show()
        self.raise_()
        self.activateWindow()
