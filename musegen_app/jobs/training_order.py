"""What is to be trained, as a value: its command line, its name, and what is kept beside the model until it is done."""

from __future__ import annotations

import json
import logging
import re
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from musegen_app.errors import TrainingError
from musegen_app.generate.manifest import MANIFEST_FILE
from musegen_app.generate.registry import DEFAULT_MODEL
from musegen_app.jobs.training_events import Found, Measured, Sampled, TrainingEvent, event_of

ADAPT: Final = "adapt"
"""In the place of a family: the flagship learns the pieces as one style more."""
_WORK_FOLDER: Final = "training"  # where the command keeps its checkpoint, within the model's folder
_CHECKPOINT: Final = "checkpoint.pt"
_ORDER_FILE: Final = "order.json"
_EVENTS_FILE: Final = "events.jsonl"
_MOST_NAME: Final = 40
_DAY_S: Final = 86_400
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingOrder:
    """A model called ``title`` in ``output``, from the MIDI files of ``folder``. ``family`` may be :data:`ADAPT`."""

    folder: Path
    output: Path
    family: str
    minutes: float
    title: str
    as_published: bool = False

    @property
    def work(self) -> Path:
        """The folder of what is needed only until the model is made."""
        return self.output / _WORK_FOLDER

    @property
    def can_go_on(self) -> bool:
        """Whether there is a checkpoint to go on from."""
        return (self.work / _CHECKPOINT).is_file()

    def command(self, *, resume: bool = False) -> list[str]:
        """The command line that trains it, which answers with events."""
        base = [sys.executable, "-m", "musegen_app"]
        words = ["adapt"] if self.family == ADAPT else ["train", "--family", self.family]
        more = ["--model", DEFAULT_MODEL] if self.family == ADAPT else []
        if self.as_published and self.family != ADAPT:
            more.append("--as-published")
        if resume:
            more.append("--resume")
        kept = ["-o", str(self.output), "--minutes", f"{self.minutes:g}", "--title", self.title, "--events"]
        return [*base, *words, str(self.folder), *kept, *more]

    def begin(self) -> None:
        """Keep the order beside the model, so that it can be gone on with another day.

        Raises:
            TrainingError: the folder cannot be written.
        """
        kept = {
            "folder": str(self.folder),
            "family": self.family,
            "minutes": self.minutes,
            "title": self.title,
            "as_published": self.as_published,
        }
        try:
            self.work.mkdir(parents=True, exist_ok=True)
            (self.work / _ORDER_FILE).write_text(json.dumps(kept, ensure_ascii=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise TrainingError(f"The model cannot be written to {self.output.parent}; is the disk full?") from error

    def keep(self, line: str) -> None:
        """Keep the line of an event that shall be shown again when the training is gone on with. Any thread."""
        if isinstance(event_of(line), Found | Measured | Sampled):
            try:
                with (self.work / _EVENTS_FILE).open("a", encoding="utf-8") as file:
                    file.write(line.rstrip("\n") + "\n")
            except OSError:
                _log.info("A point of the curves could not be kept in %s", self.work)

    def kept(self) -> tuple[TrainingEvent, ...]:
        """The events that were kept, in their order."""
        try:
            lines = (self.work / _EVENTS_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ()
        return tuple(event for line in lines if (event := event_of(line)) is not None)

    def tidy(self) -> None:
        """The model is made: remove what was needed to make it."""
        shutil.rmtree(self.work, ignore_errors=True)

    def discard(self) -> None:
        """Remove all that was made of it, the model too. Nothing happens to a folder that no order began."""
        if (self.work / _ORDER_FILE).is_file():
            shutil.rmtree(self.output, ignore_errors=True)


def unfinished(models: Path) -> tuple[TrainingOrder, ...]:
    """The orders below the folder ``models`` that can be gone on with, the newest first; those of finished models not."""
    found = [(path.stat().st_mtime, order) for path in _orders(models) if (order := _read(path)) and order.can_go_on]
    return tuple(order for _, order in sorted(found, key=lambda pair: pair[0], reverse=True))


def sweep(models: Path) -> None:
    """Remove what trainings left that are made, or ended before their first checkpoint.

    Those of the last day stay: another window may be at work on them.
    """
    for path in _orders(models, finished=True):
        order = _read(path)
        if time.time() - path.stat().st_mtime < _DAY_S:
            continue
        if (path.parent.parent / MANIFEST_FILE).exists():
            shutil.rmtree(path.parent, ignore_errors=True)
        elif order is not None and not order.can_go_on:
            order.discard()


def free_name(title: str, taken: Iterable[str]) -> str:
    """A folder's name for a model called ``title``: small letters, digits and hyphens, and none of those ``taken``."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MOST_NAME].strip("-") or "my-model"
    used, name, number = set(taken), base, 2
    while name in used:
        name, number = f"{base}-{number}", number + 1
    return name


def _orders(models: Path, *, finished: bool = False) -> list[Path]:
    paths = sorted(models.glob(f"*/{_WORK_FOLDER}/{_ORDER_FILE}"))
    return [path for path in paths if finished or not (path.parent.parent / MANIFEST_FILE).exists()]


def _read(path: Path) -> TrainingOrder | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return TrainingOrder(
            folder=Path(told["folder"]),
            output=path.parent.parent,
            family=str(told["family"]),
            minutes=float(told["minutes"]),
            title=str(told["title"]),
            as_published=bool(told["as_published"]),
        )
    except (OSError, ValueError, TypeError, KeyError):
        _log.info("The order %s cannot be read", path)
        return None
