from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from far_receiver import FarReceiver
from jack_server import jack

sys.path.append(str(Path(__file__).resolve().parents[1] / "playback"))  # for the walk that its tests take, too

__all__ = ["jack"]


@pytest.fixture
def far(jack: str) -> Iterator[FarReceiver]:
    with closing(FarReceiver(f"{jack}-far")) as made:
        yield made


@pytest.fixture
def farther(jack: str) -> Iterator[FarReceiver]:
    with closing(FarReceiver(f"{jack}-farther")) as made:
        yield made
