"""Generation beside the window: one worker, newest request wins, cancel, errors handed over."""

from musegen_app.jobs.events import Failed, Finished, JobEvent, ModelReady, NotesArrived, OnEvent, Worker
from musegen_app.jobs.inline import InlineWorker
from musegen_app.jobs.worker import GenerationWorker

__all__ = [
    "Failed",
    "Finished",
    "GenerationWorker",
    "InlineWorker",
    "JobEvent",
    "ModelReady",
    "NotesArrived",
    "OnEvent",
    "Worker",
]
