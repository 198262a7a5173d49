from __future__ import annotations

import threading

import pytest

from musegen_app.files.mido_player import mido_lateness_s
from musegen_app.playback.lateness import Lateness, summary_ms
from musegen_app.playback.peers import SleepingThread, steady_music
from musegen_app.playback.schedule import Schedule


def test_the_summary_is_of_the_values_in_milliseconds() -> None:
    assert summary_ms([0.001 * i for i in range(101)]) == pytest.approx((50.0, 99.0, 100.0))
    assert summary_ms([0.002]) == pytest.approx((2.0, 2.0, 2.0))


def test_only_the_last_some_thousand_count_unless_more_are_kept() -> None:
    lateness = Lateness()
    assert lateness.summary_ms() is None
    lateness.keep(5000)
    for number in range(5000):
        lateness.add(1.0 if number < 2000 else 0.0)
    assert len(lateness.all_s()) == 5000
    assert lateness.summary_ms() == (0.0, 0.0, 0.0)


def test_keeping_begins_anew() -> None:
    lateness = Lateness()
    lateness.add(1.0)
    lateness.keep(10)
    assert lateness.all_s() == ()


def test_the_music_has_ninety_six_events_a_second() -> None:
    events = Schedule.of(steady_music(960)).between(0, 60)
    assert [event[0] for event in events] == pytest.approx([number / 96 for number in range(960)])


def test_the_peers_play_all_of_it_and_are_never_early() -> None:
    late = mido_lateness_s(steady_music(48))
    thread = SleepingThread(48)
    thread.start()
    while thread.is_playing:
        threading.Event().wait(0.01)
    assert len(late) == len(thread.lateness_s) == 48
    assert min(thread.lateness_s) >= 0
    assert min(late) > -0.001
