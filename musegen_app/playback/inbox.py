"""Bytes from a pipe with a deadline: ``select`` where pipes can be selected, a reading thread on Windows."""

from __future__ import annotations

import os
import queue
import select
import sys
import threading
from typing import Protocol

from musegen_app.playback.wire import Frame, Unpacker

_CHUNK = 1 << 16


class Inbox(Protocol):
    """Frames from a pipe."""

    ended: bool

    def wait(self, timeout_s: float | None) -> list[Frame]:
        """Frames that arrive within ``timeout_s`` (None: as long as it takes); ``ended`` is set when the pipe ends."""
        ...

    def close(self) -> None:
        """No more is read; call after the other end has closed."""
        ...


class SelectInbox:
    """For POSIX."""

    def __init__(self, fd: int) -> None:
        self._fd, self._unpacker, self.ended = fd, Unpacker(), False

    def wait(self, timeout_s: float | None) -> list[Frame]:
        """See :class:`Inbox`."""
        if self.ended:
            return []
        ready, _, _ = select.select([self._fd], [], [], timeout_s)
        if not ready:
            return []
        data = os.read(self._fd, _CHUNK)
        self.ended = not data
        return self._unpacker.feed(data)

    def close(self) -> None:
        """Nothing to do."""


class ThreadInbox:
    """For Windows, where ``select`` takes sockets only."""

    def __init__(self, fd: int) -> None:
        self._fd, self._unpacker, self.ended = fd, Unpacker(), False
        self._chunks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, name="pipe reader", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        data = b"."
        while data:
            try:
                data = os.read(self._fd, _CHUNK)
            except OSError:
                data = b""
            self._chunks.put(data)

    def wait(self, timeout_s: float | None) -> list[Frame]:
        """See :class:`Inbox`."""
        if self.ended:
            return []
        try:
            data = self._chunks.get(timeout=timeout_s) if timeout_s != 0 else self._chunks.get_nowait()
        except queue.Empty:
            return []
        self.ended = not data
        return self._unpacker.feed(data)

    def close(self) -> None:
        """Wait for the thread."""
        self._thread.join(1.0)


def open_inbox(fd: int) -> Inbox:
    """The kind that fits this system."""
    return ThreadInbox(fd) if sys.platform == "win32" else SelectInbox(fd)
