from __future__ import annotations

import itertools
import os
import signal
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from jack_server import Receiver, wait_until
from test_playback_engine import EIGHTH, run_of

from musegen_app.playback import client
from musegen_app.playback.client import Player
from musegen_app.playback.metronome import Click
from musegen_app.score import ControlChange, Note, NoteTable, Score, Timeline, Track


@pytest.fixture
def other(jack: str) -> Iterator[Receiver]:
    """A second instrument."""
    made = Receiver(jack, client="other")
    made.open()
    yield made
    made.close()


def duet(port: str, notes: list[Note], *, bank: int | None = None) -> Score:
    """The same on channel 1 of the main port and of another."""
    table = NoteTable.of(notes)
    first, second = Track(1, notes=table, program=3), Track(2, notes=table, program=8, port=port, bank=bank)
    return Score((first, second), Timeline().with_tempo(240))


def controls(receiver: Receiver) -> list[tuple[int, ...]]:
    return [message for _, message in list(receiver.messages) if message[0] & 0xF0 in {0xB0, 0xC0}]


def test_each_track_is_heard_on_its_own_port(player: Player, receiver: Receiver, other: Receiver) -> None:
    score = duet(other.port, run_of(8))
    player.update(score)
    wait_until(lambda: (0xC0, 8) in controls(other), player)  # else a busy machine opens it when the first note is past
    player.play(score, 0)
    wait_until(lambda: len(receiver.notes()) >= 8 and len(other.notes()) >= 8, player)
    wait_until(lambda: not receiver.sounding() and not other.sounding(), player)
    assert receiver.notes() == other.notes()
    assert (0xC0, 3) in controls(receiver)
    assert (0xC0, 8) not in controls(receiver)
    assert (0xC0, 8) in controls(other)


def test_stop_silences_every_port(player: Player, receiver: Receiver, other: Receiver) -> None:
    player.play(duet(other.port, [Note(0, 1000 * EIGHTH, 48)]), 0)
    wait_until(lambda: receiver.sounding() and other.sounding(), player)
    player.stop()
    wait_until(lambda: not receiver.sounding() and not other.sounding(), player)


def test_muting_ends_the_notes_of_its_port_alone(player: Player, receiver: Receiver, other: Receiver) -> None:
    score = duet(other.port, [Note(0, 1000 * EIGHTH, 48)])
    player.play(score, 0)
    wait_until(lambda: receiver.sounding() and other.sounding(), player)
    player.update(replace(score, tracks=(score.tracks[0], replace(score.tracks[1], muted=True))))
    wait_until(lambda: not other.sounding(), player)
    assert receiver.sounding() == {(0, 48)}


def test_a_track_that_moves_to_another_port_leaves_nothing_behind(
    player: Player, receiver: Receiver, other: Receiver
) -> None:
    score = duet(other.port, run_of(2000))
    moved = replace(score, tracks=(score.tracks[0], replace(score.tracks[1], port="", channel=5)))
    player.play(score, 0)
    for number in range(8):
        wait_until(other.notes, player)
        player.update(moved if number % 2 == 0 else score)
        time.sleep(0.08)
        player.poll()
    player.update(moved)
    wait_until(lambda: not other.sounding(), player)
    wait_until(lambda: (5, 60, 40) in receiver.notes() or receiver.notes()[-1][0] == 5, player)
    player.stop()
    wait_until(lambda: not receiver.sounding(), player)


def test_a_track_whose_port_is_the_main_one_by_name_shares_it(player: Player, receiver: Receiver) -> None:
    score = duet(receiver.port, run_of(12, length=EIGHTH))
    player.play(replace(score, tracks=(score.tracks[0], replace(score.tracks[1], channel=3))), 0)
    wait_until(lambda: len(receiver.notes()) >= 24 and not receiver.sounding(), player)
    assert {channel for channel, _, _ in receiver.notes()} == {0, 3}


def test_two_tracks_on_one_channel_of_one_port_never_hang(player: Player, receiver: Receiver) -> None:
    player.play(duet(receiver.port, run_of(12, length=EIGHTH + 100)), 0)
    wait_until(lambda: len(receiver.notes()) >= 12, player)
    player.stop()
    wait_until(lambda: not receiver.sounding(), player)


