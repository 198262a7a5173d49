"""The engine's process, seen from the window."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Final, cast

from musegen_app.playback.inbox import open_inbox
from musegen_app.playback.wire import Frame, packed

_LEAVE_S: Final = 2.0
_PIECE: Final = 1 << 16
_UNHEARD: Final = 1 << 23


def engine_command() -> list[str]:
    """How this program starts its engine, frozen or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--engine"]
    return [sys.executable, "-m", "musegen_app", "--engine"]


class EngineProcess:
    """Starts the engine; frames go in and come out. Any thread may send.

    The rest belongs to one thread, which only ``close`` keeps waiting.
    """

    def __init__(self, arguments: tuple[str, ...] = ()) -> None:
        environment = dict(os.environ)
        if not getattr(sys, "frozen", False):
            root = str(Path(__file__).resolve().parents[2])
            environment["PYTHONPATH"] = os.pathsep.join(p for p in (root, environment.get("PYTHONPATH", "")) if p)
        self._process = subprocess.Popen(
            [*engine_command(), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._stdin = cast("IO[bytes]", self._process.stdin)
        self._stdout = cast("IO[bytes]", self._process.stdout)
        self._inbox = open_inbox(self._stdout.fileno())
        self._unsent = bytearray()
        self._sending = threading.Lock()
        self._closed = False
        if sys.platform != "win32":  # there pipes block, but the engine's reading thread empties them at once
            os.set_blocking(self._stdin.fileno(), False)

    @property
    def pid(self) -> int:
        """The engine's process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the engine is gone, or hangs and hears nothing any more."""
        return self._inbox.ended or self._process.poll() is not None or len(self._unsent) > _UNHEARD

    def send(self, *frame: object) -> None:
        """Hand a frame over, without waiting; an engine that is gone swallows it."""
        data = packed(*frame)
        with self._sending:
            if not self._closed:
                self._unsent += data
                self._flush()

    def _flush(self) -> None:
        try:
            while self._unsent:
                written = self._stdin.write(bytes(self._unsent[:_PIECE]))
                if not written:  # the pipe is full: the rest goes with the next call
                    return
                del self._unsent[:written]
        except OSError:
            self._unsent.clear()

    def receive(self) -> list[Frame]:
        """Frames that have arrived. Call often: it also sends what a full pipe would not take before."""
        frames: list[Frame] = []
        if not self._closed:
            with self._sending:
                self._flush()
            while more := self._inbox.wait(0):
                frames += more
        return frames

    def wait(self, timeout_s: float) -> list[Frame]:
        """Frames that arrive within this time, as soon as they do. For a thread that has nothing else to do."""
        with self._sending:
            self._flush()
        return self._inbox.wait(timeout_s)

    def close(self) -> None:
        """End the pipe, wait for the engine's last note-offs, leave nothing behind."""
        if self._closed:
            return
        with self._sending:
            self._closed = True
            with contextlib.suppress(OSError):
                self._stdin.close()
        try:
            self._process.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._inbox.close()
        self._stdout.close()
