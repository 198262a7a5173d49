"""What a training tells on its standard output, a JSON object a line, as frozen values."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """``done`` of ``total`` files are read."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to learn from; ``broken`` has a sentence for each file that was left out."""

    pieces: int
    held_out: int
    notes: int
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progressed:
    """``spent`` 0–1 of the budget; losses in nats a ``unit``, None while there is none; ``units`` learnt from so far."""

    spent: float
    left_s: float
    units: int
    unit: str
    loss: float | None
    held_out: float | None
    notes_per_s: float
    pieces_per_s: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A point of the curves: the held-out pieces were measured after ``units``."""

    units: int
    loss: float | None
    held_out: float | None


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the network made of a held-out piece after ``units`` lies in the MIDI file ``path``."""

    path: Path
    units: int


@dataclass(frozen=True, slots=True)
class Saved:
    """The checkpoint was written: a kill from now on loses what follows only."""


@dataclass(frozen=True, slots=True)
class Making:
    """Learning is over, and the model is being written (``step`` "exporting") or measured ("measuring")."""

    step: str


@dataclass(frozen=True, slots=True)
class Done:
    """The end: a model called ``model`` lies in the folder ``path``."""

    model: str
    path: Path


@dataclass(frozen=True, slots=True)
class Stopped:
    """The end: nothing was made, and what was saved can be gone on with."""


@dataclass(frozen=True, slots=True)
class Broke:
    """The end: it failed; ``sentence`` says why."""

    sentence: str


TrainingEvent = Reading | Found | Progressed | Measured | Sampled | Saved | Making | Done | Stopped | Broke
OnTrainingEvent = Callable[[TrainingEvent], None]


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _progressed(told: dict[str, Any]) -> Progressed:
    return Progressed(
        spent=min(max(float(told["spent"]), 0.0), 1.0),
        left_s=float(told["left_s"]),
        units=int(told["units"]),
        unit=str(told["unit"]),
        loss=_number(told["loss"]),
        held_out=_number(told["held_out"]),
        notes_per_s=float(told["notes_per_s"]),
        pieces_per_s=float(told["pieces_per_s"]),
    )


_READERS: Final[dict[str, Callable[[dict[str, Any]], TrainingEvent]]] = {
    "reading": lambda told: Reading(int(told["done"]), int(told["total"])),
    "corpus": lambda told: Found(
        int(told["pieces"]), int(told["held_out"]), int(told["notes"]), tuple(map(str, told["broken"]))
    ),
    "progress": _progressed,
    "held_out": lambda told: Measured(int(told["units"]), _number(told["loss"]), _number(told["held_out"])),
    "sample": lambda told: Sampled(Path(told["path"]), int(told["units"])),
    "saved": lambda _told: Saved(),
    "exporting": lambda _told: Making("exporting"),
    "measuring": lambda _told: Making("measuring"),
    "done": lambda told: Done(str(told["model"]), Path(told["path"])),
    "failed": lambda told: Broke(str(told["message"])),
}


def event_of(line: str) -> TrainingEvent | None:
    """The event that a line tells; None for a line that is no event, or one of a kind that is not known here."""
    try:
        told = json.loads(line)
        return _READERS[told["event"]](told)
    except (ValueError, TypeError, KeyError):
        _log.info("A training said what is no event: %s", line.strip()[:200])
        return None
