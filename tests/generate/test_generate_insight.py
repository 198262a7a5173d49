"""What a model thinks, against brute force: every figure is what scoring the music note by note says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from musegen_app.encoding.note_events import STEP_TICKS, on_grid
from musegen_app.encoding.pieces import piece_of
from musegen_app.errors import InputError, ModelError
from musegen_app.files.midi_reader import read_midi
from musegen_app.generate import GeneratedNote, GenerateRequest, available, find, load
from musegen_app.generate.evaluation import score_notes
from musegen_app.generate.insight import (
    AlternativesQuery,
    Coming,
    ComingQuery,
    Hearing,
    Surprise,
    SurpriseQuery,
    alternatives,
    coming,
    insightful,
    surprise,
)
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.session import Heard, State
from musegen_app.paths import bundle_dir
from musegen_app.score import EMPTY, Key, Metre, Note, NoteTable, Score, Timeline, Track

QUARTER = 960
BAR = 4 * QUARTER
COMMON = Timeline()
SEEDS = bundle_dir() / "resources" / "seeds"


@pytest.fixture(scope="module")
def flagship() -> NoteEventGenerator:
    generator = load(find("", [bundle_dir() / "models"]))
    assert isinstance(generator, NoteEventGenerator)
    return generator


def music(count: int = 60, seed: int = 3) -> NoteTable:
    """Chords and runs with played velocities, no pitch struck while it sounds, ids from 1 in no order."""
    rng = np.random.default_rng(seed)
    start = np.sort(rng.integers(0, count * 2, count)) * (QUARTER // 4)
    length = rng.integers(1, 9, count) * (QUARTER // 4)
    drawn = NoteTable.from_columns(start, length, rng.choice(np.arange(36, 90), count), rng.integers(30, 110, count))
    clean = on_grid([drawn])
    ticks = (clean.onset * STEP_TICKS, clean.length * STEP_TICKS)
    return NoteTable.from_columns(*ticks, clean.pitch, clean.velocity, rng.permutation(len(clean)) + 1)


def costs_of(generator: NoteEventGenerator, notes: NoteTable, timeline: Timeline = COMMON, style: int = 0) -> np.ndarray:
    """Onset, pitch and length of each note on the grid, by the evaluation's own teacher forcing."""
    piece = piece_of(Score((Track(1, notes=notes),), timeline))
    assert piece is not None
    return score_notes(generator.session, [piece], style)[0][:, :3]


def in_order(table: NoteTable, found: Surprise) -> np.ndarray:
    return np.array([found.of(int(note_id)) for note_id in table.id])


def test_each_note_surprises_as_much_as_the_evaluation_says(exact: NoteEventGenerator) -> None:
    notes = music()
    found = surprise(exact, Hearing(notes, Timeline(), "song"))
    np.testing.assert_allclose(in_order(notes, found), costs_of(exact, notes, style=2), atol=1e-3)
    np.testing.assert_allclose(found.total, found.nats.sum(axis=1))
    assert found.of(999) is None


def test_the_shipped_model_says_what_the_evaluation_says(flagship: NoteEventGenerator) -> None:
    score = read_midi(SEEDS / "nocturne.mid").score
    (notes,) = [track.notes.numbered(1) for track in score.tracks if track.notes]
    found = surprise(flagship, Hearing(notes, score.timeline))
    wanted = costs_of(flagship, notes, score.timeline)
    np.testing.assert_allclose(in_order(notes, found), wanted, atol=0.1)  # int8 rounds by what is heard side by side
    assert found.total.mean() == pytest.approx(wanted.sum(axis=1).mean(), abs=0.02)


def test_notes_off_the_grid_and_doubled_ones_have_the_figure_of_what_is_heard(exact: NoteEventGenerator) -> None:
    table = NoteTable.of([Note(3, 900, 60, id=5), Note(960 + 17, 400, 62, id=2), Note(960, 900, 62, id=9)])
    found = surprise(exact, Hearing(table, Timeline()))
    assert found.ids.tolist() == [2, 5, 9]
    assert found.of(2) == found.of(9) != found.of(5)


def test_without_notes_nothing_surprises(exact: NoteEventGenerator) -> None:
    assert surprise(exact, Hearing(EMPTY, Timeline())).nats.shape == (0, 3)


