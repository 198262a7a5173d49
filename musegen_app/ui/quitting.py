"""Ctrl-C and SIGTERM close the window cleanly: Python's handler runs only when Qt's loop is woken, so a socket wakes it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier

_SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class SignalWatch(QObject):
    """Calls ``leave`` on the UI thread when the system asks the program to end. Make it on the main thread."""

    def __init__(self, leave: Callable[[], None]) -> None:
        super().__init__()
        self._leave = leave
        self._asked = False
        self._near, self._far = socket.socketpair()
        for end in (self._near, self._far):
            end.setblocking(False)  # noqa: FBT003  the standard library's own signature
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        self._old_fd = signal.set_wakeup_fd(self._far.fileno(), warn_on_full_buffer=False)
        self._old = {number: signal.signal(number, self._handle) for number in _SIGNALS}

    def close(self) -> None:
        """Put back what was there."""
        for number, handler in self._old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_fd)
        self._notifier.setEnabled(False)
        self._near.close()
        self._far.close()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True

    def _woken(self) -> None:
        self._near.recv(64)
        if self._asked:
            self._asked = False
            self._leave()
