"""``musegen play`` and ``musegen ports``: which port is meant, and what is said where there is none."""

from __future__ import annotations

import pytest

from musegen_app.cli.play import chosen_port
from musegen_app.errors import PortError

NAMES = ["FLUID Synth (1)", "USB Piano", "USB Drums"]


@pytest.mark.parametrize(
    ("wanted", "port"),
    [("", "FLUID Synth (1)"), ("USB Piano", "USB Piano"), ("drums", "USB Drums"), ("fluid", "FLUID Synth (1)")],
)
def test_a_port_is_named_whole_or_in_part_or_is_the_first(wanted: str, port: str) -> None:
    assert chosen_port(wanted, NAMES) == port


def test_a_whole_name_wins_over_longer_ones() -> None:
    assert chosen_port("USB", ["USB 2", "USB"]) == "USB"


@pytest.mark.parametrize(
    ("wanted", "names", "sentence"),
    [
        ("usb", NAMES, "Several ports are called like usb; there are: USB Piano, USB Drums."),
        ("organ", NAMES, "There is no port organ; there are: FLUID Synth (1), USB Piano, USB Drums."),
        ("", [], "No MIDI output port is there"),
    ],
)
def test_a_port_that_is_not_there_is_told(wanted: str, names: list[str], sentence: str) -> None:
    with pytest.raises(PortError) as caught:
        chosen_port(wanted, names)
    assert sentence in str(caught.value)


def test_the_system_s_own_sentence_is_passed_on() -> None:
    with pytest.raises(PortError, match=r"^There is no MIDI system here\.$"):
        chosen_port("", [], "There is no MIDI system here.")
