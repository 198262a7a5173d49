"""A JACK server without hardware, and a receiver that writes down what it is sent.

Import the fixtures into a ``conftest.py``: ``from jack_server import jack, receiver  # noqa: F401``.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from midi_ear import Ear

from musegen_app.midi_io.devices import open_output
from musegen_app.playback.client import Player

START_S = 15.0
TRIES = 3
NAME = "receiver"
PATIENCE_S = 20.0


@pytest.fixture(scope="session")
def jack() -> Iterator[str]:
    """The name of a running server, which is also the default of this process and its children."""
    with serving("musegen-test") as name:
        yield name


@contextlib.contextmanager
def serving(kind: str, period: int = 256) -> Iterator[str]:
    """A server with so many frames a period, the default of this process and its children meanwhile; its name.

    A machine has eight places, and one that was killed keeps its place until another of its name comes: so names are used
    again, the first that is free.
    """
    with pytest.MonkeyPatch.context() as patch, _free_name(kind) as name:
        patch.setenv("JACK_NO_START_SERVER", "1")
        patch.setenv("JACK_DEFAULT_SERVER", name)
        server = start_server(name, period)
        try:
            yield name
        finally:
            server.terminate()
            server.wait(10)


@contextlib.contextmanager
def _free_name(kind: str) -> Iterator[str]:
    """A name that no other process of the tests has meanwhile, which a file locked until we end makes sure of.

    Asking JACK is no way: it answers in the name of another's server.
    """
    for number in itertools.count():
        name = f"{kind}-{number}"
        with (Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield name
            return


def start_server(name: str, period: int = 256) -> subprocess.Popen[bytes]:
    """The process of a server, once it answers."""
    if shutil.which("jackd") is None:
        pytest.fail("These tests need JACK: install jackd2 (make install does so on Debian as root).", pytrace=False)
    words = ""
    for _ in range(TRIES):
        with tempfile.TemporaryFile() as said:
            server = subprocess.Popen(_command(name, period), stdout=said, stderr=said)
            if _answers(server):
                return server
            server.kill()
            server.wait(10)
            said.seek(0)
            words = said.read().decode(errors="replace")
    pytest.fail(f"jackd did not start:\n{words}", pytrace=False)


def _command(name: str, period: int) -> list[str]:
    # In real time where the system grants that (else JACK does without): on a busy machine a client that wakes too late
    # loses what it was sent. Synchronous (-S) for the same reason. A client that was killed holds the server up for ten
    # times the timeout (-t, in ms). It ends when we do, however that is, and so frees its place.
    command = ["jackd", "--realtime", "-P", "15", "-S", "-n", name, "-t", "200", "-d", "dummy", "-r", "48000"]
    dies_with_us = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    return [*dies_with_us, *command, "-p", str(period)]


def _answers(server: subprocess.Popen[bytes]) -> bool:
    patience = time.monotonic() + START_S
    while time.monotonic() < patience and server.poll() is None:
        output = open_output()
        if output is not None:
            output.delete()
            return True
        time.sleep(0.1)
    return False


@dataclass
class Receiver:
    """What has arrived on its port: pairs of arrival time and message."""

    server: str
    messages: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)
    _ear: Ear | None = None
    client: str = "in"

    @property
    def port(self) -> str:
        """The port's name, as others see it."""
        return f"{self.server}-{self.client}:{NAME}"

    def open(self) -> None:
        """The port is there from now on."""
        self._ear = Ear(f"{self.server}-{self.client}", NAME, lambda when, message: self.messages.append((when, message)))

    def hear_clock(self) -> None:
        """MIDI clock is written down too."""
        assert self._ear is not None
        self._ear.input.ignore_types(timing=False)

    def close(self) -> None:
        """The port goes."""
        ear, self._ear = self._ear, None
        if ear is not None:
            ear.close()

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
