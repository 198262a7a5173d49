"""How each number of ``musegen bench`` is measured."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from musegen_app.cli.window import EXIT_AFTER_FIRST_PAINT, has_display
from musegen_app.errors import ModelError, MuseGenError
from musegen_app.generate import GenerateRequest, find, load
from musegen_app.jobs import Failed, Finished, GenerationWorker, JobEvent, NotesArrived
from musegen_app.score import TICKS_PER_QUARTER, NoteTable, Timeline

FRAMES_ARGUMENT: Final = "--bench-frames"
_STARTS: Final = 5
_CANCELS: Final = 9
_PATIENCE_S: Final = 60.0

_SEED_PITCHES: Final = (48, 64, 67, 72, 55, 65, 69, 74, 52, 67, 71, 76, 53, 69, 72, 77)

Measure = Callable[[str], Mapping[str, float]]


def own_command() -> list[str]:
    """The command line that starts this program again, frozen or not."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "musegen_app"]


def measure_model(model: str) -> Mapping[str, float]:
    """Numbers of the model alone."""
    from musegen_app.generate.benchmark import measure

    return measure(load(find(model)))


def measure_cancel(model: str) -> Mapping[str, float]:
    """Milliseconds from the call of cancel to the request's end, through the worker's thread; the slowest of several."""
    listener = _Listener()
    worker = GenerationWorker(lambda name: load(find(name)), listener)
    try:
        waits = [listener.cancel_ms(worker, model, number) for number in range(1, _CANCELS + 1)]
    finally:
        worker.close()
    return {"cancel_ms": max(waits)}


def measure_startup(_: str) -> Mapping[str, float]:
    """Milliseconds from the start of the process to the window's first paint; the median of several starts."""
    return {"startup_ms": statistics.median(_start_ms() for _ in range(_STARTS))}


def measure_frames(count: int) -> Measure:
    """Milliseconds of one frame of the roll with ``count`` notes in sight, and how much faster that is than one by one."""

    def measure(_: str) -> Mapping[str, float]:
        answer, size = _frames(count), f"{count // 1000}k"
        return {f"frame_ms_{size}": answer["frame_ms"], f"frame_speedup_{size}": answer["naive_over_ours"]}

    return measure


class _Listener:
    """Waits on the events of a worker."""

    def __init__(self) -> None:
        self._began, self._ended = threading.Event(), threading.Event()
        self._ended_at = 0.0
        self._end: Finished | Failed | None = None

    def __call__(self, event: JobEvent) -> None:
        if isinstance(event, NotesArrived):
            self._began.set()
        if isinstance(event, (Finished, Failed)):
            self._ended_at = time.perf_counter()
            self._end = event
            self._began.set()
            self._ended.set()

    def cancel_ms(self, worker: GenerationWorker, model: str, number: int) -> float:
        """Begin a long request, cancel it amid its notes, and wait for the end."""
        self._began.clear()
        self._ended.clear()
        worker.submit(long_request(model, number))
        heard = self._began.wait(_PATIENCE_S)
        time.sleep(0.003 * number)  # each time at another place within the drawing of a note
        asked_at = time.perf_counter()
        worker.cancel()
        heard &= self._ended.wait(_PATIENCE_S)
        if isinstance(self._end, Failed):
            raise self._end.error
        if not heard or self._end is None or not self._end.cancelled:
            raise ModelError("Cancelling could not be measured: the model ended by itself or did not answer.", model)
        return (self._ended_at - asked_at) * 1000


def long_request(model: str, number: int) -> GenerateRequest:
    """Eight takes of 256 bars after a seed of 256 notes: more than is drawn before the cancel comes."""
    eighth = TICKS_PER_QUARTER // 2
    starts = [row * eighth for row in range(256)]
    seed = NoteTable.from_columns(starts, [eighth] * 256, [_SEED_PITCHES[row % 16] for row in range(256)])
    return GenerateRequest(seed, Timeline(), bars=256, takes=8, model=model, seed_number=number, id=number)


def _start_ms() -> float:
    """From before the process is made until it says that the window was painted."""
    began = time.perf_counter()
    with subprocess.Popen(
        [*own_command(), EXIT_AFTER_FIRST_PAINT],
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        watchdog = threading.Timer(_PATIENCE_S, process.kill)
        watchdog.start()
        line = process.stdout.readline() if process.stdout else ""
        took_ms = (time.perf_counter() - began) * 1000
        _, errors = process.communicate()
        watchdog.cancel()
    if "first_paint_ms" not in line or process.returncode != 0:
        raise unanswered(EXIT_AFTER_FIRST_PAINT, errors)
    return took_ms


def _frames(count: int) -> dict[str, float]:
    """What the roll's benchmark says, in a process of its own."""
    arguments = [FRAMES_ARGUMENT, str(count)]
    errors = ""
    try:
        done = subprocess.run(
            [*own_command(), *arguments],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_PATIENCE_S,
            check=False,
        )
        errors = done.stderr
        answer = json.loads(done.stdout.strip().splitlines()[-1])
        return {name: float(answer[name]) for name in ("frame_ms", "naive_over_ours")}
    except (subprocess.TimeoutExpired, IndexError, ValueError, KeyError, TypeError) as error:
        raise unanswered(" ".join(arguments), errors) from error


def _environment() -> dict[str, str]:
    return dict(os.environ) if has_display() else {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


def unanswered(arguments: str, errors: str) -> MuseGenError:
    """The error of a process of our own that failed, with the last line that it wrote to stderr."""
    last = errors.strip().splitlines()[-1:] or ["it said nothing"]
    reason = last[0].removeprefix("musegen: ").rstrip(".")
    return MuseGenError(f'The window could not be measured, because "musegen {arguments}" did not answer: {reason}.')


_FRAMES_10K: Final = measure_frames(10_000)
_FRAMES_100K: Final = measure_frames(100_000)

NUMBERS: Final[dict[str, Measure]] = {
    "notes_per_s": measure_model,
    "takes8_over_1": measure_model,
    "first_note_ms": measure_model,
    "speedup_vs_window": measure_model,
    "cancel_ms": measure_cancel,
    "startup_ms": measure_startup,
    "frame_ms_10k": _FRAMES_10K,
    "frame_ms_100k": _FRAMES_100K,
    "frame_speedup_100k": _FRAMES_100K,
}
"""What is measured, and by which measurement; one measurement may give several numbers."""
