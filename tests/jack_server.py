"""A JACK server without hardware, and a receiver that writes down what it is sent.

Import the fixtures into a ``conftest.py``: ``from jack_server import jack, receiver  # noqa: F401``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import rtmidi

from musegen_app.midi_io.devices import open_output
from musegen_app.playback.client import Player

START_S = 15.0
NAME = "receiver"
PATIENCE_S = 20.0


@pytest.fixture(scope="session")
def jack() -> Iterator[str]:
    """The name of a running server, which is also the default of this process and its children."""
    with serving(f"musegen-test-{os.getpid()}", 256) as name:
        yield name


@contextlib.contextmanager
def serving(name: str, period: int, *, realtime: bool = False) -> Iterator[str]:
    """A server of this name with so many frames a period, the default of this process and its children meanwhile."""
    if shutil.which("jackd") is None:
        pytest.fail("These tests need JACK: install jackd2 (make install does so on Debian as root).", pytrace=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JACK_DEFAULT_SERVER", name)
        patch.setenv("JACK_NO_START_SERVER", "1")
        # Synchronous (-S): else a receiver that a busy machine wakes too late finds its buffer overwritten. A client that
        # was killed holds the server up for ten times the timeout (-t, in ms).
        priority = ["--realtime", "-P", "20"] if realtime else ["--no-realtime"]
        command = ["jackd", *priority, "-S", "-n", name, "-t", "200", "-d", "dummy", "-r", "48000", "-p", str(period)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for_server(server)
            yield name
        finally:
            server.terminate()
            server.wait(10)


def _wait_for_server(server: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + START_S
    while time.monotonic() < patience and server.poll() is None:
        output = open_output()
        if output is not None:
            output.delete()
            return
        time.sleep(0.1)
    pytest.fail("jackd did not start", pytrace=False)


@dataclass
class Receiver:
    """What has arrived on its port: pairs of arrival time and message."""

    server: str
    messages: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)
    _input: rtmidi.MidiIn | None = None
    client: str = "in"

    @property
    def port(self) -> str:
        """The port's name, as others see it."""
        return f"{self.server}-{self.client}:{NAME}"

    def open(self) -> None:
        """The port is there from now on."""
        self._input = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=f"{self.server}-{self.client}")
        self._input.set_callback(self)
        self._input.open_virtual_port(NAME)

    def close(self) -> None:
        """The port goes."""
        midi_in, self._input = self._input, None
        if midi_in is not None:
            midi_in.close_port()
            midi_in.delete()

    def __call__(self, event: tuple[list[int], float], _data: object) -> None:
        self.messages.append((time.perf_counter(), tuple(event[0])))

    def notes(self) -> list[tuple[int, int, int]]:
        """Channel, pitch and velocity of the note-ons, in order."""
        return [(m[0] & 15, m[1], m[2]) for _, m in list(self.messages) if m[0] & 0xF0 == 0x90 and m[2] > 0]

    def sounding(self) -> set[tuple[int, int]]:
        """Channel and pitch of what sounds, taking nothing but the notes' own offs for an end."""
        held: set[tuple[int, int]] = set()
        for _, message in list(self.messages):
            note = (message[0] & 15, message[1])
            if message[0] & 0xF0 == 0x90 and message[2] > 0:
                assert note not in held, f"{note} was struck while it sounded"
                held.add(note)
            elif message[0] & 0xF0 in {0x80, 0x90}:
                held.discard(note)
        return held


@pytest.fixture
def receiver(jack: str) -> Iterator[Receiver]:
    """A port that writes down what it gets."""
    made = Receiver(jack)
    made.open()
    yield made
    made.close()


def wait_until(true: Callable[[], object], player: Player | None = None, patience_s: float = PATIENCE_S) -> None:
    """Wait for it, polling the player meanwhile."""
    last_try = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < last_try, "it did not come about"
        if player is not None:
            player.poll()
        time.sleep(0.005)
