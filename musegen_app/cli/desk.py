"""A desk at work, for ``musegen bench playback``: a window repaints, a model generates, and beside both one player plays.

It runs as a process of its own: ``musegen --bench-desk PLAYER EVENTS [MODEL]``. It says "ready" once window and model are
busy, and its measurement as JSON in the end. Where another process plays (``none``), it works until its input ends.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from musegen_app.cli.measures import long_request
from musegen_app.errors import ModelError
from musegen_app.generate import find, load
from musegen_app.jobs import Failed, Finished, GenerationWorker, JobEvent, NotesArrived
from musegen_app.playback.peers import SleepingThread, steady_music

ARGUMENT: Final = "--bench-desk"
READY: Final = "ready"
_NOTES: Final = 10_000
_START_S: Final = 60.0  # the model's first note must come within this


class Performer(Protocol):
    """Somebody who plays on time."""

    def start(self) -> None:
        """Play now."""
        ...

    def goes_on(self) -> bool:
        """Whether it still plays; called at each frame."""
        ...

    @property
    def lateness_s(self) -> list[float]:
        """By how much each event was late."""
        ...

    @property
    def level(self) -> str:
        """Its priority in words."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


class _Engine:
    """The program's own player, driven by the window's clock as it always is."""

    def __init__(self, events: int, *, plain: bool = False) -> None:
        from musegen_app.playback.client import Player  # late: it brings the MIDI system, which other commands do without
        from musegen_app.playback.engine import PLAIN

        self._events, self._score = events, steady_music(events)
        self._player = Player(engine_arguments=(PLAIN,) if plain else ())
        self._asked = False

    def start(self) -> None:
        self._player.keep_lateness(self._events)
        self._player.play(self._score, 0)

    def goes_on(self) -> bool:
        self._player.poll()
        if not self._asked and self._player.position_tick() > self._score.end_tick:
            self._asked = True
            self._player.ask_lateness()
        return not self._player.lateness_s and not self._player.status().problem.startswith("The playback engine")

    @property
    def lateness_s(self) -> list[float]:
        return list(self._player.lateness_s)

    @property
    def level(self) -> str:
        return self._player.status().priority

    def close(self) -> None:
        self._player.close()


class _Thread:
    """A thread of the window's process."""

    level = ""

    def __init__(self, events: int) -> None:
        self._thread = SleepingThread(events)
        self.start = self._thread.start

    def goes_on(self) -> bool:
        return self._thread.is_playing

    @property
    def lateness_s(self) -> list[float]:
        return self._thread.lateness_s

    def close(self) -> None:
        """It has ended."""


class _Elsewhere:
    """Another process plays, and ends our input when it is done."""

    level = ""

    def __init__(self) -> None:
        self.lateness_s: list[float] = []
        self._wait = threading.Thread(target=sys.stdin.read, name="end of input", daemon=True)
        self.start = self._wait.start

    def goes_on(self) -> bool:
        return self._wait.is_alive()

    def close(self) -> None:
        """The other process ended."""


PERFORMERS: Final[dict[str, Callable[[int], Performer]]] = {
    "realtime": _Engine,
    "plain": lambda events: _Engine(events, plain=True),
    "thread": _Thread,
    "none": lambda _events: _Elsewhere(),
}


class _BusyModel:
    """Generates one long continuation after another, on the worker's thread."""

    def __init__(self, model: str) -> None:
        self._model, self._asked, self.notes = model, 0, 0
        self._error: Exception | None = None
        self._worker = GenerationWorker(lambda name: load(find(name)), self._hear)

    def start(self) -> None:
        """Begin, and wait for the first note.

        Raises:
            MuseGenError: the model fails, or gives no note in a minute.
        """
        self._again()
        last_try = time.monotonic() + _START_S
        while not self.notes:
            if self._error is not None:
                raise self._error
            if time.monotonic() > last_try:
                raise ModelError("The model gave no note.", self._model)
            time.sleep(0.01)

    def close(self) -> None:
        """End it."""
        self._worker.close()

    def _again(self) -> None:
        self._asked += 1
        self._worker.submit(long_request(self._model, self._asked))

    def _hear(self, event: JobEvent) -> None:
        if isinstance(event, NotesArrived):
            self.notes += len(event.notes)
        elif isinstance(event, Failed):
            self._error = event.error
        elif isinstance(event, Finished) and not event.cancelled:
            self._again()


def run_desk(argv: list[str]) -> int:
    """Work until the player is done, and say how it went."""
    from musegen_app.ui.roll.repainting import repaint

    performer = PERFORMERS[argv[0]](int(argv[1]))
    model = _BusyModel(argv[2] if len(argv) > 2 else "")
    try:
        model.start()
        began = time.perf_counter()
        frames = 0

        def goes_on() -> bool:
            nonlocal frames
            frames += 1
            if frames == 1:
                performer.start()
                print(READY, flush=True)
                return True
            return performer.goes_on()

        frames_a_second = repaint(_NOTES, goes_on)
        notes_a_second = model.notes / (time.perf_counter() - began)
    finally:
        model.close()
        performer.close()
    answer = {"lateness_s": performer.lateness_s, "frames_a_second": frames_a_second, "notes_a_second": notes_a_second}
    print(json.dumps({**answer, "level": performer.level}))
    return 0
