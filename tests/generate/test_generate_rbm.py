"""The Boltzmann machine at work, with one that knows that a piece has one pitch, struck on every beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count, pairwise
from typing import Any

import numpy as np
import pytest
from tiny_rbm import drone, tiny_rbm

from musegen_app.errors import InputError, ModelError
from musegen_app.generate import FAMILIES, GeneratedNote, GenerateRequest, Manifest, Sampling
from musegen_app.generate.rbm import BoltzmannGenerator
from musegen_app.generate.rbm_drawing import CHAIN, DEFAULT_CHAIN
from musegen_app.generate.rbm_session import GibbsSession, Step, Windows
from musegen_app.generate.request import Foreseeing, Remarking, mean_energy, remarks_of
from musegen_app.score import Key, Metre, Note, NoteTable, Timeline

BAR = 3840
FOUR_FOUR = Timeline()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return tiny_rbm(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def mended(manifest: Manifest) -> BoltzmannGenerator:
    generator = FAMILIES["rbm"].load(manifest)
    assert isinstance(generator, BoltzmannGenerator)
    return generator


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> BoltzmannGenerator:
    return BoltzmannGenerator(tiny_rbm(tmp_path_factory.mktemp("models") / "published", published=True))


def request(notes: NoteTable | None = None, timeline: Timeline = FOUR_FOUR, **wishes: Any) -> GenerateRequest:
    seed = drone(62, 8) if notes is None else notes
    return GenerateRequest(seed, timeline, **({"bars": 4, "controls": (("chain", 12),)} | wishes))


def notes_of(generator: BoltzmannGenerator, asked: GenerateRequest) -> list[GeneratedNote]:
    return list(generator.generate(asked, lambda: False))


def share(notes: list[GeneratedNote], pitch: int) -> float:
    return sum(note.note.pitch == pitch for note in notes) / max(len(notes), 1)


def gap(beats: int, pitch: int = 62) -> GenerateRequest:
    """Two bars on each side of a gap."""
    end = (8 + beats) * 960
    both = drone(pitch, 8).merged(drone(pitch, 8, begin=8 + beats).numbered(100))
    return request(both, start_tick=8 * 960, until_tick=end)


@pytest.mark.parametrize("metre", [(4, 4), (3, 4), (6, 8), (5, 8)])
def test_it_goes_on_with_what_it_hears(mended: BoltzmannGenerator, metre: tuple[int, int]) -> None:
    asked = request(timeline=Timeline.made(metres=(Metre(0, *metre),)), takes=3)
    begin, end = asked.span
    notes = notes_of(mended, asked)
    assert {note.take for note in notes} == {0, 1, 2}
    for note in notes:
        assert begin <= note.note.start < note.note.end <= end
        assert note.note.start % 240 == 0
        assert note.log_prob <= 0
        assert note.note.velocity == 96
    for take in range(3):
        assert min(note.note.start for note in notes if note.take == take) < begin + BAR
    assert share(notes, 62) > 0.5
    assert mean_energy(notes) is not None


def test_the_notes_of_a_take_never_overlap_and_come_as_they_end(mended: BoltzmannGenerator) -> None:
    notes = [note.note for note in notes_of(mended, request(sampling=Sampling(temperature=2.0), bars=8))]
    ends = [note.end for note in notes]
    assert ends == sorted(ends)
    for pitch in {note.pitch for note in notes}:
        mine = sorted((note for note in notes if note.pitch == pitch), key=lambda note: note.start)
        assert all(a.end <= b.start for a, b in pairwise(mine))


def test_the_same_seed_number_plays_the_same(mended: BoltzmannGenerator) -> None:
    asked = request(seed_number=3, takes=2, sampling=Sampling(temperature=1.5))
    first, again = notes_of(mended, asked), notes_of(mended, asked)
    assert first == again
    assert first != notes_of(mended, replace(asked, seed_number=4))
    assert [n.note for n in first if n.take == 0] != [n.note for n in first if n.take == 1]


@pytest.mark.parametrize("after", [0, 1, 7])
def test_it_stops_before_a_note_when_told(mended: BoltzmannGenerator, after: int) -> None:
    found: list[GeneratedNote] = []
    generated = mended.generate(request(bars=16), lambda: len(found) >= after)
    while (note := next(generated, None)) is not None:
        found.append(note)
    assert len(found) == after


def test_it_stops_between_two_steps_of_a_chain(mended: BoltzmannGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for, steps = count(), count()
    step = GibbsSession.step
    monkeypatch.setattr(GibbsSession, "step", lambda *args: (next(steps), step(*args))[1])
    assert list(mended.generate(request(), lambda: next(asked_for) >= 5)) == []
    assert next(steps) == 5


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_scale_and_range_are_never_broken(mended: BoltzmannGenerator, temperature: float) -> None:
    key = Key(9, "minor")
    asked = request(key=key, pitch_range=(50, 77), sampling=Sampling(temperature=temperature), takes=4)
    notes = notes_of(mended, asked)
    assert notes
    for note in notes:
        assert key.mask()[note.note.pitch]
        assert 50 <= note.note.pitch <= 77


def test_a_scale_and_range_that_leave_nothing_are_one_sentence(mended: BoltzmannGenerator) -> None:
    with pytest.raises(InputError, match="plays from C1 to F7"):
        notes_of(mended, request(pitch_range=(103, 120)))
    with pytest.raises(InputError, match="There is no note"):
        notes_of(mended, request(key=Key(0, "major"), pitch_range=(61, 61)))


class Watched:
    """Looks at each Gibbs step: what is given must stay."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.steps = 0
        self.given: list[np.ndarray] = []
        inner = GibbsSession.step

        def step(session: GibbsSession, windows: Windows, clamped: Any, *rest: Any) -> Step:
            answer = inner(session, windows, clamped, *rest)
            given = np.repeat(clamped[:, :, None], 2, axis=2)
            np.testing.assert_array_equal(answer.windows.layer[given], windows.layer[given])
            self.given.append(clamped)
            self.steps += 1
            return answer

        patch.setattr(GibbsSession, "step", step)


