"""Continuations by a model with random weights: whatever it would like to draw, the request holds."""

from __future__ import annotations

import dataclasses
import logging
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_strategies import notes, timelines

from musegen_app.errors import InputError, ModelError
from musegen_app.generate import GeneratedNote, GenerateRequest, Manifest, Sampling, load
from musegen_app.generate.measures import is_loop
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import EMPTY, SCALES, TICKS_PER_QUARTER, Key, Metre, Note, NoteTable, Timeline

FEW = settings(max_examples=40)
SEED = NoteTable.of(Note(beat * 960, 960, 60 + (beat * 5) % 12, 80) for beat in range(16))
SPAN = (16 * 960, 16 * 960 + 4 * 3840)


def never() -> bool:
    return False


def drawn(tiny: NoteEventGenerator, request: GenerateRequest) -> list[GeneratedNote]:
    return list(tiny.generate(request, never))


def of_take(found: list[GeneratedNote], take: int) -> NoteTable:
    return NoteTable.of(n.note for n in found if n.take == take)


KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))
RANGES = st.tuples(st.integers(0, 127), st.integers(0, 127)).map(lambda ends: (min(ends), max(ends)))


@given(notes(20, max_length=8000), timelines(), st.integers(1, 6), st.integers(1, 3), KEYS, RANGES, st.integers(0, 10**9))
@FEW
def test_the_request_holds(
    tiny: NoteEventGenerator,
    seed: NoteTable,
    timeline: Timeline,
    bars: int,
    takes: int,
    key: Key,
    pitch_range: tuple[int, int],
    seed_number: int,
) -> None:
    low, high = pitch_range
    request = GenerateRequest(
        seed, timeline, bars, key=key, pitch_range=pitch_range, takes=takes, seed_number=seed_number, id=7
    )
    if not key.mask()[low : high + 1].any():
        with pytest.raises(InputError):
            drawn(tiny, request)
        return
    found = drawn(tiny, request)
    start, end = request.span
    for take in range(takes):
        table = of_take(found, take)
        order = [n.note.start for n in found if n.take == take]
        assert order == sorted(order)
        assert (table.start >= start).all()
        assert (table.end <= end).all()
        assert key.mask()[table.pitch].all()
        assert ((table.pitch >= low) & (table.pitch <= high)).all()
        assert_no_pitch_twice_at_once(table)
    assert {n.request_id for n in found} <= {7}


def assert_no_pitch_twice_at_once(table: NoteTable) -> None:
    for pitch in np.unique(table.pitch):
        rows = table.pitch == pitch
        assert (table.start[rows][1:] >= table.end[rows][:-1]).all()


@given(
    st.integers(0, 10**6), st.integers(1, 12), st.sampled_from([Metre(0), Metre(0, 3, 4), Metre(0, 7, 8), Metre(0, 1, 8)])
)
@FEW
def test_no_take_is_shorter_than_asked(tiny: NoteEventGenerator, seed_number: int, bars: int, metre: Metre) -> None:
    timeline = Timeline.made(metres=(metre,))
    request = GenerateRequest(SEED, timeline, bars, takes=3, seed_number=seed_number)
    found = drawn(tiny, request)
    last_bar = request.span[1] - metre.bar_ticks
    for take in range(3):
        assert of_take(found, take).start[-1] >= last_bar


def test_chords_ascend(tiny: NoteEventGenerator) -> None:
    found = [n.note for n in drawn(tiny, GenerateRequest(SEED, Timeline(), 32, seed_number=4))]
    chords = [(a, b) for a, b in pairwise(found) if a.start == b.start]
    assert chords
    assert all(a.pitch < b.pitch for a, b in chords)


