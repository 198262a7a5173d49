"""How notes are drawn: rectangles in buckets of colour, or a coverage image where they are too many to tell apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from musegen_app.editor.viewport import Viewport
from musegen_app.score import NoteTable
from musegen_app.score.notes import Ints
from musegen_app.ui.colours import blend
from musegen_app.ui.roll.rects import Rects, draw_rects
from musegen_app.ui.theme import NOTE_RADIUS_PX, Palette

SHADES: Final = 8
MOST_RECTS: Final = 8_000
MOST_ROUNDED: Final = 700
_NARROW_PX: Final = 3.0
_DASHED_FROM_PX: Final = 8.0  # dashes on anything narrower read as noise
_GAP_PX: Final = 1.0
_ONE_NOTE: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Inks:
    """Colours of notes: ``shades`` by velocity, soft to loud; ``edge`` is drawn around each, "" for none."""

    shades: tuple[str, ...]
    edge: str = ""


def yours(palette: Palette) -> Inks:
    """The musician's notes."""
    return Inks(_ramp(palette.row_in_scale, palette.yours, 0.5))


def selected(palette: Palette) -> Inks:
    """Selected notes: lighter on dark, darker on light, with an edge in the colour of text."""
    towards = "#FFFFFF" if palette.is_dark else "#0B1B45"
    return Inks(_ramp(palette.yours, blend(palette.yours, towards, 0.45), 0.5), palette.text)


def generated(palette: Palette) -> Inks:
    """Ghosts: a light fill, so that they differ from notes in more than hue."""
    return Inks((blend(palette.row_in_scale, palette.generated, 0.3),) * SHADES, palette.generated)


def recorded(palette: Palette) -> Inks:
    """Notes as they are being recorded: in the colour of time."""
    return Inks(_ramp(palette.row_in_scale, palette.time, 0.6))


def replaced(palette: Palette) -> Inks:
    """Notes whose place ghosts would take."""
    return Inks((blend(palette.row_in_scale, palette.yours, 0.2),) * SHADES)


def others(palette: Palette) -> Inks:
    """Notes of other tracks."""
    return Inks((blend(palette.row_in_scale, palette.muted, 0.32),) * SHADES)


def _ramp(soft: str, loud: str, floor: float) -> tuple[str, ...]:
    return tuple(blend(soft, loud, floor + (1 - floor) * i / (SHADES - 1)) for i in range(SHADES))


