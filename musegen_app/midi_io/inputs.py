"""Listening to keyboards and clocks: one thread reads every input that is wanted, and hands on at once what comes.

The messages wait in the system's library with the times at which they came, so that a thread that is held up (a window that
paints holds the interpreter's lock) hears late, but never tells a wrong time. A callback would have JACK's own real-time
thread wait for that lock, and with it everything else that sounds.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from musegen_app.midi_io.devices import NO_SYSTEM, PortList, without_own
from musegen_app.midi_io.messages import CLOCK, CONTINUE, SONG_POSITION, START, STOP, Message
from musegen_app.midi_io.ports import InputPort
from musegen_app.midi_io.virtual_port import VirtualInput, listening

Heard = Callable[[float, Message], None]
"""Gets the time, of :func:`time.perf_counter`, and the message."""

FIRST: Final = ""
"""The name that stands for the first input there is, whichever that may be."""
THROUGH: Final = "Midi Through"
"""ALSA's loopback: what comes in there is what went out."""
LOOK_S: Final = 1.0
_BUSY_S: Final = 0.001
_IDLE_S: Final = 0.003
_BUSY_FOR_S: Final = 10.0
_REALTIME: Final = frozenset({CLOCK, START, CONTINUE, STOP, SONG_POSITION})
_VOICES: Final = range(0x80, 0xF0)


def is_played(message: Message) -> bool:
    """Whether it is what hands and feet do: notes, pedals, wheels. Neither SysEx nor clock nor active sensing is."""
    return bool(message) and message[0] in _VOICES


def is_realtime(message: Message) -> bool:
    """Whether it belongs to a clock: pulses, start, stop, continue, song position."""
    return bool(message) and message[0] in _REALTIME


class Tap:
    """One listener at one input; see :meth:`Inputs.tap`. ``name`` and ``problem`` are as of about a second ago."""

    def __init__(self, wanted: str, wants: Callable[[Message], bool], leave: Callable[[Tap], None]) -> None:
        self.wanted, self.wants, self._leave = wanted, wants, leave
        self.name = ""
        self.problem = ""
        self._heard: deque[tuple[float, Message]] = deque()
        self.hear: Heard = lambda at_s, message: self._heard.append((at_s, message))
        self.lost: Callable[[], None] = lambda: None
        self.is_closed = False

    def receive(self) -> list[tuple[float, Message]]:
        """What has come since the last call, where nobody else was to be called."""
        return [self._heard.popleft() for _ in range(len(self._heard))]

    def look(self) -> bool:
        """The thread looks by itself."""
        return False

    def close(self) -> None:
        """Listen no longer."""
        if not self.is_closed:
            self.is_closed = True
            self._leave(self)


class Inputs:
    """The inputs that are listened to, each opened once however many listen. Taps are made and closed on one thread."""

    def __init__(self) -> None:
        self._taps: tuple[Tap, ...] = ()
        self._lines: dict[str, _Line] = {}
        self._thread: threading.Thread | None = None
        self._seen = PortList()
        self._looks_anew = False
        self._ending = False

    @property
    def list(self) -> PortList:
        """The inputs there were a second ago, without our own. Nothing before the first tap."""
        return self._seen

    def tap(
        self,
        name: str,
        wants: Callable[[Message], bool] = is_played,
        hear: Heard | None = None,
        lost: Callable[[], None] | None = None,
    ) -> Tap:
        """Listen to the input of this name, :data:`FIRST` for the first there is, whenever it is there.

        Args:
            name: the input.
            wants: which messages are handed on.
            hear: called on the listening thread with each message as it comes; without it they wait for ``receive``.
            lost: called on that thread when the input has gone.
        """
        made = Tap(name, wants, self._leave)
        made.hear, made.lost = hear or made.hear, lost or made.lost
        self._taps = (*self._taps, made)
        self._looks_anew = True
        if self._thread is None:
            self._ending = False
            self._thread = threading.Thread(target=self._run, name="musegen-inputs", daemon=True)
            self._thread.start()
        return made

    def _leave(self, tap: Tap) -> None:
        self._taps = tuple(other for other in self._taps if other is not tap)
        thread = self._thread
        if not self._taps and thread is not None:
            self._ending, self._thread = True, None
            thread.join()

    # --- on the listening thread ----------------------------------------------------------------------------------------

    def _run(self) -> None:
        census = InputPort()
        next_look_s = heard_s = 0.0
        try:
            while not self._ending:
                now = time.perf_counter()
                if now >= next_look_s or self._looks_anew:
                    self._looks_anew, next_look_s = False, now + LOOK_S
                    self._look(census)
                if sum(line.hand_on(self._taps) for line in self._lines.values()):
                    heard_s = now
                time.sleep(_BUSY_S if now - heard_s < _BUSY_FOR_S else _IDLE_S)
        finally:
            for line in self._lines.values():
                line.close()
            self._lines.clear()
            census.close()

    def _look(self, census: InputPort) -> None:
        census.look()
        self._seen = without_own(census.list)
        wanted = {tap.wanted for tap in self._taps}
        for name in self._lines.keys() - wanted:
            self._lines.pop(name).close()
        for name in wanted - self._lines.keys():
            self._lines[name] = _Line(name)
        for line in self._lines.values():
            line.look(self._seen, self._taps)


class _Line:
    """One input and who listens to it."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._port: InputPort | VirtualInput = listening(wanted)
        self._looked = False

    def look(self, seen: PortList, taps: tuple[Tap, ...]) -> None:
        before = self._port.name
        if before or not self._looked or seen.problem != NO_SYSTEM:
            self._looked = True
            self._port.look()
        if self._wanted == FIRST and not self._port.name and isinstance(self._port, InputPort):
            first = next((name for name in seen.names if THROUGH not in name), "")
            if first:
                self._port.choose(first)
        for tap in taps:
            if tap.wanted == self._wanted:
                tap.name, tap.problem = self._port.name, self._port.problem
                if before and self._port.name != before and not tap.is_closed:
                    tap.lost()

    def hand_on(self, taps: tuple[Tap, ...]) -> int:
        """How many messages have come."""
        heard = self._port.receive()
        for at_s, message in heard:
            for tap in taps:
                if tap.wanted == self._wanted and not tap.is_closed and tap.wants(message):
                    tap.hear(at_s, message)
        return len(heard)

    def close(self) -> None:
        self._port.close()
