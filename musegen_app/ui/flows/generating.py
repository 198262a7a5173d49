"""Generating: from the panel's wish to ghosts in the document, and from ghosts to notes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, Signal

from musegen_app.editor.asking import Ask
from musegen_app.editor.document import Document
from musegen_app.editor.variation import varied
from musegen_app.errors import InputError, MuseGenError
from musegen_app.generate import GenerateRequest
from musegen_app.generate.families import is_guided
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.provenance import Origin, accepted_of
from musegen_app.jobs import Failed, Finished, JobEvent, ModelReady, NotesArrived, Ranked, Worker
from musegen_app.score import EMPTY, Key, NoteTable, Score
from musegen_app.ui.flows import replaying
from musegen_app.ui.flows.requesting import request_of
from musegen_app.ui.panels.take_box import Progress, Stage
from musegen_app.ui.panels.wish import Wish

NO_SEED: Final = "Draw a note first, or open a file."
UNKNOWN: Final = "It is not known where these notes came from."
JAM_KEPT: Final = "What the jam left is among the takes, starred."
NO_PITCHES: Final = "Muted tracks are not heard, and drums go on by themselves: choose the drum track for that."
NO_SOLO_PITCHES: Final = "Only soloed tracks are heard, and they hold nothing to go on from: end the solo, or solo others."
NOT_HEARD: Final = "The active track is muted; choose another."
NOT_SOLOED: Final = "Another track is soloed, so the active one is not heard."


class Generating(QObject):
    """One continuation or fill at a time. Signals tell the stage, the progress, problems, and that a model is ready."""

    stage_changed = Signal(object)
    progressed = Signal(object)
    failed = Signal(object)
    told = Signal(str)
    model_ready = Signal(str)

    def __init__(self, document: Document, worker: Worker) -> None:
        super().__init__()
        self._document, self._worker = document, worker
        self._ids = itertools.count(1)
        self._request: GenerateRequest | None = None
        self._models: dict[str, Manifest] = {}
        self._stage = Stage.IDLE
        self._arrived = 0
        self._reached = 0
        self._first_s = 0.0

    @property
    def stage(self) -> Stage:
        """Where the continuation is."""
        return self._stage

    def know(self, models: Iterable[Manifest]) -> None:
        """These are the models there are."""
        self._models = {manifest.name: manifest for manifest in models}

    def begin(self, wish: Wish, key: Key | None, seed_number: int, ask: Ask) -> None:
        """Continue the piece, or fill a gap of it; takes that wait are dropped for the new ones, but for the starred.

        Raises:
            InputError: the wish cannot be met.
        """
        request, parts = request_of(self._document, wish, ask, key, seed_number)
        model = self._models.get(wish.model)
        request = replace(request, id=next(self._ids), takes=wish.takes)
        guided = model is not None and is_guided(model)
        request, stays = varied(request, self._document.take, wish.different, is_guided=guided)
        self._draw(_origin(request, model, stays, parts.track_id))

    def replay(self, number: int) -> None:
        """Draw the notes of a generation that was accepted once more, as takes.

        Raises:
            InputError: nothing is known of it, or its model is not there.
        """
        generation = self._document.sources.generation(number)
        if generation is None:
            raise InputError(UNKNOWN)
        asked = replaying.origin_of_replay(generation, self._document.score, self._models)
        accepted = accepted_of(generation.record)
        self._draw(replace(asked.origin, request=replace(asked.origin.request, id=next(self._ids))), number)
        if accepted is not None and 0 < accepted.take < asked.origin.request.takes:
            self._document.show_take(accepted.take)
        if asked.remarks:
            self.told.emit(" ".join(asked.remarks))

    def _draw(self, origin: Origin, number: int = 0) -> None:
        request = self._request = origin.request
        self._arrived, self._reached, self._first_s = 0, request.span[0], 0.0
        leaves_jam = any(take.is_played and not take.is_starred for take in self._document.shelf.takes)
        self._document.begin_takes(origin, number)
        if leaves_jam:
            self.told.emit(JAM_KEPT)
        self._set_stage(Stage.STREAMING)
        self.progressed.emit(Progress("Waiting for the model…", "", 0.0))
        self._worker.submit(request)

    def new_id(self) -> int:
        """An id that no request has."""
        return next(self._ids)

    def origin_of(self, request: GenerateRequest, track_id: int | None) -> Origin:
        """A request of somebody else's, with what is known of its model."""
        return _origin(request, self._models.get(request.model), EMPTY, track_id)

    def take_shown(self) -> None:
        """A take is in the roll that may have been kept from before: it can be accepted."""
        if self._document.take is not None and self._stage is Stage.IDLE:
            self._set_stage(Stage.WAITING)

    def cancel(self) -> None:
        """Stop before the next note; what has arrived stays as a take."""
        self._worker.cancel()

    def accept(self) -> None:
        """Turn ghosts into notes, as one step that undo takes back."""
        self._worker.cancel()
        self._request = None
        self._document.accept_take()
        self._set_stage(Stage.IDLE)

    def reject(self) -> None:
        """Drop the ghosts."""
        self._worker.cancel()
        self._request = None
        self._drop_take()
        self._set_stage(Stage.IDLE)

    def loaded(self) -> None:
        """Another piece is open: what was asked for is no longer wanted, and a take that came with the piece waits."""
        self._worker.cancel()
        self._request = None
        self._set_stage(Stage.IDLE if self._document.take is None else Stage.WAITING)

    def preload(self, model: str) -> None:
        """Load a model before it is needed."""
        self._worker.preload(model)

    def receive(self, event: JobEvent) -> None:
        """An event of the worker, on the UI thread. Answers to requests that are no longer wanted are dropped."""
        match event:
            case ModelReady():
                self.model_ready.emit(event.model)
            case Failed(request_id=None):
                self.failed.emit(event.error)
            case NotesArrived() | Finished() | Ranked() | Failed() if self._is_current(event.request_id):
                self._receive_current(event)
            case _:
                pass

    def _receive_current(self, event: NotesArrived | Finished | Ranked | Failed) -> None:
        match event:
            case NotesArrived():
                self._add(event)
            case Finished():
                self._finish(event)
            case Ranked():
                self._document.put_shelf(self._document.shelf.ranked(event.request_id, event.verdicts))
            case Failed():
                self._fail(event.error)

    def _is_current(self, request_id: int | None) -> bool:
        return self._request is not None and request_id == self._request.id

    def _add(self, event: NotesArrived) -> None:
        if not self._arrived:
            self._first_s = time.monotonic()
        self._arrived += len(event.notes)
        self._reached = max(self._reached, *(generated.note.start for generated in event.notes))
        self._document.add_generated(event.request_id, event.notes)
        self.progressed.emit(self._streaming())

    def _streaming(self) -> Progress:
        """How far it is; notes that are told when they end may begin before others that were told earlier."""
        request = self._request
        assert request is not None  # noqa: S101  only current answers come here
        timeline, (start, end) = request.timeline, request.span
        first = timeline.bar_at(start)
        fills = request.until_tick is not None
        bars = timeline.bar_at(end - 1) - first + 1 if fills else request.bars
        bar = min(timeline.bar_at(self._reached) - first + 1, bars)
        share = (self._reached - start) / max(end - start, 1)
        words = f"{'Filling' if fills else 'Streaming'} bar {bar} of {bars}"
        return Progress(words, self._speed(), min(max(share, 0.0), 1.0))

    def _speed(self) -> str:
        elapsed_s = time.monotonic() - self._first_s
        return speed_text(self._arrived, elapsed_s) if elapsed_s > 0.05 else ""

    def _finish(self, event: Finished) -> None:
        if not event.notes:
            self._request = None
            self._drop_take()
            self._set_stage(Stage.IDLE)
            self.progressed.emit(Progress("Cancelled" if event.cancelled else "The model wrote no notes; try again."))
            return
        self._document.put_shelf(self._document.shelf.ended(event.request_id))
        self._set_stage(Stage.WAITING)
        count = len(event.notes)
        words = "stopped by you" if event.cancelled else f"{event.seconds:.1f} s"
        told = f"{count} {'note' if count == 1 else 'notes'}, {words}"
        takes = len({made.take for made in event.notes})
        told = f"{takes} takes, {told}" if takes > 1 else told
        self.progressed.emit(Progress(told, speed_text(count, event.seconds), remarks=remarks_text(event)))

    def _fail(self, error: MuseGenError) -> None:
        self._request = None
        self._drop_take()
        self._set_stage(Stage.IDLE)
        self.failed.emit(error)

    def _drop_take(self) -> None:
        self._document.reject_take()

    def _set_stage(self, stage: Stage) -> None:
        self._stage = stage
        if stage is Stage.IDLE:
            self.progressed.emit(Progress())
        self.stage_changed.emit(stage)


