"""A child process listens for the window, over a real JACK server."""

from __future__ import annotations

import os
import signal
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import rtmidi
from jack_server import wait_until

from musegen_app.midi_io.devices import NO_SYSTEM
from musegen_app.midi_io.inputs import is_realtime
from musegen_app.midi_io.messages import CLOCK, Message, control, note_off, note_on
from musegen_app.playback.ears import Ears


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


def test_what_is_played_comes_with_its_time(jack: str) -> None:
    heard: list[tuple[float, Message]] = []
    played = [note_on(2, 60, 90), note_on(2, 64, 80), control(2, 64, 127), note_off(2, 64), note_off(2, 60)]
    ears, name = Ears(), f"{jack}-ears"
    with keyboard(name) as out:
        tap = ears.tap(f"{name}:keys", hear=lambda at_s, message: heard.append((at_s, message)))
        wait_until(lambda: tap.name == f"{name}:keys")
        assert f"{name}:keys" in ears.list.names
        sent = []
        for message in played:
            sent.append(time.perf_counter())
            out.send_message([CLOCK])
            out.send_message(message)
            time.sleep(0.05)
        wait_until(lambda: len(heard) == len(played))
        tap.close()
    assert [message for _, message in heard] == played
    late_s = [heard_s - sent_s for (heard_s, _), sent_s in zip(heard, sent, strict=True)]
    assert min(late_s) > -0.05, "both processes count by one clock"
    assert statistics.median(late_s) < 0.25


def test_two_taps_share_an_input_and_each_hears_its_own(jack: str) -> None:
    ears, name = Ears(), f"{jack}-two"
    with keyboard(name) as out:
        played, clock = ears.tap(f"{name}:keys"), ears.tap(f"{name}:keys", is_realtime)
        wait_until(lambda: played.name and clock.name)
        out.send_message([CLOCK])
        out.send_message(note_on(0, 60, 90))
        wait_until(lambda: played._heard and clock._heard)
        played.close()
        out.send_message([CLOCK])
        wait_until(lambda: len(clock._heard) == 2)
        clock.close()
    assert [message for _, message in played.receive()] == [note_on(0, 60, 90)]
    assert [message for _, message in clock.receive()] == [(CLOCK,)] * 2


def test_a_keyboard_that_goes_is_told_and_taken_up_again(jack: str) -> None:
    lost = threading.Event()
    ears, name = Ears(), f"{jack}-gone"
    with keyboard(name):
        tap = ears.tap(f"{name}:keys", lost=lost.set)
        wait_until(lambda: tap.name)
    wait_until(lambda: lost.is_set() and not tap.name and tap.problem)
    with keyboard(name) as out:
        wait_until(lambda: tap.name)
        out.send_message(note_on(0, 61, 90))
        wait_until(tap.receive)
    tap.close()


def test_a_killed_child_is_followed_by_another(jack: str) -> None:
    lost = threading.Event()
    ears, name = Ears(), f"{jack}-killed"
    with keyboard(name) as out:
        tap = ears.tap(f"{name}:keys", lost=lost.set)
        wait_until(lambda: tap.name)
        assert ears._process is not None
        os.kill(ears._process.pid, signal.SIGKILL)
        wait_until(lambda: lost.is_set() and tap.name)
        out.send_message(note_on(0, 62, 90))
        wait_until(tap.receive)
        tap.close()


def test_after_the_last_tap_nothing_runs_and_listening_may_begin_again(jack: str) -> None:
    ears = Ears()
    for _ in range(2):
        tap = ears.tap("nobody")
        wait_until(lambda tap=tap: tap.problem)
        process = ears._process
        assert process is not None
        tap.close()
        assert process.ended


def test_where_there_is_no_midi_system_nothing_comes_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-runs-this-one")
    ears = Ears()
    tap = ears.tap("nobody")
    wait_until(lambda: ears.list.problem == NO_SYSTEM)
    assert tap.receive() == []
    tap.close()
