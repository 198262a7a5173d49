"""``musegen play`` through a real MIDI system: a JACK server, and a receiver that writes down what comes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jack_server import serving
from midi_ear import Ear
from terminal import line, score_of

from musegen_app.files import write_midi
from musegen_app.score import NoteTable, Tempo, Timeline, Track

pytestmark = pytest.mark.xdist_group("machine")
PATIENCE_S = 20.0
Message = tuple[int, int, int]


@pytest.fixture
def jack() -> Iterator[None]:
    """A server of its own name, so that no other test's server is in the way."""
    with serving("musegen-play"):
        yield


@pytest.fixture
def received(jack: None) -> Iterator[list[Message]]:
    """What arrives at the port "Receiver", channel messages of three bytes."""
    heard: list[Message] = []
    ear = Ear("Ear", "Receiver", lambda _when, message: heard.append(message) if len(message) == 3 else None)
    yield heard
    ear.close()


def quick_clip(path: Path, pitches: list[int]) -> None:
    score = score_of(Track(1, "Tune", notes=NoteTable.of(line(pitches))))
    timeline = Timeline.made((Tempo.of_bpm(480),))
    write_midi(type(score)(score.tracks, timeline, next_id=score.next_id), path)


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def ons(messages: list[Message]) -> list[int]:
    return [pitch for status, pitch, velocity in messages if status & 0xF0 == 0x90 and velocity]


def sounding(messages: list[Message]) -> set[int]:
    now: set[int] = set()
    for status, pitch, velocity in messages:
        if status & 0xF0 == 0x90 and velocity:
            now.add(pitch)
        elif status & 0xF0 in (0x80, 0x90):
            now.discard(pitch)
    return now


def play(*argv: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "musegen_app", "play", *argv]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_file_is_played_note_by_note_and_nothing_is_left_sounding(received: list[Message], home: Path) -> None:
    pitches = [60, 62, 64, 65, 67, 69, 71, 72]
    quick_clip(home / "clip.mid", pitches)
    ports = subprocess.run(
        [sys.executable, "-m", "musegen_app", "ports"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Receiver" in ports.stdout
    with play("clip.mid", "--port", "receiver") as playing:
        out, err = playing.communicate(timeout=60)
    assert (playing.returncode, out, err) == (0, "", "")
    wait_until(lambda: len(ons(received)) == len(pitches) and not sounding(received))
    assert ons(received) == pitches


def test_control_c_stops_at_once_and_silences(received: list[Message], home: Path) -> None:
    quick_clip(home / "long.mid", [60, 64, 67, 72] * 100)
    with play("long.mid", "--port", "Receiver") as playing:
        wait_until(lambda: len(ons(received)) >= 3)
        playing.send_signal(signal.SIGINT)
        out, err = playing.communicate(timeout=60)
    assert (playing.returncode, out, err) == (130, "", "")
    wait_until(lambda: not sounding(received))
    assert len(ons(received)) < 400


def test_an_unknown_port_is_told_with_those_there_are(received: list[Message], home: Path) -> None:
    quick_clip(home / "clip.mid", [60])
    with play("clip.mid", "--port", "organ") as playing:
        out, err = playing.communicate(timeout=60)
    assert (playing.returncode, out) == (2, "")
    assert err.startswith("musegen: There is no port organ; there are: ")
    assert "Receiver" in err
    assert not received
