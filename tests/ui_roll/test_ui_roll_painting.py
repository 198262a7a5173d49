"""What is painted: the quick ways paint what the plain ways would, and no more than has to be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawn_takes import add_ghosts, begin_take
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from roll_stage import Stage, move, picture, pixels, press, release

from musegen_app.editor.viewport import Viewport
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import Key, Note, NoteTable, Score, Track
from musegen_app.ui.roll import notes_paint, rects
from musegen_app.ui.theme import DARK, LIGHT, Palette

INKS = notes_paint.Inks(tuple(f"#{40 + 20 * i:02X}60{255 - 20 * i:02X}" for i in range(notes_paint.SHADES)))


@contextmanager
def painting(width: int = 200, height: int = 100, ratio: float = 1.0) -> Iterator[tuple[QPainter, QImage]]:
    image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    yield painter, image
    painter.end()


# --- rectangles -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("antialiased", [False, True])
def test_a_buffer_of_rectangles_is_painted_as_a_list_is(ratio: float, *, antialiased: bool) -> None:
    random = np.random.default_rng(7)
    boxes = np.column_stack([random.uniform(-20, 200, 500), random.uniform(-20, 100, 500), random.uniform(0, 40, (500, 2))])
    seen = []
    for draw in (rects.draw_rects, rects.draw_list):
        with painting(ratio=ratio) as (painter, image):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=antialiased)
            painter.setPen(QColor("#FFCC00"))
            painter.setBrush(QColor(10, 200, 90, 120))
            draw(painter, boxes)
        seen.append(pixels(image))
    assert (seen[0] == seen[1]).all()
    assert seen[0].any()


def test_this_build_takes_buffers_and_any_shape_of_them() -> None:
    assert rects._buffers_work()
    boxes = np.array([[1.0, 2.0, 30.0, 10.0], [50.0, 20.0, 10.0, 10.0], [80.0, 5.0, 9.0, 9.0]])
    for odd in (boxes[::2], np.asfortranarray(boxes), boxes.astype(np.float32), boxes[:0]):
        with painting() as (painter, image):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor("white"))
            rects.draw_rects(painter, odd)
        expected = sum(w * h for _, _, w, h in odd.tolist())
        assert np.count_nonzero(pixels(image)[:, :, 3]) == expected


def test_where_buffers_do_not_work_lists_paint_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = np.array([[1.0, 2.0, 30.0, 10.0], [50.0, 20.0, 10.0, 10.0]])
    seen = []
    for works in (True, False):
        monkeypatch.setattr(rects, "_buffers_work", lambda works=works: works)
        with painting() as (painter, image):
            painter.setBrush(QColor("white"))
            rects.draw_rects(painter, boxes)
        seen.append(pixels(image))
    assert (seen[0] == seen[1]).all()


# --- coverage -------------------------------------------------------------------------------------------------------------


def _random_notes(seed: int, count: int) -> NoteTable:
    random = np.random.default_rng(seed)
    return NoteTable.from_columns(
        random.integers(0, 4000, count),
        random.integers(1, 900, count),
        random.integers(50, 60, count),
        random.integers(1, 128, count),
        np.arange(1, count + 1),
    )


@pytest.mark.parametrize("seed", range(6))
def test_coverage_is_the_mean_loudness_of_the_notes_at_each_pixel(seed: int) -> None:
    notes, view = _random_notes(seed, 60), Viewport(width=173, px_per_tick=0.05, left_tick=700.0)
    rows = notes.overlapping(700, int(view.right_tick) + 1)
    seen = notes_paint.coverage(notes, rows, view, INKS.shades)
    velocities: dict[tuple[int, int], list[int]] = {}
    for note in notes.take(rows):
        first = min(max(int((note.start - 700) * 0.05), 0), 172)
        last = min(max(int(np.ceil((note.end - 700) * 0.05)), first + 1), 173)
        for x in range(first, last):
            velocities.setdefault((x, note.pitch), []).append(note.velocity)
    for x in range(173):
        for pitch in range(seen.low, seen.high + 1):
            here = velocities.get((x, pitch))
            colour = seen.image.pixelColor(x, seen.high - pitch)
            if here is None:
                assert colour.alpha() == 0
            else:
                shade = int(notes_paint.shade_of(np.array([sum(here) // len(here)]))[0])
                assert colour == QColor(INKS.shades[shade])


def test_the_coverage_image_agrees_with_notes_drawn_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = NoteTable.of([Note(i * 400, 300, 60 + i % 5, 100) for i in range(10)])
    view = replace(Viewport(width=200, height=70, px_per_tick=0.05, row_px=14), top_px=(127 - 64) * 14)
    seen = []
    for most in (notes_paint.MOST_RECTS, 0):
        monkeypatch.setattr(notes_paint, "MOST_RECTS", most)
        monkeypatch.setattr(notes_paint, "MOST_ROUNDED", 0)
        with painting(200, 70) as (painter, image):
            notes_paint.draw_notes(painter, notes, view, INKS)
        seen.append(pixels(image)[7::14])  # the middles of the rows: between them notes keep a gap
    columns = [picture.any(axis=2) for picture in seen]
    assert (columns[0] <= columns[1]).all()
    assert (columns[1].sum(axis=1) - columns[0].sum(axis=1) <= 2 * 2).all()  # the gap after each of a row's two notes
    both = columns[0] & columns[1]
    assert (seen[0][both] == seen[1][both]).all()


def test_on_a_finer_screen_the_coverage_image_is_as_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes_paint, "MOST_RECTS", 0)
    view = replace(Viewport(width=101, height=14, px_per_tick=0.05, row_px=14), top_px=(127 - 60) * 14)
    with painting(101, 14, 2.0) as (painter, image):
        notes_paint.draw_notes(painter, NoteTable.of([Note(10, 10, 60)]), view, INKS, 2.0)
    assert np.flatnonzero(pixels(image)[7].any(axis=1)).tolist() == [1]


def test_a_note_shorter_than_a_pixel_is_seen() -> None:
    notes = NoteTable.of([Note(1000, 1, 60)])
    view = Viewport(width=100, px_per_tick=0.001)
    assert notes_paint.coverage(notes, np.array([0]), view, INKS.shades).image.pixelColor(1, 0).alpha() == 255


def test_only_what_shows_is_laid_out_and_long_notes_are_cut_to_the_view() -> None:
    notes = NoteTable.of([Note(0, 10_000_000, 60), Note(5000, 100, 61), Note(5000, 100, 20), Note(900_000, 9, 60)])
    view = replace(Viewport(width=200, height=140, px_per_tick=0.05, left_tick=4000), top_px=(127 - 65) * 14)
    rows = notes_paint.visible_rows(notes, view)
    assert notes.pitch[rows].tolist() == [60, 61]
    boxes = notes_paint.layout(notes, rows, view)
    assert boxes[0, 0] >= -5
    assert boxes[0, 0] + boxes[0, 2] <= 205
    assert boxes[1].tolist() == [50, 57, 4, 12]


# --- the roll -------------------------------------------------------------------------------------------------------------


class Painted(QObject):
    """The regions that a widget was asked to paint."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.rects: list[QRect] = []
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        if isinstance(event, QPaintEvent):
            self.rects += list(event.region())
        return False


