"""Another's clock and a loopback through a real MIDI system, with the real player: what the window's flows make of them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import rtmidi
from jack_server import Receiver
from midi_ear import Ear
from pytestqt.qtbot import QtBot

from musegen_app.editor.document import Document
from musegen_app.playback.client import Player
from musegen_app.score import Change, Note
from musegen_app.ui.flows.calibrating import Calibrating
from musegen_app.ui.flows.following import Following
from musegen_app.ui.flows.playing import Playing

QUARTER = 960
BPM = 127.0
DRUMS = """
import random, sys, time, rtmidi
bpm, noise_s = float(sys.argv[1]), float(sys.argv[2])
port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="drums")
port.open_virtual_port("clock")
print("ready", flush=True)
sys.stdin.readline()
chance, began, number = random.Random(1), time.perf_counter() + 0.05, 0
last = began + float(sys.argv[3])
port.send_message([0xFA])
print(began, flush=True)
while (due := began + number * 60 / bpm / 24) < last:
    wait = due + chance.uniform(-noise_s, noise_s) - time.perf_counter()
    if wait > 0:
        time.sleep(wait)
    port.send_message([0xF8])
    number += 1
if sys.argv[4] == "stop":
    port.send_message([0xFC])
sys.stdin.readline()
port.delete()
"""


@pytest.fixture
def document() -> Document:
    made = Document()
    notes = made.score.new_notes([Note(i * QUARTER, QUARTER // 2, 60 + i % 12) for i in range(64)])
    made.edit("Draw", Change.of_notes(made.active_track_id, added=notes))
    return made


@pytest.fixture
def playing(qtbot: QtBot, receiver: Receiver, document: Document) -> Iterator[Playing]:
    with closing(Player()) as player:
        made = Playing(document, player)
        made.start(receiver.port)
        qtbot.waitUntil(lambda: made.port == receiver.port, timeout=20_000)
        yield made
        made.close()


def drum_machine(length_s: float, ending: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DRUMS, str(BPM), "0.002", str(length_s), ending]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> float:
    """The other sets off; the time of its first pulse."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def test_a_drum_machine_with_a_noisy_clock_is_followed(
    qtbot: QtBot, playing: Playing, document: Document, receiver: Receiver
) -> None:
    tempos: list[float] = []
    with closing(Following(document, playing)) as following, drum_machine(5.0, "stop") as drums:
        following.tempo_changed.connect(tempos.append)
        following.choose("drums:clock")
        assert following.problem == ""
        began = go(drums)
        qtbot.waitUntil(lambda: playing.is_playing, timeout=20_000)
        away = []
        while (now := time.perf_counter()) < began + 4.5:
            away.append(abs(playing.tick_at(now) / QUARTER * 60 / BPM - (now - began)))
            qtbot.wait(20)
        assert playing.is_playing
        assert statistics.median(away[len(away) // 2 :]) < 0.03
        qtbot.waitUntil(lambda: not playing.is_playing, timeout=20_000)
        drums.communicate("end\n")
    assert tempos[-2] == pytest.approx(BPM, rel=0.01)
    assert tempos[-1] is None
    starts = [when for when, message in receiver.messages if message[0] == 0x90 and message[2]]
    assert [pitch for _, pitch, _ in receiver.notes()[:4]] == [60, 61, 62, 63]
    late = [when - began - number * 60 / BPM for number, when in enumerate(starts)]
    assert statistics.median(abs(second) for second in late[4:]) < 0.03, "each note falls on the other's beat"
    assert not receiver.sounding()


def test_a_drum_machine_that_goes_away_stops_us(qtbot: QtBot, playing: Playing, document: Document) -> None:
    told: list[str] = []
    with closing(Following(document, playing)) as following, drum_machine(1.5, "vanish") as drums:
        following.told.connect(told.append)
        following.choose("drums:clock")
        go(drums)
        qtbot.waitUntil(lambda: playing.is_playing, timeout=20_000)
        qtbot.waitUntil(lambda: bool(told), timeout=20_000)
        drums.communicate("end\n")
    assert told == ["The clock from drums:clock is silent; playing has stopped."]
    assert not playing.is_playing


class Wire:
    """A loopback of this process: what it gets it sends back."""

    def __init__(self) -> None:
        self._out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="wire-out")
        self._out.open_virtual_port("return")
        self._in = Ear("wire-in", "send", lambda _when, message: self._out.send_message(message))

    def close(self) -> None:
        self._in.close()
        self._out.delete()


def test_a_loopback_is_measured_while_the_window_runs(qtbot: QtBot, playing: Playing, jack: str) -> None:
    found, shares = [], []
    calibrating = Calibrating(playing)
    calibrating.measured.connect(found.append)
    calibrating.progressed.connect(shares.append)
    with closing(Wire()):
        calibrating.begin("wire-in:send", "wire-out:return")
        assert calibrating.is_running
        qtbot.waitUntil(lambda: bool(found), timeout=20_000)
    assert found[0].heard == 32
    assert 0 < found[0].median_ms < 100
    assert shares[-1] == 1.0
    assert not calibrating.is_running


def test_without_a_loopback_it_is_one_sentence_and_cancelling_says_nothing(
    qtbot: QtBot, playing: Playing, receiver: Receiver
) -> None:
    told: list[str] = []
    calibrating = Calibrating(playing)
    calibrating.failed.connect(told.append)
    calibrating.begin(receiver.port, "nobody")
    assert told[0].startswith("The MIDI port nobody is not there")
    silent = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="silent")
    silent.open_virtual_port("out")
    calibrating.begin(receiver.port, "silent:out")
    calibrating.cancel()
    calibrating.begin(receiver.port, "silent:out")
    qtbot.waitUntil(lambda: len(told) == 2, timeout=20_000)
    silent.delete()
    assert told[1] == f"Nothing came back at silent:out: connect {receiver.port} to it, or choose other ports."
