"""``musegen train``: from a folder of MIDI files to a model that the window can use."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from musegen_app.errors import TrainingError
from musegen_app.generate.families import FAMILIES
from musegen_app.generate.manifest import DataSource, Manifest
from musegen_app.training.card import write_card
from musegen_app.training.corpus import Corpus, read_corpus
from musegen_app.training.crew import Crew, joined_crew
from musegen_app.training.events import Voice, voice_of
from musegen_app.training.families import TASKS, refuse_unfit
from musegen_app.training.fit import Fit
from musegen_app.training.measuring import measured, rounded
from musegen_app.training.order import Order
from musegen_app.training.originality_index import put_index
from musegen_app.training.prepare import sources
from musegen_app.training.progress import Progress, Wish
from musegen_app.training.samples import Samples
from musegen_app.training.task import Options, Recipe, Task

WORK_FOLDER: Final = "training"
"""Folder within the model's where training keeps its checkpoint and samples."""
CHECKPOINT_FILE: Final = "checkpoint.pt"
STOPPED: Final = 3
"""Exit code of a training that was stopped and can be gone on with."""
_MEASURE_LEAST_S, _MEASURE_SHARE = 20.0, 0.2

MakeTask = Callable[[Corpus, Path], Task]


def run(args: argparse.Namespace) -> int:
    """Train as the command line says, and write the model. Returns the exit code.

    ``args`` holds what an :class:`musegen_app.training.order.Order` does; all but the folders may be missing.

    Raises:
        TrainingError: the folder cannot be learnt from, the checkpoint does not fit, or the export failed.
        ModelError: the model's folder cannot be written.
    """
    order = Order.of(args)
    asked = {"instrument": order.instrument} if order.instrument else {}
    options = Options(order.as_published, order.hidden, order.layers, asked)
    refuse_unfit(order.family, options)
    return train(order, lambda corpus, work: TASKS[order.family](corpus, options, work))


def _unheard(_done: int, _total: int) -> None:
    """Only the first process tells."""


def train(order: Order, make_task: MakeTask, credited: tuple[DataSource, ...] = ()) -> int:
    """Train what ``make_task`` makes of the corpus; see :func:`run`. ``credited`` are sets that the weights came with."""
    voice = voice_of(events=order.events)
    with joined_crew() as crew:
        try:
            return _Training(order, make_task, voice, crew, credited).run()
        except Exception as error:
            if crew.is_first:
                voice.say("failed", message=str(error))
            raise


