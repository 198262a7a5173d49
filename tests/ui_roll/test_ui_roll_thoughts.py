"""The heat map, the tint and its marks: what is drawn where, and that it can be told without seeing colours."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from roll_stage import Stage

from musegen_app.editor.viewport import Viewport
from musegen_app.generate.insight import Coming, Surprise
from musegen_app.score import Note, NoteTable, pitch_name
from musegen_app.ui.panels.legend import heat_legend, surprise_legend
from musegen_app.ui.roll import names_paint, notes_paint, thoughts_paint
from musegen_app.ui.roll.thoughts import CALM_NATS, CELL_STEPS, WILD_NATS, Thoughts, Tint, depths_of
from musegen_app.ui.theme import DARK, LIGHT, Palette

SIZE = (400, 300)
VIEW = Viewport(*SIZE, px_per_tick=0.05, row_px=12.0, top_px=(127 - 72) * 12.0)


def surprise(*totals: float, first: int = 1) -> Surprise:
    nats = np.array([[0.0, total, 0.0] for total in totals]).reshape(-1, 3)
    return Surprise(np.arange(first, first + len(totals)), nats)


def notes(count: int, first: int = 1) -> NoteTable:
    return NoteTable.of([Note(960 * n, 960, 60, id=first + n) for n in range(count)])


def drawn(paint, ratio: int = 1) -> QImage:
    image = QImage(SIZE[0] * ratio, SIZE[1] * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(DARK.row_in_scale))
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return image


def heat(place: int = 960) -> Coming:
    """Most likely at once and C4; a little a quarter later, on E4."""
    onset, pitch = np.zeros(96), np.zeros((96, 128))
    onset[0], onset[24] = 0.8, 0.1
    pitch[:, 60] = 0.9
    pitch[:, 64] = 0.1
    return Coming(place, onset, pitch).by(CELL_STEPS)


def test_tint_grows_with_surprise_between_calm_and_wild() -> None:
    found = depths_of(np.array([0.0, CALM_NATS, 4.0, 6.0, WILD_NATS, 40.0])).tolist()
    assert found == sorted(found)
    assert found[:2] == [1, 1]
    assert found[-2:] == [127, 127]


def test_notes_that_were_not_heard_keep_their_own_look() -> None:
    tint = Tint(surprise(1.0, 20.0, 3.0))
    table = notes(5)
    tinted, plain = tint.split(table)
    assert tinted.id.tolist() == [1, 2, 3]
    assert plain.id.tolist() == [4, 5]
    assert tinted.velocity.tolist()[:2] == [1, 127]
    assert tint.split(table)[0] is tinted  # kept for the next frame
    for number in range(20):
        tint.split(notes(2, number))
    assert tint.split(notes(0)) == (notes(0), notes(0))
    assert not Tint(surprise()).split(table)[0]


def test_every_note_that_surprises_has_a_mark_that_grows(qapp: QApplication) -> None:
    heights = []
    for nats in (0.0, 3.0, 4.5, 6.0, 7.5, 9.0):
        tinted = Tint(surprise(nats)).split(notes(1))[0]
        inks = thoughts_paint.surprised(DARK)
        image = drawn(lambda p, t=tinted, i=inks: thoughts_paint.draw_marks(p, t, VIEW, i))
        x, top = 3, round(VIEW.y_of(60))
        ground = QColor(DARK.row_in_scale)
        heights.append(sum(image.pixelColor(x, y) != ground for y in range(top, top + 12)))
    assert heights[0] == 0
    assert heights == sorted(heights)
    assert len(set(heights)) >= 5
    assert heights[-1] <= 12


@pytest.mark.parametrize("palette", [DARK, LIGHT])
@pytest.mark.parametrize("inks_of", [thoughts_paint.surprised, thoughts_paint.surprised_ghosts])
def test_marks_and_names_are_seen_on_every_shade(palette: Palette, inks_of) -> None:
    shades = inks_of(palette).shades
    assert len(set(shades)) == len(shades)
    for shade in shades:
        assert names_paint.contrast(thoughts_paint.mark_colour(shade), shade) >= 4.5


def test_calm_and_wild_notes_differ_in_lightness_too() -> None:
    for palette in (DARK, LIGHT):
        shades = thoughts_paint.surprised(palette).shades
        ground = [names_paint.contrast(shade, palette.row_in_scale) for shade in shades]
        assert ground[-1] > ground[0] * 1.5


def test_too_many_notes_have_their_colour_alone(qapp: QApplication) -> None:
    count = notes_paint.MOST_RECTS + 100
    table = NoteTable.from_columns(np.arange(count), np.full(count, 900), np.full(count, 60), ids=np.arange(1, count + 1))
    tinted = Tint(surprise(*[9.0] * count)).split(table)[0]
    inks = thoughts_paint.surprised(DARK)
    assert drawn(lambda p: thoughts_paint.draw_marks(p, tinted, VIEW, inks)) == drawn(lambda _p: None)


def test_heat_is_strongest_where_the_next_note_is_likeliest(qapp: QApplication) -> None:
    strength = thoughts_paint.strengths(heat())
    assert strength.max() <= 1
    assert np.unravel_index(strength.argmax(), strength.shape) == (0, 60)
    assert strength[4, 64] < strength[4, 60] < strength[0, 60]
    assert strength[0, 61] == 0
    silent = Coming(0, np.zeros(96), np.zeros((96, 128)))
    assert not thoughts_paint.strengths(silent).any()


@pytest.mark.parametrize("ratio", [1, 2])
def test_heat_is_drawn_in_its_cell_and_nowhere_else(qapp: QApplication, ratio: int) -> None:
    image = drawn(lambda p: thoughts_paint.draw_heat(p, heat(), VIEW, DARK, None), ratio)
    ground = QColor(DARK.row_in_scale)

    def colour(tick: float, pitch: int) -> QColor:
        return image.pixelColor(round(VIEW.x_of(tick) * ratio), round((VIEW.y_of(pitch) + 6) * ratio))

    inside, later, beside, after = colour(960 + 80, 60), colour(960 + 960 + 80, 60), colour(960 + 80, 62), colour(5800, 60)
    assert inside.green() > later.green() > ground.green()
    assert (beside, after) == (ground, ground)
    assert drawn(lambda p: thoughts_paint.draw_heat(p, heat(10**6), VIEW, DARK, pitch_name)) == drawn(lambda _p: None)


def test_the_likeliest_note_is_named_where_nothing_is_in_the_way(qapp: QApplication) -> None:
    plain, named = (drawn(lambda p, n=n: thoughts_paint.draw_heat(p, heat(), VIEW, DARK, n)) for n in (None, pitch_name))
    assert plain != named


def test_the_canvas_names_it_only_after_the_music(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []
    monkeypatch.setattr(thoughts_paint, "draw_heat", lambda *told_of: told.append(told_of[-1] is not None))
    for place in (0, stage.document.score.end_tick):
        stage.canvas.thoughts.heat = heat(place)
        stage.canvas.refresh_notes()
        stage.canvas.grab()
    assert told[0] is False
    assert told[-1] is True


def test_thoughts_change_only_what_they_are_about(stage: Stage) -> None:
    before = stage.canvas.grab().toImage()
    thoughts = stage.canvas.thoughts
    note = stage.document.active_track.notes[0]
    thoughts.asked, thoughts.tried = note, Note(note.start, note.length, note.pitch + 2)
    stage.canvas.refresh_notes()
    assert stage.canvas.grab().toImage() != before
    thoughts.asked = thoughts.tried = None
    thoughts.tint = Tint(surprise(9.0, 9.0, 9.0))
    stage.document.select([note.id])
    stage.canvas.refresh_notes()
    tinted = stage.canvas.grab().toImage()
    assert tinted != before
    stage.document.select([])
    thoughts.tint = None
    stage.canvas.refresh_notes()
    assert stage.canvas.grab().toImage() == before


def test_words_of_what_is_known_and_of_what_is_not() -> None:
    thoughts = Thoughts()
    assert thoughts.words_of(1) == ""
    assert thoughts.words_at(0, 60, "C4") == ""
    thoughts.tint = Tint(Surprise(np.array([1]), np.array([[0.26, 3.0, -0.0001]])))
    assert thoughts.words_of(1) == "Surprise 3.3 nats: moment 0.3, pitch 3.0, length 0.0"
    assert thoughts.words_of(2) == ""
    thoughts.heat = heat()
    assert thoughts.words_at(970, 60, "C4") == "C4 if a note comes here: 90 %; that the next note comes here: 80 %"
    assert thoughts.words_at(970, 61, "Kick").startswith("Kick if a note comes here: under 1 %")
    assert thoughts.words_at(900, 60, "C4") == thoughts.words_at(960 + 4 * 960, 60, "C4") == ""


def test_legends_are_painted_in_both_themes(qapp: QApplication) -> None:
    for make in (surprise_legend, heat_legend):
        legend = make(DARK)
        assert legend.isHidden()
        legend.resize(legend.sizeHint())
        dark = legend.grab().toImage()
        legend.set_palette(LIGHT)
        assert legend.grab().toImage() != dark
        assert legend.toolTip()
        assert legend.accessibleName()
