from __future__ import annotations

import os
import signal
import time
from contextlib import closing

import numpy as np
from jack_server import Receiver, wait_until
from test_playback_engine import EIGHTH, run_of, score_of

from musegen_app.playback.client import Player
from musegen_app.score import ControlChange, Note, NoteTable, Score, Timeline, Track


def test_what_a_killed_engine_left_sounding_is_ended_by_the_next(player: Player, receiver: Receiver) -> None:
    player.play(score_of([Note(0, 10 * EIGHTH, 48), Note(400 * EIGHTH, EIGHTH, 50)]), 0)
    wait_until(lambda: receiver.sounding() == {(0, 48)}, player)
    os.kill(player._engine.pid, signal.SIGKILL)
    wait_until(lambda: not receiver.sounding(), player)
    assert player.is_playing


def test_an_engine_that_stands_still_never_holds_the_window_up(player: Player, receiver: Receiver) -> None:
    crowd = score_of([Note(i, 40, 20 + i % 100) for i in range(20_000)])
    os.kill(player._engine.pid, signal.SIGSTOP)
    try:
        for _ in range(6):  # some megabytes, a pipe holds 64 KiB
            player.play(crowd, 0)
            player.poll()
    finally:
        os.kill(player._engine.pid, signal.SIGCONT)
    player.play(score_of([Note(0, EIGHTH, 61, 99)]), 0)
    wait_until(lambda: (0, 61, 99) in receiver.notes() and not receiver.sounding(), player)


def test_the_end_of_a_terminated_engine_is_silent(receiver: Receiver) -> None:
    with closing(Player()) as player:
        player.open_port(receiver.port)
        player.note_on(3, 44, 80)
        wait_until(lambda: receiver.sounding() == {(3, 44)}, player)
        os.kill(player._engine.pid, signal.SIGTERM)
        wait_until(lambda: not receiver.sounding())


def test_a_key_that_is_held_outlives_edits(player: Player, receiver: Receiver) -> None:
    player.play(score_of(run_of(200)), 0)
    wait_until(receiver.notes, player)
    player.note_on(2, 65, 99)
    wait_until(lambda: (2, 65) in receiver.sounding(), player)
    for count in range(150, 155):
        player.update(score_of(run_of(count)))
        time.sleep(0.04)
        player.poll()
    assert (2, 65) in receiver.sounding()
    player.note_off(2, 65)
    wait_until(lambda: (2, 65) not in receiver.sounding(), player)


def test_numbers_of_numpy_sound_like_any_others(player: Player, receiver: Receiver) -> None:
    player.note_on(*(np.int64(number) for number in (1, 60, 90)))
    wait_until(lambda: receiver.notes() == [(1, 60, 90)], player)
    player.note_off(np.int64(1), np.int64(60))
    wait_until(lambda: not receiver.sounding(), player)


def test_a_seek_sets_programme_controllers_and_bend_of_that_place(player: Player, receiver: Receiver) -> None:
    controls = (ControlChange(0, 7, 90), ControlChange(20 * EIGHTH, 7, 33), ControlChange(900 * EIGHTH, 7, 1))
    track = Track(1, program=5, controls=controls, notes=NoteTable.of([Note(500 * EIGHTH, EIGHTH, 60)]))
    player.play(Score((track,)), 0)
    wait_until(lambda: (0xB0, 7, 90) in [m for _, m in receiver.messages], player)
    player.seek(500 * EIGHTH)
    wait_until(receiver.notes, player)
    before = [m for _, m in receiver.messages]
    before = before[: before.index((0x90, 60, 96))]
    assert [m for m in before if m[:2] == (0xB0, 7)][-1] == (0xB0, 7, 33)
    assert (0xC0, 5) in before


def test_music_without_a_gap_lets_a_lost_port_be_noticed_all_the_same(player: Player, receiver: Receiver) -> None:
    player.play(score_of([Note(i, 2, 60 + i % 3) for i in range(0, 200_000, 4)], bpm=240), 0)
    wait_until(receiver.notes, player)
    wait_until(lambda: player.status().lateness_p99_ms is not None, player)
    receiver.close()
    wait_until(lambda: "gone" in player.status().problem, player)
    assert player.is_playing
    player.stop()


def test_a_loop_with_clicks_neither_hangs_nor_doubles_one(player: Player, receiver: Receiver) -> None:
    score = Score((Track(1, notes=NoteTable.of([Note(0, EIGHTH, 60)])),), Timeline().with_tempo(273.7))
    player.play(score, 0, (0, 5 * EIGHTH // 2), metronome=True)
    wait_until(lambda: sum(channel == 9 for channel, _, _ in receiver.notes()) > 12, player)
    player.stop()
    wait_until(lambda: not receiver.sounding(), player)
    clicks = [pitch for channel, pitch, _ in receiver.notes() if channel == 9]
    assert clicks == ([76, 77] * len(clicks))[: len(clicks)]


def test_lateness_is_told_by_median_99th_percentile_and_worst(player: Player, receiver: Receiver) -> None:
    player.play(score_of(run_of(40)), 0)
    wait_until(lambda: player.status().lateness_p99_ms is not None, player)
    status = player.status()
    assert status.lateness_p50_ms is not None
    assert status.lateness_max_ms is not None
    assert 0 <= status.lateness_p50_ms <= (status.lateness_p99_ms or 0) <= status.lateness_max_ms


def test_a_long_piece_begins_whole_however_long_it_takes_to_work_out(player: Player, receiver: Receiver) -> None:
    crowd = [Note(100_000 + i, 500, 20 + i % 100) for i in range(100_000)]
    score = score_of([Note(0, EIGHTH, 60), *crowd])
    for round_ in range(1, 4):
        player.play(score, 0)
        assert player.position_tick() == 0
        wait_until(lambda heard=round_: len(receiver.notes()) == heard, player)
    player.stop()
    wait_until(lambda: not receiver.sounding(), player)
