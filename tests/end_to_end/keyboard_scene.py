"""The real window with the real engine over JACK, and a musician in another process who plays into it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from jack_server import Receiver, serving
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musegen_app import app as root
from musegen_app import settings
from musegen_app.settings import Settings
from musegen_app.ui.studio import Studio

PERIOD = 32
PERFORMER = Path(__file__).parents[1] / "performer.py"

Event = tuple[float, tuple[int, ...]]
Moment = tuple[float, float]


class Performer:
    """The other process."""

    def __init__(self, client: str) -> None:
        command = [sys.executable, str(PERFORMER), client]
        self.port = f"{client}:keys"
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def play(self, events: list[Event]) -> list[Moment]:
        """Between which times each event left; the window works meanwhile."""
        self.process.stdin.write(json.dumps(events) + "\n")
        self.process.stdin.flush()
        QTest.qWait(round(1000 * (events[-1][0] + 0.2)))
        return json.loads(self.process.stdout.readline())

    def leave(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()
        self.process.wait(10)


def until(ready: Callable[[], object], what: str) -> None:
    latest = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < latest, f"waited in vain for {what}"
        QTest.qWait(5)


@contextmanager
def window(qapp: QApplication, chosen: Settings) -> Iterator[Studio]:
    settings.save(chosen)
    with ExitStack() as closing:
        studio = root.build_studio(qapp, closing)
        closing.callback(studio.window.deleteLater)
        root.begin_later(studio, [])
        studio.window.show()
        until(lambda: studio.playing.port, "the port")
        until(lambda: studio.record.recording.keyboard, "the keyboard")
        yield studio
        studio.document.mark_saved(Path("piece.musegen"))
    qapp.setStyleSheet("")


@pytest.fixture
def scene(qapp, tmp_path, monkeypatch) -> Iterator[tuple[Studio, Performer, Receiver]]:
    monkeypatch.setenv("MUSEGEN_HOME", str(tmp_path))
    with serving("musegen-record", PERIOD) as name:
        receiver, performer = Receiver(name), Performer(f"{name}-p")
        receiver.open()
        try:
            with window(qapp, Settings(port=receiver.port, record_input=performer.port)) as studio:
                yield studio, performer, receiver
        finally:
            performer.leave()
            receiver.close()
