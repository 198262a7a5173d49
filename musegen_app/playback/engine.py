"""The playback engine: a process of its own that sends events at their deadlines, and nothing else.

It imports the standard library and rtmidi only. Deadlines are absolute times of :func:`time.perf_counter`, which both
processes share; nothing is accumulated. When the window goes, however it goes, the pipe ends and every note gets its off.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from musegen_app.midi_io.ports import OutputPort
from musegen_app.playback.inbox import Inbox, open_inbox
from musegen_app.playback.lateness import Lateness
from musegen_app.playback.priority import REALTIME, raise_priority
from musegen_app.playback.sounding import Sounding
from musegen_app.playback.wire import packed

_LOOK_S: Final = 1.0
_LOOK_ROOM_S: Final = 0.02  # reading the list of ports may take this long: not shortly before a deadline
_SPIN_S: Final = 0.0005

Queued = tuple[float, int, int, int, int]
"""Deadline, status and two data bytes, and the number of the plan that it belongs to."""


class Engine:
    """Takes frames from ``inbox``, answers through ``tell``."""

    def __init__(self, inbox: Inbox, tell: Callable[[bytes], None]) -> None:
        self._inbox, self._tell = inbox, tell
        self._port = OutputPort()
        self._sounding = Sounding(self._port.send)
        self._lateness = Lateness()
        self._queue: deque[Queued] = deque()
        self._trims: deque[tuple[float, tuple[tuple[int, int], ...]]] = deque()
        self._setup: tuple[tuple[int, ...], ...] = ()
        self._next_look_s = 0.0
        self._told: tuple[Any, ...] = ()
        self._spin_s = 0.0
        self._commands: dict[str, Callable[..., None]] = {
            "events": self._events,
            "replace": self._replace,
            "stop": self._stop,
            "port": self._choose,
            "send": self._send,
            "setup": self._set_up,
            "panic": self._panic,
        }

    def run(self) -> None:
        """Until the pipe ends."""
        priority = raise_priority()
        self._spin_s = 0.0 if priority == REALTIME else _SPIN_S
        self._tell(packed("priority", priority))
        try:
            while not self._inbox.ended:
                for frame in self._inbox.wait(self._room_s()):
                    self._commands[frame[0]](*frame[1:])
                self._send_due()
                self._look()
        finally:
            self._sounding.silence()
            self._port.close()

    # --- commands -----------------------------------------------------------------------------------------------------

    def _events(self, events: tuple[Queued, ...]) -> None:
        self._queue.extend(events)

    def _replace(self, from_s: float, kept: tuple[tuple[int, int], ...], events: tuple[Queued, ...]) -> None:
        """From ``from_s`` on these events instead; what sounds there and is not in ``kept`` ends then."""
        while self._queue and self._queue[-1][0] >= from_s:
            self._queue.pop()
        while self._trims and self._trims[-1][0] >= from_s:
            self._trims.pop()
        self._trims.append((from_s, kept))
        self._queue.extend(events)

    def _stop(self) -> None:
        self._queue.clear()
        self._trims.clear()
        self._sounding.silence()

    def _choose(self, name: str) -> None:
        self._sounding.silence()
        self._opened(self._port.choose(name))

    def _send(self, message: tuple[int, ...]) -> None:
        self._sounding.pass_on(message)

    def _set_up(self, setup: tuple[tuple[int, ...], ...]) -> None:
        """Programmes and controllers for now, and again whenever the port comes back."""
        self._setup = setup
        self._opened(opened=True)

    def _panic(self) -> None:
        self._sounding.panic()

    # --- time ---------------------------------------------------------------------------------------------------------

    def _deadline_s(self) -> float | None:
        times = [held[0][0] for held in (self._queue, self._trims) if held]
        return min(times) if times else None

    def _room_s(self) -> float:
        """How long there is to wait."""
        now, deadline = time.perf_counter(), self._deadline_s()
        look = max(self._next_look_s - now, 0.0)
        return look if deadline is None else min(max(deadline - now - self._spin_s, 0.0), max(look, _LOOK_ROOM_S))

    def _send_due(self) -> None:
        deadline = self._deadline_s()
        if deadline is None:
            return
        while deadline - time.perf_counter() < self._spin_s:
            while (now := time.perf_counter()) < deadline:
                pass
            if self._trims and self._trims[0][0] <= deadline:
                self._sounding.keep_only(self._trims.popleft()[1])
            else:
                event = self._queue.popleft()
                self._sounding.pass_on(event[1:4])
                self._lateness.add(now - deadline)
            following = self._deadline_s()
            if following is None:
                return
            deadline = following

    def _look(self) -> None:
        """Once a second, and where a deadline leaves room, see which ports there are, and tell what is new."""
        now, deadline = time.perf_counter(), self._deadline_s()
        if now < self._next_look_s or (deadline is not None and deadline - now < _LOOK_ROOM_S):
            return
        self._next_look_s = now + _LOOK_S
        self._opened(self._port.look())

    def _opened(self, opened: bool) -> None:  # noqa: FBT001  the answer of the port, handed on
        if opened:
            for message in self._setup:
                self._sounding.pass_on(message)
        port = self._port
        news = ("ports", port.name, port.problem, port.list.names, port.list.problem, self._lateness.summary_ms())
        if news != self._told:
            self._told = news
            self._tell(packed(*news))


def main(_arguments: list[str]) -> int:
    """Run as the child of the window: frames on stdin, answers on stdout."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the whole group; the window decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    out = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not get between the frames

    def tell(data: bytes) -> None:
        try:
            os.write(out, data)
        except OSError:  # the window is gone; the end of stdin says the rest
            return

    inbox = open_inbox(0)
    Engine(inbox, tell).run()
    return 0
