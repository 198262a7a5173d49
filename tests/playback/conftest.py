from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from jack_server import Receiver, jack, receiver, wait_until

from musegen_app.playback.client import Player

__all__ = ["jack", "receiver"]


@pytest.fixture
def silent_player(monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    """A player on a machine without any MIDI system."""
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-runs-this-one")
    with closing(Player()) as made:
        yield made


@pytest.fixture
def player(receiver: Receiver) -> Iterator[Player]:
    """A player that sends to the receiver."""
    with closing(Player()) as made:
        made.open_port(receiver.port)
        wait_until(lambda: made.status().port == receiver.port, made)
        yield made
