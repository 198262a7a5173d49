"""A JACK port that hears on a thread of its own.

It fetches what has come, and never lets rtmidi call it: JACK ends its own thread when a port closes, and one that waits
for Python's lock just then (a flood of messages on a busy machine) would take that lock with it, and nothing would ever
go on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import rtmidi

_WAIT_S = 0.002
_MANY = 1 << 16  # messages that may wait: a machine that stands still loses none


class Ear:
    """Opens the port ``client:port``; ``hear(when, message)`` is called on its thread, when by ``time.perf_counter``."""

    def __init__(self, client: str, port: str, hear: Callable[[float, tuple[int, ...]], None]) -> None:
        self.input = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=client, queue_size_limit=_MANY)
        self.input.open_virtual_port(port)
        self._hear, self._over = hear, threading.Event()
        self._thread = threading.Thread(target=self._listen, name=f"ear {client}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """The port goes, once all that came was heard."""
        self._over.set()
        self._thread.join()
        self.input.close_port()
        self.input.delete()

    def _listen(self) -> None:
        over = False
        while not over:
            over = self._over.wait(_WAIT_S)
            while (event := self.input.get_message()) is not None:
                self._hear(time.perf_counter(), tuple(event[0]))