@pytest.mark.parametrize("beats", [1, 3, 8, 14])
def test_a_gap_is_filled_so_that_it_fits_both_ends(
    mended: BoltzmannGenerator, monkeypatch: pytest.MonkeyPatch, beats: int
) -> None:
    watched = Watched(monkeypatch)
    asked = gap(beats)
    notes = notes_of(mended, replace(asked, takes=4))
    assert watched.steps
    begin, end = asked.span
    assert all(begin <= note.note.start < note.note.end <= end for note in notes)
    assert {note.take for note in notes} == {0, 1, 2, 3}
    assert share(notes, 62) > 0.6


def test_the_last_window_of_a_gap_hears_both_sides(mended: BoltzmannGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch)
    notes_of(mended, gap(9))
    last = watched.given[-2][0].all(axis=1)  # the very last call only measures the energy
    free = np.flatnonzero(~last)
    assert last[: free[0]].all()
    assert free[0] > 0
    assert free[-1] < len(last) - 1


def test_what_follows_a_gap_matters(mended: BoltzmannGenerator) -> None:
    """The left side says one pitch, the right side another: near the right end the fill takes after it."""
    both = drone(57, 8).merged(drone(67, 8, begin=12).numbered(100))
    asked = request(both, start_tick=8 * 960, until_tick=12 * 960, takes=16)
    heard = notes_of(mended, asked)
    deaf = notes_of(mended, replace(asked, notes=drone(57, 8)))
    assert share(heard, 67) > share(deaf, 67) + 0.05


