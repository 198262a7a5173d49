"""A port by name, that may come and go: one to send to, one to listen to."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from pathlib import Path
from typing import Any, ClassVar, Final

import rtmidi

from musegen_app.midi_io import jack
from musegen_app.midi_io.devices import NO_SYSTEM, PORT_ERRORS, PortList, listed, open_input, open_output
from musegen_app.midi_io.messages import Message

FLUSH_S: Final = 0.06
"""JACK sends at the start of its next period: what was sent last gets this long before the port closes."""
_REMEMBERED: Final = 256


class SystemPort:
    """Opens the port of the wanted name whenever it is there. Belongs to one thread; nothing here raises.

    ``problem`` is a sentence while the wanted port is not there, ``list`` what :meth:`look` saw last.
    """

    _absent: ClassVar[str]  # what goes on without it
    _gone: ClassVar[str]
    _end: ClassVar[str]

    def __init__(self, wanted: str = "") -> None:
        self._client: Any = None  # rtmidi's, in or out
        self._server: Path | None = None  # JACK's socket, where it is JACK
        self.wanted = wanted
        self.name = ""
        self.problem = ""
        self.list = PortList()

    def look(self) -> bool:
        """Read the list of ports anew, let a lost port go and take up one that returned; whether a port was opened."""
        self.list = self._read()
        if self.name and self.name not in self.list.names:
            self._lose()
        return self._open() if self.wanted and not self.name else False

    def choose(self, name: str) -> bool:
        """Use the port of this name from now on, "" for none; whether it could be opened."""
        self._shut()
        self.wanted, self.problem = name, ""
        return self.look() if name else False

    def close(self) -> None:
        """Let everything go."""
        self._shut()
        self._drop()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _join(self) -> Any:
        """A client of the MIDI system, or None."""
        raise AssertionError("each kind of port has its own")

    def _read(self) -> PortList:
        if self._server is not None and not jack.answers(self._server):
            self._drop()
        if self._client is None:
            self._client = self._join()
        if self._client is None:
            return PortList((), NO_SYSTEM)
        try:
            is_jack = self._client.get_current_api() == rtmidi.API_UNIX_JACK
            self._server = jack.server_socket() if is_jack else None
            return listed(self._client)
        except PORT_ERRORS:
            self._drop()
            return PortList((), NO_SYSTEM)

    def _open(self) -> bool:
        if self.wanted not in self.list.names or self._client is None:
            self.problem = self.problem or f"The MIDI port {self.wanted} is not there; {self._absent} until it is."
            return False
        try:
            self._client.open_port(self.list.names.index(self.wanted), name=self._end)
        except PORT_ERRORS:
            self.problem = f"The MIDI port {self.wanted} cannot be opened; another program may hold it."
            return False
        self.name, self.problem = self.wanted, ""
        return True

    def _lose(self) -> None:
        self._shut()
        self.problem = f"The MIDI port {self.wanted} is gone; {self._gone} until it is back."

    def _shut(self) -> None:
        """Close the port."""
        opened, self.name = self.name, ""
        if opened and self._client is not None:
            with contextlib.suppress(*PORT_ERRORS):
                self._client.close_port()

    def _drop(self) -> None:
        """Leave the MIDI system; with JACK's server dead, its library takes a second over it."""
        client, self._client, self._server = self._client, None, None
        if client is not None:
            client.delete()


class OutputPort(SystemPort):
    """A port to send to."""

    _absent, _gone, _end = "playing is silent", "playing goes on silently", "out"

    def __init__(self, wanted: str = "") -> None:
        super().__init__(wanted)
        self._sent_s = 0.0

    def send(self, message: Message) -> None:
        """Send now; without a port nothing happens."""
        if not self.name or self._client is None:
            return
        try:
            self._client.send_message(message)
        except PORT_ERRORS:
            self._lose()
        else:
            self._sent_s = time.perf_counter()

    def _join(self) -> Any:
        return open_output()

    def _shut(self) -> None:
        """Close the port, not before what was sent last has left."""
        if self.name:
            time.sleep(max(self._sent_s + FLUSH_S - time.perf_counter(), 0.0))
        super()._shut()


class InputPort(SystemPort):
    """A port to listen to: messages wait in the system's library, with their times, until they are fetched."""

    _absent = _gone = "nothing is heard from it"
    _end = "in"

    def __init__(self, wanted: str = "") -> None:
        super().__init__(wanted)
        self._arrivals = Arrivals()

    def receive(self) -> list[tuple[float, Message]]:
        """What has come since the last call, at which times of :func:`time.perf_counter`."""
        return self._arrivals.fetch(self._client) if self.name else []

    def _join(self) -> Any:
        return open_input()

    def _open(self) -> bool:
        self._arrivals = Arrivals()
        return super()._open()


class Arrivals:
    """When messages came, though they are fetched later.

    The library tells the time between one message and the next, which it takes itself, whatever Python does meanwhile.
    Their sum runs by the library's clock; it is tied to ours by the message that was fetched the soonest of the last.
    """

    def __init__(self) -> None:
        self._sum_s = 0.0
        self._behind: deque[float] = deque(maxlen=_REMEMBERED)

    def fetch(self, client: rtmidi.MidiIn) -> list[tuple[float, Message]]:
        """The messages that wait, each with its time."""
        found: list[tuple[float, Message]] = []
        while (event := client.get_message()) is not None:
            data, gap_s = event
            found.append((self.arrived_s(gap_s, time.perf_counter()), tuple(data)))
        return found

    def arrived_s(self, gap_s: float, now_s: float) -> float:
        """When a message came that is fetched now, ``gap_s`` after the one before."""
        self._sum_s += gap_s
        self._behind.append(now_s - self._sum_s)
        return self._sum_s + min(self._behind)
