"""What it costs to see what a model thinks, against the same work without: frames in pairs, and scoring in lanes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from musegen_app.encoding.pieces import piece_of
from musegen_app.files.midi_reader import read_midi
from musegen_app.generate import find, load
from musegen_app.generate.evaluation import score_notes
from musegen_app.generate.insight import Coming, Hearing, Surprise, surprise
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.paths import bundle_dir
from musegen_app.score import NoteTable, Score, Timeline, Track
from musegen_app.ui.roll.benchmark import SIZE, full_roll
from musegen_app.ui.roll.thoughts import CELL_STEPS, Tint

REPEATS = 90


@pytest.fixture(scope="module")
def flagship() -> NoteEventGenerator:
    generator = load(find("", [bundle_dir() / "models"]))
    assert isinstance(generator, NoteEventGenerator)
    return generator


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def quickest(work: Callable[[], object], times: int = 3) -> float:
    return min(seconds(work) for _ in range(times))


def song(repeats: int) -> tuple[NoteTable, Timeline]:
    """The demo seed again and again."""
    score = read_midi(bundle_dir() / "resources" / "seeds" / "nocturne.mid").score
    (notes,) = [track.notes for track in score.tracks if track.notes]
    bars = score.timeline.bar_ceil(notes.end_tick)
    start = np.concatenate([notes.start + turn * bars for turn in range(repeats)])
    rest = [np.tile(column, repeats) for column in (notes.length, notes.pitch, notes.velocity)]
    return NoteTable.from_columns(start, *rest, np.arange(1, len(start) + 1)), score.timeline


@pytest.mark.parametrize("count", [1_000, 10_000])
def test_a_tinted_frame_costs_little_more_than_a_plain_one(qtbot: QtBot, count: int) -> None:
    """1.02 was measured at 10,000 notes, 1.05 to 1.1 where notes carry marks."""
    area = full_roll(count)
    qtbot.addWidget(area)
    image, random = QImage(*SIZE, QImage.Format.Format_RGB32), np.random.default_rng(0)
    tint = Tint(Surprise(np.arange(1, count + 1), random.exponential(0.9, (count, 3))))

    def frame(shown: Tint | None) -> float:
        area.canvas.thoughts.tint = shown
        area.view.scroll(1.0, 0.0)
        area.render(image)
        area.view.scroll(-1.0, 0.0)
        return seconds(lambda: area.render(image))

    ratios = [frame(tint) / frame(None) for _ in range(40)]
    assert statistics.median(ratios) < 1.25


def test_a_heat_map_is_one_picture(qtbot: QtBot) -> None:
    area = full_roll(2_000)
    qtbot.addWidget(area)
    image, pitch = QImage(*SIZE, QImage.Format.Format_RGB32), np.random.default_rng(0).random((96, 128))
    heat = Coming(0, np.full(96, 0.01), pitch / pitch.sum(axis=1, keepdims=True)).by(CELL_STEPS)

    def frame(shown: Coming | None) -> float:
        area.canvas.thoughts.heat = shown
        area.canvas.refresh_notes()
        return seconds(lambda: area.render(image))

    assert statistics.median([frame(heat) / frame(None) for _ in range(40)]) < 1.3


def test_one_long_piece_is_scored_nearly_as_fast_as_many_side_by_side(flagship: NoteEventGenerator) -> None:
    """0.5 was measured: exact states at the head of each window cost a third."""
    notes, timeline = song(REPEATS)
    part, _ = song(2)
    pieces = [piece_of(Score((Track(1, notes=part),), timeline)) for _ in range(REPEATS // 2)]
    lanes = quickest(lambda: score_notes(flagship.session, [p for p in pieces if p is not None], 0))
    whole = quickest(lambda: surprise(flagship, Hearing(notes, timeline)))
    assert lanes / whole > 0.25


def test_after_an_edit_near_the_end_little_is_heard_again(flagship: NoteEventGenerator) -> None:
    notes, timeline = song(REPEATS)
    before = surprise(flagship, Hearing(notes, timeline))
    edited = Hearing(notes.without([int(notes.id[-30])]), timeline)
    again = quickest(lambda: flagship.surprise(edited, before, lambda: False))
    assert quickest(lambda: surprise(flagship, edited)) > 4 * again