def test_one_pitch_alone_waits_until_it_is_silent(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(SEED, Timeline(), 16, pitch_range=(60, 60), takes=4)
    for take in range(4):
        table = of_take(drawn(tiny, request), take)
        assert set(table.pitch.tolist()) == {60}
        assert_no_pitch_twice_at_once(table)
        assert table.end_tick > request.span[1] - 3840


def test_the_same_request_gives_the_same_notes(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(SEED, Timeline(), 8, takes=3, seed_number=11)
    assert drawn(tiny, request) == drawn(tiny, request)
    other = dataclasses.replace(request, seed_number=12)
    assert drawn(tiny, other) != drawn(tiny, request)


def test_takes_differ(tiny: NoteEventGenerator) -> None:
    found = drawn(tiny, GenerateRequest(SEED, Timeline(), 4, takes=4))
    tables = {tuple(of_take(found, take).start.tolist()) for take in range(4)}
    assert len(tables) == 4


def test_sharp_sampling_draws_the_likeliest(tiny: NoteEventGenerator) -> None:
    sharp = [Sampling(top_p=1e-6), Sampling(min_p=0.999999), Sampling(temperature=0.05, top_p=1e-6, min_p=0)]
    answers = []
    for sampling in sharp:
        request = GenerateRequest(SEED, Timeline(), 4, sampling=sampling, seed_number=1)
        answers.append([n.note for n in drawn(tiny, request)])
        assert [n.note for n in drawn(tiny, dataclasses.replace(request, seed_number=2))] == answers[-1]
    assert answers[0] == answers[1] == answers[2]


def test_top_p_of_one_half_draws_from_the_likelier_half(tiny: NoteEventGenerator) -> None:
    def mean_log_prob(sampling: Sampling) -> float:
        request = GenerateRequest(SEED, Timeline(), 32, sampling=sampling, takes=4)
        return float(np.mean([n.log_prob for n in drawn(tiny, request)]))

    assert mean_log_prob(Sampling(top_p=0.5, min_p=0)) > mean_log_prob(Sampling(min_p=0)) + 0.05


@pytest.mark.parametrize("count", [1, 2, 9])
def test_cancel_is_asked_before_every_note(tiny: NoteEventGenerator, count: int) -> None:
    heard: list[GeneratedNote] = []
    request = GenerateRequest(SEED, Timeline(), 64, takes=4)
    for note in tiny.generate(request, lambda: len(heard) == count):
        heard.append(note)  # noqa: PERF402 - the list is looked at as it grows
    assert len(heard) == count


def test_cancelled_at_once_nothing_is_drawn(tiny: NoteEventGenerator) -> None:
    assert list(tiny.generate(GenerateRequest(SEED, Timeline()), lambda: True)) == []


def test_without_a_seed_the_model_begins(tiny: NoteEventGenerator) -> None:
    found = drawn(tiny, GenerateRequest(EMPTY, Timeline(), 4))
    assert found[0].note.start >= 0
    assert found[-1].note.start >= 3 * 3840


def test_only_notes_before_the_span_are_heard(tiny: NoteEventGenerator) -> None:
    later = NoteTable.of([*SEED, Note(17 * 960, 960, 30), Note(90 * 960, 960, 31)])
    request = GenerateRequest(SEED, Timeline(), 4, start_tick=16 * 960)
    assert drawn(tiny, dataclasses.replace(request, notes=later)) == drawn(tiny, request)


def test_the_continuation_may_begin_long_after_the_seed_and_within_a_bar(tiny: NoteEventGenerator) -> None:
    start = 16 * 960 + 300 * 3840 + 1000
    request = GenerateRequest(SEED, Timeline(), 2, start_tick=start)
    found = drawn(tiny, request)
    assert found[0].note.start >= start
    assert found[-1].note.end <= request.span[1]
    assert found[-1].note.start >= request.span[1] - 3840


def test_after_a_long_held_note_nobody_waits_longer_than_a_bar(tiny: NoteEventGenerator) -> None:
    held = NoteTable.of([Note(0, 8 * 3840, 60)])
    request = GenerateRequest(held, Timeline(), bars=16, takes=12, seed_number=4)
    first = {}
    for drawn in tiny.generate(request, lambda: False):
        first.setdefault(drawn.take, drawn.note.start)
    assert len(first) == 12
    assert max(first.values()) <= request.span[0] + 3840


def test_of_a_long_seed_the_end_is_heard(tiny: NoteEventGenerator) -> None:
    beats = [Note(beat * 480, 480, 40 + (beat * 7) % 40) for beat in range(900)]
    other = [Note(n.start, n.length, 100) for n in beats[:300]] + beats[300:]
    request = GenerateRequest(NoteTable.of(beats), Timeline(), 4, controls=(("recall", 0.0),))
    assert drawn(tiny, dataclasses.replace(request, notes=NoteTable.of(other))) == drawn(tiny, request)


def test_a_flat_seed_keeps_its_velocity_and_a_played_one_is_gone_on_with(tiny: NoteEventGenerator) -> None:
    flat = drawn(tiny, GenerateRequest(SEED, Timeline(), 4))
    assert {n.note.velocity for n in flat} == {80}
    played = NoteTable.of(Note(n.start, n.length, n.pitch, 30 + 11 * (k % 8)) for k, n in enumerate(SEED))
    lively = drawn(tiny, GenerateRequest(played, Timeline(), 8))
    assert len({n.note.velocity for n in lively}) > 5
    assert all(1 <= n.note.velocity <= 127 for n in lively)


def test_styles_are_known_by_name(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(SEED, Timeline(), 4, style="chorale")
    assert drawn(tiny, request) != drawn(tiny, dataclasses.replace(request, style="song"))
    with pytest.raises(ModelError, match='does not know the style "polka"'):
        drawn(tiny, dataclasses.replace(request, style="polka"))


def test_log_probs_are_of_the_model_without_masks(tiny: NoteEventGenerator) -> None:
    free = drawn(tiny, GenerateRequest(SEED, Timeline(), 16))
    locked = drawn(tiny, GenerateRequest(SEED, Timeline(), 16, pitch_range=(60, 61)))
    assert np.mean([n.log_prob for n in locked]) < -3
    assert all(n.log_prob < 0 for n in free + locked)


@pytest.mark.parametrize("bars", [1, 256])
def test_one_bar_and_many(tiny: NoteEventGenerator, bars: int) -> None:
    request = GenerateRequest(SEED, Timeline(), bars)
    found = drawn(tiny, request)
    assert request.span[1] - 3840 <= found[-1].note.start < request.span[1]


def test_a_take_in_a_loop_is_made_to_move_on_and_it_is_logged(
    tiny: NoteEventGenerator, caplog: pytest.LogCaptureFixture
) -> None:
    likeliest, logged = Sampling(temperature=0.05, top_p=1e-6), 0
    for highest in range(61, 67):  # not every tune of a net that learnt nothing goes in circles
        caplog.clear()
        with caplog.at_level(logging.INFO, "musegen_app.generate.loops"):
            request = GenerateRequest(SEED, Timeline(), 128, pitch_range=(60, highest), sampling=likeliest)
            found = drawn(tiny, request)
        logged += "Take 1 repeats itself" in caplog.text
        assert not is_loop(of_take(found, 0), Timeline(), request.span)
    assert logged


def test_a_graph_that_is_no_graph_is_one_sentence(tiny_manifest: Manifest, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    for bad, good in (("model.onnx", "step.onnx"), ("step.onnx", "model.onnx")):
        (folder / bad).write_bytes(b"not a graph")
        (folder / good).write_bytes((tiny_manifest.path / good).read_bytes())
        broken = dataclasses.replace(tiny_manifest, name="broken", path=folder).sealed()
        with pytest.raises(ModelError, match=f'Model "broken" cannot be used: ONNX Runtime cannot load {bad}'):
            load(broken)


def test_a_graph_that_does_not_fit_its_manifest_is_one_sentence(tiny_manifest: Manifest) -> None:
    wrong = dataclasses.replace(tiny_manifest, states=tiny_manifest.states[:2])
    with pytest.raises(ModelError, match="failed while drawing"):
        drawn(NoteEventGenerator(wrong), GenerateRequest(SEED, Timeline(), 1))


def test_ticks_lie_on_the_grid(tiny: NoteEventGenerator) -> None:
    found = drawn(tiny, GenerateRequest(SEED, Timeline(), 8))
    assert all(n.note.start % (TICKS_PER_QUARTER // 24) == 0 for n in found)
    assert all(n.note.length % (TICKS_PER_QUARTER // 24) == 0 for n in found)