@pytest.mark.parametrize("edit", ["middle", "end", "longer", "none", "style", "tempo"])
def test_after_an_edit_only_the_rest_is_heard_and_says_the_same(
    exact: NoteEventGenerator, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    notes, timeline, style = music(300), Timeline(), ""
    before = surprise(exact, Hearing(notes, timeline))
    if edit in ("middle", "end"):
        row = 150 if edit == "middle" else 295
        notes = notes.without([int(notes.id[row])]).merged(NoteTable.of([Note(int(notes.start[row]), 480, 35, id=999)]))
    elif edit == "longer":
        notes = notes.merged(NoteTable.of([Note(notes.end_tick + n * 240, 240, 60 + n, id=900 + n) for n in range(9)]))
    elif edit == "style":
        style = "song"
    elif edit == "tempo":
        timeline = Timeline.made(metres=(Metre(0, 3, 4),))
    hearing = Hearing(notes, timeline, style)
    fresh = surprise(exact, hearing)
    lanes: list[int] = []
    step = exact.session.step

    def counted(inputs: dict[str, np.ndarray], state: State) -> Heard:
        lanes.append(inputs["classes"].shape[1])
        return step(inputs, state)

    monkeypatch.setattr(exact.session, "step", counted)
    again = exact.surprise(hearing, before, lambda: False)
    assert again is not None
    np.testing.assert_allclose(again.nats, fresh.nats, atol=1e-3)
    heard = sum(lanes)
    assert heard < (100 if edit in ("end", "longer", "none") else 200 if edit == "middle" else 400)
    assert heard > 250 if edit in ("style", "tempo") else heard < 200


def test_surprise_is_let_go_of_when_nobody_waits_any_more(exact: NoteEventGenerator) -> None:
    asked: list[None] = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) > 5

    assert exact.surprise(Hearing(music(300), Timeline()), None, cancelled) is None
    assert len(asked) == 6


# --- what comes next ------------------------------------------------------------------------------------------------------


def joint(generator: NoteEventGenerator, notes: NoteTable, step: int, pitch: int) -> float:
    """Probability that the next onset is at ``step`` and has ``pitch``, by scoring the piece with that note in it."""
    longer = notes.merged(NoteTable.of([Note(step * STEP_TICKS, 480, pitch, id=9999)]))
    onset, at_pitch, _ = costs_of(generator, longer)[-1]
    return float(np.exp(-onset - at_pitch))


def check_coming(generator: NoteEventGenerator, notes: NoteTable, found: Coming, tolerance: float) -> None:
    """Ratios of probabilities agree with brute force at the likeliest places and some others."""
    start = found.start_tick // STEP_TICKS
    places = np.argsort(-found.chance, axis=None)[[0, 1, 2, 5, 10, 40, 200]]
    steps, pitches = np.unravel_index(places, found.chance.shape)
    ours = np.array([found.chance[s, p] for s, p in zip(steps, pitches, strict=True)])
    theirs = np.array([joint(generator, notes, start + int(s), int(p)) for s, p in zip(steps, pitches, strict=True)])
    np.testing.assert_allclose(np.log(ours / ours[0]), np.log(theirs / theirs[0]), atol=tolerance)


def test_what_comes_next_is_what_scoring_every_next_note_says(exact: NoteEventGenerator) -> None:
    notes = music(40)
    at = int(notes.start[-1]) + QUARTER
    found = coming(exact, Hearing(notes, Timeline()), at)
    assert found.start_tick == at
    assert found.onset.shape == (96,)
    assert found.pitch.shape == (96, 128)
    assert found.end_tick == at + BAR
    check_coming(exact, notes, found, 2e-3)


def test_a_long_bar_holds_nearly_all_that_may_come(exact: NoteEventGenerator) -> None:
    notes = music(40)
    at = int(notes.start[-1]) + STEP_TICKS
    found = coming(exact, Hearing(notes, Timeline.made(metres=(Metre(0, 8, 1),))), at)
    assert len(found.onset) == 384  # sixteen quarters are enough
    assert 0.7 < found.onset.sum() <= 1
    np.testing.assert_allclose(found.pitch.sum(axis=1), 1)
    assert found.chance.min() >= 0
    assert found.chance.max() <= 1


