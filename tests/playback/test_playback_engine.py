from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from jack_server import Receiver, wait_until

from musegen_app.playback.client import Player
from musegen_app.score import Note, NoteTable, Score, Timeline, Track

EIGHTH = 480
ROOT = Path(__file__).parents[2]


def score_of(notes: list[Note], bpm: float = 240, channel: int = 0) -> Score:
    return Score((Track(1, notes=NoteTable.of(notes), channel=channel),), Timeline().with_tempo(bpm))


def run_of(count: int, length: int = EIGHTH - 20) -> list[Note]:
    return [Note(i * EIGHTH, length, 60 + i % 12, 40 + i % 80) for i in range(count)]


def expected(notes: list[Note], channel: int = 0) -> list[tuple[int, int, int]]:
    return [(channel, note.pitch, note.velocity) for note in notes]


def test_a_port_receives_exactly_the_notes_of_the_clip_in_order(player: Player, receiver: Receiver) -> None:
    notes = run_of(24)
    player.play(score_of(notes, channel=4), 0)
    wait_until(lambda: len(receiver.notes()) >= len(notes) and not receiver.sounding(), player)
    player.stop()
    assert receiver.notes() == expected(notes, channel=4)
    starts = [when for when, m in receiver.messages if m[0] & 0xF0 == 0x90]
    assert statistics.linear_regression(range(24), starts).slope == pytest.approx(0.125, rel=0.1)


def test_chords_arrive_whole(player: Player, receiver: Receiver) -> None:
    notes = [Note(i * EIGHTH, EIGHTH, pitch) for i in range(6) for pitch in (50, 54, 57, 62)]
    player.play(score_of(notes), 0)
    wait_until(lambda: len(receiver.notes()) >= 24 and not receiver.sounding(), player)
    assert receiver.notes() == expected(notes)


def test_after_stop_nothing_sounds(player: Player, receiver: Receiver) -> None:
    player.play(score_of([Note(0, 100 * EIGHTH, p) for p in (48, 55, 64)]), 0)
    wait_until(lambda: len(receiver.sounding()) == 3, player)
    player.stop()
    wait_until(lambda: not receiver.sounding(), player)
    assert not player.is_playing


def test_seek_silences_what_sounds_and_goes_on_there(player: Player, receiver: Receiver) -> None:
    player.play(score_of([Note(0, 100 * EIGHTH, 48), Note(1000 * EIGHTH, EIGHTH, 72)]), 0)
    wait_until(lambda: receiver.sounding() == {(0, 48)}, player)
    player.seek(1000 * EIGHTH)
    wait_until(lambda: (0, 72, 96) in receiver.notes(), player)
    wait_until(lambda: not receiver.sounding(), player)


def test_a_loop_comes_round_and_round(player: Player, receiver: Receiver) -> None:
    notes = [Note(0, EIGHTH, 60), Note(EIGHTH, 50 * EIGHTH, 64)]  # the second is held over the loop's end
    player.play(score_of(notes), 0, (0, 2 * EIGHTH))
    wait_until(lambda: len(receiver.notes()) >= 10, player)
    player.stop()
    wait_until(lambda: not receiver.sounding(), player)
    assert receiver.notes()[:10] == expected(notes) * 5


def test_an_edit_is_heard_while_it_plays(player: Player, receiver: Receiver) -> None:
    held, late = Note(0, 1000 * EIGHTH, 48), Note(900 * EIGHTH, EIGHTH, 50)
    player.play(score_of([held, late]), 0)
    wait_until(lambda: receiver.sounding() == {(0, 48)}, player)
    soon = int(player.position_tick()) + EIGHTH
    player.update(score_of([held, Note(soon, EIGHTH, 77)]))
    wait_until(lambda: (0, 77, 96) in receiver.notes(), player)
    assert (0, 48) in receiver.sounding(), "what both scores hold goes on"
    player.update(score_of([Note(soon + 500 * EIGHTH, EIGHTH, 30)]))
    wait_until(lambda: not receiver.sounding(), player)
    assert receiver.notes().count((0, 48, 96)) == 1


def test_ghosts_that_arrive_while_it_plays_are_played_in_order(player: Player, receiver: Receiver) -> None:
    notes = run_of(20)
    player.play(score_of(notes[:3]), 0)
    for count in range(4, 21):
        player.update(score_of(notes[:count]))
        player.poll()
        time.sleep(0.02)
    wait_until(lambda: len(receiver.notes()) >= 20 and not receiver.sounding(), player)
    assert receiver.notes() == expected(notes)


def test_a_tempo_change_while_it_plays_keeps_the_place(player: Player) -> None:
    score = score_of(run_of(40), bpm=60)
    player.play(score, 0)
    wait_until(lambda: player.position_tick() > 0)
    before, began = player.position_tick(), time.perf_counter()
    player.update(replace(score, timeline=Timeline().with_tempo(600)))
    time.sleep(0.05)
    gone = player.position_tick() - before
    assert 0 < gone <= (time.perf_counter() - began) * 20 * EIGHTH + 1, "no faster than twenty eighths a second"


def test_muting_a_track_ends_its_notes(player: Player, receiver: Receiver) -> None:
    score = score_of([Note(0, 1000 * EIGHTH, 48)])
    player.play(score, 0)
    wait_until(receiver.sounding, player)
    player.update(replace(score, tracks=(replace(score.tracks[0], muted=True),)))
    wait_until(lambda: not receiver.sounding(), player)


def test_auditioned_notes_sound_until_let_go(player: Player, receiver: Receiver) -> None:
    player.note_on(2, 65, 99)
    wait_until(lambda: receiver.sounding() == {(2, 65)}, player)
    player.note_off(2, 65)
    wait_until(lambda: not receiver.sounding(), player)


