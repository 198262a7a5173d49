"""A JACK server that dies under a port, and one that comes back."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from jack_server import Receiver, start_server, wait_until

from musegen_app.midi_io import jack
from musegen_app.midi_io.messages import note_on
from musegen_app.midi_io.ports import OutputPort

NAME = f"musegen-mortal-{os.getpid()}"


@contextlib.contextmanager
def listening_server() -> Iterator[tuple[subprocess.Popen[bytes], Receiver]]:
    """A server and a receiver; the receiver is closed first, for a dead server's clients must go before a new one comes."""
    started = start_server(NAME)
    with started as server:
        receiver = Receiver(NAME)
        try:
            assert jack.answers(jack.server_socket() or Path())
            receiver.open()
            yield server, receiver
        finally:
            receiver.close()
            server.terminate()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[OutputPort]:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", NAME)
    made = OutputPort()
    yield made
    made.close()


def test_a_server_that_ends_is_noticed_and_taken_up_again(port: OutputPort, capfd: pytest.CaptureFixture[str]) -> None:
    with listening_server() as (server, receiver):
        assert port.choose(receiver.port)
        server.terminate()
        server.wait()
    port.look()
    assert (port.name, port.list.names) == ("", ())
    assert port.problem == f"The MIDI port {receiver.port} is gone; playing goes on silently until it is back."
    for _ in range(5_000):
        port.send(note_on(0, 60, 90))  # into a dead server's buffer this would wait for ever
    with listening_server() as (server, receiver):
        wait_until(port.look)
        assert (port.name, port.problem) == (receiver.port, "")
        port.send(note_on(0, 61, 90))
        wait_until(lambda: receiver.notes() == [(0, 61, 90)])
        port.close()
    capfd.readouterr()  # in this process JACK may print what it likes; the engine's stderr is looked at elsewhere


def test_a_socket_that_nobody_listens_at_is_a_dead_server(tmp_path: Path) -> None:
    path = tmp_path / "line"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        assert jack.answers(path)
    assert path.exists()
    assert not jack.answers(path)
    assert not jack.answers(tmp_path / "none")
