"""A training in its course: curves, speed, time left, samples, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from musegen_app.generate.families import FAMILIES
from musegen_app.jobs.training_order import ADAPT
from musegen_app.ui.controls.elided import ElidedLabel
from musegen_app.ui.train.axes import time_words
from musegen_app.ui.train.course import Course, Phase
from musegen_app.ui.train.curves import Curves
from musegen_app.ui.train.left_out import LeftOut
from musegen_app.ui.train.sample_list import SampleList

_STEPS: Final = 1000
_BELOW_PX: Final = 136
_MAKING: Final = {"exporting": "Writing the model…", "measuring": "Measuring it on the pieces held out…"}
_ASKED: Final = {
    "keep": "Ending, to make a model of what it has learnt…",
    "stop": "Saving where it stands…",
    "discard": "Discarding…",
}


class CoursePage(QWidget):
    """Buttons that make sense show. Its signals are wishes of the musician."""

    stop_requested = Signal()
    keep_requested = Signal()
    discard_requested = Signal()
    go_on_requested = Signal()
    back_requested = Signal()
    close_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = ElidedLabel("", "product")
        self.subtitle = ElidedLabel("", "muted")
        self.curves = Curves()
        self.state = QLabel()
        self.state.setProperty("kind", "value")
        self.state.setWordWrap(True)
        self.speed = ElidedLabel("", "muted", right=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.samples = SampleList()
        self.left_out = LeftOut()
        self.discard = _button("Discard…", "link", self.discard_requested.emit, "Throw away what it has learnt")
        self.back = _button("Train another", "chip", self.back_requested.emit, "Choose another folder or kind of model")
        self.stop = _button("Stop", "chip", self.stop_requested.emit, "Save where it stands; it can go on another day")
        self.go_on = _button("Go on", "chip", self.go_on_requested.emit, "Go on learning from where it was saved")
        self.keep = _button("Keep now", "accept", self.keep_requested.emit, "Learn no more; make a model of what it knows")
        self.close_button = _button("Close", "chip", self.close_requested.emit, "The model stands in the list and is chosen")
        self._lay_out()

    def _lay_out(self) -> None:
        heading = QVBoxLayout()
        heading.setSpacing(2)
        heading.addWidget(self.title)
        heading.addWidget(self.subtitle)
        facts = QHBoxLayout()
        facts.addWidget(self.state, 1)
        facts.addWidget(self.speed)
        below = QHBoxLayout()
        below.setSpacing(24)
        below.addWidget(self.samples, 1)
        below.addWidget(self.left_out, 1)
        holder = QWidget()
        holder.setFixedHeight(_BELOW_PX)
        holder.setLayout(below)
        below.setContentsMargins(0, 0, 0, 0)
        ways = QHBoxLayout()
        ways.setSpacing(8)
        ways.addWidget(self.discard)
        ways.addStretch(1)
        for button in (self.back, self.stop, self.go_on, self.keep, self.close_button):
            button.setFixedHeight(36)
            button.setMinimumWidth(124)
            ways.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addLayout(heading)
        column.addWidget(self.curves, 1)
        column.addLayout(facts)
        column.addWidget(self.bar)
        column.addWidget(holder)
        column.addLayout(ways)

    def show_course(self, course: Course) -> None:
        """Show how it stands."""
        self.title.setText(course.order.title)
        self.subtitle.setText(_subtitle(course))
        self.curves.show_curves(course.learnt, course.held_out, course.unit)
        self.state.setText(state_words(course))
        self.speed.setText(_speed(course))
        self.speed.updateGeometry()
        self._show_bar(course)
        self.samples.show_samples(course.samples, course.unit)
        self.left_out.show_sentences(course.found.broken if course.found else ())
        self._show_buttons(course)

    def _show_bar(self, course: Course) -> None:
        self.bar.setVisible(course.is_running)
        busy = course.phase is Phase.MAKING or bool(course.asked) or _is_preparing(course)
        self.bar.setRange(0, 0 if busy else _STEPS)
        if not busy:
            self.bar.setValue(round(_share(course) * _STEPS))

    def _show_buttons(self, course: Course) -> None:
        phase, asked = course.phase, bool(course.asked)
        ended = phase in {Phase.STOPPED, Phase.FAILED}
        can_go_on = ended and course.order.can_go_on
        for button, shows in (
            (self.discard, phase is not Phase.DONE),
            (self.back, phase is Phase.DONE or ended),
            (self.stop, phase in {Phase.READING, Phase.LEARNING}),
            (self.go_on, can_go_on),
            (self.keep, phase in {Phase.READING, Phase.LEARNING} or can_go_on),
            (self.close_button, phase is Phase.DONE),
        ):
            button.setVisible(shows)
        self.discard.setEnabled(course.asked != "discard")
        self.stop.setEnabled(not asked)
        self.keep.setEnabled(not asked and phase is not Phase.READING)
        self.back.setText("Train another" if can_go_on or phase is Phase.DONE else "Back")


def state_words(course: Course) -> str:
    """Where it stands, in a sentence or a few words."""
    if course.asked and course.is_running and course.phase is not Phase.MAKING:
        return _ASKED[course.asked]
    if course.phase is Phase.READING:
        if course.reading is None:
            return "Starting…"
        done, total = course.reading.done, course.reading.total
        return "Preparing what was read…" if done == total else f"Reading {done:,} of {total:,}"
    words = {
        Phase.LEARNING: f"{time_words(course.progress.left_s)} left" if course.progress else "",
        Phase.MAKING: _MAKING.get(course.making, ""),
        Phase.STOPPED: "Stopped. It can go on from here, today or another day.",
        Phase.DONE: "Done. The model stands in the list and is chosen.",
        Phase.FAILED: course.sentence,
    }
    return words[course.phase]


def _is_preparing(course: Course) -> bool:
    """Whether it works at what has no measure: PyTorch is loaded, or what was read is encoded."""
    return course.phase is Phase.READING and (course.reading is None or course.reading.done == course.reading.total)


def _share(course: Course) -> float:
    if course.phase is Phase.READING and course.reading and course.reading.total:
        return course.reading.done / course.reading.total
    return course.progress.spent if course.phase is Phase.LEARNING and course.progress else 0.0


def _speed(course: Course) -> str:
    progress = course.progress
    if progress is None or course.phase is not Phase.LEARNING:
        return ""
    pieces = f"{progress.pieces_per_s:,.1f}" if progress.pieces_per_s < 100 else f"{progress.pieces_per_s:,.0f}"
    return f"{progress.notes_per_s:,.0f} notes/s · {pieces} pieces/s"


def _subtitle(course: Course) -> str:
    order, found = course.order, course.found
    kind = "Adapting the flagship" if order.family == ADAPT else FAMILIES[order.family].title
    parts = [f"{kind}, as published" if order.as_published else kind, order.folder.name]
    if found is not None:
        parts.append(f"{found.pieces:,} pieces, {found.notes:,} notes")
        parts.append(f"{found.held_out:,} held out")
    return " · ".join(parts)


def _button(words: str, kind: str, pressed: Callable[[], None], tip: str) -> QPushButton:
    button = QPushButton(words)
    button.setProperty("kind", kind)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda _checked=False: pressed())
    return button
