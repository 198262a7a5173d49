"""Listening in a process of its own.

The MIDI systems know their clients by process, and one that dies without a word may hold the others up: JACK, where it waits
for its clients, for seconds. So that a window that is killed leaves silence at once, it is no client: its engine plays, and
another child like that one listens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import astuple
from typing import Final

from musegen_app.midi_io.devices import PortList
from musegen_app.midi_io.inputs import Heard, Inputs, Tap, is_played
from musegen_app.midi_io.messages import Message
from musegen_app.playback.engine import EARS
from musegen_app.playback.inbox import Inbox
from musegen_app.playback.process import EngineProcess
from musegen_app.playback.wire import Frame, packed

_NEWS_S: Final = 0.1
_REST_S: Final = 1.0  # before a child that died is followed by another


class Ears(Inputs):
    """Inputs that a child process listens to, which runs while there are taps.

    Taps are made and closed on one thread; they are called on the thread that reads the child's answers.
    """

    def __init__(self) -> None:
        super().__init__()
        self._process: EngineProcess | None = None
        self._end = threading.Event()

    def tap(
        self,
        name: str,
        wants: Callable[[Message], bool] = is_played,
        hear: Heard | None = None,
        lost: Callable[[], None] | None = None,
    ) -> Tap:
        """As :meth:`musegen_app.midi_io.inputs.Inputs.tap`."""
        made = Tap(name, wants, self._leave)
        made.hear, made.lost = hear or made.hear, lost or made.lost
        self._taps = (*self._taps, made)
        if self._process is None:
            self._begin()
        else:
            self._want(self._process)
        return made

    def _leave(self, tap: Tap) -> None:
        self._taps = tuple(other for other in self._taps if other is not tap)
        if self._taps and self._process is not None:
            self._want(self._process)
        elif self._thread is not None:
            self._end.set()
            self._thread.join()
            self._thread = self._process = None

    def _begin(self) -> None:
        self._end.clear()
        self._process = EngineProcess((EARS,))
        self._want(self._process)
        self._thread = threading.Thread(target=self._run, name="musegen-ears", daemon=True)
        self._thread.start()

    def _want(self, process: EngineProcess) -> None:
        process.send(tuple(sorted({tap.wanted for tap in self._taps})))

    # --- on the reading thread ----------------------------------------------------------------------------------------

    def _run(self) -> None:
        process = self._process
        while process is not None and not self._end.is_set():
            for what, *news in process.wait(_NEWS_S):
                self._hear(what, *news)
            if process.ended:
                process = self._followed(process)
        if process is not None:
            process.close()

    def _followed(self, dead: EngineProcess) -> EngineProcess | None:
        """Another child in the place of one that died."""
        dead.close()
        for tap in self._taps:
            tap.name = ""
            tap.lost()
        if self._end.wait(_REST_S):
            return None
        self._process = process = EngineProcess((EARS,))
        self._want(process)
        return process

    def _hear(self, what: str, *news: object) -> None:
        if what == "seen":
            seen, lines = news
            self._seen = PortList(*seen)  # type: ignore[misc]  # it was one on the other side
            self._show(dict(lines))  # type: ignore[call-overload]
        elif what == "heard":
            wanted, at_s, message = news
            for tap in self._taps:
                if tap.wanted == wanted and not tap.is_closed and tap.wants(message):  # type: ignore[arg-type]
                    tap.hear(at_s, message)  # type: ignore[arg-type]
        else:
            for tap in self._taps:
                if tap.wanted == news[0] and not tap.is_closed:
                    tap.lost()

    def _show(self, lines: dict[str, tuple[str, str]]) -> None:
        for tap in self._taps:
            tap.name, tap.problem = lines.get(tap.wanted, ("", ""))


class _Child:
    """In the child: opens what is wanted, and tells what comes."""

    def __init__(self, inbox: Inbox, tell: Callable[[bytes], None]) -> None:
        self._inbox, self._write = inbox, tell
        self._inputs = Inputs()
        self._taps: dict[str, Tap] = {}
        self._writing = threading.Lock()

    def run(self) -> None:
        told: Frame = ()
        try:
            while not self._inbox.ended:
                for (names,) in self._inbox.wait(_NEWS_S):
                    self._want(names)
                lines = tuple((name, (tap.name, tap.problem)) for name, tap in self._taps.items())
                news = ("seen", astuple(self._inputs.list), lines)
                if news != told:
                    told = news
                    self._tell(*news)
        finally:
            self._want(())

    def _want(self, names: tuple[str, ...]) -> None:
        for name in names:
            if name not in self._taps:
                self._taps[name] = self._inputs.tap(name, _anything, self._heard(name), self._lost(name))
        for name in self._taps.keys() - set(names):
            self._taps.pop(name).close()

    def _heard(self, name: str) -> Heard:
        return lambda at_s, message: self._tell("heard", name, at_s, message)

    def _lost(self, name: str) -> Callable[[], None]:
        return lambda: self._tell("lost", name)

    def _tell(self, *frame: object) -> None:
        with self._writing:
            self._write(packed(*frame))


def _anything(_message: Message) -> bool:
    """The window's taps choose."""
    return True


def listen(inbox: Inbox, tell: Callable[[bytes], None]) -> None:
    """Run in the child, until the window is gone."""
    _Child(inbox, tell).run()
