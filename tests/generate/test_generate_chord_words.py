"""Continuations by word models with random weights: whatever they would like to draw, the request holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_strategies import notes, timelines

from musegen_app.encoding.drums import DRUMS
from musegen_app.errors import InputError, ModelError
from musegen_app.generate import GeneratedNote, GenerateRequest, Sampling
from musegen_app.generate.chord_lstm import ChordGenerator, NameGenerator, load
from musegen_app.generate.families import FAMILIES
from musegen_app.generate.request import Foreseeing, Generator, Remarking, remarks_of
from musegen_app.score import EMPTY, SCALES, Key, Metre, Note, NoteTable, Score, Timeline, Track

FEW = settings(max_examples=25)
SEED = NoteTable.of(Note(beat * 960, 960, 60 + (beat * 5) % 12, 80) for beat in range(16))


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> ChordGenerator:
    from tiny_chord import tiny_chord_model

    return ChordGenerator(tiny_chord_model(tmp_path_factory.mktemp("models") / "words"))


@pytest.fixture(scope="module")
def drums(tmp_path_factory: pytest.TempPathFactory) -> ChordGenerator:
    from tiny_chord import tiny_chord_model

    return ChordGenerator(tiny_chord_model(tmp_path_factory.mktemp("models") / "drums", DRUMS))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> NameGenerator:
    from tiny_chord import tiny_name_model

    return NameGenerator(tiny_name_model(tmp_path_factory.mktemp("models") / "names"))


def never() -> bool:
    return False


def drawn(generator: Generator, request: GenerateRequest) -> list[GeneratedNote]:
    return list(generator.generate(request, never))


def of_take(found: list[GeneratedNote], take: int) -> NoteTable:
    return NoteTable.of(n.note for n in found if n.take == take)


def assert_no_pitch_twice_at_once(table: NoteTable) -> None:
    for pitch in np.unique(table.pitch):
        rows = table.pitch == pitch
        assert (table.start[rows][1:] >= table.end[rows][:-1]).all()


KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))
RANGES = st.tuples(st.integers(0, 127), st.integers(0, 127)).map(lambda ends: (min(ends), max(ends)))
REQUESTS = st.tuples(notes(20, max_length=8000), timelines(), st.integers(1, 4), KEYS, RANGES, st.integers(0, 10**9))


@given(REQUESTS, st.sampled_from([0.0, 1.0]))
@FEW
def test_the_request_holds(
    words: ChordGenerator, asked: tuple[NoteTable, Timeline, int, Key, tuple[int, int], int], argmax: float
) -> None:
    seed, timeline, bars, key, pitch_range, number = asked
    request = GenerateRequest(
        seed,
        timeline,
        bars,
        key=key,
        pitch_range=pitch_range,
        takes=2,
        seed_number=number,
        id=7,
        controls=(("argmax", argmax),),
    )
    if not key.mask()[pitch_range[0] : pitch_range[1] + 1].any():
        with pytest.raises(InputError):
            drawn(words, request)
        return
    found = drawn(words, request)
    start, end = request.span
    for take in range(2):
        table = of_take(found, take)
        order = [n.note.start for n in found if n.take == take]
        assert order == sorted(order)
        assert (table.start >= start).all()
        assert (table.end <= end).all()
        assert key.mask()[table.pitch].all()
        assert ((table.pitch >= pitch_range[0]) & (table.pitch <= pitch_range[1])).all()
        assert_no_pitch_twice_at_once(table)
    assert {n.request_id for n in found} <= {7}


@given(REQUESTS)
@FEW
def test_drums_keep_to_the_range_and_never_overlap(
    drums: ChordGenerator, asked: tuple[NoteTable, Timeline, int, Key, tuple[int, int], int]
) -> None:
    seed, timeline, bars, _, _, number = asked
    request = GenerateRequest(seed, timeline, bars, pitch_range=(36, 42), seed_number=number)
    table = of_take(drawn(drums, request), 0)
    assert len(table)
    assert set(table.pitch.tolist()) <= {36, 38, 42}
    assert_no_pitch_twice_at_once(table)


def test_drums_that_are_all_out_of_range_are_refused(drums: ChordGenerator) -> None:
    with pytest.raises(InputError, match="knows no drum within"):
        drawn(drums, GenerateRequest(SEED, Timeline(), pitch_range=(80, 90)))


@given(REQUESTS)
@settings(max_examples=10)
def test_what_is_published_keeps_to_the_scale_too(
    published: NameGenerator, asked: tuple[NoteTable, Timeline, int, Key, tuple[int, int], int]
) -> None:
    seed, timeline, _, key, _, number = asked
    request = GenerateRequest(seed, timeline, 1, key=key, seed_number=number)
    try:
        found = drawn(published, request)
    except InputError as error:
        assert "No word" in str(error)
        return
    table = of_take(found, 0)
    assert key.mask()[table.pitch].all()
    assert (table.end <= request.span[1]).all()
    assert set(np.diff(np.unique(table.start)).tolist()) <= {480}


@pytest.mark.parametrize("metre", [(4, 4), (3, 4), (6, 8), (1, 8)])
@pytest.mark.parametrize("seed", [SEED, EMPTY, SEED.take(np.arange(1))])
def test_it_answers_within_a_bar_and_to_the_end(words: ChordGenerator, metre: tuple[int, int], seed: NoteTable) -> None:
    timeline = Timeline.made(metres=(Metre(0, *metre),))
    for number in range(6):
        request = GenerateRequest(seed, timeline, 4, seed_number=number)
        start, end = request.span
        table = of_take(drawn(words, request), 0)
        assert table.start[0] < start + timeline.metre_at(0).bar_ticks
        assert table.end_tick > timeline.bar_start(timeline.bar_at(end - 1)) - timeline.metre_at(0).bar_ticks


@pytest.mark.parametrize("kind", ["words", "published"])
def test_a_seed_number_replays(kind: str, request: pytest.FixtureRequest) -> None:
    generator = request.getfixturevalue(kind)
    asked = GenerateRequest(SEED, Timeline(), 2, seed_number=3)
    assert drawn(generator, asked) == drawn(generator, asked)


def test_another_seed_number_gives_other_music(words: ChordGenerator) -> None:
    one, other = (drawn(words, GenerateRequest(SEED, Timeline(), 2, seed_number=n)) for n in (3, 4))
    assert [n.note for n in one] != [n.note for n in other]


def test_a_take_is_the_same_alone_and_beside_others(words: ChordGenerator) -> None:
    alone = drawn(words, GenerateRequest(SEED, Timeline(), 4, seed_number=9))
    beside = drawn(words, GenerateRequest(SEED, Timeline(), 4, seed_number=9, takes=5))
    assert of_take(alone, 0) == of_take(beside, 0)
    assert len({tuple(n.note.pitch for n in beside if n.take == take) for take in range(5)}) == 5


def test_the_likeliest_words_need_no_chance(words: ChordGenerator) -> None:
    one, other = (
        drawn(words, GenerateRequest(SEED, Timeline(), 2, seed_number=n, controls=(("argmax", 1.0),))) for n in (1, 2)
    )
    assert [n.note for n in one] == [n.note for n in other]


@pytest.mark.parametrize("kind", ["words", "drums", "published"])
def test_it_stops_before_the_next_note_when_it_is_cancelled(kind: str, request: pytest.FixtureRequest) -> None:
    generator = request.getfixturevalue(kind)
    asked = GenerateRequest(SEED, Timeline(), 8)
    is_cancelled = False
    found = generator.generate(asked, lambda: is_cancelled)
    begun = [next(found) for _ in range(5)]
    is_cancelled = True
    assert list(found) == []
    assert begun == drawn(generator, asked)[:5]
    assert list(generator.generate(asked, lambda: True)) == []


@pytest.mark.parametrize("kind", ["words", "drums", "published"])
def test_a_gap_is_refused(kind: str, request: pytest.FixtureRequest) -> None:
    generator = request.getfixturevalue(kind)
    with pytest.raises(InputError, match="only continues"):
        drawn(generator, GenerateRequest(SEED, Timeline(), start_tick=3840, until_tick=7680))


def test_unknown_chords_of_the_seed_are_remarked_on(words: ChordGenerator, published: NameGenerator) -> None:
    cluster = [Note(0, 960, pitch) for pitch in (60, 61, 62)]
    strange = NoteTable.of([*cluster, Note(960, 960, 64), *(Note(1920, 960, n.pitch) for n in cluster)])
    request = GenerateRequest(strange, Timeline(), 1)
    told = ("2 chords of the seed are unknown to this model; it hears the nearest it knows.",)
    assert remarks_of(words, request) == told
    assert remarks_of(published, request) == told
    assert drawn(words, request)
    assert drawn(published, request)
    assert remarks_of(words, GenerateRequest(SEED, Timeline(), 1)) == ()
    one = GenerateRequest(NoteTable.of(cluster), Timeline(), 1)
    assert remarks_of(words, one) == ("1 chord of the seed is unknown to this model; it hears the nearest it knows.",)
    assert isinstance(words, Remarking)


def test_notes_have_the_velocity_of_the_seed_and_a_likelihood(words: ChordGenerator) -> None:
    found = drawn(words, GenerateRequest(SEED, Timeline(), 2))
    assert {n.note.velocity for n in found} == {80}
    assert all(n.log_prob < 0 for n in found)


def test_sharper_sampling_draws_likelier_notes(words: ChordGenerator) -> None:
    def mean(temperature: float) -> float:
        sampling = Sampling(temperature=temperature, min_p=0.0)
        found = drawn(words, GenerateRequest(SEED, Timeline(), 16, sampling=sampling, takes=4))
        return float(np.mean([n.log_prob for n in found]))

    assert mean(0.3) > mean(1.0) > mean(3.0)


def test_it_foresees_the_same_music_the_same_however_it_is_dealt_out(words: ChordGenerator) -> None:
    scores = [_score(SEED), _score(SEED.take(np.arange(5)))]
    together, one, other = (words.likelihood(some) for some in (scores, scores[:1], scores[1:]))
    assert isinstance(words, Foreseeing)
    assert together.unit == "word"
    assert together.units == one.units + other.units == 17 + 6
    assert together.nats * together.units == pytest.approx(one.nats * one.units + other.nats * other.units, rel=1e-5)


def _score(notes: NoteTable) -> Score:
    return Score((Track(1, "Part", notes=notes.numbered(1)),), Timeline(), next_id=len(notes) + 1)


def test_what_is_published_foresees_only_after_a_hundred_words(published: NameGenerator) -> None:
    long = NoteTable.of(Note(k * 480, 480, 60 + k % 5) for k in range(130))
    found = published.likelihood([_score(long), _score(SEED)])
    assert (found.unit, found.units) == ("word", 30)
    assert found.nats > 0


def test_the_family_loads_both_forms(words: ChordGenerator, published: NameGenerator) -> None:
    family = FAMILIES["chord-lstm"]
    assert isinstance(family.load(words.manifest), ChordGenerator)
    assert isinstance(load(published.manifest), NameGenerator)
    assert [control.name for control in family.controls] == ["argmax"]
    assert not family.can_fill


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"instrument": "pitched", "shapes": ["0.x"]},
        {"as_published": True},
        {"as_published": True, "words": ["H9"]},
    ],
)
def test_a_model_without_its_vocabulary_is_refused(words: ChordGenerator, settings: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="vocabulary"):
        load(replace(words.manifest, settings=settings))
