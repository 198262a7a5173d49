"""MIDI clock, as the engine sends it: at its deadlines, to every port that is to get it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from musegen_app.midi_io.messages import CLOCK, CONTINUE, START, STOP, Message

_TOO_LATE_S: Final = 0.5  # after a stall no burst of pulses: receivers would take it for a mad tempo


class ClockOut:
    """Belongs to the engine's thread. ``send`` takes a message and a port's name, "" for the main one."""

    def __init__(self, send: Callable[[Message, str], None]) -> None:
        self._send = send
        self._queue: deque[tuple[float, Message]] = deque()
        self._runs = False
        self.ports: frozenset[str] = frozenset()

    def choose(self, ports: frozenset[str]) -> None:
        """Send to these ports from now on; those that go on are stopped, until they are told to go on."""
        self.stop()
        self.ports = ports

    def plan(self, from_s: float, due: tuple[tuple[float, Message], ...]) -> None:
        """From ``from_s`` on this is sent, in the order of time, instead of what was to be."""
        while self._queue and self._queue[-1][0] >= from_s:
            self._queue.pop()
        self._queue.extend(due)

    @property
    def deadline_s(self) -> float | None:
        """When the next is due."""
        return self._queue[0][0] if self._queue else None

    def send_next(self, now_s: float) -> None:
        """Send what is due next."""
        due_s, message = self._queue.popleft()
        if message[0] == CLOCK and now_s - due_s > _TOO_LATE_S:
            return
        if message[0] in (START, CONTINUE):
            self._runs = True
        self._tell(message)

    def stop(self) -> None:
        """Receivers stop where they are."""
        self._queue.clear()
        if self._runs:
            self._runs = False
            self._tell((STOP,))

    def _tell(self, message: Message) -> None:
        for port in self.ports:
            self._send(message, port)
