"""A port of our own that other programs see and connect to, named after the program."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import Final

import rtmidi

from musegen_app.midi_io import jack
from musegen_app.midi_io.devices import NO_SYSTEM, PORT_ERRORS, PROGRAM, open_output
from musegen_app.midi_io.messages import Message
from musegen_app.midi_io.ports import FLUSH_S

VIRTUAL_NAME: Final = f"{PROGRAM} (virtual)"
"""How our own port is called where one chooses; others see it as "MuseGen"."""
VIRTUAL_HINT: Final = (
    "For a port that other programs see, install loopMIDI or use Windows MIDI Services." if sys.platform == "win32" else ""
)
"""Windows lets no program make a port of its own."""
NO_VIRTUAL: Final = "This system has no virtual MIDI ports; choose another port."


class VirtualPort:
    """Sends to whoever has connected to it. Like :class:`musegen_app.midi_io.ports.OutputPort`, and as quiet."""

    def __init__(self) -> None:
        self._client: rtmidi.MidiOut | None = None
        self._server: Path | None = None  # JACK's socket, where it is JACK
        self._sent_s = 0.0
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
            with contextlib.suppress(*PORT_ERRORS):
                self._client.close_port()
            self._drop()

    def _open(self) -> bool:
        client = open_output(PROGRAM)
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