def test_the_shipped_model_expects_what_scoring_says(flagship: NoteEventGenerator) -> None:
    score = read_midi(SEEDS / "nocturne.mid").score
    (notes,) = [track.notes.numbered(1) for track in score.tracks if track.notes]
    found = coming(flagship, Hearing(notes, score.timeline), int(notes.start[-1]) + QUARTER // 2)
    check_coming(flagship, notes, found, 0.25)


def test_only_what_is_before_the_place_is_heard(exact: NoteEventGenerator) -> None:
    notes = music(40)
    at = int(notes.start[20])
    before = notes.take(notes.starting_in(0, at))
    whole, part = (coming(exact, Hearing(n, Timeline()), at) for n in (notes, before))
    np.testing.assert_allclose(whole.chance, part.chance)


def test_a_locked_key_and_a_range_are_heeded(exact: NoteEventGenerator) -> None:
    key = Key(2, "minor")
    found = coming(exact, Hearing(music(40), Timeline(), "", key, (50, 70)), 40 * QUARTER)
    free = key.mask() & (np.arange(128) >= 50) & (np.arange(128) <= 70)
    assert (found.pitch[:, ~free] == 0).all()
    np.testing.assert_allclose(found.pitch.sum(axis=1), 1)
    with pytest.raises(InputError, match="no note"):
        coming(exact, Hearing(music(40), Timeline(), "", key, (61, 61)), 40 * QUARTER)


@pytest.mark.parametrize("rest", [0, 1, 60, 100])
def test_it_can_be_asked_anywhere(exact: NoteEventGenerator, rest: int) -> None:
    """In an empty piece, within a step of a note, and after a rest longer than any the model knows."""
    for notes in (EMPTY, music(10)):
        found = coming(exact, Hearing(notes, Timeline()), notes.end_tick + rest * QUARTER + rest)
        assert np.isfinite(found.chance).all()
        assert 0 < found.onset.sum() <= 1 + 1e-9


def test_columns_of_a_sixteenth_hold_what_their_steps_hold() -> None:
    rng = np.random.default_rng(1)
    onset, pitch = rng.random(96), rng.random((96, 128))
    found = Coming(400, onset / onset.sum() / 2, pitch / pitch.sum(axis=1, keepdims=True))
    cells = found.by(6)
    assert (cells.start_tick, cells.step_ticks, cells.end_tick) == (400, 240, 400 + BAR)
    np.testing.assert_allclose(cells.chance[1], found.chance[3:9].sum(axis=0), atol=1e-9)
    np.testing.assert_allclose(cells.chance.sum(), 0.5, atol=1e-9)
    np.testing.assert_allclose(cells.pitch.sum(axis=1), 1)


# --- what a note could have been ------------------------------------------------------------------------------------------


def check_alternatives(generator: NoteEventGenerator, notes: NoteTable, note: Note, tolerance: float) -> int:
    """Each alternative's probability, against scoring the piece up to the chord with that pitch in the note's place.

    What counts is the pitches of the chord, and that its notes are struck together. Returns how many notes it has.
    """
    found = alternatives(generator, Hearing(notes, Timeline()), note)
    earlier = [n for n in notes if n.start < note.start]
    chord = [n for n in notes if n.start == note.start and n.id != note.id]
    nats = {}
    for candidate in (found.own, *found.others):
        tried = Note(note.start, note.length, candidate.pitch, note.velocity)
        costs = costs_of(generator, NoteTable.of([*earlier, *chord, tried]))[len(earlier) :]
        nats[candidate.pitch] = costs[:, 1].sum() + costs[1:, 0].sum()
    ratios = [np.log(c.probability / found.own.probability) for c in found.others]
    wanted = [nats[note.pitch] - nats[c.pitch] for c in found.others]
    np.testing.assert_allclose(ratios, wanted, atol=tolerance)
    chances = [c.probability for c in found.others]
    assert chances == sorted(chances, reverse=True)
    assert len(found.others) == 5
    assert note.pitch not in {c.pitch for c in found.others}
    return len(chord) + 1


@pytest.mark.parametrize("row", [0, 7, 23, 36])
def test_alternatives_are_what_scoring_each_says(exact: NoteEventGenerator, row: int) -> None:
    notes = music(40)
    check_alternatives(exact, notes, notes[row], 2e-3)


def test_a_chord_counts_as_a_whole(exact: NoteEventGenerator) -> None:
    """Notes in the midst of chords, at their top and bottom, with held notes and others of their pitch beside them."""
    notes = music(120)
    starts, counts = np.unique(notes.start, return_counts=True)
    chords = notes.take(np.isin(notes.start, starts[counts > 1][2:]))
    assert len(chords) > 20
    assert {check_alternatives(exact, notes, note, 5e-3) for note in list(chords)[::4]} >= {2, 3}


def test_the_shipped_model_s_alternatives_are_what_scoring_says(flagship: NoteEventGenerator) -> None:
    score = read_midi(SEEDS / "nocturne.mid").score
    (notes,) = [track.notes.numbered(1) for track in score.tracks if track.notes]
    for row in (20, len(notes) - 1):
        check_alternatives(flagship, notes, notes[row], 0.3)


def test_in_a_chord_they_double_none_and_lie_on_either_side(exact: NoteEventGenerator) -> None:
    table = NoteTable.of([Note(BAR, 960, pitch, id=i) for i, pitch in enumerate([48, 52, 55, 60], 1)])
    held = table.merged(NoteTable.of([Note(0, 2 * BAR, 58, id=8), Note(BAR + 480, 480, 62, id=9)]))
    found = alternatives(exact, Hearing(held, Timeline()), table[1])
    offered = {c.pitch for c in found.others}
    assert len(offered) == 5
    assert not offered & {52, 55, 58, 60, 62}


def test_alternatives_heed_the_key_and_the_range_but_know_the_note_s_own_pitch(exact: NoteEventGenerator) -> None:
    notes = music(40)
    key, note = Key(0, "major"), notes[30]
    hearing = Hearing(notes, Timeline(), "song", key, (60, 66))
    found = alternatives(exact, hearing, note)
    assert {c.pitch for c in found.others} <= {60, 62, 64, 65}
    assert found.own.pitch == note.pitch
    assert found.own.pitch == 76 or found.own.probability > 0
    assert sum(c.probability for c in (found.own, *found.others)) == pytest.approx(1)


def test_a_ghost_s_alternatives_see_what_the_model_saw(flagship: NoteEventGenerator) -> None:
    """A generated note surprises as much as its probability says, up to int8's rounding."""
    seed = music(24).with_columns(velocity=80)
    request = GenerateRequest(seed, Timeline(), 2, seed_number=1)
    drawn = list(flagship.generate(request, lambda: False))
    ghosts = NoteTable.of(
        Note(n.note.start, n.note.length, n.note.pitch, n.note.velocity, -i) for i, n in enumerate(drawn, 1)
    )
    told = surprise(flagship, Hearing(seed.merged(ghosts), Timeline()))
    assert len(drawn) > 5
    ours = np.array([told.of(-number) for number in range(1, len(drawn) + 1)]).sum(axis=1)
    # The first one had to wait; of one that the end cut short the model heard the length that it drew.
    cut = next((row for row, n in enumerate(drawn) if n.note.start + n.note.length >= request.span[1]), len(drawn))
    assert cut > 20
    np.testing.assert_allclose(ours[1:cut], [-note.log_prob for note in drawn[1:cut]], atol=0.25)


# --- who cannot say -------------------------------------------------------------------------------------------------------


class Mute:
    name = "mute"

    def generate(self, *_: object) -> Iterator[GeneratedNote]:
        yield from ()


def test_a_family_that_cannot_tell_says_so_in_one_sentence() -> None:
    hearing = Hearing(music(5), Timeline())
    for query in (
        SurpriseQuery(1, "", hearing),
        ComingQuery(2, "", hearing, 0),
        AlternativesQuery(3, "", hearing, hearing.notes[0]),
    ):
        with pytest.raises(ModelError, match=r'^Model "mute" cannot tell what it expects; [^.]*[.]$'):
            query.ask(Mute(), None, lambda: False)


def test_queries_are_answered_by_the_model_itself(exact: NoteEventGenerator) -> None:
    assert insightful(exact) is exact
    hearing = Hearing(music(9), Timeline())
    told = SurpriseQuery(1, "", hearing).ask(exact, "nothing of use", lambda: False)
    assert told is not None
    np.testing.assert_array_equal(told.nats, surprise(exact, hearing).nats)
    assert ComingQuery(2, "", hearing, 9000).ask(exact, None, lambda: False).start_tick == 9000
    assert AlternativesQuery(3, "", hearing, hearing.notes[4]).ask(exact, None, lambda: False).note == hearing.notes[4]


def test_an_unknown_style_is_one_sentence(exact: NoteEventGenerator) -> None:
    with pytest.raises(ModelError, match="polka"):
        surprise(exact, Hearing(music(5), Timeline(), "polka"))


@pytest.mark.parametrize("family", ["rbm", "roll-lstm", "chord-lstm"])
def test_the_shipped_models_of_older_recipes_cannot_tell(family: str) -> None:
    shipped = [model for model in available([bundle_dir() / "models"]) if model.family == family]
    assert shipped
    for model in shipped:
        with pytest.raises(ModelError, match="cannot tell what it expects"):
            insightful(load(model))
