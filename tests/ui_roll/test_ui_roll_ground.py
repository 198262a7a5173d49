"""Rows and lines under the notes: laid down in strips, they look as if each were drawn by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot
from roll_stage import pixels

from musegen_app.editor import grid
from musegen_app.editor.viewport import Viewport
from musegen_app.score import Key, Timeline
from musegen_app.ui.colours import blend
from musegen_app.ui.roll.grid_paint import Ground
from musegen_app.ui.theme import DARK, LIGHT, Palette

TIMELINE = Timeline()
VIEW = Viewport(width=300.0, height=200.0, px_per_tick=0.05, row_px=14.0, top_px=700.0)


def _rgb(colour: str) -> list[int]:
    made = QColor(colour)
    return [made.blue(), made.green(), made.red(), 255]


def _drawn(view: Viewport, palette: Palette, key: Key | None, step: int, ratio: float) -> np.ndarray:
    image = QImage(round(view.width * ratio), round(view.height * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    Ground(view, palette, key, ratio).draw(painter, TIMELINE, step)
    painter.end()
    return pixels(image)


def _expected(view: Viewport, palette: Palette, key: Key | None, step: int) -> np.ndarray:
    """Pixel by pixel, at one pixel a point: rows, the line on top of each, then steps, beats and bars."""
    picture = np.zeros((int(view.height), int(view.width), 4), dtype=np.uint8)
    ground, faint = Ground(view, palette, key), _rgb(blend(palette.row_in_scale, palette.line, 0.55))
    for pitch in range(128):
        top, bottom = (min(max(round(view.y_of(p)), 0), len(picture)) for p in (pitch, pitch - 1))
        picture[top:bottom] = _rgb(ground.colour_of(pitch))
    for pitch in range(128):
        if 0 <= round(view.y_of(pitch)) < len(picture):
            picture[round(view.y_of(pitch))] = faint
    found = grid.lines(TIMELINE, int(view.left_tick), int(view.right_tick) + 1, step, view.px_per_tick)
    for ticks, colour in ((found.steps, faint), (found.beats, _rgb(palette.line)), (found.bars, _rgb(palette.strong_line))):
        x = np.round((ticks - view.left_tick) * view.px_per_tick).astype(int)
        picture[:, x[(x >= 0) & (x < view.width)]] = colour
    return picture


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("palette", [DARK, LIGHT])
@given(
    row_px=st.floats(4.0, 40.0),
    top_px=st.floats(0.0, 600.0),
    left_tick=st.floats(0.0, 20_000.0),
    px_per_tick=st.floats(0.001, 0.4),
    key=st.none() | st.builds(Key, st.integers(0, 11), st.sampled_from(["major", "minor"])),
)
def test_strips_are_what_each_line_would_be(
    palette: Palette, row_px: float, top_px: float, left_tick: float, px_per_tick: float, key: Key | None
) -> None:
    view = replace(VIEW, row_px=row_px, top_px=top_px, left_tick=left_tick, px_per_tick=px_per_tick).clamped()
    assert (_drawn(view, palette, key, 240, 1.0) == _expected(view, palette, key, 240)).all()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0, 3.0])
def test_at_any_ratio_lines_are_sharp_and_nothing_stays_bare(qtbot: QtBot, ratio: float) -> None:
    palette = DARK
    known = {tuple(_rgb(c)) for c in (palette.row_in_scale, palette.row_out_of_scale, palette.line, palette.strong_line)}
    known.add(tuple(_rgb(blend(palette.row_in_scale, palette.line, 0.55))))
    seen = _drawn(VIEW, palette, None, 240, ratio)
    assert {tuple(colour) for colour in np.unique(seen.reshape(-1, 4), axis=0).tolist()} == known
    bar = np.flatnonzero((seen[3] == _rgb(palette.strong_line)).all(axis=1))
    assert len(bar) % max(int(ratio), 1) == 0
    assert bar[0] == 0


def test_rows_of_drums_know_no_scale() -> None:
    drums = Ground(VIEW, DARK, Key(0, "major"), drums=True)
    assert [drums.colour_of(pitch) for pitch in (36, 37, 38, 48)] == [
        DARK.row_in_scale,
        DARK.row_out_of_scale,
        DARK.row_in_scale,
        DARK.row_in_scale,
    ]
