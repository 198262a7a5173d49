"""Names on notes: only where they can be read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_takes import add_ghosts, begin_take
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter
from roll_stage import Stage, move, picture, pixels, press, release

from musegen_app.editor.viewport import Viewport
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import Note, NoteTable
from musegen_app.ui.roll import names_paint, notes_paint
from musegen_app.ui.theme import DARK, LIGHT, Palette

VIEW = Viewport(width=200.0, height=100.0, px_per_tick=0.05, row_px=20.0, left_tick=0.0, top_px=(127 - 62) * 20.0)
YOURS = notes_paint.yours(DARK)


def written(notes: list[Note], view: Viewport = VIEW, area: QRect | None = None) -> np.ndarray:
    """Height × width, whether a pixel is written on."""
    image = QImage(int(view.width), int(view.height), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    names_paint.draw_names(painter, NoteTable.of(notes), view, YOURS, area)
    painter.end()
    return pixels(image)[:, :, 3] > 0


def test_a_name_stands_at_the_left_within_its_note() -> None:
    found = written([Note(960, 960, 60)])
    rows, columns = np.nonzero(found)
    assert rows.min() >= 40
    assert rows.max() < 60
    assert columns.min() >= 48 + 4
    assert columns.max() < 96


def test_a_note_cut_by_the_edge_has_its_name_where_it_shows() -> None:
    scrolled = replace(VIEW, left_tick=96_000.0)
    here = written([Note(960, 960, 60)])
    there = written([Note(0, 200_000, 60)], scrolled)
    assert (here[:, 48:96] == there[:, :48]).all()
    assert not there[:, 48:].any()


@pytest.mark.parametrize(
    "view",
    [replace(VIEW, row_px=14.0, top_px=(127 - 62) * 14.0), replace(VIEW, px_per_tick=0.02), replace(VIEW, left_tick=1500.0)],
)
def test_small_notes_have_no_name(view: Viewport) -> None:
    assert not written([Note(960, 960, 60)], view).any()


def test_more_names_than_can_be_read_are_left_out() -> None:
    many = [Note(960 + i, 960, 60) for i in range(names_paint.MOST_NAMES + 1)]
    assert written(many[:-1]).any()
    assert not written(many).any()


def test_a_strip_is_written_as_the_whole_is() -> None:
    notes = [Note(960 * i, 960, 60 + i) for i in range(3)]
    whole = written(notes)
    for x in range(0, 200, 7):
        assert (written(notes, area=QRect(x, 0, 7, 100))[:, x : x + 7] == whole[:, x : x + 7]).all()
    assert not written(notes, area=QRect(150, 0, 7, 100)).any()


def test_pitches_have_different_names() -> None:
    low, high = written([Note(960, 960, 59)])[60:80], written([Note(960, 960, 60)])[40:60]
    assert low.any()
    assert not (low == high).all()


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_names_read_on_every_shade(palette: Palette) -> None:
    for inks in (notes_paint.yours(palette), notes_paint.selected(palette), notes_paint.generated(palette)):
        for shade in inks.shades:
            assert names_paint.contrast(names_paint.name_colour(shade), shade) >= 4.5, (inks, shade)


def test_notes_ghosts_and_a_dragged_note_carry_names(stage: Stage) -> None:
    document, view = stage.document, stage.roll.view
    begin_take(document, GenerateRequest(document.seed_notes(), document.score.timeline, 1))
    add_ghosts(document, [Note(7680, 960, 62)])
    view.show(replace(view.viewport, row_px=20.0, top_px=(127 - 75) * 20.0).clamped())
    for tick, pitch in ((0, 60), (1920, 64), (7680, 62)):
        assert _colours(stage, tick, pitch) > 4, "letters have many shades"
    press(stage.canvas, stage.at(480, 60))
    move(stage.canvas, stage.at(480, 72))
    assert _colours(stage, 0, 72) > 4
    release(stage.canvas, stage.at(480, 72))


def _colours(stage: Stage, tick: int, pitch: int) -> int:
    """How many colours there are inside the left half of a note."""
    place = stage.at(tick, pitch)
    part = picture(stage.canvas)[place.y() - 7 : place.y() + 7, place.x() + 4 : place.x() + 40]
    return len(np.unique(part.reshape(-1, 4), axis=0))