class _Training:
    """One run of the command."""

    def __init__(
        self, order: Order, make_task: MakeTask, voice: Voice, crew: Crew, credited: tuple[DataSource, ...]
    ) -> None:
        self._order, self._voice, self._crew, self._credited = order, voice, crew, credited
        self._work = order.output / WORK_FOLDER
        if order.resume and not self._work.is_dir():
            raise TrainingError(f"There is no training to go on with in {order.output}.")
        found = sources(order.folder, frozenset(order.leave_out), frozenset(order.only))
        with crew.first_alone():
            self._corpus = read_corpus(found, self._work / "corpus.npz", voice.read if crew.is_first else _unheard)
            self._task = make_task(self._corpus, self._work)

    def run(self) -> int:
        counts = self._task.counts
        if self._crew.is_first:
            self._voice.corpus(self._corpus, counts.notes)
            self._voice.begin(counts, self._task.unit)
        fit = Fit(self._task, self._work / CHECKPOINT_FILE, self._recipe(), self._watch(), self._crew)
        if self._order.resume and fit.checkpoint.is_file():
            fit.resume()
        elif self._order.resume and self._crew.is_first:
            self._voice.say("anew", sentence="It was ended before it had learnt anything; it begins anew.")
        wish = self._fitted(fit)
        if wish is Wish.STOP:
            self._voice.say("stopped", sentence=f"Stopped; --resume goes on from {fit.checkpoint}.")
            return STOPPED
        if self._crew.is_first:
            self._export(fit)
        return 0

    def _recipe(self) -> Recipe:
        recipe = self._task.recipe
        minutes, epochs = self._order.minutes, self._order.epochs
        if minutes or epochs:
            recipe = replace(recipe, minutes=minutes or recipe.minutes, epochs=epochs or None)
        return recipe

    def _watch(self) -> _Watch:
        return _Watch(self._voice, speaks=self._crew.is_first)

    def _fitted(self, fit: Fit) -> Wish:
        watch = fit.watch
        if isinstance(watch, _Watch) and (self._order.samples or self._order.events):
            samples = Samples(fit, self._corpus, self._work)
            watch.draw_sample = samples.draw
        try:
            with _ending_by_signal(watch):
                return fit.run()
        except KeyboardInterrupt:
            fit.save()
            self._voice.say("stopped", sentence=f"Stopped; --resume goes on from {fit.checkpoint}.")
            raise

    def _export(self, fit: Fit) -> None:
        order, voice, task = self._order, self._voice, self._task
        voice.say("exporting")
        net = fit.averaged()
        blank = Manifest(
            name=order.output.name,
            title=order.title or order.output.name.replace("-", " ").capitalize(),
            family=task.family,
            path=order.output,
            styles=self._corpus.styles,
            licence=order.licence,
        )
        made, check = task.export(net, blank)
        lost = f", int8 weights cost {check.nats_lost:.4f} nats a {task.unit}" if check.nats_lost else ""
        voice.say("exported", sentence=f"Exported: largest difference to PyTorch {check.largest_difference:.1e}{lost}.")
        voice.say("measuring", sentence="Measuring the model on the held-out pieces.")
        generator = FAMILIES[task.family].load(made)
        most_s = max(_MEASURE_LEAST_S, _MEASURE_SHARE * fit.progress.seconds)
        continued, speed = measured(generator, self._corpus, most_s, made.instrument)
        metrics = rounded(task.metrics(made)) | rounded(continued)
        made = put_index(replace(made, metrics=metrics, data=self._data(), notes_per_s=round(speed)), self._corpus)
        made.write()
        write_card(made, self._data_row() | self._seen_row(fit) | dict(task.rows(net)))
        for kept in self._work.glob("*.npz"):
            kept.unlink()
        nats = made.metric(f"nats_per_{task.unit}")
        said = f", {nats:.3f} nats a {task.unit} on the held-out pieces" if nats is not None else ""
        voice.say("done", model=made.name, path=str(made.path), sentence=f"Made {made.title} in {made.path}{said}.")

    def _data(self) -> tuple[DataSource, ...]:
        found = (piece.source for piece in self._corpus.train)
        own = {(source.set, source.licence): DataSource(source.set, source.licence, source.origin) for source in found}
        return (*self._credited, *(own[key] for key in sorted(own)))

    def _data_row(self) -> dict[str, str]:
        counts, corpus = self._task.counts, self._corpus
        text = f"{counts.pieces:,} pieces, {counts.notes:,} notes; {len(corpus.held_out):,} pieces held out"
        return {"Data": text}

    def _seen_row(self, fit: Fit) -> dict[str, str]:
        progress, recipe, unit = fit.progress, fit.recipe, self._task.unit
        average = f", average of the weights {recipe.average:g}" if recipe.average else ""
        return {
            "Seen": f"{progress.units:,} {unit}s in {progress.steps:,} steps, {progress.seconds / 60:.0f} minutes",
            "Recipe": f"{recipe.optimiser}, rate {recipe.rate:g} ({recipe.schedule}){average}, {recipe.lanes} side by side",
        }


class _Watch:
    """The voice as the loop's watch: quiet in all but the first process, drawing samples at checks, ended by a signal."""

    def __init__(self, voice: Voice, *, speaks: bool) -> None:
        self._voice, self._speaks = voice, speaks
        self.draw_sample: Callable[[], Path | None] = lambda: None
        self.ended = Wish.GO_ON

    def progressed(self, progress: Progress, spent: float) -> None:
        if self._speaks:
            self._voice.progressed(progress, spent)

    def checked(self, progress: Progress) -> None:
        if self._speaks:
            self._voice.checked(progress)
            path = self.draw_sample()
            if path is not None:
                self._voice.say("sample", path=str(path), units=progress.units)

    def saved(self) -> None:
        if self._speaks:
            self._voice.saved()

    def wish(self) -> Wish:
        return self.ended if self.ended is not Wish.GO_ON else self._voice.wish()


@contextmanager
def _ending_by_signal(watch: object) -> Iterator[None]:
    """A polite end (SIGTERM) saves the checkpoint."""

    def end(*_: object) -> None:
        if isinstance(watch, _Watch):
            watch.ended = Wish.STOP

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not the main thread: whoever runs it there ends it
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
