"""How late notes are while window and model work: our player with and without permission, mido's and a thread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Final, cast

from musegen_app.cli.desk import ARGUMENT
from musegen_app.cli.measures import own_command, unanswered
from musegen_app.files.mido_player import mido_lateness_s
from musegen_app.playback.lateness import summary_ms
from musegen_app.playback.peers import EVENTS_A_SECOND, steady_music
from musegen_app.playback.priority import REALTIME

EVENTS: Final = 10_000
_OWN: Final = tuple(f"lateness_{figure}_ms_{way}" for way in ("realtime", "plain") for figure in ("p50", "p99", "max"))
KEYS: Final = (*_OWN, "mido_p99_ms", "thread_p99_ms")
_START_S: Final = 120.0


def measure_playback(model: str, events: int = EVENTS) -> Mapping[str, float]:
    """All of :data:`KEYS`, in milliseconds. Takes some four times as long as ``events`` at 96 a second last.

    Raises:
        MuseGenError: a part does not answer.
    """
    found: dict[str, float] = {}
    for way in ("realtime", "plain"):
        own = _worked(way, events, model)
        if way == "realtime" and own.level != REALTIME.name:
            print(f"musegen: No real-time priority is granted here; {own.level} was reached.", file=sys.stderr)
        found |= dict(zip((key for key in KEYS if key.endswith(way)), summary_ms(own.lateness_s), strict=True))
    found["mido_p99_ms"] = summary_ms(_beside_desk(events, model))[1]
    found["thread_p99_ms"] = summary_ms(_worked("thread", events, model).lateness_s)[1]
    return found


@dataclass(frozen=True, slots=True)
class _Answer:
    lateness_s: list[float]
    level: str


class _Desk:
    """The process that works while something plays."""

    def __init__(self, performer: str, events: int, model: str) -> None:
        self._arguments = [ARGUMENT, performer, str(events), *([model] if model else [])]
        self._process = subprocess.Popen(
            [*own_command(), *self._arguments],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._watchdog = threading.Timer(_START_S + 2 * events / EVENTS_A_SECOND, self._process.kill)
        self._watchdog.start()

    def wait_until_ready(self) -> None:
        """Return when window and model are busy, or it ended."""
        cast("IO[str]", self._process.stdout).readline()

    def end(self) -> _Answer:
        """What it measured, once it is done.

        Raises:
            MuseGenError: nothing.
        """
        output, errors = self._process.communicate()
        self._watchdog.cancel()
        try:
            answer = json.loads(output.strip().splitlines()[-1])
            return _Answer(list(answer["lateness_s"]), str(answer["level"]))
        except (IndexError, ValueError, KeyError, TypeError) as error:
            raise unanswered(" ".join(self._arguments), errors) from error


def _worked(performer: str, events: int, model: str) -> _Answer:
    answer = _Desk(performer, events, model).end()
    if not answer.lateness_s:
        raise unanswered(f"{ARGUMENT} {performer}", "it played nothing")
    return answer


def _beside_desk(events: int, model: str) -> list[float]:
    """Mido in this process, which does nothing else."""
    desk = _Desk("none", events, model)
    desk.wait_until_ready()
    late = mido_lateness_s(steady_music(events))
    desk.end()
    return late
