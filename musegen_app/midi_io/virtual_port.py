"""A port of our own that other programs see and connect to, named after the program."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import Any, Final

import rtmidi

from musegen_app.midi_io import jack
from musegen_app.midi_io.devices import (
    NO_SYSTEM,
    PORT_ERRORS,
    PROGRAM,
    PortList,
    listed,
    open_input,
    open_output,
    without_own,
)
from musegen_app.midi_io.messages import Message
from musegen_app.midi_io.ports import FLUSH_S, Arrivals, InputPort

VIRTUAL_NAME: Final = f"{PROGRAM} (virtual)"
"""How our own port is called where one chooses; others see it as "MuseGen"."""
VIRTUAL_HINT: Final = (
    "For a port that other programs see, install loopMIDI or use Windows MIDI Services." if sys.platform == "win32" else ""
)
"""Windows lets no program make a port of its own."""
NO_VIRTUAL: Final = "This system has no virtual MIDI ports; choose another port."


class VirtualEnd:
    """A port that we make. Belongs to one thread; nothing here raises. Goes and comes back with JACK's server."""

    def __init__(self) -> None:
        self._client: Any = None  # rtmidi's, in or out
        self._server: Path | None = None  # JACK's socket, where it is JACK
        self.problem = ""

    @property
    def name(self) -> str:
        """Its name while it is open, else ""."""
        return VIRTUAL_NAME if self._client is not None else ""

    def look(self) -> bool:
        """Make the port if it is not there, or went with JACK's server; whether it was made."""
        if self._server is not None and not jack.answers(self._server):
            self._drop()
        return self._client is None and self._open()

    def close(self) -> None:
        """The port goes."""
        if self._client is not None:
            with contextlib.suppress(*PORT_ERRORS):
                self._client.close_port()
            self._drop()

    def _join(self) -> Any:
        """A client of the MIDI system, or None."""
        raise AssertionError("each end has its own")

    def _open(self) -> bool:
        client = self._join()
        if client is None:
            self.problem = NO_SYSTEM
            return False
        try:
            client.open_virtual_port(PROGRAM)
            is_jack = client.get_current_api() == rtmidi.API_UNIX_JACK
        except (*PORT_ERRORS, rtmidi.UnsupportedOperationError):
            client.delete()
            self.problem = NO_VIRTUAL
            return False
        self._client, self._server, self.problem = client, jack.server_socket() if is_jack else None, ""
        return True

    def _drop(self) -> None:
        client, self._client, self._server = self._client, None, None
        if client is not None:
            client.delete()


class VirtualPort(VirtualEnd):
    """Sends to whoever has connected to it. Like :class:`musegen_app.midi_io.ports.OutputPort`."""

    def __init__(self) -> None:
        super().__init__()
        self._sent_s = 0.0

    def send(self, message: Message) -> None:
        """Send now; without a port, or with nobody connected, nothing happens."""
        if self._client is None:
            return
        try:
            self._client.send_message(message)
        except PORT_ERRORS:
            self._drop()
        else:
            self._sent_s = time.perf_counter()

    def close(self) -> None:
        """The port goes, not before what was sent last has left."""
        if self._client is not None:
            time.sleep(max(self._sent_s + FLUSH_S - time.perf_counter(), 0.0))
        super().close()

    def _join(self) -> Any:
        return open_output(PROGRAM)


class VirtualInput(VirtualEnd):
    """Listens to whoever has connected to it. Like :class:`musegen_app.midi_io.ports.InputPort`."""

    def __init__(self) -> None:
        super().__init__()
        self._arrivals = Arrivals()

    def receive(self) -> list[tuple[float, Message]]:
        """What has come since the last call, at which times of :func:`time.perf_counter`."""
        return self._arrivals.fetch(self._client) if self._client is not None else []

    def _open(self) -> bool:
        self._arrivals = Arrivals()
        return super()._open()

    def _join(self) -> Any:
        return open_input(f"{PROGRAM} in")


def virtual_name() -> str:
    """What our own port is called where one chooses; "" where the system has none."""
    return "" if sys.platform == "win32" else VIRTUAL_NAME


def listening(name: str) -> InputPort | VirtualInput:
    """The input of this name, our own among them; :meth:`InputPort.look` opens it."""
    return VirtualInput() if name == VIRTUAL_NAME else InputPort(name)


def input_ports() -> PortList:
    """The inputs there are now, without our own. Opens the MIDI system for the moment."""
    client = open_input()
    if client is None:
        return PortList((), NO_SYSTEM)
    try:
        return without_own(listed(client))
    except PORT_ERRORS:
        return PortList((), NO_SYSTEM)
    finally:
        client.delete()