def test_the_playhead_paints_strips(stage: Stage) -> None:
    parts = [Painted(part) for part in (stage.canvas, stage.roll.lane, stage.roll.ruler, stage.roll.overview)]
    whole = picture(stage.roll)
    for part in parts:
        part.rects.clear()
    for tick in range(960, 9600, 960):
        stage.roll.set_playhead(tick, playing=True)
        QApplication.processEvents()
    for part in parts[:3]:
        assert part.rects
        assert max(rect.width() for rect in part.rects) < 40
    assert not parts[3].rects
    stage.roll.set_playhead(0, playing=True)
    QApplication.processEvents()
    assert (picture(stage.roll) == whole).all()


def test_strips_leave_the_same_picture_as_painting_anew(stage: Stage, qtbot: QtBot) -> None:
    _ghosts(stage)
    screen = QImage(stage.roll.size(), QImage.Format.Format_ARGB32_Premultiplied)
    stage.roll.render(screen)
    for tick in range(480, 9600, 333):
        before, after = stage.roll.view.playhead_tick, float(tick)
        stage.roll.set_playhead(after, playing=True)
        for moved in (before, after):  # what the screen does with the strips
            x = int(stage.roll.view.viewport.x_of(moved))
            strip = QRect(x - 3, 0, 7, stage.canvas.height())
            stage.canvas.render(screen, stage.canvas.mapTo(stage.roll, strip.topLeft()), strip)
    anew = QImage(stage.roll.size(), QImage.Format.Format_ARGB32_Premultiplied)
    stage.roll.render(anew)
    area = stage.canvas.geometry()
    ours, theirs = (pixels(image.copy(area)) for image in (screen, anew))
    assert (ours == theirs).all()


def _ghosts(stage: Stage) -> None:
    document = stage.document
    begin_take(document, GenerateRequest(document.seed_notes(), document.score.timeline, 1))
    add_ghosts(document, [Note(7680 + i * 240, 200 - i * 20, 60 + i) for i in range(9)])


def _colour(stage: Stage, tick: float, pitch: int) -> QColor:
    return stage.canvas.grab().toImage().pixelColor(stage.at(tick, pitch))


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_notes_ghosts_selection_and_other_tracks_differ(stage: Stage, palette: Palette) -> None:
    other = Track(2, "Bass", notes=NoteTable.of([Note(0, 960, 66)]).numbered(50))
    score = stage.document.score
    stage.document.load(Score((*score.tracks, other), next_id=60), None)
    stage.roll.set_palette(palette)
    stage.settle()
    _ghosts(stage)
    stage.document.select({2})
    places = ((480, 60), (2400, 64), (7780, 60), (480, 66), (480, 70))
    colours = {_colour(stage, tick, pitch).name() for tick, pitch in places}
    assert len(colours) == len(places)


