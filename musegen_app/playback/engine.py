"""The playback engine: a process of its own that sends events at their deadlines, and nothing else.

It imports the standard library and rtmidi only. Deadlines are absolute times of :func:`time.perf_counter`, which both
processes share; nothing is accumulated. When the window goes, however it goes, the pipe ends and every note gets its off.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from musegen_app.midi_io.messages import NOTE_OFF, NOTE_ON, Message
from musegen_app.midi_io.outputs import Outputs
from musegen_app.playback.clock_out import ClockOut
from musegen_app.playback.inbox import Inbox, open_inbox
from musegen_app.playback.lateness import Lateness
from musegen_app.playback.priority import raise_priority
from musegen_app.playback.sounding import Key, Sounding
from musegen_app.playback.wire import packed

_LOOK_S: Final = 1.0
_LOOK_ROOM_S: Final = 0.005  # reading the list of ports takes a tenth of this, more where there is no MIDI system
_TOO_LATE_S: Final = 0.5  # after a stall (a sleeping machine) what is later than this stays silent: no burst of notes

PLAIN: Final = "--plain"
EARS: Final = "--ears"

Queued = tuple[Any, ...]
"""Deadline, status, two data bytes, and port."""


class Engine:
    """Takes frames from ``inbox``, answers through ``tell``. Frames and the queue are in the order of time."""

    def __init__(self, inbox: Inbox, tell: Callable[[bytes], None]) -> None:
        self._inbox, self._tell = inbox, tell
        self._port = Outputs()
        self._sounding = Sounding(self._port.send)
        self._clock = ClockOut(self._port.send)
        self._lateness = Lateness()
        self._queue: deque[Queued] = deque()
        self._trims: deque[tuple[float, tuple[Key, ...]]] = deque()
        self._main = ""
        self._held: frozenset[str] = frozenset()
        self._next_look_s = 0.0
        self._look_room_s = _LOOK_ROOM_S
        self._opened_s = 0.0
        self._sent_s = 0.0  # the deadline of what was sent last
        self._told: tuple[Any, ...] = ()
        self._spin_s = 0.0
        self._commands: dict[str, Callable[..., None]] = {
            "events": self._events,
            "replace": self._replace,
            "stop": self._stop,
            "port": self._choose,
            "synth": self._port.offer,
            "hold": self._hold,
            "send": self._audition,
            "setup": self._set_up,
            "panic": self._panic,
            "begin": self._begin,
            "clock": self._clock.plan,
            "keep": self._lateness.keep,
            "lateness": lambda: self._tell(packed("lateness", self._lateness.all_s())),
            "clock_ports": self._choose_clock,
        }

    def run(self, *, plain: bool = False) -> None:
        """Until the pipe ends. ``plain``: do with the priority that any program has."""
        level = raise_priority(plain=plain)
        self._spin_s = level.spin_s
        self._tell(packed("priority", level.name))
        try:
            while not self._inbox.ended:
                for frame in self._inbox.wait(self._room_s()):
                    self._commands[frame[0]](*frame[1:])
                self._send_due()
                self._look()
        finally:
            self._sounding.silence()
            self._clock.stop()
            self._port.close()

    # --- commands -----------------------------------------------------------------------------------------------------

    def _events(self, events: tuple[Queued, ...]) -> None:
        self._queue.extend(events)

    def _replace(self, from_s: float, kept: tuple[Key, ...], events: tuple[Queued, ...]) -> None:
        """From ``from_s`` on these events instead; what sounds there and is not in ``kept`` ends then."""
        while self._queue and self._queue[-1][0] >= from_s:
            self._queue.pop()
        while self._trims and self._trims[-1][0] >= from_s:
            self._trims.pop()
        if from_s <= self._sent_s:
            kept, events = self._caught_up(kept, events)
        self._trims.append((from_s, kept))
        self._queue.extend(events)

    def _caught_up(self, kept: tuple[Key, ...], events: tuple[Queued, ...]) -> tuple[tuple[Key, ...], tuple[Queued, ...]]:
        """The window was slow, and some of what it replaces has been sent: no note of that time is struck twice.

        What should sound by now is kept or struck late, what should have come and gone stays away.
        """
        late = [event for event in events if event[0] <= self._sent_s]
        held: dict[Key, Queued] = {}
        for event in late:
            key = (self._line(event[4]), event[1] & 0x0F, event[2])
            if event[1] & 0xF0 == NOTE_ON:
                held[key] = event
            elif event[1] & 0xF0 == NOTE_OFF:
                held.pop(key, None)
        missing = {id(event) for key, event in held.items() if key not in self._sounding}
        late = [event for event in late if event[1] & 0xF0 != NOTE_ON or id(event) in missing]
        return (*kept, *held), (*late, *(event for event in events if event[0] > self._sent_s))

    def _begin(self) -> None:
        """Playing starts: its lateness counts from here."""
        self._lateness.begin()
        self._opened_s = time.perf_counter()

    def _stop(self) -> None:
        self._queue.clear()
        self._trims.clear()
        self._clock.stop()
        self._sounding.silence()

    def _choose_clock(self, names: tuple[str, ...]) -> None:
        self._clock.choose(frozenset(names))
        self._take_up()

    def _hold(self, names: tuple[str, ...]) -> None:
        """The ports that are played through beside the main one."""
        for name in self._held.difference(names):
            self._sounding.silence(name)
        self._held = frozenset(names)
        self._take_up()

    def _take_up(self) -> None:
        for name in self._port.hold(self._held | self._clock.ports):
            self._sounding.restore(name)
            self._opened_s = time.perf_counter()
        self._report()

    def _choose(self, name: str) -> None:
        for line in {"", name}:  # both may mean this port until now
            self._sounding.silence(line)
        if "" in self._clock.ports:
            self._clock.stop()
        self._main = name
        if self._port.choose(name):
            self._sounding.restore()
        if "" in self._clock.ports:
            self._tell(packed("clock"))
        self._opened_s = time.perf_counter()
        self._report()

    def _set_up(self, setup: tuple[tuple[int, int, int, str], ...]) -> None:
        """Programmes and controllers for now."""
        for *message, port in setup:
            self._sounding.pass_on(tuple(message), self._line(port))

    def _audition(self, message: Message, port: str) -> None:
        self._sounding.audition(message, self._line(port))

    def _panic(self, also: tuple[Key, ...] = ()) -> None:
        self._sounding.panic(("", *self._held - {self._main}), self._lines(also))

    def _line(self, port: str) -> str:
        """One name for each port: the main one is "" even where a track asks for it by name."""
        return "" if port == self._main else port

    def _lines(self, keys: tuple[Key, ...]) -> list[Key]:
        return [(self._line(port), channel, pitch) for port, channel, pitch in keys]

    # --- time ---------------------------------------------------------------------------------------------------------

    def _deadline_s(self) -> float | None:
        times = [held[0][0] for held in (self._queue, self._trims) if held]
        if (clock_s := self._clock.deadline_s) is not None:
            times.append(clock_s)
        return min(times) if times else None

    def _room_s(self) -> float:
        """How long there is to wait."""
        now, deadline = time.perf_counter(), self._deadline_s()
        look = self._next_look_s - now
        if deadline is None:
            return max(look, 0.0)
        due = max(deadline - now - self._spin_s, 0.0)
        return min(due, look) if look > 0 else due

    def _send_due(self) -> None:
        while (deadline := self._deadline_s()) is not None and deadline - time.perf_counter() <= self._spin_s:
            while (now := time.perf_counter()) < deadline:
                pass
            if self._clock.deadline_s == deadline:
                self._clock.send_next(now)
            elif self._trims and self._trims[0][0] <= deadline:
                self._sounding.keep_only(self._lines(self._trims.popleft()[1]))
            else:
                self._play(self._queue.popleft(), now - deadline)

    def _play(self, event: Queued, late_s: float) -> None:
        due_s, message, port = event[0], event[1:4], self._line(event[4])
        self._sent_s = due_s
        if late_s < _TOO_LATE_S:
            if due_s > self._opened_s:  # opening a port takes its time, which says nothing about how events are kept
                self._lateness.add(late_s)
            self._sounding.pass_on(message, port)
        elif message[0] & 0xF0 != NOTE_ON:
            self._sounding.pass_on(message, port)

    def _look(self) -> None:
        """Once a second, where a deadline leaves room or it can wait no longer, see which ports there are; tell the news."""
        now, deadline = time.perf_counter(), self._deadline_s()
        overdue_s = now - self._next_look_s
        if overdue_s < 0 or (overdue_s < _LOOK_S and deadline is not None and deadline - now < self._look_room_s):
            return
        self._next_look_s = now + _LOOK_S
        if opened := self._port.look():
            self._sounding.panic(opened)  # whatever the port still did when it was lost
            for name in opened:
                self._sounding.restore(name)
            self._opened_s = time.perf_counter()
            if self._clock.ports.intersection(opened):
                self._tell(packed("clock"))  # who comes back on the way is to be told where we are
        self._report()
        self._look_room_s = max(_LOOK_ROOM_S, 2 * (time.perf_counter() - now))

    def _report(self) -> None:
        port = self._port
        news = ("ports", port.name, port.problem, port.list.names, port.list.problem, self._lateness.summary_ms())
        if news != self._told:
            self._told = news
            self._tell(packed(*news))


def main(arguments: list[str]) -> int:
    """Run as the child of the window: frames on stdin, answers on stdout; with :data:`PLAIN` without asking for priority.

    With :data:`EARS` it does not play but listens, see :mod:`musegen_app.playback.ears`.
    """
    for name in ("SIGINT", "SIGHUP"):  # both reach the whole group of a terminal; the window decides, and the pipe tells
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    out = _own_stdout()

    def tell(data: bytes) -> None:
        with contextlib.suppress(OSError):  # the window is gone; the end of stdin says the rest
            os.write(out, data)

    if EARS in arguments:
        from musegen_app.playback.ears import listen

        listen(open_inbox(0), tell)
    else:
        Engine(open_inbox(0), tell).run(plain=PLAIN in arguments)
    return 0


def _own_stdout() -> int:
    """The pipe to the window, for frames alone: what C libraries print goes nowhere, Python's complaints to stderr."""
    out = os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(out, os.O_BINARY)
    with contextlib.suppress(OSError):  # a windowed program may have no stderr at all
        sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    with Path(os.devnull).open("wb") as nowhere:
        for printed in (1, 2):
            os.dup2(nowhere.fileno(), printed)
    return out
