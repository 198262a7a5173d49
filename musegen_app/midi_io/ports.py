"""An output port by name, that may come and go."""

from __future__ import annotations

import contextlib
import time
from typing import Final

import rtmidi

from musegen_app.midi_io.devices import NO_SYSTEM, PortList, listed, open_output
from musegen_app.midi_io.messages import Message

FLUSH_S: Final = 0.03
"""JACK sends at the start of its next period: what was sent last gets this long before the port closes."""


class OutputPort:
    """Sends to the port of the wanted name whenever it is there. Belongs to one thread; nothing here raises.

    ``problem`` is a sentence while the wanted port is not there.
    """

    def __init__(self) -> None:
        self._watch: rtmidi.MidiOut | None = None
        self._out: rtmidi.MidiOut | None = None
        self.wanted = ""
        self.name = ""
        self.problem = ""
        self.list = PortList()

    def look(self) -> bool:
        """Read the list of ports anew, let a lost port go and take up one that returned; whether a port was opened."""
        if self._watch is None:
            self._watch = open_output()
        if self._watch is None:
            self.list = PortList((), NO_SYSTEM)
        else:
            self.list = self._read()
        if self.name and self.name not in self.list.names:
            self._let_go()
            self.problem = f"The MIDI port {self.wanted} is gone; playing goes on silently until it is back."
        return self._open() if self.wanted and not self.name else False

    def _read(self) -> PortList:
        try:
            return listed(self._watch)
        except (rtmidi.SystemError, rtmidi.RtMidiError):
            self._let_go()
            self._watch = None
            return PortList((), NO_SYSTEM)

    def choose(self, name: str) -> bool:
        """Send to the port of this name from now on, "" for none; whether it could be opened."""
        self._let_go()
        self.wanted, self.problem = name, ""
        return self.look() if name else False

    def _open(self) -> bool:
        if self.wanted not in self.list.names:
            self.problem = self.problem or f"The MIDI port {self.wanted} is not there; playing is silent until it is."
            return False
        out = open_output()
        if out is None:
            self.problem = NO_SYSTEM
            return False
        try:
            out.open_port(listed(out).names.index(self.wanted), name="out")
        except (ValueError, rtmidi.SystemError, rtmidi.RtMidiError):
            out.delete()
            self.problem = f"The MIDI port {self.wanted} cannot be opened; another program may hold it."
            return False
        self._out, self.name, self.problem = out, self.wanted, ""
        return True

    def send(self, message: Message) -> None:
        """Send now; without a port nothing happens."""
        if self._out is None:
            return
        try:
            self._out.send_message(message)
        except (rtmidi.SystemError, rtmidi.RtMidiError):
            self._let_go()
            self.problem = f"The MIDI port {self.wanted} is gone; playing goes on silently until it is back."

    def _let_go(self) -> None:
        out, self._out, self.name = self._out, None, ""
        if out is not None:
            time.sleep(FLUSH_S)
            with contextlib.suppress(rtmidi.SystemError, rtmidi.RtMidiError):
                out.close_port()
            out.delete()

    def close(self) -> None:
        """Let everything go."""
        self._let_go()
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.delete()