def test_the_bank_goes_out_before_the_programme_and_again_after_a_port_was_lost(
    player: Player, receiver: Receiver, other: Receiver
) -> None:
    score, chosen = duet(other.port, run_of(4000), bank=2 * 128 + 5), [(0xB0, 0, 2), (0xB0, 32, 5), (0xC0, 8)]
    player.update(score)
    wait_until(lambda: (0xC0, 8) in controls(other), player)  # else a busy machine connects it when they have gone out
    assert controls(other)[:3] == chosen
    player.play(score, 0)
    wait_until(other.notes, player)
    other.close()
    wait_until(lambda: other.port in player.status().problem, player)
    assert receiver.notes(), "the other port plays on"
    other.messages.clear()
    other.open()
    wait_until(other.notes, player)
    found = [message for message in controls(other) if message in chosen]
    assert found == chosen
    player.stop()


def test_another_bank_of_the_same_programme_is_chosen_anew(player: Player, receiver: Receiver) -> None:
    track = Track(1, program=8, bank=0, notes=NoteTable.of([Note(0, 4000 * EIGHTH, 60)]))
    player.play(Score((track,)), 0)
    wait_until(receiver.notes, player)
    receiver.messages.clear()
    player.update(Score((replace(track, bank=128),)))
    wait_until(lambda: controls(receiver) == [(0xB0, 0, 1), (0xB0, 32, 0), (0xC0, 8)], player)


def test_controllers_are_chased_on_each_port(player: Player, receiver: Receiver, other: Receiver) -> None:
    changes = (ControlChange(0, 7, 90), ControlChange(20 * EIGHTH, 7, 33))
    score = duet(other.port, [Note(500 * EIGHTH, EIGHTH, 60)])
    score = replace(score, tracks=(score.tracks[0], replace(score.tracks[1], controls=changes)))
    player.play(score, 0)
    wait_until(lambda: (0xB0, 7, 90) in controls(other), player)
    player.seek(500 * EIGHTH)
    wait_until(other.notes, player)
    assert [m for m in controls(other) if m[:2] == (0xB0, 7)][-1] == (0xB0, 7, 33)
    assert not [m for m in controls(receiver) if m[:2] == (0xB0, 7)]


def test_a_killed_engine_leaves_no_port_sounding(player: Player, receiver: Receiver, other: Receiver) -> None:
    player.play(duet(other.port, [Note(0, 20 * EIGHTH, 48), Note(4000 * EIGHTH, EIGHTH, 50)]), 0)
    wait_until(lambda: receiver.sounding() and other.sounding(), player)
    os.kill(player._engine.pid, signal.SIGKILL)
    wait_until(lambda: not receiver.sounding() and not other.sounding(), player)
    assert player.is_playing


def test_panic_reaches_every_port(player: Player, receiver: Receiver, other: Receiver) -> None:
    player.update(duet(other.port, []))
    wait_until(lambda: (0xC0, 8) in controls(other), player)
    player.note_on(2, 65, 99, other.port)
    wait_until(lambda: other.sounding() == {(2, 65)}, player)
    player.panic()
    for each in (receiver, other):
        wait_until(lambda each=each: sum(m[1] == 120 for m in controls(each)) == 16, player)
    assert not other.sounding()


def test_the_metronome_clicks_on_its_own_port_and_channel(player: Player, receiver: Receiver, other: Receiver) -> None:
    player.update(duet(other.port, []))
    wait_until(lambda: (0xC0, 8) in controls(other), player)
    player.set_click(Click(other.port, 4))
    player.play(Score((Track(1, notes=NoteTable.of(run_of(40))),), Timeline().with_tempo(240)), 0, metronome=True)
    wait_until(lambda: len(other.notes()) >= 5, player)
    assert [note[:2] for note in other.notes()[:5]] == [(4, 76), (4, 77), (4, 77), (4, 77), (4, 76)]
    assert {channel for channel, _, _ in receiver.notes()} == {0}
    player.set_click(Click())
    wait_until(lambda: (9, 77) in {note[:2] for note in receiver.notes()}, player)
    player.stop()
    wait_until(lambda: not receiver.sounding() and not other.sounding(), player)


# --- counting in ------------------------------------------------------------------------------------------------------


def counted(receiver: Receiver) -> list[int]:
    return [pitch for channel, pitch, _ in receiver.notes() if channel == 9]