def test_a_note_of_the_seed_that_rings_on_is_heard_and_left_alone(
    mended: BoltzmannGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(monkeypatch)
    ringing = NoteTable.of([*drone(62, 7), Note(7 * 960, 3 * 960, 62)])
    notes = notes_of(mended, request(ringing, start_tick=8 * 960))
    assert notes
    assert all(note.note.pitch != 62 or note.note.start >= 10 * 960 for note in notes)
    first = watched.given[0][0]
    assert first[:, 62 - 24].sum() > first[:, 61 - 24].sum()


def test_without_a_seed_it_begins_by_itself(mended: BoltzmannGenerator) -> None:
    notes = notes_of(mended, request(NoteTable.empty()))
    assert notes
    assert notes[0].note.start < BAR


def test_seeds_off_the_grid_and_spans_within_a_sixteenth_are_met(mended: BoltzmannGenerator) -> None:
    crooked = NoteTable.of(Note(n * 960 + 37, 700, 62, 50 + n) for n in range(8))
    notes = notes_of(mended, request(crooked, start_tick=8 * 960 - 60))
    assert notes
    assert min(note.note.start for note in notes) >= 8 * 960 - 60
    assert {note.note.velocity for note in notes} == {53}
    assert notes_of(mended, request(start_tick=1000, until_tick=1100)) == []


def test_pitches_out_of_reach_are_told_and_heard_without(mended: BoltzmannGenerator) -> None:
    odd = NoteTable.of([*drone(62, 8), Note(0, 960, 12), Note(960, 960, 110)])
    asked = request(odd)
    assert isinstance(mended, Remarking)
    assert remarks_of(mended, asked) == ("2 notes of the seed lie outside C1 to F7 and cannot be heard by this model.",)
    assert remarks_of(mended, request(NoteTable.of([*drone(62, 8), Note(0, 960, 12)])))[0].startswith(
        "1 note of the seed lies"
    )
    assert remarks_of(mended, request()) == ()
    assert remarks_of(mended, replace(gap(4), notes=NoteTable.of([Note(9 * 960, 960, 110)]))) == ()
    assert [n.note for n in notes_of(mended, asked)] == [n.note for n in notes_of(mended, request())]


def silent(session: GibbsSession, *args: Any) -> Step:
    """A machine that wants to rest, and would strike C4 if it had to."""
    windows, clamped = args[0], args[1]
    given = np.repeat(clamped[:, :, None], 2, axis=2)
    logits = np.full(windows.layer.shape, -20, dtype=np.float32)
    logits[:, :, 1, 60 - 24] = -10
    layer = np.where(given, windows.layer, 0).astype(np.float32)
    return Step(Windows(layer, windows.place), np.zeros(len(layer), dtype=np.float32), logits)


def test_silence_lasts_no_longer_than_a_bar(mended: BoltzmannGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GibbsSession, "step", silent)
    asked = request(bars=4)
    starts = [note.note.start - asked.span[0] for note in notes_of(mended, asked)]
    assert starts[0] < BAR
    assert np.diff([*starts, 4 * BAR]).max() <= BAR + 960
    assert {note.note.pitch for note in notes_of(mended, asked)} == {60}
    locked = replace(asked, key=Key(1, "major"), pitch_range=(40, 90))
    assert all(Key(1, "major").mask()[note.note.pitch] for note in notes_of(mended, locked))


def test_a_loop_is_broken(mended: BoltzmannGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine would strike the same pitch on each beat for ever."""
    inner = GibbsSession.step
    temperatures: list[float] = []

    def step(session: GibbsSession, *args: Any) -> Step:
        temperatures.append(float(args[4].max()))
        return inner(session, *args)

    monkeypatch.setattr(GibbsSession, "step", step)
    notes = notes_of(mended, request(bars=16, sampling=Sampling(temperature=0.2), controls=(("chain", 4),)))
    pitches = [note.note.pitch for note in sorted(notes, key=lambda note: note.note.start)]
    assert len(set(pitches)) > 1
    assert max(temperatures) >= 1.2


def test_published_samples_come_one_after_another_and_hear_nothing(published: BoltzmannGenerator) -> None:
    asked = request(takes=2, key=Key(0, "major"), pitch_range=(40, 90))
    notes = notes_of(published, asked)
    begin, end = asked.span
    assert notes
    assert all(begin <= note.note.start < note.note.end <= end for note in notes)
    assert all(Key(0, "major").mask()[note.note.pitch] and 40 <= note.note.pitch <= 90 for note in notes)
    assert max(note.note.length for note in notes) <= 2 * 15 * 240
    moved = notes_of(published, replace(asked, notes=drone(81, 8)))
    assert [note.note for note in moved] == [note.note for note in notes]
    assert {note.note.velocity for note in notes} == {40}
    assert "hears no seed" in remarks_of(published, asked)[0]
    assert list(published.generate(asked, lambda: True)) == []


def test_as_published_no_gap_is_filled(published: BoltzmannGenerator) -> None:
    with pytest.raises(InputError, match="cannot fill a gap"):
        notes_of(published, gap(4))


def test_it_says_how_likely_music_is(mended: BoltzmannGenerator, published: BoltzmannGenerator) -> None:
    from tiny_rbm import piece

    like, unlike = piece(drone(61)).score, piece(NoteTable.of(Note(n * 300, 250, 40 + 3 * n) for n in range(16))).score
    assert isinstance(mended, Foreseeing)
    known, strange = mended.likelihood([like]), mended.likelihood([unlike])
    assert (known.unit, known.units) == ("step", 64)
    assert known.nats < strange.nats - 2
    assert mended.likelihood([]).units == 0
    assert published.likelihood([like]).units == 60
    both = mended.likelihood([like, unlike])
    assert both.nats == pytest.approx(
        (known.nats * known.units + strange.nats * strange.units) / (known.units + strange.units), abs=1e-4
    )


def test_a_damaged_manifest_is_one_sentence(manifest: Manifest) -> None:
    with pytest.raises(ModelError, match='do not tell "hidden"'):
        BoltzmannGenerator(replace(manifest, settings={**manifest.settings, "hidden": "many"}))


def test_a_graph_that_fails_is_one_sentence(mended: BoltzmannGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(mended.session, "_run", fail)
    with pytest.raises(ModelError, match="failed while drawing notes"):
        notes_of(mended, request())


def test_the_control_is_the_length_of_the_chain(mended: BoltzmannGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    family = FAMILIES["rbm"]
    (control,) = family.controls
    assert (control.name, control.low, control.high, control.default) == (CHAIN, 1, 200, DEFAULT_CHAIN)
    assert family.can_fill
    counted: Callable[[], int] = count().__next__
    step = GibbsSession.step
    monkeypatch.setattr(GibbsSession, "step", lambda *args: (counted(), step(*args))[1])
    notes_of(mended, request(bars=1, controls=(("chain", 3),)))
    few = counted()
    notes_of(mended, request(bars=1, controls=(("chain", 30),)))
    assert counted() - few > 5 * few
