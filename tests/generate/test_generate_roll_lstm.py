"""Continuations by piano-roll models with random weights: whatever they would like to draw, the request holds."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_strategies import notes, timelines
from tiny_roll import arpeggio, tiny_roll, toy_rolls

from musegen_app.encoding.columns import COLUMN_TICKS
from musegen_app.errors import InputError, ModelError
from musegen_app.generate import GeneratedNote, GenerateRequest, Generator, Sampling
from musegen_app.generate.families import FAMILIES
from musegen_app.generate.loops import loop_of
from musegen_app.generate.request import Foreseeing
from musegen_app.generate.roll_lstm import PublishedRollGenerator, RollGenerator
from musegen_app.score import EMPTY, SCALES, Key, Metre, Note, NoteTable, Timeline

FEW = settings(max_examples=25, deadline=None)
SEED = arpeggio(48, bars=4)
SPAN = (4 * 3840, 8 * 3840)
KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))
RANGES = st.tuples(st.integers(0, 127), st.integers(0, 127)).map(lambda ends: (min(ends), max(ends)))


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    return FAMILIES["roll-lstm"].load(tiny_roll(tmp_path_factory.mktemp("models") / "mended"))


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    return FAMILIES["roll-lstm"].load(tiny_roll(tmp_path_factory.mktemp("models") / "taught", steps=100))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    return FAMILIES["roll-lstm"].load(tiny_roll(tmp_path_factory.mktemp("models") / "published", published=True))


@pytest.fixture
def either(request: pytest.FixtureRequest) -> Generator:
    found: Generator = request.getfixturevalue(request.param)
    return found


BOTH = pytest.mark.parametrize("either", ["mended", "published"], indirect=True)


def drawn(generator: Generator, request: GenerateRequest) -> list[GeneratedNote]:
    return list(generator.generate(request, never))


def of_take(found: list[GeneratedNote], take: int) -> NoteTable:
    return NoteTable.of(n.note for n in found if n.take == take)


def assert_held(request: GenerateRequest, found: list[GeneratedNote], seed: NoteTable) -> None:
    start, end = request.span
    low, high = request.pitch_range
    for take in range(request.takes):
        table = of_take(found, take)
        assert (table.start >= start).all()
        assert (table.end <= end).all()
        assert (table.length >= COLUMN_TICKS).all()
        assert ((table.pitch >= low) & (table.pitch <= high)).all()
        assert request.key is None or request.key.mask()[table.pitch].all()
        for pitch in np.unique(table.pitch):
            rows = table.pitch == pitch
            assert (table.start[rows][1:] >= table.end[rows][:-1]).all()
    assert all(n.request_id == request.id and n.log_prob <= 0 for n in found)


@given(notes(20, max_length=8000), timelines(), st.integers(1, 4), st.integers(1, 3), KEYS, RANGES, st.integers(0, 10**9))
@FEW
def test_the_request_holds(  # noqa: PLR0917 - hypothesis gives them by position
    mended: Generator,
    published: Generator,
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
    for generator, lowest, highest in ((mended, 0, 127), (published, 48, 99)):
        if key.mask()[max(low, lowest) : min(high, highest) + 1].any():
            assert_held(request, drawn(generator, request), seed)
        else:
            with pytest.raises(InputError):
                drawn(generator, request)


@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from([Metre(0), Metre(0, 3, 4), Metre(0, 6, 8), Metre(0, 7, 8)]))
@FEW
def test_no_take_is_late_or_short(mended: Generator, seed_number: int, bars: int, metre: Metre) -> None:
    timeline = Timeline.made(metres=(metre,))
    request = GenerateRequest(SEED, timeline, bars, takes=3, seed_number=seed_number, controls=(("density", -1.0),))
    start, end = request.span
    found = drawn(mended, request)
    for take in range(3):
        table = of_take(found, take)
        assert table.start[0] < start + metre.bar_ticks
        assert table.end_tick > end - metre.bar_ticks


@BOTH
def test_the_same_request_gives_the_same_notes(either: Generator) -> None:
    request = GenerateRequest(SEED, Timeline(), 4, takes=3, seed_number=11)
    assert drawn(either, request) == drawn(either, request)
    assert drawn(either, dataclasses.replace(request, seed_number=12)) != drawn(either, request)


@BOTH
def test_takes_differ_and_each_is_its_own(either: Generator) -> None:
    request = GenerateRequest(SEED, Timeline(), 4, takes=3, seed_number=3)
    found = drawn(either, request)
    tables = [[(n.start, n.pitch, n.length) for n in of_take(found, take)] for take in range(3)]
    assert tables[0] != tables[1] != tables[2]


@BOTH
def test_cancel_is_asked_before_every_note(either: Generator) -> None:
    for limit in (0, 1, 5):
        answered: list[GeneratedNote] = []

        def enough(heard: list[GeneratedNote] = answered, most: int = limit) -> bool:
            return len(heard) >= most

        for note in either.generate(GenerateRequest(SEED, Timeline(), 8, takes=2), enough):
            answered.append(note)  # noqa: PERF402 - what was answered decides when to cancel
        assert len(answered) == limit


@BOTH
def test_an_empty_seed_and_one_off_the_grid(either: Generator) -> None:
    assert drawn(either, GenerateRequest(EMPTY, Timeline(), 2))
    off = NoteTable.of([Note(37, 401, 60), Note(1111, 250, 64), Note(3839, 20, 67)])
    request = GenerateRequest(off, Timeline(), 2, start_tick=3840)
    assert_held(request, drawn(either, request), off)


@BOTH
def test_what_still_rings_from_the_seed_is_not_struck_over(either: Generator) -> None:
    ringing = NoteTable.of([*SEED, Note(3 * 3840, 3 * 3840, 60), Note(3 * 3840, 3 * 3840, 62)])
    request = GenerateRequest(ringing, Timeline(), 4, start_tick=SPAN[0], pitch_range=(59, 62), takes=4)
    for note in (n.note for n in drawn(either, request)):
        assert note.pitch not in {60, 62} or note.start >= 6 * 3840


@BOTH
def test_a_gap_is_refused_in_a_sentence(either: Generator) -> None:
    request = GenerateRequest(SEED, Timeline(), 1, start_tick=0, until_tick=3840)
    with pytest.raises(InputError, match="cannot fill"):
        drawn(either, request)


def test_as_published_it_keeps_to_its_own_range(published: Generator) -> None:
    with pytest.raises(InputError, match="C3 to D♯7"):
        drawn(published, GenerateRequest(SEED, Timeline(), 1, pitch_range=(20, 40)))
    pitches = {n.note.pitch for n in drawn(published, GenerateRequest(SEED, Timeline(), 16))}
    assert 48 <= min(pitches) <= max(pitches) <= 99


def test_as_published_one_or_two_are_touched_in_each_column(published: Generator) -> None:
    request = GenerateRequest(SEED, Timeline(), 16, start_tick=SPAN[0], seed_number=5)
    touched = np.bincount([n.note.start // COLUMN_TICKS - 64 for n in drawn(published, request)], minlength=256)
    assert set(touched.tolist()) == {1, 2}
    fewer = dataclasses.replace(request, controls=(("density", -0.5),))
    assert set(np.bincount([n.note.start // COLUMN_TICKS - 64 for n in drawn(published, fewer)]).tolist()) == {0, 1}


@BOTH
def test_stretch_makes_notes_longer(either: Generator) -> None:
    request = GenerateRequest(SEED, Timeline(), 16, seed_number=2, takes=4)
    stretched = dataclasses.replace(request, controls=(("stretch", 1.0),))
    plain, longer = (of_take(drawn(either, r), 0).length.mean() for r in (request, stretched))
    assert longer > 1.1 * plain


def test_density_makes_more_notes(mended: Generator) -> None:
    counts = [
        len(drawn(mended, GenerateRequest(SEED, Timeline(), 8, controls=(("density", density),)))) for density in (-1, 0, 1)
    ]
    assert counts[0] < counts[1] < counts[2]


def test_lengths_come_from_the_model(taught: Generator) -> None:
    """It learnt broken chords of eighths over whole notes, and goes on with them."""
    request = GenerateRequest(SEED, Timeline(), 4, start_tick=SPAN[0], sampling=Sampling(temperature=0.2))
    table = of_take(drawn(taught, request), 0)
    lengths = (table.length // COLUMN_TICKS).tolist()
    assert lengths.count(2) > 0.6 * len(lengths)
    assert max(lengths) >= 12


@pytest.mark.logs
def test_a_loop_is_noticed_and_broken(taught: Generator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        request = GenerateRequest(SEED, Timeline(), 24, sampling=Sampling(temperature=0.05), start_tick=SPAN[0])
        table = of_take(drawn(taught, request), 0)
    assert "repeats itself" in caplog.text
    gaps = np.diff(table.start, prepend=0).tolist()
    loop = loop_of(list(zip(gaps, table.pitch.tolist(), table.length.tolist(), strict=True)))
    assert loop is None or loop.time < 12 * 3840


def test_sharper_sampling_keeps_the_masks(mended: Generator) -> None:
    key = Key(2, "minor")
    for sampling in (Sampling(top_p=0.5), Sampling(min_p=0.3), Sampling(temperature=4)):
        request = GenerateRequest(SEED, Timeline(), 4, key=key, sampling=sampling, takes=2, seed_number=9)
        assert_held(request, drawn(mended, request), SEED)


def test_styles_are_asked_for_by_name(mended: Generator) -> None:
    assert drawn(mended, GenerateRequest(SEED, Timeline(), 1, style="toy"))
    with pytest.raises(ModelError, match="does not know the style"):
        drawn(mended, GenerateRequest(SEED, Timeline(), 1, style="polka"))


@BOTH
def test_they_foresee(either: Generator) -> None:
    assert isinstance(either, Foreseeing)
    found = either.likelihood([piece.score for piece in toy_rolls().pieces])
    assert found.unit == "column"
    assert found.units > 100
    assert 0 < found.nats < 100
    assert either.likelihood([]).units == 0


def test_a_damaged_graph_is_one_sentence(tmp_path: Path) -> None:
    for published in (False, True):
        manifest = tiny_roll(tmp_path / f"damaged-{published}".lower(), published=published)
        manifest.graph_path.write_bytes(b"no graph")
        with pytest.raises(ModelError, match="cannot load"):
            (PublishedRollGenerator if published else RollGenerator)(manifest)
