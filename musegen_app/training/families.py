"""The families in the training room: how each makes its task of a corpus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from musegen_app.training.corpus import Corpus
from musegen_app.training.graphs.chord_lstm_export import FAMILY as CHORD_LSTM
from musegen_app.training.task import Options, Task
from musegen_app.training.tasks.chord_lstm import chord_task
from musegen_app.training.tasks.note_events import NoteEventTask
from musegen_app.training.tasks.rbm import BoltzmannTask

MakeTask = Callable[[Corpus, Options, Path], Task]
"""The folder is the training's own, for what the family wants to keep of the corpus."""

TASKS: Final[dict[str, MakeTask]] = {
    NoteEventTask.family: NoteEventTask,
    BoltzmannTask.family: BoltzmannTask,
    CHORD_LSTM: chord_task,
}
