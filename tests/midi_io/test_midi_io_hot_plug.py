"""Ports that come, go and come back, several at once, and our own that others connect to."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import rtmidi
from jack_server import Receiver, wait_until

from musegen_app.midi_io.messages import note_on
from musegen_app.midi_io.outputs import Outputs
from musegen_app.midi_io.ports import Arrivals, InputPort
from musegen_app.midi_io.virtual_port import VIRTUAL_NAME, VirtualInput, VirtualPort, input_ports, listening

CONNECTS = """
import sys, time, rtmidi
port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="stranger")
names = port.get_ports()
port.open_port(names.index(next(n for n in names if n.startswith("MuseGen:"))))
print("connected", flush=True)
last = time.monotonic() + 20
while time.monotonic() < last:
    got = port.get_message()
    if got is not None and got[0][0] == 0x90:
        print(*got[0], flush=True)
        break
    time.sleep(0.002)
port.delete()
"""


@pytest.fixture
def second(jack: str) -> Iterator[Receiver]:
    """Another instrument."""
    made = Receiver(f"{jack}-b")
    made.open()
    yield made
    made.close()


@pytest.fixture
def outputs(jack: str) -> Iterator[Outputs]:
    with closing(Outputs()) as made:
        yield made


def test_several_ports_are_open_at_once_and_each_gets_its_own(
    outputs: Outputs, receiver: Receiver, second: Receiver
) -> None:
    assert outputs.choose(receiver.port)
    assert outputs.hold([second.port]) == (second.port,)
    outputs.send(note_on(0, 60, 90))
    outputs.send(note_on(1, 61, 91), second.port)
    outputs.send(note_on(0, 62, 92), receiver.port)
    outputs.send(note_on(0, 63, 93), "no such port")
    wait_until(lambda: len(receiver.notes()) == 2 and second.notes())
    assert receiver.notes() == [(0, 60, 90), (0, 62, 92)]
    assert second.notes() == [(1, 61, 91)]


def test_ports_change_places(outputs: Outputs, receiver: Receiver, second: Receiver) -> None:
    outputs.hold([receiver.port, second.port])
    assert outputs.choose(receiver.port)
    assert outputs.choose(second.port)
    outputs.send(note_on(0, 60, 90))
    outputs.send(note_on(0, 61, 90), receiver.port)
    assert outputs.hold([]) == ()
    outputs.send(note_on(0, 62, 90), receiver.port)
    outputs.send(note_on(0, 63, 90))
    wait_until(lambda: len(second.notes()) == 2 and receiver.notes())
    assert receiver.notes() == [(0, 61, 90)]


def test_a_held_port_that_is_not_there_is_one_sentence_and_silence_not_the_main_port(
    outputs: Outputs, receiver: Receiver, second: Receiver
) -> None:
    outputs.choose(receiver.port)
    second.close()
    assert outputs.hold([second.port]) == ()
    assert outputs.problem == f"The MIDI port {second.port} is not there; what is sent to it stays unheard until it is."
    assert outputs.name == receiver.port
    outputs.send(note_on(0, 60, 90), second.port)
    outputs.send(note_on(0, 61, 90))
    wait_until(receiver.notes)
    assert receiver.notes() == [(0, 61, 90)]
    second.open()
    opened: list[str] = []
    wait_until(lambda: opened.extend(outputs.look()) or opened)
    assert opened == [second.port]
    assert outputs.problem == ""


def test_the_main_port_that_returns_is_told_under_both_its_names(outputs: Outputs, receiver: Receiver) -> None:
    outputs.choose(receiver.port)
    receiver.close()
    wait_until(lambda: outputs.look() == () and outputs.name == "")
    assert "is gone" in outputs.problem
    receiver.open()
    opened: list[str] = []
    wait_until(lambda: opened.extend(outputs.look()) or opened)
    assert opened == [receiver.port, ""]
    assert outputs.problem == ""


# --- our own ----------------------------------------------------------------------------------------------------------


def test_another_process_connects_to_our_own_port_and_receives(outputs: Outputs) -> None:
    assert outputs.choose(VIRTUAL_NAME)
    assert (outputs.name, outputs.problem) == (VIRTUAL_NAME, "")
    with subprocess.Popen([sys.executable, "-c", CONNECTS], stdout=subprocess.PIPE, text=True) as stranger:
        assert stranger.stdout is not None
        assert stranger.stdout.readline() == "connected\n"
        outputs.send(note_on(0, 64, 77))
        assert stranger.stdout.readline() == "144 64 77\n"
    assert stranger.returncode == 0


def test_our_own_port_can_be_held_for_a_track_and_goes_when_nobody_wants_it(outputs: Outputs, jack: str) -> None:
    assert outputs.hold([VIRTUAL_NAME]) == (VIRTUAL_NAME,)
    looking = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="looking")
    assert "MuseGen:MuseGen" in looking.get_ports()
    outputs.hold([])
    assert "MuseGen:MuseGen" not in looking.get_ports()
    looking.delete()


def test_our_own_ports_are_not_offered_to_ourselves(outputs: Outputs, receiver: Receiver) -> None:
    outputs.choose(VIRTUAL_NAME)
    with closing(VirtualInput()) as own:
        assert own.look()
        outputs.look()
        assert receiver.port in outputs.list.names
        assert not [name for name in (*outputs.list.names, *input_ports().names) if name.startswith("MuseGen")]


def test_our_own_input_hears_who_connects_to_it(jack: str) -> None:
    with closing(listening(VIRTUAL_NAME)) as own:
        assert own.look()
        assert not own.look(), "it is there already"
        sender = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="sender")
        sender.open_port(next(i for i, name in enumerate(sender.get_ports()) if name.startswith("MuseGen in:")))
        sender.send_message([0x91, 60, 100])
        heard: list[tuple[float, tuple[int, ...]]] = []
        wait_until(lambda: heard.extend(own.receive()) or heard)
        sender.delete()
    assert heard[0][1] == (0x91, 60, 100)
    assert abs(heard[0][0] - time.perf_counter()) < 10


def test_without_a_midi_system_our_own_port_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-runs-this-one")
    for own in (VirtualPort(), VirtualInput()):
        assert not own.look()
        assert (own.name, own.problem[:24]) == ("", "No MIDI system was found")
        own.close()
    assert input_ports().names == ()


# --- inputs -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def keyboard(jack: str) -> Iterator[Callable[[], rtmidi.MidiOut]]:
    """An instrument that can be plugged in and out."""
    made: list[rtmidi.MidiOut] = []

    def plug_in() -> rtmidi.MidiOut:
        port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=f"{jack}-keys")
        port.open_virtual_port("keys")
        made.append(port)
        return port

    yield plug_in
    for port in made:
        port.delete()


def test_an_input_comes_and_goes_and_comes_back(jack: str, keyboard: Callable[[], rtmidi.MidiOut]) -> None:
    name = f"{jack}-keys:keys"
    with closing(InputPort(name)) as port:
        assert not port.look()
        assert port.problem == f"The MIDI port {name} is not there; nothing is heard from it until it is."
        for _ in range(2):
            keys = keyboard()
            wait_until(port.look)
            assert (port.name, port.problem) == (name, "")
            keys.send_message([0x90, 60, 100])
            keys.send_message([0xF8])
            heard: list[tuple[int, ...]] = []
            wait_until(lambda heard=heard: heard.extend(m for _, m in port.receive()) or len(heard) == 2)
            assert heard == [(0x90, 60, 100), (0xF8,)]
            keys.close_port()
            keys.delete()
            wait_until(lambda: not port.look() and not port.name)
            assert "is gone" in port.problem
            assert port.receive() == []


def test_times_are_the_librarys_whenever_the_messages_are_fetched() -> None:
    arrivals = Arrivals()
    came = [arrivals.arrived_s(0.010, 100 + 0.010 * number + 0.0001) for number in range(20)]
    came += [arrivals.arrived_s(0.010, 100.9) for _ in range(20)]  # the program stood still, then fetched all at once
    gaps = [after - before for before, after in itertools.pairwise(came)]
    assert gaps == pytest.approx([0.010] * 39, abs=1e-9)
    assert came[0] == pytest.approx(100.0001)
