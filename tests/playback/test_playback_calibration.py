"""The way from one port to another, measured through JACK and worked out by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import rtmidi

from musegen_app.errors import PortError
from musegen_app.midi_io.messages import note_off, note_on
from musegen_app.playback.calibration import NOTES, Calibration

QUARTER = 960
ROOT = Path(__file__).parents[2]
WIRE = """
import sys, rtmidi
from midi_ear import Ear
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="wire-out")
out.open_virtual_port("return")
back = Ear("wire-in", "send", lambda when, message: out.send_message(message))
print("ready", flush=True)
sys.stdin.read()
back.close()
out.delete()
"""


def sent(calibration: Calibration) -> list[tuple[int, int]]:
    """Tick and pitch of what goes out."""
    notes = calibration.score.tracks[0].notes
    return list(zip(notes.start.tolist(), notes.pitch.tolist(), strict=True))


def test_the_median_and_the_spread_are_those_of_the_notes() -> None:
    calibration = Calibration("out", "in")
    for number, (tick, pitch) in enumerate(sent(calibration)):
        late_ms = 7.0 + (number % 3 - 1) * 0.5
        calibration.hear(note_on(3, pitch, 90), tick + late_ms / 120 * QUARTER)
        calibration.hear(note_on(3, pitch, 90), tick + 60 / 120 * QUARTER)  # an echo of the instrument's
        calibration.hear(note_off(3, pitch), tick + 70 / 120 * QUARTER)
    found = calibration.result()
    assert found.median_ms == pytest.approx(7.0)
    assert found.spread_ms == pytest.approx(1.0)
    assert found.heard == NOTES


def test_nothing_and_too_little_are_one_sentence_each() -> None:
    calibration = Calibration("Out", "In")
    with pytest.raises(PortError, match=r"^Nothing came back at In: connect Out to it, or choose other ports\.$"):
        calibration.result()
    for tick, pitch in sent(calibration)[:10]:
        calibration.hear(note_on(0, pitch, 90), tick + 40)
    calibration.hear(note_on(0, 20, 90), 5000.0)
    calibration.hear(note_on(0, 79, 90), 100.0)  # before it was sent: somebody plays
    with pytest.raises(PortError, match=r"^Only 10 of 32 notes came back at In; look at the way there from Out\.$"):
        calibration.result()


@pytest.fixture
def wire(jack: str) -> Iterator[None]:
    """A loopback: another process that sends back what it gets."""
    paths = os.pathsep.join(str(folder) for folder in (ROOT, ROOT / "tests"))
    command, environment, pipe = [sys.executable, "-c", WIRE], {**os.environ, "PYTHONPATH": paths}, subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield
        process.communicate("")


def measured(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "musegen_app", "ports", "--loopback", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=dict(os.environ))


def test_a_loopback_through_another_process_is_measured(wire: None) -> None:
    done = measured("wire-in", "wire-out", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert (answer["output"], answer["input"]) == ("wire-in:send", "wire-out:return")
    assert answer["notes"] == NOTES
    assert 0 < answer["median_ms"] < 100


def test_a_port_that_does_not_come_back_is_one_sentence(wire: None, jack: str) -> None:
    silent = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="silent")
    silent.open_virtual_port("out")
    done = measured("wire-in", "silent")
    silent.delete()
    assert done.returncode == 2
    assert done.stderr == "musegen: Nothing came back at silent:out: connect wire-in:send to it, or choose other ports.\n"
