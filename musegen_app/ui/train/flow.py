"""Training: one at a time, in a process of its own, told on the UI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from musegen_app.errors import MuseGenError
from musegen_app.jobs.training import TrainingProcess
from musegen_app.jobs.training_events import TrainingEvent
from musegen_app.jobs.training_order import TrainingOrder
from musegen_app.ui.bridge import Bridge
from musegen_app.ui.train.course import Course, Phase

STOP_PATIENCE_MS = 30_000
"""A batch, a measurement and a sample may have to end before a stop is heard; what was saved before stays in any case."""


class CommandOf(Protocol):
    """Makes the command line of an order (tests put another program in its place)."""

    def __call__(self, order: TrainingOrder, *, resume: bool) -> Sequence[str]: ...


def _own_command(order: TrainingOrder, *, resume: bool) -> Sequence[str]:
    return order.command(resume=resume)


class Training(QObject):
    """``changed`` comes whenever the course is another, ``ended`` with it once its process is gone. UI thread only."""

    changed = Signal()
    ended = Signal(object)

    def __init__(self, command_of: CommandOf = _own_command) -> None:
        super().__init__()
        self.command_of = command_of
        self.course: Course | None = None
        self._process: TrainingProcess | None = None
        self._events: Bridge[TrainingEvent] | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(STOP_PATIENCE_MS)
        self._patience.timeout.connect(self._kill)

    @property
    def is_running(self) -> bool:
        """Whether a process is at work."""
        return self._process is not None

    @property
    def process(self) -> TrainingProcess | None:
        """The process at work."""
        return self._process

    def begin(self, order: TrainingOrder) -> None:
        """Train a model from nothing.

        Raises:
            TrainingError: the folder cannot be written, or no process started.
        """
        order.begin()
        self.course = Course(order)
        self._run(order, resume=False)

    def show(self, order: TrainingOrder) -> None:
        """Take up a training that was stopped, with the curves it had."""
        self.course = Course(order, phase=Phase.STOPPED)
        for event in order.kept():
            self.course.receive(event)
        self.changed.emit()

    def go_on(self) -> None:
        """Go on with the training that was stopped."""
        self._resume("")

    def keep(self) -> None:
        """Learn no more, and make a model of what was learnt."""
        if self.course is None or self.course.phase is Phase.MAKING:
            return
        if self._process is None:
            self._resume("keep")
        self._ask("keep")
        if self._process is not None:
            self._process.finish()

    def stop(self) -> None:
        """Save where it stands, and end."""
        if self._process is not None:
            self._ask("stop")
            self._process.stop()
            self._patience.start()

    def discard(self) -> None:
        """Throw away what was learnt, and what is on the disk of it."""
        if self._process is not None:
            self._ask("discard")
            self._process.kill()
        elif self.course is not None:
            self.course.order.discard()
            self.clear()

    def clear(self) -> None:
        """Show no training any longer; what is on the disk stays, but for what a finished one needs no more."""
        course, self.course = self.course, None
        if course is not None and course.phase is Phase.DONE:
            course.order.tidy()
        self.changed.emit()

    def close(self) -> None:
        """End: a training that goes on is saved and can be gone on with; waits for that."""
        self._patience.stop()
        if self._events is not None:
            self._events.close()
        if self._process is not None:
            self._process.close()
            self._process = None
        if self.course is not None and self.course.phase is Phase.DONE:
            self.course.order.tidy()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _ask(self, end: str) -> None:
        if self.course is not None:
            self.course.asked = end
            self.changed.emit()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _resume(self, asked: str) -> None:
        course = self.course
        if course is None or self._process is not None:
            return
        course.phase, course.asked, course.sentence, course.reading = Phase.READING, asked, "", None
        try:
            self._run(course.order, resume=True)
        except MuseGenError as error:
            course.phase, course.sentence = Phase.FAILED, str(error)
            self.changed.emit()

    def _run(self, order: TrainingOrder, *, resume: bool) -> None:
        events: Bridge[TrainingEvent] = Bridge(self._receive)
        process = TrainingProcess(self.command_of(order, resume=resume), events.post, order.keep)
        process.start()
        self._process, self._events = process, events
        self.changed.emit()

    def _receive(self, event: TrainingEvent) -> None:
        course = self.course
        if course is None:
            return
        course.receive(event)
        if course.is_running:
            self.changed.emit()
        else:
            self._over(course)

    def _over(self, course: Course) -> None:
        self._patience.stop()
        if self._process is not None:
            self._process.close()
        self._process = None
        if course.asked == "discard":
            course.order.discard()
            self.course = None
        course.asked = ""
        self.changed.emit()
        self.ended.emit(course)