def test_a_bar_is_counted_before_the_music_begins(player: Player, receiver: Receiver) -> None:
    score = Score((Track(1, notes=NoteTable.of(run_of(8))),), Timeline().with_tempo(480))
    player.play(score, 0, count_in_bars=1)
    assert player.is_counting_in
    assert player.position_tick() == 0
    wait_until(lambda: len(receiver.notes()) >= 12 and not receiver.sounding(), player)
    assert not player.is_counting_in
    assert [channel for channel, _, _ in receiver.notes()] == [9] * 4 + [0] * 8
    assert counted(receiver) == [76, 77, 77, 77]
    first = [when for when, message in receiver.messages if message[0] & 0xF0 == 0x90]
    gaps = [after - before for before, after in itertools.pairwise(first[:5])]
    assert statistics.median(gaps) == pytest.approx(0.125, abs=0.06)


def test_an_edit_while_it_counts_neither_ends_the_counting_nor_begins_it_again(player: Player, receiver: Receiver) -> None:
    score = Score((Track(1, notes=NoteTable.of(run_of(8))),), Timeline().with_tempo(480))
    player.play(score, 0, count_in_bars=2)
    wait_until(lambda: len(counted(receiver)) == 2, player)
    player.update(replace(score, tracks=(replace(score.tracks[0], channel=6),)))
    player.play(replace(score, tracks=(replace(score.tracks[0], channel=6),)), 0, (0, 4 * EIGHTH))
    wait_until(lambda: len(receiver.notes()) >= 12, player)
    assert counted(receiver) == [76, 77, 77, 77] * 2
    assert {channel for channel, _, _ in receiver.notes()} == {6, 9}
    player.stop()
    wait_until(lambda: not receiver.sounding(), player)


def test_stopping_while_it_counts_is_silent_and_stays_where_it_was(player: Player, receiver: Receiver) -> None:
    player.play(Score((Track(1, notes=NoteTable.of(run_of(8))),)), 3 * EIGHTH, count_in_bars=2)
    wait_until(lambda: counted(receiver), player)
    player.stop()
    assert player.position_tick() == 3 * EIGHTH
    wait_until(lambda: not receiver.sounding(), player)
    heard = len(receiver.notes())
    time.sleep(0.6)
    assert len(receiver.notes()) == heard


# --- edits ------------------------------------------------------------------------------------------------------------


def test_once_an_edit_is_heard_nothing_older_is_ever_heard_again(player: Player, receiver: Receiver) -> None:
    """Frames reach the engine in the order they were sent, so an edit needs no number to beat what it replaces."""

    rows = np.arange(20_000)

    def version(number: int) -> Score:
        notes = NoteTable.from_columns(20 * rows, np.full(len(rows), 10), 30 + rows % 5, np.full(len(rows), 1 + number))
        return Score((Track(1, notes=notes),), Timeline().with_tempo(200))

    versions = [version(number) for number in range(100)]
    player.play(versions[0], 0, (0, 40 * EIGHTH))
    wait_until(receiver.notes, player)
    for score in versions[1:]:
        player.update(score)
        player.poll()
        time.sleep(0.005)
    wait_until(lambda: receiver.notes()[-1][2] == 100, player)
    player.stop()
    wait_until(lambda: not receiver.sounding(), player)
    heard = [velocity for _, _, velocity in receiver.notes()]
    assert heard == sorted(heard)


@pytest.mark.parametrize("ahead_s", [-0.1, -0.03, 0.0])
def test_an_edit_that_comes_late_strikes_no_note_twice(
    player: Player, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, ahead_s: float
) -> None:
    """As if the window had been held up between reckoning and sending."""
    notes = [Note(i * 60, length, 1 + i % 120) for i, length in zip(range(360), itertools.cycle((30, 400)))]
    score = Score((Track(1, notes=NoteTable.of(notes)),), Timeline().with_tempo(240))
    player.play(score, 0)
    wait_until(receiver.notes, player)
    monkeypatch.setattr(client, "_EDIT_S", ahead_s)
    while player.position_tick() < 360 * 60:
        player.update(score)
        player.poll()
        time.sleep(0.02)
    monkeypatch.undo()
    wait_until(lambda: not receiver.sounding(), player)
    assert [pitch for _, pitch, _ in receiver.notes()] == [note.pitch for note in notes]