def shade_of(velocity: Ints) -> Ints:
    """Shade number of each velocity."""
    return np.minimum(velocity * SHADES // 128, SHADES - 1)


def layout(notes: NoteTable, rows: Ints, view: Viewport) -> Rects:
    """Rectangles of the notes' rows in the view, a pixel apart, cut to a little more than the view: float64 (n, 4)."""
    x0 = np.maximum((notes.start[rows] - view.left_tick) * view.px_per_tick, -4.0)
    x1 = np.minimum((notes.end[rows] - view.left_tick) * view.px_per_tick, view.width + 4.0)
    rects = np.empty((len(rows), 4))
    rects[:, 0] = x0
    rects[:, 1] = (127 - notes.pitch[rows]) * view.row_px - view.top_px + _GAP_PX
    rects[:, 2] = np.maximum(x1 - x0 - _GAP_PX, 1.5)
    rects[:, 3] = max(view.row_px - 2 * _GAP_PX, 1.0)
    return rects


def visible_rows(notes: NoteTable, view: Viewport) -> Ints:
    """Rows of the notes that the view shows."""
    rows = notes.overlapping(int(view.left_tick), int(view.right_tick) + 1)
    pitch = notes.pitch[rows]
    inside = (pitch >= view.pitch_of(view.height)) & (pitch <= view.pitch_of(0))
    return rows if inside.all() else rows[inside]


def draw_notes(painter: QPainter, notes: NoteTable, view: Viewport, inks: Inks, ratio: float = 1.0) -> None:
    """Draw what the view shows of ``notes``; ``ratio`` is the device's pixels a logical one."""
    rows = visible_rows(notes, view)
    if not len(rows):
        return
    if is_texture(notes, rows, view, ratio):
        fine = replace(view, width=view.width * ratio, px_per_tick=view.px_per_tick * ratio)
        seen = coverage(notes, rows, fine, inks.shades)
        height = (seen.high - seen.low + 1) * view.row_px
        painter.drawImage(QRectF(0, view.y_of(seen.high), seen.image.width() / ratio, height), seen.image)
        return
    rects = layout(notes, rows, view)
    shades = shade_of(notes.velocity[rows])
    if len(rows) <= MOST_ROUNDED:
        _draw_rounded(painter, rects, shades, inks)
    else:
        _draw_plain(painter, rects, shades, inks)


def is_texture(notes: NoteTable, rows: Ints, view: Viewport, ratio: float) -> bool:
    """Whether the rows' notes are too many, or too narrow, to be drawn as boxes."""
    return len(rows) > MOST_RECTS / ratio**2 or (len(rows) > MOST_ROUNDED and _are_narrow(notes, rows, view))


def _are_narrow(notes: NoteTable, rows: Ints, view: Viewport) -> bool:
    """Whether a typical note is too narrow to be drawn as a box."""
    return float(np.median(notes.length[rows])) * view.px_per_tick < _NARROW_PX


def draw_ghosts(painter: QPainter, notes: NoteTable, view: Viewport, inks: Inks, area: QRect) -> None:
    """Draw the generated notes that show in ``area``: light fill, dashed outline."""
    rows = visible_rows(notes, view)
    rects = layout(notes, rows, view)
    shown = (rects[:, 0] <= area.right() + 1) & (rects[:, 0] + rects[:, 2] >= area.left())
    rects, shades = rects[shown] + (0.5, 0.5, -1.0, -1.0), shade_of(notes.velocity[rows[shown]])
    pen = QPen(QColor(inks.edge), 1.0)
    painter.setPen(pen)
    brushes = [QColor(c) for c in inks.shades]
    if len(rects) > MOST_ROUNDED:
        shades = shades if len(set(inks.shades)) > 1 else np.zeros_like(shades)
        for shade in np.unique(shades).tolist():
            painter.setBrush(brushes[shade])
            draw_rects(painter, rects[shades == shade])
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    dashed = QPen(pen)
    dashed.setDashPattern([3.0, 2.0])
    for (x, y, width, height), shade in zip(rects.tolist(), shades.tolist(), strict=True):
        painter.setBrush(brushes[shade])
        painter.setPen(dashed if width >= _DASHED_FROM_PX else pen)
        _draw_box(painter, QRectF(x, y, width, height))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _draw_rounded(painter: QPainter, rects: Rects, shades: Ints, inks: Inks) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setPen(QPen(QColor(inks.edge), 1.0) if inks.edge else Qt.PenStyle.NoPen)
    inset = 0.5 if inks.edge else 0.0
    brushes = [QColor(c) for c in inks.shades]
    for (x, y, width, height), shade in zip(rects.tolist(), shades.tolist(), strict=True):
        painter.setBrush(brushes[shade])
        _draw_box(painter, QRectF(x + inset, y + inset, max(width - 2 * inset, 1.0), height - 2 * inset))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _draw_box(painter: QPainter, box: QRectF) -> None:
    """Rounded, but never so much that a short note looks like a pill."""
    radius = min(NOTE_RADIUS_PX, box.width() / 4, box.height() / 4)
    painter.drawRoundedRect(box, radius, radius)


def _draw_plain(painter: QPainter, rects: Rects, shades: Ints, inks: Inks) -> None:
    """Buckets of one colour; with an edge, the edge's colour first and the fill inset over it."""
    painter.setPen(Qt.PenStyle.NoPen)
    if inks.edge:
        painter.setBrush(QColor(inks.edge))
        draw_rects(painter, rects)
        rects = rects + np.array((1.0, 1.0, -2.0, -2.0))
        filled = (rects[:, 2] > 0) & (rects[:, 3] > 0)
        rects, shades = rects[filled], shades[filled]
    for shade in np.unique(shades).tolist():
        painter.setBrush(QColor(inks.shades[shade]))
        draw_rects(painter, rects[shades == shade])


@dataclass(frozen=True, slots=True)
class Coverage:
    """A picture of notes: one row of pixels a pitch from ``high`` down to ``low``, one column a pixel of the view."""

    image: QImage
    low: int
    high: int


def coverage(notes: NoteTable, rows: Ints, view: Viewport, shades: tuple[str, ...]) -> Coverage:
    """The colour of the notes at each pixel, transparent where there is none; ``rows`` must not be empty.

    Each note adds itself and its velocity where it begins and takes both away where it ends; running sums give for each
    pixel how many notes cover it and how loud they are. Both numbers travel in one float64, exact up to 2**53.
    """
    width = max(int(view.width), 1)
    shown = slice(int(rows[0]), int(rows[-1]) + 1) if rows[-1] - rows[0] < len(rows) else rows  # slices are not copied
    pitch = notes.pitch[shown]
    low, high = int(pitch.min()), int(pitch.max())
    first = ((notes.start[shown] - view.left_tick) * view.px_per_tick).astype(np.int64)
    np.clip(first, 0, width - 1, out=first)
    last = np.ceil((notes.end[shown] - view.left_tick) * view.px_per_tick).astype(np.int64)
    np.clip(last, first + 1, width, out=last)
    line = (high - pitch) * (width + 1)
    weight = (notes.velocity[shown] + _ONE_NOTE).astype(np.float64)
    size = (high - low + 1) * (width + 1)
    steps = np.bincount(line + first, weight, size) - np.bincount(line + last, weight, size)
    sums = np.cumsum(steps.reshape(-1, width + 1), axis=1)[:, :width].astype(np.int64)
    count, loudness = sums >> 32, sums.astype(np.int32).astype(np.float32)  # the upper and the lower half
    mean = (loudness / np.maximum(count, 1).astype(np.float32)).astype(np.int64)
    table = np.array([0, *(QColor(c).rgba() for c in shades)], dtype=np.uint32)
    pixels = np.ascontiguousarray(table[(shade_of(mean) + 1) * (count > 0)])
    image = QImage(pixels.data, width, high - low + 1, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return Coverage(image.copy(), low, high)
