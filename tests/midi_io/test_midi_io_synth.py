"""FluidSynth as one port more: it sounds what it is told, and is told of when it cannot."""

from __future__ import annotations

import os
import signal
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from musegen_app.midi_io import messages
from musegen_app.midi_io.outputs import LOST, NO_AUDIO, Outputs
from musegen_app.midi_io.synth_port import SYNTH_NAME, SynthPort, line_of
from musegen_app.playback.soundfonts import find_synth

PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def _no_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-runs-this-one")


def writes(path: Path) -> tuple[str, ...]:
    """FluidSynth with a file for its audio device, written in real time."""
    synth = find_synth()
    device = ("-a", "file", "-o", f"audio.file.name={path}", "-o", "audio.file.type=wav")
    return (str(synth.program), "-q", "-n", *device, str(synth.soundfont))


def wait_until(true: Callable[[], bool]) -> None:
    last_try = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < last_try, "it did not come about"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (messages.note_on(0, 60, 100), "noteon 0 60 100\n"),
        (messages.note_on(3, 60, 0), "noteoff 3 60\n"),
        (messages.note_off(9, 36), "noteoff 9 36\n"),
        (messages.control(15, 64, 127), "cc 15 64 127\n"),
        (messages.program(2, 40), "prog 2 40\n"),
        (messages.bend(1, 8192), "pitch_bend 1 8192\n"),
        (messages.bend(1, 16383), "pitch_bend 1 16383\n"),
        ((0xF8,), ""),
    ],
)
def test_messages_are_lines_of_its_shell(message: tuple[int, ...], line: str) -> None:
    assert line_of(message) == line


def test_it_sounds_what_it_is_told_and_falls_silent_when_let_go(tmp_path: Path) -> None:
    port = SynthPort(writes(tmp_path / "live.wav"))
    assert port.open()
    wait_until(lambda: (tmp_path / "live.wav").exists() and (tmp_path / "live.wav").stat().st_size > 20_000)
    assert port.is_alive
    port.send(messages.program(0, 19))  # an organ sounds as long as it is held
    port.send(messages.note_on(0, 60, 110))
    time.sleep(0.4)
    port.send(messages.note_off(0, 60))
    time.sleep(1.0)
    port.close()
    assert not port.is_alive
    with wave.open(str(tmp_path / "live.wav"), "rb") as file:
        sound = np.abs(np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float))
    parts = np.array_split(sound, 40)
    assert max(part.mean() for part in parts) > 100
    assert parts[0].mean() < 1
    assert parts[-1].mean() < max(part.mean() for part in parts) / 10


def test_it_is_listed_last_once_it_is_offered(tmp_path: Path) -> None:
    outputs = Outputs()
    outputs.look()
    assert outputs.list.names == ()
    assert not outputs.choose(SYNTH_NAME)
    outputs.offer(writes(tmp_path / "live.wav"))
    assert outputs.list.names == (SYNTH_NAME,)
    assert outputs.choose(SYNTH_NAME)
    assert (outputs.name, outputs.problem) == (SYNTH_NAME, "")
    outputs.send(messages.note_on(0, 60, 100))
    outputs.close()
    assert outputs.name == ""


def test_without_an_audio_device_it_goes_from_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musegen_app.midi_io.outputs._TRIAL_S", PATIENCE_S)  # a busy machine is long over finding none
    outputs = Outputs()
    outputs.offer((*find_synth().live_command[:-1], "-a", "nothing-of-this-name", find_synth().live_command[-1]))
    assert outputs.choose(SYNTH_NAME)
    wait_until(lambda: not outputs.look() and outputs.name == "")
    assert outputs.problem == NO_AUDIO
    assert SYNTH_NAME not in outputs.list.names
    outputs.close()


def test_when_it_dies_later_it_can_be_chosen_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = Outputs()
    outputs.offer(writes(tmp_path / "live.wav"))
    monkeypatch.setattr("musegen_app.midi_io.outputs._TRIAL_S", 0.0)
    outputs.choose(SYNTH_NAME)
    synth = outputs._ports[SYNTH_NAME]
    assert isinstance(synth, SynthPort)
    assert synth._process is not None
    os.kill(synth._process.pid, signal.SIGKILL)
    wait_until(lambda: not outputs.look() and outputs.name == "")
    assert outputs.problem == LOST
    outputs.send(messages.note_on(0, 60, 100))
    assert outputs.choose(SYNTH_NAME)
    assert outputs.problem == ""
    outputs.close()


def test_a_program_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    outputs = Outputs()
    outputs.offer((str(tmp_path / "fluidsynth"),))
    assert not outputs.choose(SYNTH_NAME)
    assert outputs.problem == "FluidSynth cannot be started."
    outputs.close()
