"""MIDI clock as it is planned, and as a receiver gets it through a real port."""

from __future__ import annotations

import itertools
import statistics
from contextlib import closing

import pytest
from jack_server import Receiver, wait_until

from musegen_app.midi_io.messages import CLOCK, CONTINUE, SONG_POSITION, START, STOP, song_position
from musegen_app.playback.client import Player
from musegen_app.playback.clock import EARLY_S, LEAD_S, ClockTrain
from musegen_app.playback.plan import Plan
from musegen_app.score import Note, NoteTable, Score, Tempo, Timeline, Track

QUARTER = 960
SIXTEENTH = 240


def score_of(*tempos: Tempo) -> Score:
    return Score((Track(1, notes=NoteTable.of([Note(0, QUARTER, 60)])),), Timeline.made(tempos or (Tempo.of_bpm(120),)))


def due(plan: Plan, until_s: float) -> list[tuple[float, tuple[int, ...]]]:
    return ClockTrain(plan, plan.began_s).due(plan, plan.began_s - EARLY_S, until_s)


def pulses(plan: Plan, until_s: float) -> list[float]:
    return [second for second, message in due(plan, until_s) if message == (CLOCK,)]


def test_start_goes_out_a_millisecond_before_the_first_of_24_pulses_a_quarter() -> None:
    (start, signal), *others = due(Plan(score_of(), 10.0, 0), 11.0)
    assert (signal, start) == ((START,), 10.0 - LEAD_S)
    assert [message for _, message in others] == [(CLOCK,)] * 48
    assert [second for second, _ in others] == pytest.approx([10 + i * 0.5 / 24 for i in range(48)], abs=1e-12)


def test_pulses_follow_the_tempo_map() -> None:
    plan = Plan(score_of(Tempo.of_bpm(120), Tempo.of_bpm(60, QUARTER)), 0.0, 0)
    assert pulses(plan, 1.5) == pytest.approx([i * 0.5 / 24 for i in range(24)] + [0.5 + i / 24 for i in range(24)])


@pytest.mark.parametrize(("from_tick", "sixteenth"), [(4 * QUARTER, 16), (4 * QUARTER + 1, 17), (100, 1), (3.5, 1)])
def test_elsewhere_receivers_are_told_the_next_sixteenth_and_continue_just_before_it(
    from_tick: float, sixteenth: int
) -> None:
    plan = Plan(score_of(), 5.0, from_tick)
    sent = due(plan, 7.0)
    signals = [(second, message) for second, message in sent if message != (CLOCK,)]
    falls = 5.0 + (sixteenth * SIXTEENTH - from_tick) / QUARTER * 0.5
    assert [message for _, message in signals] == [song_position(sixteenth), (CONTINUE,)]
    assert signals[1][0] == pytest.approx(falls - LEAD_S)
    assert signals[0][0] < signals[1][0]
    following = next(second for second, message in sent[sent.index(signals[1]) :] if message == (CLOCK,))
    assert following == pytest.approx(falls)


def test_pulses_go_on_round_a_loop() -> None:
    plan = Plan(score_of(), 0.0, 0, (0, QUARTER))
    assert pulses(plan, 2.0) == pytest.approx([i * 0.5 / 24 for i in range(96)])
    assert len(due(plan, 2.0)) == 97


def test_pieces_of_time_give_the_same_pulses_as_the_whole() -> None:
    plan = Plan(score_of(Tempo.of_bpm(97), Tempo.of_bpm(141, 777)), 3.0, 50, (0, 5 * QUARTER + 7))
    cuts = [2.9, 3.1, 3.33, 4.0, 4.001, 6.0, 9.0, 13.0]
    pieces = [second for start, end in itertools.pairwise(cuts) for second in plan.pulses(start, end, 40)]
    assert pieces == plan.pulses(2.9, 13.0, 40)


def test_who_has_not_set_off_yet_does_so_by_the_changed_plan() -> None:
    plan = Plan(score_of(), 0.0, SIXTEENTH + 1)
    train = ClockTrain(plan, 0.0)
    slower = Plan(score_of(Tempo.of_bpm(60)), 0.05, plan.tick(0.05))
    train.change(slower, 0.05)
    signals = [(second, message) for second, message in train.due(slower, 0.05, 1.0) if message != (CLOCK,)]
    falls = 0.05 + (2 * SIXTEENTH - plan.tick(0.05)) / QUARTER
    assert signals[-1] == (pytest.approx(falls - LEAD_S), (CONTINUE,))
    train.change(plan, 0.5)
    assert not [second for second, message in train.due(plan, 0.5, 1.0) if message != (CLOCK,)]


