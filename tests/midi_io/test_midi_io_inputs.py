"""Keyboards by name, coming and going, heard on a thread of their own; over a real JACK server."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import rtmidi

from musegen_app.midi_io.devices import NO_SYSTEM
from musegen_app.midi_io.inputs import FIRST, Inputs, Tap, is_played, is_realtime
from musegen_app.midi_io.messages import CLOCK, Message, control, note_off, note_on

PATIENCE_S = 20.0


def until(true: Callable[[], object]) -> None:
    latest = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < latest, "it did not come about"
        time.sleep(0.005)


@contextmanager
def keyboard(name: str) -> Iterator[rtmidi.MidiOut]:
    """Another program's port that plays."""
    out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=name)
    out.open_virtual_port("keys")
    try:
        yield out
    finally:
        out.close_port()
        out.delete()


@contextmanager
def tapped(inputs: Inputs, *arguments, **named) -> Iterator[Tap]:
    tap = inputs.tap(*arguments, **named)
    try:
        yield tap
    finally:
        tap.close()


def test_what_is_played_comes_with_its_time_and_nothing_else_comes(jack: str) -> None:
    heard: list[tuple[float, Message]] = []
    played = [note_on(2, 60, 90), control(2, 64, 127), note_off(2, 60)]
    inputs, name = Inputs(), f"{jack}-a"
    with keyboard(name) as out, tapped(inputs, f"{name}:keys", hear=lambda at_s, m: heard.append((at_s, m))) as tap:
        until(lambda: tap.name)
        sent = []
        for message in played:
            sent.append(time.perf_counter())
            out.send_message([0xFE])
            out.send_message([0xF0, 1, 2, 0xF7])
            out.send_message([CLOCK])
            out.send_message(message)
            time.sleep(0.05)
        until(lambda: len(heard) == len(played))
    assert [message for _, message in heard] == played
    late_s = [at_s - sent_s for (at_s, _), sent_s in zip(heard, sent, strict=True)]
    assert min(late_s) >= 0
    assert statistics.median(late_s) < 0.25


def test_a_clock_and_a_keyboard_are_read_from_one_input(jack: str) -> None:
    inputs, name = Inputs(), f"{jack}-b"
    with (
        keyboard(name) as out,
        tapped(inputs, f"{name}:keys", is_realtime) as clock,
        tapped(inputs, f"{name}:keys", is_played) as keys,
    ):
        until(lambda: clock.name and keys.name)
        for message in ((CLOCK,), note_on(0, 60, 1), (CLOCK,)):
            out.send_message(message)
        got: list[list[Message]] = [[], []]

        def come() -> bool:
            for found, tap in zip(got, (clock, keys), strict=True):
                found += [message for _, message in tap.receive()]
            return len(got[0]) == 2 and len(got[1]) == 1

        until(come)
    assert got == [[(CLOCK,), (CLOCK,)], [note_on(0, 60, 1)]]


def test_a_keyboard_that_goes_is_told_in_a_sentence_and_taken_up_when_it_is_back(jack: str) -> None:
    inputs, name, lost = Inputs(), f"{jack}-c", []
    with tapped(inputs, f"{name}:keys", lost=lambda: lost.append(True)) as tap:
        until(lambda: tap.problem)
        assert tap.problem == f"The MIDI port {name}:keys is not there; nothing is heard from it until it is."
        with keyboard(name):
            until(lambda: tap.name)
            assert not tap.problem
            assert not lost
        until(lambda: lost)
        assert tap.problem == f"The MIDI port {name}:keys is gone; nothing is heard from it until it is back."
        with keyboard(name) as out:
            until(lambda: tap.name)
            out.send_message(note_on(0, 61, 90))
            until(lambda: [m for _, m in tap.receive()] == [note_on(0, 61, 90)])
    assert len(lost) == 1


def test_the_first_there_is_may_come_later_and_another_takes_its_place(jack: str) -> None:
    inputs = Inputs()
    with tapped(inputs, FIRST) as tap:
        with keyboard(f"{jack}-d"):
            until(lambda: tap.name == f"{jack}-d:keys")
            assert f"{jack}-d:keys" in inputs.list.names
        with keyboard(f"{jack}-e"):
            until(lambda: tap.name == f"{jack}-e:keys")


def test_where_there_is_no_midi_system_nothing_comes_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-runs-this-one")
    inputs = Inputs()
    with tapped(inputs, FIRST) as tap:
        until(lambda: inputs.list.problem)
        assert (tap.name, tap.receive(), inputs.list.problem) == ("", [], NO_SYSTEM)
    tap.close()
