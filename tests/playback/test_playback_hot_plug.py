"""An instrument that is unplugged and plugged in again while it is played."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from jack_server import Receiver, wait_until

from musegen_app.playback.client import Player
from musegen_app.score import ControlChange, Note, NoteTable, Score, Timeline, Track

SOON_S = 2.0
EIGHTH = 480


def seconds_until(true: Callable[[], object], player: Player) -> float:
    began = time.monotonic()
    wait_until(true, player)
    return time.monotonic() - began


def comes_soon(rounds: Callable[[], Iterator[float]]) -> bool:
    """Whether it took less than :data:`SOON_S` in one of three rounds: other programs may hold a machine up for a while."""
    return any(max(rounds()) < SOON_S for _ in range(3))


def piece() -> Score:
    controls = (ControlChange(0, 0, 3), ControlChange(0, 7, 90), ControlChange(0, 10, 20))
    notes = NoteTable.of([Note(i * EIGHTH, EIGHTH // 2, 60) for i in range(400)])
    return Score((Track(1, channel=2, program=41, notes=notes, controls=controls),), Timeline().with_tempo(120))


def test_ports_that_come_and_go_are_seen_within_two_seconds(player: Player, receiver: Receiver) -> None:
    def goes_and_comes() -> Iterator[float]:
        receiver.close()
        yield seconds_until(lambda: receiver.port not in player.ports().names, player)
        assert player.status().port == ""
        assert "is gone; playing goes on silently until it is back" in player.status().problem
        receiver.open()
        yield seconds_until(lambda: player.status().port == receiver.port, player)
        assert player.status().problem == ""

    wait_until(lambda: receiver.port in player.ports().names, player)
    assert comes_soon(goes_and_comes)


def test_what_returns_is_set_up_anew_and_heard_on_while_it_plays(player: Player, receiver: Receiver) -> None:
    player.play(piece(), 0)
    wait_until(receiver.notes, player)
    receiver.close()
    wait_until(lambda: not player.status().port, player)
    before = player.position_tick()
    receiver.messages.clear()
    receiver.open()
    wait_until(receiver.notes, player)
    assert player.position_tick() > before, "playing went on meanwhile"
    kinds = [message for _, message in receiver.messages]
    first_note = next(place for place, message in enumerate(kinds) if message[0] == 0x92)
    settings = kinds[:first_note]
    bank, program = settings.index((0xB2, 0, 3)), settings.index((0xC2, 41))
    assert bank < program
    assert {(0xB2, 7, 90), (0xB2, 10, 20)} <= set(settings)


def test_a_tracks_own_port_comes_and_goes_too(player: Player, receiver: Receiver) -> None:
    lead = Receiver(f"{receiver.server}-lead")
    score = piece()
    own = Score((Track(1, channel=2, program=41, notes=score.tracks[0].notes, port=lead.port),), score.timeline)
    player.play(own, 0)
    wait_until(lambda: player.status().problem, player)
    expected = f"The MIDI port {lead.port} is not there; what is sent to it stays unheard until it is."
    assert player.status().problem == expected
    assert player.status().port == receiver.port

    def comes() -> Iterator[float]:
        lead.close()
        wait_until(lambda: player.status().problem, player)
        lead.open()
        yield seconds_until(lambda: not player.status().problem, player)

    try:
        assert comes_soon(comes)
        wait_until(lead.notes, player)
        assert receiver.notes() == [], "nothing falls to the main port"
        assert (0xC2, 41) in [message for _, message in lead.messages]
    finally:
        lead.close()


CONNECTS = """
import time, rtmidi
port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="stranger")
names = port.get_ports()
port.open_port(names.index(next(n for n in names if n.startswith("MuseGen:"))))
print("connected", flush=True)
last = time.monotonic() + 20
while time.monotonic() < last:
    got = port.get_message()
    if got is not None and got[0][0] == 0x92:
        print(*got[0], flush=True)
        break
    time.sleep(0.002)
port.delete()
"""


def test_our_own_port_is_offered_and_played_through_to_who_connects(player: Player) -> None:
    wait_until(lambda: player.ports().virtual, player)
    player.open_port(player.ports().virtual)
    wait_until(lambda: player.status().port == "MuseGen (virtual)", player)
    assert player.status().problem == ""
    with subprocess.Popen([sys.executable, "-c", CONNECTS], stdout=subprocess.PIPE, text=True) as stranger:
        assert stranger.stdout is not None
        assert stranger.stdout.readline() == "connected\n"
        player.play(piece(), 0)
        wait_until(lambda: stranger.poll() is not None, player)
        assert stranger.stdout.read() == "146 60 96\n"


def test_lateness_counts_from_where_playing_began(player: Player, receiver: Receiver) -> None:
    player.play(piece(), 0)
    wait_until(lambda: player.status().lateness_max_ms is not None, player)
    status = player.status()
    assert status.lateness_p50_ms is not None
    assert status.lateness_p99_ms is not None
    assert status.lateness_max_ms is not None
    assert status.lateness_p50_ms <= status.lateness_p99_ms <= status.lateness_max_ms
    player.stop()
    player.poll()
    assert player.status().lateness_max_ms is not None, "what was measured can still be read"
    player.play(Score(), 0)
    wait_until(lambda: player.status().lateness_max_ms is None, player)
