"""Stalks of the velocity lane where they stand close."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from roll_stage import Stage, picture, pixels

from musegen_app.score import Note, NoteTable, Score, Track
from musegen_app.ui.roll.rects import draw_list
from musegen_app.ui.roll.velocity_lane import thicket
from musegen_app.ui.theme import DARK

WIDTH, FLOOR = 60, 40


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("seed", range(5))
def test_a_thicket_is_its_stalks(seed: int) -> None:
    random = np.random.default_rng(seed)
    x = np.unique(random.integers(-4, WIDTH + 4, 50)).astype(np.float64)
    top = random.integers(2, FLOOR + 1, len(x)).astype(np.float64)
    expected = QImage(WIDTH, FLOOR, QImage.Format.Format_ARGB32_Premultiplied)
    expected.fill(0)
    painter = QPainter(expected)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(DARK.yours))
    draw_list(painter, np.stack([x, np.minimum(top, FLOOR - 1), np.ones(len(x)), np.full(len(x), FLOOR)], axis=1))
    painter.end()
    assert (pixels(thicket(x, top, WIDTH, FLOOR, DARK.yours)) == pixels(expected)).all()


def test_many_notes_fill_the_lane_as_high_as_their_loudest(stage: Stage) -> None:
    notes = [Note(i * 10, 10, 60, velocity) for i in range(2000) for velocity in (20, 100)]
    stage.document.load(Score((Track(1, notes=NoteTable.of(notes).numbered(1)),), next_id=9000), None)
    stage.settle()
    blue = QColor(DARK.yours)
    stalks = (picture(stage.roll.lane)[:, :, :3] == [blue.blue(), blue.green(), blue.red()]).all(axis=2)
    heights = stalks[:, 5:800].sum(axis=0)
    assert heights.min() == heights.max()
    assert 0.7 * stalks.shape[0] * 100 / 127 < heights[0] < stalks.shape[0] * 100 / 127