def _origin(request: GenerateRequest, model: Manifest | None, locked: NoteTable, track_id: int | None) -> Origin:
    """A request with what is known of its model."""
    if model is None:
        return Origin(request, locked=locked, track_id=track_id)
    return Origin(request, model.sha256, model.title, locked, track_id, model.instrument)


def remarks_text(event: Finished) -> tuple[str, ...]:
    """What a model said of what it heard and drew: its energy, where it has one, and its remarks."""
    energy = event.energy
    told = () if energy is None else (f"Energy {energy:.0f} a step".replace("-", "−"),)
    return (*told, *event.remarks)


def why_no_pitches(score: Score) -> str:
    """Why there are notes and yet no notes of a pitch that a model hears."""
    return NO_SOLO_PITCHES if _has_solo(score) else NO_PITCHES


def why_not_heard(score: Score) -> str:
    """Why a model does not hear the active track."""
    return NOT_SOLOED if _has_solo(score) else NOT_HEARD


def _has_solo(score: Score) -> bool:
    return any(track.soloed for track in score.tracks)


def speed_text(notes: int, seconds: float) -> str:
    """Such as "1 340 notes/s"; "" where it cannot be told."""
    if seconds <= 0 or notes < 2:
        return ""
    return f"{round(notes / seconds):,} notes/s".replace(",", " ")
