"""Whatever happens to the window, no note is left sounding: heard by a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from far_receiver import FarReceiver
from jack_server import wait_until
from transport_walk import Walk

from musegen_app import settings
from musegen_app.files import write_midi
from musegen_app.playback.client import Player
from musegen_app.score import Note, NoteTable, Score, Track
from musegen_app.settings import Settings

ROOT = Path(__file__).parents[2]
SOON_S = 5.0  # the chord lasts half an hour
PLAYING_WINDOW = """
import sys
from PySide6.QtCore import QTimer
from musegen_app import app as root

build = root.build_studio

def build_and_play(app, closing):
    studio = build(app, closing)
    def play():
        if studio.playing.port and studio.document.score.note_count:
            studio.actions["play"].trigger()
        else:
            QTimer.singleShot(20, studio, play)
    play()
    return studio

root.build_studio = build_and_play
sys.exit(root.run_app(sys.argv[1:]))
"""


@pytest.fixture
def far(jack: str) -> Iterator[FarReceiver]:
    with closing(FarReceiver(f"{jack}-far")) as made:
        yield made


@pytest.fixture
def farther(jack: str) -> Iterator[FarReceiver]:
    with closing(FarReceiver(f"{jack}-farther")) as made:
        yield made


@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_operations_leave_nothing_sounding(seed: int, far: FarReceiver, farther: FarReceiver) -> None:
    with closing(Player()) as player:
        player.open_port(far.port)
        wait_until(lambda: player.status().port == far.port, player)
        Walk(player, (far.port, farther.port), seed).run(200, 0.04)
        player.stop()
        wait_until(lambda: not far.sounding() and not farther.sounding(), player)
    assert far.struck() > 50
    assert farther.struck() > 5


def play_in_a_window(folder: Path, port: str) -> subprocess.Popen[bytes]:
    """The real window, playing a chord that does not end to this port."""
    home, piece = folder / "home", folder / "drone.mid"
    write_midi(Score((Track(1, notes=NoteTable.of([Note(0, 960 * 4000, pitch) for pitch in (48, 55, 64)])),)), piece)
    environment = {**os.environ, "MUSEGEN_HOME": str(home), "PYTHONPATH": str(ROOT)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSEGEN_HOME", str(home))
        settings.save(Settings(port=port))
    return subprocess.Popen([sys.executable, "-c", PLAYING_WINDOW, str(piece)], env=environment)


def ends(window: subprocess.Popen[bytes], far: FarReceiver, end: Callable[[], None]) -> float:
    """Seconds from the window's end to the last note-off, on the receiver's clock (which all processes share)."""
    wait_until(lambda: len(far.sounding()) == 3, patience_s=60)
    began = time.perf_counter()
    end()
    wait_until(lambda: not far.sounding(), patience_s=10)
    window.wait(20)
    return max(when for when, message in far.log() if message[0] & 0xF0 == 0x80) - began


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_window_that_is_killed_leaves_silence_at_once(how: int, far: FarReceiver, tmp_path: Path) -> None:
    window = play_in_a_window(tmp_path, far.port)
    try:
        assert ends(window, far, lambda: window.send_signal(how)) < SOON_S
    finally:
        window.kill()
        window.wait(20)
