"""Generation beside the window: one worker, newest request wins, cancel, errors handed over."""

from musegen_app.jobs.events import (
    Answered,
    Failed,
    Finished,
    JobEvent,
    ModelReady,
    NotesArrived,
    OnEvent,
    Ranked,
    Unanswered,
    Worker,
)
from musegen_app.jobs.inline import InlineWorker
from musegen_app.jobs.worker import GenerationWorker

__all__ = [
    "Answered",
    "Failed",
    "Finished",
    "GenerationWorker",
    "InlineWorker",
    "JobEvent",
    "ModelReady",
    "NotesArrived",
    "OnEvent",
    "Ranked",
    "Unanswered",
    "Worker",
]
