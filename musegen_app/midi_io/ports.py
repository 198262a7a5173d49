"""An output port by name, that may come and go."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Final

import rtmidi

from musegen_app.midi_io import jack
from musegen_app.midi_io.devices import NO_SYSTEM, PORT_ERRORS, PortList, listed, open_output
from musegen_app.midi_io.messages import Message

FLUSH_S: Final = 0.06
"""JACK sends at the start of its next period: what was sent last gets this long before the port closes."""


class OutputPort:
    """Sends to the port of the wanted name whenever it is there. Belongs to one thread; nothing here raises.

    ``problem`` is a sentence while the wanted port is not there, ``list`` what :meth:`look` saw last.
    """

    def __init__(self, wanted: str = "") -> None:
        self._client: rtmidi.MidiOut | None = None
        self._server: Path | None = None  # JACK's socket, where it is JACK
        self._sent_s = 0.0
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
        """Send to the port of this name from now on, "" for none; whether it could be opened."""
        self._shut()
        self.wanted, self.problem = name, ""
        return self.look() if name else False

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

    def close(self) -> None:
        """Let everything go."""
        self._shut()
        self._drop()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _read(self) -> PortList:
        if self._server is not None and not jack.answers(self._server):
            self._drop()
        if self._client is None:
            self._client = open_output()
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
            self.problem = self.problem or f"The MIDI port {self.wanted} is not there; playing is silent until it is."
            return False
        try:
            self._client.open_port(self.list.names.index(self.wanted), name="out")
        except PORT_ERRORS:
            self.problem = f"The MIDI port {self.wanted} cannot be opened; another program may hold it."
            return False
        self.name, self.problem = self.wanted, ""
        return True

    def _lose(self) -> None:
        self._shut()
        self.problem = f"The MIDI port {self.wanted} is gone; playing goes on silently until it is back."

    def _shut(self) -> None:
        """Close the port, not before what was sent last has left."""
        opened, self.name = self.name, ""
        if opened and self._client is not None:
            time.sleep(max(self._sent_s + FLUSH_S - time.perf_counter(), 0.0))
            with contextlib.suppress(*PORT_ERRORS):
                self._client.close_port()

    def _drop(self) -> None:
        """Leave the MIDI system; with JACK's server dead, its library takes a second over it."""
        client, self._client, self._server = self._client, None, None
        if client is not None:
            client.delete()
