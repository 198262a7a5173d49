"""The families in the training room: how each makes its task of a corpus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from musegen_app.encoding.drums import DRUMS
from musegen_app.errors import TrainingError
from musegen_app.training.corpus import Corpus
from musegen_app.training.graphs.chord_lstm_export import FAMILY as CHORD_LSTM
from musegen_app.training.graphs.roll_lstm_export import FAMILY as ROLL_LSTM
from musegen_app.training.task import Options, Task
from musegen_app.training.tasks.chord_lstm import chord_task
from musegen_app.training.tasks.note_events import NoteEventTask
from musegen_app.training.tasks.rbm import BoltzmannTask
from musegen_app.training.tasks.roll_lstm import roll_task

MakeTask = Callable[[Corpus, Options, Path], Task]
"""The folder is the training's own, for what the family wants to keep of the corpus."""

TASKS: Final[dict[str, MakeTask]] = {
    NoteEventTask.family: NoteEventTask,
    ROLL_LSTM: roll_task,
    BoltzmannTask.family: BoltzmannTask,
    CHORD_LSTM: chord_task,
}


def refuse_unfit(family: str, options: Options) -> None:
    """See that the family can heed ``options``.

    Raises:
        TrainingError: it cannot.
    """
    if options.settings.get("instrument") == DRUMS and family not in (NoteEventTask.family, CHORD_LSTM):
        raise TrainingError("This family writes notes of a pitch; drums are learnt by note-events and chord-lstm.")
    if options.as_published and family == NoteEventTask.family:
        raise TrainingError("The note-event family is our own: there is nothing published to train it by.")
    if options.layers and family == BoltzmannTask.family:
        raise TrainingError("A Boltzmann machine has one layer of hidden units; leave out --layers.")
    if options.layers and options.as_published:
        raise TrainingError("As published, the number of layers is given; leave out --layers.")
    if options.hidden and options.as_published and family == BoltzmannTask.family:
        raise TrainingError("As published, the number of hidden units is given; leave out --hidden.")