def test_panic_silences_every_channel(player: Player, receiver: Receiver) -> None:
    player.note_on(2, 65, 99)
    player.panic()
    wait_until(lambda: sum(m[:2] == (0xB0 | c, 120) for c in range(16) for _, m in list(receiver.messages)) == 16, player)
    assert not receiver.sounding()


def test_programme_and_pedal_are_set_before_the_first_note(player: Player, receiver: Receiver) -> None:
    track = Track(1, program=12, notes=NoteTable.of([Note(0, EIGHTH, 60)]))
    player.play(Score((track,)), 0)
    wait_until(receiver.notes, player)
    kinds = [m[0] & 0xF0 for _, m in receiver.messages]
    assert (0xC0, 12) in [m for _, m in receiver.messages]
    assert kinds.index(0xC0) < kinds.index(0x90)


def test_closing_the_player_lets_every_note_go(receiver: Receiver) -> None:
    player = Player()
    player.open_port(receiver.port)
    player.play(score_of([Note(0, 1000 * EIGHTH, 48)]), 0)
    wait_until(receiver.sounding, player)
    player.close()
    wait_until(lambda: not receiver.sounding())


def test_killing_the_window_leaves_silence(receiver: Receiver) -> None:
    program = (
        "import sys, time; from test_playback_engine import *\n"
        "player = Player(); player.open_port(sys.argv[1])\n"
        "player.play(score_of([Note(0, 1000 * EIGHTH, 48)]), 0)\n"
        "while True: player.poll(); time.sleep(0.01)\n"
    )
    paths = os.pathsep.join(str(ROOT / part) for part in (".", "tests", "tests/playback"))
    environment = {**os.environ, "PYTHONPATH": paths}
    with subprocess.Popen([sys.executable, "-c", program, receiver.port], env=environment) as window:
        try:
            wait_until(lambda: receiver.sounding() == {(0, 48)})
        finally:
            window.send_signal(signal.SIGKILL)
    wait_until(lambda: not receiver.sounding(), patience_s=10)


def test_a_killed_engine_is_started_again_once(player: Player, receiver: Receiver) -> None:
    player.play(score_of(run_of(400)), 0)
    wait_until(receiver.notes, player)
    os.kill(player._engine.pid, signal.SIGKILL)
    heard = len(receiver.notes())
    receiver.messages.clear()  # what the dead engine left sounding can only be ended by a panic
    wait_until(lambda: len(receiver.notes()) > 3, player)
    assert heard > 0
    assert player.is_playing
    os.kill(player._engine.pid, signal.SIGKILL)
    wait_until(lambda: "stopped working" in player.status().problem, player)


def test_a_port_that_is_not_there_is_told_in_one_sentence(player: Player, receiver: Receiver) -> None:
    player.open_port("Prophet-6")
    wait_until(lambda: "Prophet-6" in player.status().problem, player)
    assert player.status().port == ""
    player.play(score_of(run_of(4)), 0)
    time.sleep(0.1)
    assert player.position_tick() > 0
    assert receiver.port in player.ports().names


def test_a_lost_port_is_told_and_taken_up_again(player: Player, receiver: Receiver) -> None:
    player.play(score_of([Note(i * EIGHTH, EIGHTH, 60) for i in range(2000)], bpm=120), 0)
    wait_until(receiver.notes, player)
    receiver.close()
    wait_until(lambda: "gone" in player.status().problem, player)
    assert player.is_playing
    receiver.messages.clear()
    receiver.open()
    wait_until(lambda: player.status().port == receiver.port, player)
    wait_until(receiver.notes, player)
    player.stop()


def test_without_any_midi_system_the_playhead_runs_and_one_line_says_why(silent_player: Player) -> None:
    wait_until(lambda: silent_player.status().problem, silent_player)
    assert silent_player.status().problem.startswith("No MIDI system was found")
    assert silent_player.ports().names == ()
    silent_player.play(score_of(run_of(100)), 2 * EIGHTH, (2 * EIGHTH, 4 * EIGHTH))
    ticks = []
    for _ in range(30):
        silent_player.poll()
        ticks.append(silent_player.position_tick())
        time.sleep(0.01)
    assert 2 * EIGHTH <= min(ticks) < max(ticks) < 4 * EIGHTH
    silent_player.stop()
    stopped = silent_player.position_tick()
    time.sleep(0.03)
    assert silent_player.position_tick() == stopped


def test_two_hundred_random_operations_leave_nothing_sounding(player: Player, receiver: Receiver) -> None:
    chance = random.Random(5)
    scores = [score_of([replace(n, length=chance.randint(1, 4000)) for n in run_of(200)], bpm) for bpm in (90, 180, 400)]
    operations = (
        lambda: player.play(chance.choice(scores), chance.randint(0, 90_000)),
        lambda: player.play(chance.choice(scores), 0, (EIGHTH, chance.randint(2, 9) * EIGHTH), metronome=True),
        lambda: player.update(chance.choice(scores)),
        lambda: player.seek(chance.randint(0, 90_000)),
        player.stop,
        lambda: player.open_port(chance.choice(["", receiver.port])),
    )
    for _ in range(200):
        chance.choices(operations, (6, 6, 6, 6, 3, 1))[0]()
        player.poll()
        time.sleep(chance.random() * 0.06)
    player.stop()
    player.open_port(receiver.port)
    wait_until(lambda: player.status().port == receiver.port, player)
    wait_until(lambda: not receiver.sounding(), player)
    assert len(receiver.notes()) > 20
