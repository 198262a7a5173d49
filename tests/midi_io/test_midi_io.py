from __future__ import annotations

import subprocess
import sys

import pytest
import rtmidi

from musegen_app.midi_io import devices, messages


def test_messages_are_what_the_midi_standard_says() -> None:
    assert messages.note_on(3, 60, 100) == (0x93, 60, 100)
    assert messages.note_off(3, 60)[:2] == (0x83, 60)
    assert messages.program(9, 5) == (0xC9, 5)
    assert messages.bend(0, 8192) == (0xE0, 0, 64)
    assert messages.bend(0, 16383) == (0xE0, 127, 127)
    assert len([m for m in messages.panic() if m[1] == messages.ALL_SOUND_OFF]) == 16


def test_ports_of_one_name_are_told_apart() -> None:
    assert devices.unique_names(["Synth", "Piano", "Synth", "Synth"]) == ("Synth", "Piano", "Synth 2", "Synth 3")
    assert devices.unique_names(["Synth", "Synth", "Synth 2"]) == ("Synth", "Synth 3", "Synth 2")


def test_a_machine_without_midi_says_so_in_one_sentence_and_nothing_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-runs-this-one")
    program = (
        "from musegen_app.midi_io.devices import output_ports; found = output_ports(); print(found.names, found.problem)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "No MIDI system was found" in done.stdout


def test_ports_are_listed_through_jack(jack: str, receiver: object) -> None:
    assert any(jack in name for name in devices.output_ports().names)


def test_names_carry_no_numbers_that_change_from_day_to_day() -> None:
    alsa = ["Midi Through:Midi Through Port-0 14:0", "FLUID Synth (812):Synth input port (812:0) 128:0"]
    assert devices.stable_names(alsa, rtmidi.API_LINUX_ALSA) == [
        "Midi Through:Midi Through Port-0",
        "FLUID Synth (812):Synth input port (812:0)",
    ]
    windows = ["Microsoft GS Wavetable Synth 0", "loopMIDI Port 1", "Piano 88"]
    assert devices.stable_names(windows, rtmidi.API_WINDOWS_MM) == [
        "Microsoft GS Wavetable Synth",
        "loopMIDI Port",
        "Piano 88",
    ]
    assert devices.stable_names(["system:midi_playback_1"], rtmidi.API_UNIX_JACK) == ["system:midi_playback_1"]