# --- through a port ---------------------------------------------------------------------------------------------------


def clock_of(receiver: Receiver) -> list[int]:
    return [message[0] for _, message in list(receiver.messages) if message[0] >= SONG_POSITION]


@pytest.fixture
def clocked(receiver: Receiver) -> Receiver:
    """A receiver that hears the clock as well."""
    receiver.hear_clock()
    return receiver


def test_a_receiver_starts_counts_and_stops_with_us(clocked: Receiver, player: Player) -> None:
    player.send_clock(("",))
    player.play(score_of(Tempo.of_bpm(150)), 0)
    wait_until(lambda: clock_of(clocked).count(CLOCK) > 96, player)
    player.stop()
    wait_until(lambda: STOP in clock_of(clocked), player)
    assert clock_of(clocked)[0] == START
    assert set(clock_of(clocked)[1:-1]) == {CLOCK}
    arrived = [when for when, message in clocked.messages if message == (CLOCK,)]
    assert statistics.linear_regression(range(len(arrived)), arrived).slope == pytest.approx(0.4 / 24, rel=0.05)


def test_a_seek_on_the_way_stops_them_and_tells_the_place(clocked: Receiver, player: Player) -> None:
    player.send_clock(("",))
    player.play(score_of(), 0)
    wait_until(lambda: CLOCK in clock_of(clocked), player)
    player.seek(8 * QUARTER)
    wait_until(lambda: CONTINUE in clock_of(clocked), player)
    wait_until(lambda: clock_of(clocked)[-1] == CLOCK, player)
    signals = [message for _, message in clocked.messages if message[0] >= SONG_POSITION and message != (CLOCK,)]
    assert signals == [(START,), (STOP,), song_position(32), (CONTINUE,)]


def test_switched_on_while_it_plays_they_join_in_and_switched_off_they_stop(clocked: Receiver, player: Player) -> None:
    player.play(score_of(), 0)
    wait_until(clocked.notes, player)
    player.send_clock((clocked.port,))
    wait_until(lambda: CONTINUE in clock_of(clocked), player)
    assert [kind for kind in clock_of(clocked) if kind != CLOCK] == [SONG_POSITION, CONTINUE]
    player.send_clock(())
    wait_until(lambda: clock_of(clocked)[-1] == STOP, player)


def test_a_port_of_its_own_gets_the_clock_and_no_notes(clocked: Receiver) -> None:
    with closing(Player()) as player:
        player.send_clock((clocked.port,))
        player.play(score_of(), 0)
        wait_until(lambda: clock_of(clocked).count(CLOCK) > 24, player)
        assert player.status().port == ""
        assert clocked.notes() == []


def test_a_receiver_that_comes_back_on_the_way_is_told_to_continue(clocked: Receiver, player: Player) -> None:
    player.send_clock((clocked.port,))
    player.play(score_of(), 0)
    wait_until(lambda: CLOCK in clock_of(clocked), player)
    clocked.close()
    wait_until(lambda: player.status().problem, player)
    clocked.messages.clear()
    clocked.open()
    clocked.hear_clock()
    wait_until(lambda: CONTINUE in clock_of(clocked), player)


def test_the_engine_leaves_no_receiver_running(clocked: Receiver, player: Player) -> None:
    player.send_clock(("",))
    player.play(score_of(), 0)
    wait_until(lambda: CLOCK in clock_of(clocked), player)
    player.close()
    wait_until(lambda: clock_of(clocked)[-1] == STOP)


def test_they_start_with_the_music_not_with_the_counting(clocked: Receiver, player: Player) -> None:
    player.send_clock(("",))
    player.play(score_of(Tempo.of_bpm(240)), 0, count_in_bars=1)
    wait_until(lambda: CLOCK in clock_of(clocked), player)
    kinds = [message[0] for _, message in clocked.messages]
    assert kinds[: kinds.index(START)].count(0x99) == 4, "four clicks come first"
    assert clock_of(clocked)[:2] == [START, CLOCK]


def test_when_the_main_port_changes_one_stops_and_the_other_goes_on(clocked: Receiver, player: Player) -> None:
    other = Receiver(f"{clocked.server}-b")
    other.open()
    other.hear_clock()
    try:
        player.send_clock(("",))
        player.play(score_of(), 0)
        wait_until(lambda: CLOCK in clock_of(clocked), player)
        player.open_port(other.port)
        wait_until(lambda: CONTINUE in clock_of(other) and clock_of(other)[-1] == CLOCK, player)
        assert clock_of(clocked)[-1] == STOP
    finally:
        other.close()
