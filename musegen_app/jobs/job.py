"""One job from start to end: load the model, draw notes, tell of them. Knows no threads but a flag that says stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from musegen_app.errors import ModelError, MuseGenError
from musegen_app.generate import GeneratedNote, GenerateRequest, Generator
from musegen_app.generate.request import remarks_of
from musegen_app.jobs.events import Failed, Finished, ModelReady, NotesArrived, OnEvent, Ranked

COALESCE_S: Final = 0.01
"""After the first note, notes are told in bundles this far apart: the eye needs no more, and the window has other work."""

_KEPT_MODELS: Final = 3
_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Job:
    """A request, or (``request`` None) the wish to have ``model`` loaded. ``stop`` may be set from any thread."""

    model: str
    request: GenerateRequest | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def request_id(self) -> int | None:
        """Id of the request, if it is one."""
        return self.request.id if self.request else None


class LoadedModels:
    """The models used last, by the name they were asked by, so that switching to and fro costs nothing."""

    def __init__(self, load: Callable[[str], Generator]) -> None:
        self._load = load
        self._loaded: dict[str, Generator] = {}

    def get(self, name: str) -> Generator:
        """The model, loaded now if need be."""
        generator = self._loaded.pop(name, None) or self._load(name)
        self._loaded[name] = generator  # put last, so the first is the one that was not used for longest
        if len(self._loaded) > _KEPT_MODELS:
            del self._loaded[next(iter(self._loaded))]
        return generator

    def __contains__(self, name: str) -> bool:
        return name in self._loaded


def run_job(job: Job, models: LoadedModels, tell: OnEvent) -> None:
    """Do ``job`` and tell its events, ending with one :class:`Finished` or :class:`Failed`. Nothing is raised."""
    try:
        _run(job, models, tell)
    except MuseGenError as error:
        tell(Failed(job.request_id, error))
    except Exception:  # noqa: BLE001 - the last stop before the thread's end; the log has the traceback
        _log.exception("Job for model %r failed", job.model)
        sentence = "The model stopped because of a fault in MuseGen; the log file tells more."
        tell(Failed(job.request_id, ModelError(sentence, job.model)))


def _run(job: Job, models: LoadedModels, tell: OnEvent) -> None:
    if job.stop.is_set():
        _tell_end(job, [], 0.0, tell)
        return
    was_loaded = job.model in models
    generator = models.get(job.model)
    if job.request is None or not was_loaded:
        tell(ModelReady(generator.name))
    if job.request is not None:
        _draw(job, job.request, generator, tell)


def _draw(job: Job, request: GenerateRequest, generator: Generator, tell: OnEvent) -> None:
    drawn: list[GeneratedNote] = []
    told = 0
    began = time.perf_counter()
    told_at = began - COALESCE_S
    for note in generator.generate(request, job.stop.is_set):
        if job.stop.is_set():
            break
        drawn.append(note)
        now = time.perf_counter()
        if now - told_at >= COALESCE_S:
            tell(NotesArrived(request.id, tuple(drawn[told:])))
            told, told_at = len(drawn), now
    seconds = time.perf_counter() - began
    if told < len(drawn):
        tell(NotesArrived(request.id, tuple(drawn[told:])))
    _tell_end(job, drawn, seconds, tell, remarks_of(generator, request))
    if drawn and not job.stop.is_set():
        _rank(request, generator, drawn, tell)


def _rank(request: GenerateRequest, generator: Generator, drawn: list[GeneratedNote], tell: OnEvent) -> None:
    """Tell which take is the best; where that cannot be said the takes are as good as they are."""
    from musegen_app.generate.judging import Described, judge  # late: it brings all of a model, and the window is to show

    if request.takes == 1 and not isinstance(generator, Described):
        return
    try:
        verdicts = judge(generator, request, drawn)
    except Exception:  # noqa: BLE001 - the notes have been told; the log has the traceback
        _log.exception("The takes of %r could not be ranked", request.model)
        return
    tell(Ranked(request.id, verdicts))


def _tell_end(job: Job, drawn: list[GeneratedNote], seconds: float, tell: OnEvent, remarks: tuple[str, ...] = ()) -> None:
    if job.request is not None:
        tell(Finished(job.request.id, tuple(drawn), seconds, job.stop.is_set(), remarks))
