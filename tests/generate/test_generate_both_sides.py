"""What both sides of a gap are worth, and which continuation is the true one: by real models on music they must know."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from musegen_app.encoding.anticipation import Anticipation, Foreknowledge
from musegen_app.encoding.pieces import piece_of
from musegen_app.generate import find
from musegen_app.generate.both_sides import both_sides
from musegen_app.generate.comparison import passage_of
from musegen_app.generate.evaluation import score_notes
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.true_continuation import Choice, choose_true, shares
from musegen_app.paths import bundle_dir
from musegen_app.score import Note, NoteTable, Score, Timeline, Track

SCALE = (0, 2, 4, 5, 7, 9, 11)
Figure = Callable[[int, int], int]


def score_of(figure: Figure, tonic: int, bars: int = 20) -> Score:
    """Quarters of a figure: the degree of each beat by its bar and beat, in the major scale on ``tonic``."""
    notes = [
        Note(bar * 3840 + beat * 960, 960, tonic + 12 * (degree // 7) + SCALE[degree % 7])
        for bar in range(bars)
        for beat in range(4)
        for degree in [figure(bar, beat)]
    ]
    return Score((Track(1, "Line", notes=NoteTable.of(notes).numbered(1)),), Timeline(), next_id=len(notes) + 1)


FIGURES: tuple[Figure, ...] = (
    lambda _bar, beat: (0, 4, 2, 4)[beat],
    lambda _bar, beat: (7, 6, 5, 4)[beat],
    lambda bar, beat: (0, 2, 4, 7)[beat] + bar % 2,
    lambda bar, beat: (4, 4, 5, 4)[beat] if bar % 2 else (7, 7, 6, 2)[beat],
    lambda _bar, beat: (9, 2, 8, 1)[beat],
)


@pytest.fixture(scope="module")
def flagship() -> NoteEventGenerator:
    """The model that ships."""
    return NoteEventGenerator(find("flagship", [bundle_dir() / "models"]))


def test_what_is_known_reaches_the_model(tiny: NoteEventGenerator) -> None:
    score = score_of(FIGURES[2], 60)
    piece = piece_of(score)
    assert piece is not None
    drawn = np.ones(len(piece.notes), dtype=np.bool_)
    nothing = piece.notes.rows(np.zeros(len(piece.notes), dtype=np.bool_))
    (alone,), (blank,), (told,) = (
        score_notes(tiny.session, [piece], 0, known)
        for known in (None, [Foreknowledge(Anticipation(nothing), drawn)], [Foreknowledge(Anticipation(piece.notes), drawn)])
    )
    np.testing.assert_allclose(alone, blank, atol=1e-6)
    assert np.abs(alone - told).max() > 0.01


def test_gaps_hold_every_other_stretch_of_bars(tiny: NoteEventGenerator) -> None:
    found = both_sides(tiny, [score_of(FIGURES[0], 60, bars=12)], 3)
    assert found.notes == 2 * 3 * 4
    assert found.past_nats > 0
    assert found.both_nats != found.past_nats


def test_a_model_that_knows_music_tells_a_pattern_from_other_ones(flagship: NoteEventGenerator) -> None:
    pieces = [[passage_of(score_of(figure, 60 + number), 8)] for number, figure in enumerate(FIGURES)]
    choice = choose_true(flagship, [[passage for passage in places if passage] for places in pieces])
    assert choice.asked == len(FIGURES)
    assert choice.right >= 0.8
    assert choice.likeliest >= 0.8


def test_too_few_pieces_leave_nothing_to_choose_from(tiny: NoteEventGenerator) -> None:
    figures = [score_of(figure, 60, bars=28) for figure in FIGURES[:3]]
    pieces = [[passage for skipped in (0, 12) if (passage := passage_of(score, 8, skipped))] for score in figures]
    assert [len(places) for places in pieces] == [2, 2, 2]
    assert choose_true(tiny, pieces) == Choice(0, 0.0, 0.0)
    assert shares([Choice(3, 1.0, 0.5), Choice(1, 0.0, 1.0)]) == Choice(4, pytest.approx(0.75), pytest.approx(0.625))


def test_plain_tunes_are_likely_everywhere_and_chosen_only_where_they_belong(flagship: NoteEventGenerator) -> None:
    wanders = np.random.default_rng(5).integers(-7, 8, (20, 4))
    plain: tuple[Figure, ...] = (lambda _bar, beat: (0, 0, 4, 4)[beat], lambda _bar, beat: (4, 2, 0, 0)[beat], FIGURES[1])
    figures = (*plain, lambda bar, beat: int(wanders[bar, beat]))
    pieces = [[passage for passage in [passage_of(score_of(figure, 60), 8)] if passage] for figure in figures]
    choice = choose_true(flagship, pieces)
    assert choice.asked == 4
    assert choice.right >= max(choice.likeliest, 0.75)
