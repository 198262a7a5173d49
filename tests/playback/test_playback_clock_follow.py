"""Following a clock: noise, changes of tempo, accidents, and what the other tells of its place."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from musegen_app.midi_io.messages import CLOCK, CONTINUE, START, STOP, song_position
from musegen_app.playback.clock import PULSE_TICKS
from musegen_app.playback.clock_follow import LOCKED_PULSES, LOST_AFTER_S, ClockFollower

QUARTER = 960
START_NOW, PULSE = (START,), (CLOCK,)


def pulse_times(bpm_at: Callable[[float], float], beats: float) -> Iterator[float]:
    """When the pulses of a clock are due; tempo by beat."""
    second = 10.0
    for number in range(round(beats * 24) + 1):
        yield second
        second += 60 / bpm_at(number / 24) / 24


def followed(bpm: float, beats: float, noise: Callable[[random.Random], float], seed: int) -> tuple[ClockFollower, float]:
    """A follower that heard so many beats, and the time of the last pulse."""
    follower, chance, second = ClockFollower(), random.Random(seed), 0.0
    follower.hear(START_NOW, 9.999)
    for second in pulse_times(lambda _beat: bpm, beats):
        follower.hear(PULSE, second + noise(chance))
    return follower, second


def within(chance: random.Random) -> float:
    return chance.uniform(-0.001, 0.001)


@pytest.mark.parametrize("bpm", [48.0, 90.0, 120.0, 127.3])
def test_two_beats_with_two_milliseconds_of_noise_give_the_tempo_to_a_thousandth(bpm: float) -> None:
    for seed in range(200):
        follower, last = followed(bpm, 2, within, seed)
        assert follower.is_locked
        assert follower.tempo_bpm == pytest.approx(bpm, rel=0.001)
        assert follower.tick_at(last) == pytest.approx(2 * QUARTER, abs=0.001 / 60 * bpm * QUARTER)


@pytest.mark.parametrize("bpm", [60.0, 120.0, 174.0])
def test_noise_of_two_milliseconds_either_way_is_averaged_out(bpm: float) -> None:
    for seed in range(40):
        follower, last = followed(bpm, 6, lambda chance: chance.gauss(0, 0.002), seed)
        assert follower.tempo_bpm == pytest.approx(bpm, rel=0.001)
        assert abs(follower.tick_at(last) - 6 * QUARTER) / QUARTER * 60 / bpm < 0.003


def gaussian(chance: random.Random) -> float:
    return chance.gauss(0, 0.002)


@pytest.mark.parametrize("bpm", [72.0, 120.0, 174.0])
def test_with_a_whole_tempo_two_beats_suffice_for_more_noise_than_they_can_average_out(bpm: float) -> None:
    near = [followed(bpm, 2, gaussian, seed)[0].tempo_bpm == pytest.approx(bpm, rel=0.001) for seed in range(80)]
    assert sum(near) >= 74


def test_a_tempo_that_is_not_whole_is_found_all_the_same() -> None:
    for seed in range(40):
        follower, _ = followed(120.4, 8, gaussian, seed)
        assert follower.tempo_bpm == pytest.approx(120.4, rel=0.001)


def test_half_a_beat_is_not_called_locked() -> None:
    follower, _ = followed(120, 0.5, within, 0)
    assert not follower.is_locked
    assert follower.tempo_bpm is not None
    assert ClockFollower().tempo_bpm is None


@pytest.mark.parametrize("then", [60.0, 121.0, 140.0, 240.0])
def test_another_tempo_is_found_within_two_beats(then: float) -> None:
    follower, chance = ClockFollower(), random.Random(3)
    follower.hear(START_NOW, 9.9)
    for number, second in enumerate(pulse_times(lambda beat: 120 if beat < 16 else then, 18.5)):
        follower.hear(PULSE, second + within(chance))
        off_pulses = abs(follower.tick_at(second) / PULSE_TICKS - number)
        assert off_pulses < 1.01, "the first pulse of another tempo surprises, by no more than itself"
        if 4 < number <= 16 * 24 or number > 16.5 * 24:
            assert off_pulses * 60 / 120 / 24 < 0.004
    assert follower.tempo_bpm == pytest.approx(then, rel=0.002)


def test_a_tempo_that_glides_is_kept_up_with() -> None:
    follower, chance = ClockFollower(), random.Random(5)
    follower.hear(START_NOW, 9.9)
    for number, second in enumerate(pulse_times(lambda beat: 120 + 2 * min(max(beat - 8, 0), 8), 24)):
        follower.hear(PULSE, second + within(chance))
        if number > 4:
            assert abs(follower.tick_at(second) / PULSE_TICKS - number) * 60 / 120 / 24 < 0.008
    assert follower.tempo_bpm == pytest.approx(136, rel=0.001)


def test_one_pulse_that_comes_far_too_late_moves_nothing() -> None:
    follower, chance, last = ClockFollower(), random.Random(7), 0.0
    follower.hear(START_NOW, 9.9)
    for number, last in enumerate(pulse_times(lambda _beat: 120, 9)):
        follower.hear(PULSE, last + within(chance) + (0.018 if number == 200 else 0))
        if number >= 200:
            assert follower.tempo_bpm == pytest.approx(120, rel=0.002)
    assert follower.tick_at(last) == pytest.approx(9 * QUARTER, abs=2)


@pytest.mark.parametrize("stall_s", [0.06, 0.15, 0.3, 0.45])
def test_pulses_that_were_held_up_and_come_in_a_heap_move_little(stall_s: float) -> None:
    follower, chance = ClockFollower(), random.Random(11)
    follower.hear(START_NOW, 9.9)
    held_until = 10 + 200 * 60 / 120 / 24 + stall_s
    for number, second in enumerate(pulse_times(lambda _beat: 120, 16)):
        late = held_until + number * 1e-5 if number >= 200 and second < held_until else second + within(chance)
        follower.hear(PULSE, late)
        if number > 48:
            assert follower.tempo_bpm == pytest.approx(120, rel=0.004)
            assert abs(follower.tick_at(second) / PULSE_TICKS - number) * 60 / 120 / 24 < 0.004


def test_without_a_pulse_for_half_a_second_it_is_lost_and_begins_anew_when_it_returns() -> None:
    follower, last = followed(120, 4, within, 1)
    assert not follower.is_lost(last + LOST_AFTER_S - 0.01)
    assert follower.is_lost(last + LOST_AFTER_S + 0.01)
    follower.hear(PULSE, last + 5)
    assert not follower.is_locked
    for number in range(1, LOCKED_PULSES + 1):
        follower.hear(PULSE, last + 5 + number / 24)
    assert follower.tempo_bpm == pytest.approx(60)
    assert ClockFollower().is_lost(0.0)


def test_start_stop_place_and_continue_are_heeded() -> None:
    follower = ClockFollower()
    steps = pulse_times(lambda _beat: 120, 20)

    def beat() -> float:
        second = 0.0
        for _ in range(24):
            second = next(steps)
            follower.hear(PULSE, second)
        return second

    beat()
    assert (follower.is_running, follower.departures) == (False, 0)
    follower.hear(START_NOW, 10.49)
    assert follower.is_running
    assert not follower.has_set_off, "it begins with the next pulse"
    assert follower.tick_at(beat()) == pytest.approx(23 * PULSE_TICKS)
    assert follower.has_set_off
    follower.hear((STOP,), 11.49)
    beat()
    assert follower.tick_at(12.0) == pytest.approx(23 * PULSE_TICKS), "it stays where it stopped"
    follower.hear((CONTINUE,), 11.99)
    assert follower.tick_at(beat()) == pytest.approx(47 * PULSE_TICKS)
    follower.hear((STOP,), 12.49)
    follower.hear(song_position(300), 12.49)
    assert (follower.is_running, follower.departures) == (False, 2)
    follower.hear((CONTINUE,), 12.49)
    assert follower.tick_at(beat()) == pytest.approx(300 * 240 + 23 * PULSE_TICKS)
    follower.hear(song_position(16), 12.99)
    assert follower.departures == 4, "a place told on the way is gone to at once"
    assert follower.tick_at(beat()) == pytest.approx(4 * QUARTER + 23 * PULSE_TICKS)


def test_it_hears_nothing_but_the_clock() -> None:
    follower, last = followed(100, 3, within, 2)
    before = follower.tempo_bpm, follower.tick_at(last)
    for message in ((0x90, 60, 100), (0xFE,), (0xB0, 64, 127), (0xF0, 1, 2, 0xF7), (0xF3, 1)):
        follower.hear(message, last)
    assert (follower.tempo_bpm, follower.tick_at(last)) == before
