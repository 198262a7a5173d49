"""How a training goes, as the window shows it: what its events add up to. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from musegen_app.generate.families import FAMILIES
from musegen_app.jobs.training_events import (
    Broke,
    Done,
    Found,
    Making,
    Measured,
    Progressed,
    Reading,
    Sampled,
    Stopped,
    TrainingEvent,
)
from musegen_app.jobs.training_order import ADAPT, TrainingOrder

Point = tuple[int, float]
"""Units learnt from, and a loss in nats a unit."""


class Phase(Enum):
    """Where a training is."""

    READING = auto()
    LEARNING = auto()
    MAKING = auto()
    """Learning is over; the model is written and measured."""
    STOPPED = auto()
    DONE = auto()
    FAILED = auto()


RUNNING = frozenset({Phase.READING, Phase.LEARNING, Phase.MAKING})


@dataclass
class Course:
    """A training's state. ``learnt`` and ``held_out`` are the curves; ``asked`` names the end that was asked for."""

    order: TrainingOrder
    phase: Phase = Phase.READING
    asked: str = ""
    reading: Reading | None = None
    found: Found | None = None
    progress: Progressed | None = None
    making: str = ""
    sentence: str = ""
    model: str = ""
    learnt: list[Point] = field(default_factory=list)
    held_out: list[Point] = field(default_factory=list)
    samples: list[Sampled] = field(default_factory=list)

    @property
    def unit(self) -> str:
        """What its losses count by."""
        if self.progress is not None:
            return self.progress.unit
        return "note" if self.order.family == ADAPT else FAMILIES[self.order.family].unit

    @property
    def is_running(self) -> bool:
        """Whether its process is at work."""
        return self.phase in RUNNING

    def receive(self, event: TrainingEvent) -> None:
        """Take an event in."""
        match event:
            case Reading():
                self.reading = event
            case Found():
                self.found = event
            case Progressed():
                self.phase, self.progress = Phase.LEARNING, event
                _add(self.learnt, event.units, event.loss)
            case Measured():
                _add(self.held_out, event.units, event.held_out)
                _add(self.learnt, event.units, event.loss)
            case Sampled():
                self.samples = [s for s in self.samples if s.units < event.units and s.path != event.path] + [event]
            case Making():
                self.phase, self.making = Phase.MAKING, event.step
            case _:
                self._end(event)

    def _end(self, event: TrainingEvent) -> None:
        match event:
            case Done():
                self.phase, self.model = Phase.DONE, event.model
            case Stopped():
                self.phase = Phase.STOPPED
            case Broke():
                self.phase, self.sentence = Phase.FAILED, event.sentence


def _add(curve: list[Point], units: int, loss: float | None) -> None:
    """Add a point. Gone on with after a kill, a training repeats what came after its checkpoint: the new points hold."""
    if loss is None:
        return
    while curve and curve[-1][0] >= units:
        curve.pop()
    curve.append((units, loss))
