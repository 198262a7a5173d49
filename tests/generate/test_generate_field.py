"""Where notes may lie, how swing bends time, and how a pace is kept: the pure parts of steering."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import timelines

from musegen_app.encoding.note_events import END, ONSETS
from musegen_app.errors import InputError
from musegen_app.generate import GenerateRequest
from musegen_app.generate.dynamics import accent
from musegen_app.generate.field import Field, swung
from musegen_app.generate.keeping import latest_steps
from musegen_app.generate.pace import Goal, Pace, drawn_from, probabilities, usual_places
from musegen_app.generate.scene import Scene
from musegen_app.generate.steering import Steering
from musegen_app.score import EMPTY, Key, Metre, Note, NoteTable, Timeline

BAR = 3840


def field_of(**asked: object) -> Field:
    request = GenerateRequest(EMPTY, Timeline(), 2, start_tick=0, **asked)  # type: ignore[arg-type]
    return Field(request, Scene.of(request), Steering.of(request))


# --- swing ------------------------------------------------------------------------------------------------------------


@given(timelines(), st.integers(0, 3000), st.integers(1, 600), st.floats(0, 1))
def test_swing_moves_steps_later_and_past_no_other(timeline: Timeline, origin: int, steps: int, swing: float) -> None:
    straight = (np.arange(steps + 1) + origin) * 40
    ticks = swung(timeline, origin, (0, steps), swing)
    assert (np.diff(ticks) > 0).all()
    assert ((ticks - straight >= 0) & (ticks - straight <= 160)).all()
    assert ticks[-1] == straight[-1]
    for tick in ticks[straight % 960 == 0]:
        metre = timeline.metre_at(int(tick))
        assert metre.denominator > 4 or timeline.bar_start(timeline.bar_at(int(tick))) % 960 or tick % 960 == 0


def test_full_swing_is_a_triplet() -> None:
    ticks = swung(Timeline(), 0, (0, 96), 1.0)
    assert ticks[[0, 12, 24, 36, 48]].tolist() == [0, 640, 960, 1600, 1920]
    assert swung(Timeline(), 0, (0, 96), 0.0).tolist() == list(range(0, 3841, 40))


# --- the field --------------------------------------------------------------------------------------------------------


def test_a_pitch_is_taken_from_the_step_where_a_standing_note_begins_to_the_step_after_it() -> None:
    field = field_of(standing=NoteTable.of([Note(1010, 500, 60)]))
    taken = [step for step in range(192) if not field.free(step)[60]]
    assert taken == list(range(25, 38))
    assert field.free(30)[61]
    assert (field.free_until(0, 60), field.free_until(40, 60), field.free_until(0, 61)) == (25, 192, 192)


def test_open_steps_lie_on_the_grid_where_a_pitch_is_free() -> None:
    wall = NoteTable.of(Note(960, 960, pitch) for pitch in range(128))
    field = field_of(standing=wall, controls=(("grid", 1.0),))
    assert field.opens == [0, 48, 72, 96, 120, 144, 168]
    assert (field.last_open(70), field.first_open(1), field.first_open(169)) == (48, 48, None)
    found = field.any_open(np.array([1, 48, 150, 300]), np.array([47, 48, 160, 400]))
    assert found.tolist() == [False, True, False, False]


def test_key_and_chords_that_share_nothing_leave_no_place() -> None:
    with pytest.raises(InputError, match="leave no place for a note"):
        field_of(key=Key(0, "major"), chords=((0, 1 << 1 | 1 << 6),), controls=(("chord_lock", 1.0),))


# --- pitches that must all find a place -------------------------------------------------------------------------------


@given(st.lists(st.integers(55, 65), min_size=1, max_size=40), st.integers(0, 3))
def test_each_pitch_can_be_struck_at_its_latest_step(pitches: list[int], polyphony: int) -> None:
    field = field_of(standing=NoteTable.of([Note(BAR, BAR, 60)]))
    latest = latest_steps(pitches, field, polyphony)
    for row, (step, pitch) in enumerate(zip(latest, pitches, strict=True)):
        assert field.free(step)[pitch]
        assert step in field.opens
        if row:
            assert latest[row - 1] < step or (latest[row - 1] == step and pitches[row - 1] < pitch)
    assert max(latest.count(step) for step in latest) <= (polyphony or 128)
    assert latest[-1] == 191 or pitches[-1] == 60


def test_pitches_that_are_kept_come_on_usual_places_where_they_all_find_one() -> None:
    field, usual = field_of(), list(range(0, 192, 6))
    falling = list(range(100, 60, -1))
    assert latest_steps(falling[:20], field, 0, usual) == usual[-20:]
    assert latest_steps(falling, field, 0, usual) == list(range(152, 192))


# --- pace -------------------------------------------------------------------------------------------------------------


def likely(steps: dict[int, float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    probs = np.full(END + 1, 1e-6)
    for step, share in steps.items():
        probs[int(ONSETS.classes(step))] = share
    return probs


@pytest.mark.parametrize("wanted", [40, 80, 160, 300])
def test_a_pace_is_kept_by_choosing_among_the_times_the_model_thinks_of(wanted: int) -> None:
    steps, random = 16 * 96, np.random.default_rng(1)
    goal = Goal(wanted, wanted, wanted, np.full(steps, 96))
    pace, at, count, times = Pace(goal, steps), 0, 0, []
    while at < steps and count < 2 * wanted:
        onset = pace.draw(likely({0: 0.1, 6: 0.1, 12: 0.3, 24: 0.4, 48: 0.1}), float(random.random()), (at, count), 10**6)
        times.append(int(ONSETS.high[min(onset, END - 1)]))
        at, count = at + times[-1], count + 1
    assert count == pytest.approx(wanted, rel=0.1)
    assert sum(time in {0, 6, 12, 24, 48} for time in times) > 0.95 * len(times)


@given(st.floats(0.5, 40), st.integers(1, 40))
def test_a_goal_is_near_what_was_asked(density: float, bars: int) -> None:
    goal = Goal.of_bars(density, np.full(96 * bars, 96))
    assert 1 <= goal.least <= goal.most
    assert goal.most <= max(1.0601 * goal.notes, round(goal.notes), 1)
    assert goal.least >= min(0.9399 * goal.notes, round(goal.notes))
    soonest = [goal.soonest(count) for count in range(goal.most)]
    assert soonest == sorted(soonest)
    assert all(step < 96 * bars for step in soonest)


def test_probabilities_are_of_what_is_allowed() -> None:
    allowed = np.zeros(END + 1, dtype=np.bool_)
    allowed[[3, 5]] = True
    probs = probabilities(np.linspace(-300, -3, END + 1).astype(np.float32), allowed, 1.0)
    assert np.flatnonzero(probs).tolist() == [3, 5]
    assert probs[5] > probs[3] > 0


def test_usual_places_are_the_sixteenths_and_what_was_often_heard() -> None:
    heard = np.array([0, 8, 16, 24, 32, 40, 48, 56, 64, 3])  # triplets, and one note beside them
    assert np.flatnonzero(usual_places(heard, np.arange(24))).tolist() == [0, 3, 6, 8, 12, 16, 18]
    assert np.flatnonzero(usual_places(np.tile(heard, 9)[:-1], np.arange(24))).tolist()[:3] == [0, 3, 6]
    assert np.flatnonzero(usual_places(np.append(np.tile(heard[:9], 9), 3), np.arange(24))).tolist() == [0, 6, 8, 12, 16, 18]
    assert np.flatnonzero(usual_places(heard[:0], np.arange(24))).tolist() == [0, 6, 12, 18]


@given(st.floats(0.5, 40), st.integers(1, 10), st.integers(0, 95))
def test_whoever_waits_for_his_turn_comes_in_on_a_usual_place(density: float, bars: int, moved: int) -> None:
    usual = usual_places(np.zeros(0, dtype=np.int64), np.arange(96 * bars) + moved)
    goal = Goal.of_bars(density, np.full(96 * bars, 96), usual)
    plain = Goal.of_bars(density, np.full(96 * bars, 96))
    for count in range(goal.most):
        step = goal.soonest(count)
        assert usual[step] or not usual[:step].any()
        assert plain.soonest(count) - 6 < step <= plain.soonest(count)


def test_a_pace_keeps_to_usual_places_unless_it_is_far_behind() -> None:
    """What leads off the grid is drawn only where it is nearly as likely as the best, from wherever the take is."""
    steps = 16 * 96
    usual = usual_places(np.zeros(0, dtype=np.int64), np.arange(steps))
    probs = likely({0: 0.1, 12: 0.5, 14: 0.1, 10: 0.1, 24: 0.2})
    for at, home, away in ((240, {12}, {10, 14}), (242, {10, 12}, {14})):
        pace = Pace(Goal(200, 188, 212, np.full(steps, 96), usual), steps)
        drawn = {pace.draw(probs, float(u), (at, 31), 10**6) for u in np.linspace(0.15, 0.99, 60)}
        assert drawn >= {int(ONSETS.classes(step)) for step in home}
        assert not drawn & {int(ONSETS.classes(step)) for step in away}
    late = Pace(Goal(200, 188, 212, np.full(steps, 96), usual), steps)
    drawn = {late.draw(probs, float(u), (240, 0), 10**6) for u in np.linspace(0.15, 0.99, 60)}
    assert drawn & {int(ONSETS.classes(step)) for step in (10, 14)}


@pytest.mark.parametrize("grid", [6, 12, 24])
def test_a_grid_leaves_a_chord_as_likely_to_go_on_as_it_was(grid: int) -> None:
    """What the model would strike between two places of the grid comes at the second, and is no more of the chord."""
    likely_steps = {0: 0.25, 3: 0.05, 6: 0.5, 12: 0.15, 48: 0.05}
    allowed = np.isin(np.append(ONSETS.high, 1), np.arange(0, 2000, grid))
    probs = probabilities(np.log(likely(likely_steps)).astype(np.float32), allowed, 1.0)
    probs /= probs.sum()
    assert probs[0] == pytest.approx(0.25, abs=0.01)
    assert probs[int(ONSETS.classes(grid))] == pytest.approx(
        sum(share for step, share in likely_steps.items() if 0 < step <= grid), abs=0.01
    )
    assert not probs[~allowed].any()


def test_where_nothing_later_is_allowed_the_share_of_what_is_too_late_goes_to_what_is_not() -> None:
    allowed = np.append(ONSETS.high <= 12, np.False_)
    probs = probabilities(np.log(likely({0: 0.2, 6: 0.1, 12: 0.3, 48: 0.4})).astype(np.float32), allowed, 1.0)
    probs /= probs.sum()
    assert probs[[0, *ONSETS.classes([6, 12])]] == pytest.approx([0.2, 0.2, 0.6], abs=0.01)


def test_a_number_draws_the_class_whose_share_it_falls_on() -> None:
    probs = likely({0: 0.5, 12: 0.5})
    assert [drawn_from(probs, uniform) for uniform in (0.01, 0.49, 0.51, 0.99)] == [0, 0, 12, 12]


@pytest.mark.parametrize(
    ("metre", "accents"),
    [
        (Metre(0), {0: 1.0, 960: 0.3, 480: -0.3, 240: -0.7}),
        (Metre(0, 6, 8), {0: 1.0, 1440: 0.3, 480: -0.3, 240: -0.7}),
        (Metre(0, 2, 2), {0: 1.0, 1920: 0.3, 960: -0.3, 480: -0.7}),
    ],
)
def test_accents_follow_the_metre(metre: Metre, accents: dict[int, float]) -> None:
    timeline = Timeline.made(metres=(metre,))
    assert {tick: accent(timeline, metre.bar_ticks + tick) for tick in accents} == accents