def test_louder_notes_are_stronger(stage: Stage) -> None:
    notes = tuple(Note(i * 960, 900, 60, velocity) for i, velocity in enumerate((10, 60, 120)))
    stage.document.load(Score((Track(1, notes=NoteTable.of(notes).numbered(1)),), next_id=9), None)
    stage.settle()
    blue = [_colour(stage, i * 960 + 450, 60).blue() for i in range(3)]
    assert blue == sorted(set(blue))


def test_the_key_tints_its_root(stage: Stage) -> None:
    stage.roll.set_key(Key(2, "major"))
    assert _colour(stage, 100, 74) == QColor(DARK.row_root)
    assert _colour(stage, 100, 73) == QColor(DARK.row_in_scale)
    assert _colour(stage, 100, 75) == QColor(DARK.row_out_of_scale)
    stage.roll.set_key(None)
    assert _colour(stage, 100, 73) == QColor(DARK.row_out_of_scale)


def test_a_note_being_dragged_shows_in_its_new_place_only(stage: Stage) -> None:
    ground, note = _colour(stage, 480, 75), _colour(stage, 480, 60)
    press(stage.canvas, stage.at(480, 60))
    move(stage.canvas, stage.at(480, 75))
    assert _colour(stage, 480, 60) != note
    assert _colour(stage, 480, 75) != ground
    release(stage.canvas, stage.at(480, 75))


def test_a_drag_in_the_lane_shows_there_and_on_the_note(stage: Stage) -> None:
    lane, note = stage.roll.lane, _colour(stage, 480, 60)
    before = picture(lane)
    press(lane, QPoint(1, 95))
    assert not (picture(lane) == before).all()
    assert _colour(stage, 480, 60) != note
    release(lane, QPoint(1, 95))


def test_every_part_repaints_for_another_palette(stage: Stage) -> None:
    parts = (stage.canvas, stage.roll.ruler, stage.roll.keys, stage.roll.lane, stage.roll.overview)
    dark = [picture(part) for part in parts]
    stage.roll.set_palette(LIGHT)
    for part, before in zip(parts, dark, strict=True):
        assert not (picture(part) == before).all()


@pytest.mark.parametrize("count", [0, 1, 300, 3000, 30_000])
def test_any_number_of_notes_is_painted(stage: Stage, count: int) -> None:
    random = np.random.default_rng(count)
    notes = NoteTable.from_columns(
        random.integers(0, 16_000, count),
        random.integers(1, 600, count),
        random.integers(45, 80, count),
        ids=np.arange(count),
    )
    stage.document.load(Score((Track(1, notes=notes.numbered(1)),), next_id=count + 1), None)
    stage.settle()
    share = np.mean(picture(stage.canvas)[:, :, 0] > 150)
    least, most = {0: (0, 0), 1: (1e-5, 0.01), 300: (0.01, 0.2), 3000: (0.2, 0.9), 30_000: (0.4, 1)}[count]
    assert least <= share <= most
    stage.document.select(stage.document.active_track.notes.id.tolist())
    picture(stage.roll)
    stage.roll.fit()
    picture(stage.roll)


def test_streaming_ghosts_do_not_paint_the_notes_anew(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    picture(stage.roll)
    drawn: list[int] = []
    draw = notes_paint.draw_notes
    monkeypatch.setattr(notes_paint, "draw_notes", lambda *given: (drawn.append(1), draw(*given))[1])
    _ghosts(stage)
    picture(stage.canvas)
    assert not drawn
    stage.document.select({1})
    picture(stage.canvas)
    assert drawn


# --- the machine ----------------------------------------------------------------------------------------------------------


HIDPI = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
from roll_stage import Stage
stage = Stage()
stage.roll.show()
stage.settle()
assert stage.canvas.devicePixelRatioF() == 2.0
image = stage.roll.grab().toImage()
assert (image.width(), image.height()) == (1800, 1400)
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from roll_stage import LEFT, NONE
QTest.mouseClick(stage.canvas, LEFT, NONE, stage.at(7000, 70))
assert stage.shape[-1] == (6960, 960, 70), stage.shape
notes = stage.canvas.grab().toImage()
place = stage.at(480, 60) * 2
inside, edge = notes.pixelColor(place), notes.pixelColor(QPoint(place.x(), place.y() + 11))
row = notes.pixelColor(QPoint(place.x(), place.y() + 13))
assert inside == edge != row
"""


def test_on_a_screen_of_two_pixels_a_point_all_is_drawn_twice_as_fine() -> None:
    here = Path(__file__).parent
    root = here.parents[1]
    environment = os.environ | {
        "QT_SCALE_FACTOR": "2",
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": os.pathsep.join((str(here), str(root))),
    }
    command = [sys.executable, "-c", HIDPI]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_this_build_of_qt_counts_its_references_to_none() -> None:
    """PySide 6.12.0 on Python 3.10 and 3.11 drops one in each void call and aborts after some thousands."""
    before, rect = sys.getrefcount(None), QRect()
    for _ in range(20_000):
        rect.setX(1)
    assert sys.getrefcount(None) > before - 1000
