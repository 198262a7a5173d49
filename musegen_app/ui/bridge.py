"""From any thread to the UI thread: posted values are handed on in order, in bundles, on the thread that owns the bridge."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

T = TypeVar("T")


class _Waker(QObject):
    woken = Signal()


class Bridge(Generic[T]):
    """``receive`` is called on the thread that made the bridge, once for each value, as soon as its event loop turns.

    However many values are posted meanwhile, the event loop is woken once: a model that writes thousands of notes a second
    never floods it.
    """

    def __init__(self, receive: Callable[[T], None]) -> None:
        self._receive = receive
        self._posted: list[T] = []
        self._lock = threading.Lock()
        self._closed = False
        self._waker = _Waker()
        self._waker.woken.connect(self._hand_on, Qt.ConnectionType.QueuedConnection)

    def post(self, value: T) -> None:
        """Hand a value over. Any thread; never blocks for long. Nothing happens once the bridge is closed."""
        with self._lock:
            if self._closed:
                return
            self._posted.append(value)
            if len(self._posted) == 1:
                self._waker.woken.emit()

    def close(self) -> None:
        """Hand on nothing from now on."""
        with self._lock:
            self._closed = True
            self._posted.clear()

    def _hand_on(self) -> None:
        with self._lock:
            bundle, self._posted = self._posted, []
        for value in bundle:
            if not self._closed:
                self._receive(value)
