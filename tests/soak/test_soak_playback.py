"""Ten thousand operations leave nothing sounding (``make operations``); half an hour of music neither drifts nor grows."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest
from far_receiver import FarReceiver
from jack_server import wait_until
from soak_memory import private_bytes
from test_playback_silence import ends, play_in_a_window
from transport_walk import Walk

from musegen_app.playback.client import Player
from musegen_app.score import Note, NoteTable, Score, Timeline, Track

OPERATIONS = int(os.environ.get("MUSEGEN_SOAK_OPERATIONS", "10000"))
LENGTH_S = float(os.environ.get("MUSEGEN_SOAK_MINUTES", "30")) * 60
MOST_GROWTH = 1.02
MOST_DRIFT_S = 0.001
SILENT_WITHIN_S = 0.2
NOTE_S = 0.125
LOOP = 64

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]


@pytest.fixture
def player(far: FarReceiver) -> Iterator[Player]:
    with closing(Player()) as made:
        made.open_port(far.port)
        wait_until(lambda: made.status().port == far.port, made)
        yield made


def test_ten_thousand_operations_leave_nothing_sounding(player: Player, far: FarReceiver, farther: FarReceiver) -> None:
    walk = Walk(player, (far.port, farther.port), seed=10)
    for done in range(0, OPERATIONS, 500):
        walk.run(min(500, OPERATIONS - done), 0.03)
        player.stop()
        wait_until(lambda: not far.sounding() and not farther.sounding(), player)
        far.log()
        farther.log()
    assert far.struck() > OPERATIONS // 10


def test_a_killed_window_is_silent_within_a_fifth_of_a_second(far: FarReceiver, tmp_path: Path) -> None:
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        far.log()
        window = play_in_a_window(folder, far.port)
        try:
            assert ends(window, far, lambda window=window: window.send_signal(signal.SIGKILL)) < SILENT_WITHIN_S
        finally:
            window.kill()
            window.wait(20)


def grown(sizes: list[int]) -> float:
    fifth = max(len(sizes) // 5, 1)
    return median(sizes[-fifth:]) / median(sizes[:fifth])


def test_a_long_play_neither_drifts_nor_grows(player: Player, far: FarReceiver) -> None:
    """A loop goes round and round; what was sent when is compared with when it came, by the receiver's own clock."""
    notes = [Note(i * 240, 120, 36 + i) for i in range(LOOP)]
    score = Score((Track(1, notes=NoteTable.of(notes)),), Timeline().with_tempo(120))
    player.play(score, 0, (0, LOOP * 240))
    began_s = player._plan.began_s
    heard, late = 0, []
    sizes: dict[int, list[int]] = {os.getpid(): [], player._engine.pid: []}
    began = time.monotonic()
    while (passed := time.monotonic() - began) < LENGTH_S:
        next_look = time.monotonic() + 1.0
        while time.monotonic() < next_look:
            player.poll()
            time.sleep(0.05)
        struck = [(when, message[1]) for when, message in far.log() if message[0] & 0xF0 == 0x90]
        late += [when - began_s - (heard + i) * NOTE_S for i, (when, _) in enumerate(struck)]
        assert [pitch for _, pitch in struck] == [36 + (heard + i) % LOOP for i in range(len(struck))]
        heard += len(struck)
        if passed > LENGTH_S / 5:
            for pid, found in sizes.items():
                found.append(private_bytes(pid))
    player.stop()
    wait_until(lambda: not far.sounding(), player)
    fifth = len(late) // 5
    drift_s = median(late[-fifth:]) - median(late[:fifth])
    assert abs(drift_s) < MOST_DRIFT_S, f"{1000 * drift_s:.3f} ms in {heard} notes"
    for pid, found in sizes.items():
        what = "the engine" if pid == player._engine.pid else "the player"
        assert grown(found) < MOST_GROWTH, f"{what} grew to {grown(found):.3f} of what it was"
