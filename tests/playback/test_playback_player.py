"""What a musician hears of the player's finer manners, through a real port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace

import pytest
from jack_server import Receiver, wait_until

from musegen_app.playback.client import Player
from musegen_app.score import Note, NoteTable, Score, Timeline, Track

EIGHTH = 480
HELD = Note(0, 1000 * EIGHTH, 48)


def score_of(notes: list[Note], bpm: float = 240) -> Score:
    return Score((Track(1, notes=NoteTable.of(notes)),), Timeline().with_tempo(bpm))


def run_of(count: int) -> list[Note]:
    return [Note(i * EIGHTH, EIGHTH - 20, 60 + i % 12, 40 + i % 80) for i in range(count)]


def programs(receiver: Receiver) -> list[tuple[int, ...]]:
    return [message for _, message in list(receiver.messages) if message[0] & 0xF0 == 0xC0]


def test_playing_on_from_here_by_new_rules_leaves_no_gap(player: Player, receiver: Receiver) -> None:
    player.play(score_of([HELD]), 0)
    wait_until(receiver.sounding, player)
    player.play(score_of([HELD]), int(player.position_tick()), (0, 500 * EIGHTH), metronome=True)
    wait_until(lambda: any(channel == 9 for channel, _, _ in receiver.notes()), player)
    assert (0, 48) in receiver.sounding()
    assert [note for note in receiver.notes() if note[0] == 0] == [(0, 48, 96)]


def test_playing_at_once_begins_at_the_beginning_and_in_time(receiver: Receiver) -> None:
    with closing(Player()) as player:
        player.open_port(receiver.port)
        player.play(score_of(run_of(17)), 0)
        wait_until(lambda: len(receiver.notes()) >= 17, player)
    starts = [when for when, message in receiver.messages if message[0] & 0xF0 == 0x90]
    assert receiver.notes() == [(0, note.pitch, note.velocity) for note in run_of(17)]
    assert starts[8] - starts[0] == pytest.approx(starts[16] - starts[8], rel=0.4)


def test_a_window_that_stood_still_goes_on_without_a_burst_or_a_hanging_note(player: Player, receiver: Receiver) -> None:
    player.play(score_of([Note(0, 11 * EIGHTH, 48), *run_of(60)], bpm=120), 0)
    wait_until(receiver.sounding, player)
    time.sleep(3.2)  # more than is planned ahead, and past the end of the long note
    before = len(receiver.notes())
    wait_until(lambda: len(receiver.notes()) > before, player)
    assert (0, 48) not in receiver.sounding()
    assert len(receiver.notes()) < 24


def test_a_track_that_joins_in_brings_its_programme(player: Player, receiver: Receiver) -> None:
    one = Track(1, notes=NoteTable.of(run_of(400)))
    two = Track(2, channel=1, program=40, notes=NoteTable.of(run_of(400)), muted=True)
    score = Score((one, two), Timeline().with_tempo(240))
    player.play(score, 0)
    wait_until(receiver.notes, player)
    assert (0xC1, 40) not in programs(receiver)
    player.update(replace(score, tracks=(one, replace(two, muted=False))))
    wait_until(lambda: any(channel == 1 for channel, _, _ in receiver.notes()), player)
    assert programs(receiver) == [(0xC0, 0), (0xC1, 40)]


def test_what_is_auditioned_while_nothing_plays_sounds_in_its_tracks_voice(player: Player, receiver: Receiver) -> None:
    track = Track(1, channel=3, program=56)
    for _ in range(3):
        player.update(Score((track,)))
    player.note_on(3, 60, 100)
    wait_until(receiver.sounding, player)
    assert programs(receiver) == [(0xC3, 56)]


def test_a_closed_player_takes_calls_and_does_nothing(silent_player: Player) -> None:
    player, score = silent_player, score_of([HELD])
    player.close()
    player.close()
    player.play(score, 0)
    player.update(score)
    player.seek(5)
    player.note_on(0, 60, 1)
    player.note_off(0, 60)
    player.panic()
    player.open_port("")
    player.stop()
    player.poll()
    assert player.ports().names == ()
    assert not player.is_playing


def test_the_playhead_runs_smoothly_through_edits(silent_player: Player) -> None:
    player = silent_player
    player.play(score_of(run_of(100)), 0)
    began, read = time.perf_counter(), []
    while time.perf_counter() - began < 0.5 or len(read) < 10:
        player.update(score_of(run_of(100 + len(read))))
        before_s = time.perf_counter() - began
        read.append((before_s, player.position_tick(), time.perf_counter() - began))
        time.sleep(0.003)
    assert [tick for _, tick, _ in read] == sorted(tick for _, tick, _ in read)
    running = [(before_s, tick / (4 * 960), after_s) for before_s, tick, after_s in read if tick > 100]
    latest = max(song_s - after_s for _, song_s, after_s in running)
    earliest = min(song_s - before_s for before_s, song_s, _ in running)
    assert latest - earliest < 0.01, "it stays on one line, between the times before and after each look at it"
    assert len(running) > 5


def test_an_edit_before_the_first_note_leaves_the_playhead_where_it_is(silent_player: Player) -> None:
    player = silent_player
    player.play(score_of(run_of(100)), 0)
    began_s = player._plan.began_s
    time.sleep(max(began_s - 0.005 - time.perf_counter(), 0))
    player.update(score_of(run_of(101)))
    for later_s in (-0.01, 0.0, 0.001, 0.01, 0.014, 0.05):
        assert player.tick_at(began_s + later_s) == pytest.approx(max(later_s, 0) * 4 * 960, abs=0.01)


def engine(stdin: int | None = subprocess.PIPE) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "musegen_app", "--engine"]
    return subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_the_engine_ends_quietly_with_its_pipe(silent_player: Player) -> None:
    with engine() as process:
        _, complaints = process.communicate(b"", timeout=30)
    assert (process.returncode, complaints) == (0, b"")


def test_a_terminal_that_closes_does_not_take_the_engine_before_its_notes(player: Player, receiver: Receiver) -> None:
    player.play(score_of([HELD]), 0)
    wait_until(receiver.sounding, player)
    os.kill(player._engine.pid, signal.SIGHUP)
    player.note_on(0, 50, 9)
    wait_until(lambda: (0, 50) in receiver.sounding(), player)
    assert (0, 48) in receiver.sounding()


def test_the_engine_needs_no_numpy() -> None:
    program = "import sys, musegen_app.playback.engine; print('numpy' in sys.modules, 'PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
