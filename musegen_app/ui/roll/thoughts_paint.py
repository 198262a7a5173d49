"""How a model's thoughts are drawn: a heat map under the notes, a mark that grows with surprise on them."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from musegen_app.editor.viewport import Viewport
from musegen_app.generate.insight import Coming
from musegen_app.score import Note, NoteTable
from musegen_app.ui.colours import blend
from musegen_app.ui.roll import names_paint, notes_paint
from musegen_app.ui.roll.names_paint import Naming
from musegen_app.ui.roll.notes_paint import SHADES, Inks
from musegen_app.ui.roll.rects import Rects, draw_rects
from musegen_app.ui.theme import NOTE_RADIUS_PX, Palette

MARK_PX: Final = 3.0
_INSET_PX: Final = 2.0
_MARKED_FROM: Final = 2  # shades below it are calm: no mark
OPAQUE: Final = 0.85
_ALWAYS: Final = 0.2  # what shows of a column at which nothing is expected
_FAINTEST: Final = 0.05
_NAMED: Final = 3
_LEAST_NAMED: Final = 0.05
_NAME_ROW_PX: Final = 11.0
_NAME_PX: Final = 80.0
_NAME_APART_PX: Final = 5.0


def surprised(palette: Palette) -> Inks:
    """The musician's notes by how much they surprise: from a calm blue to a loud rose, ever farther from the ground."""
    ground = palette.row_in_scale
    between = blend(blend(palette.yours, palette.surprise, 0.5), ground, 0.15)
    return Inks(_ramp(blend(ground, palette.yours, 0.5), between, palette.surprise))


def surprised_ghosts(palette: Palette) -> Inks:
    """Ghosts by how much they surprise; their outline stays theirs."""
    ground = palette.row_in_scale
    between = blend(ground, blend(palette.yours, palette.surprise, 0.5), 0.45)  # teal and rose alone would meet in grey
    shades = _ramp(blend(ground, palette.generated, 0.22), between, blend(ground, palette.surprise, 0.8))
    return Inks(shades, palette.generated)


def _ramp(calm: str, between: str, loud: str) -> tuple[str, ...]:
    """Shades from ``calm`` by way of ``between`` to ``loud``."""
    shares = [2 * shade / (SHADES - 1) for shade in range(SHADES)]
    return tuple(blend(calm, between, share) if share <= 1 else blend(between, loud, share - 1) for share in shares)


def mark_share(shade: int) -> float:
    """How much of a note's height the mark of a shade takes: 0 for a calm note, 1 for the wildest."""
    return max(shade - _MARKED_FROM + 1, 0) / (SHADES - _MARKED_FROM)


_SHARES: Final = np.array([mark_share(shade) for shade in range(SHADES)])


def draw_marks(
    painter: QPainter, tinted: NoteTable, view: Viewport, inks: Inks, ratio: float = 1.0, area: QRect | None = None
) -> None:
    """Mark the notes that surprise at their beginning, the higher the more: it can be told without seeing colours.

    Where notes are too many or too narrow to be told apart, their colour has to do. ``inks`` are what they were drawn with,
    ``area`` is what has to be painted.
    """
    rows = notes_paint.visible_rows(tinted, view)
    if not len(rows) or notes_paint.is_texture(tinted, rows, view, ratio):
        return
    shades = notes_paint.shade_of(tinted.velocity[rows])
    marked = shades >= _MARKED_FROM
    rows, shades = rows[marked], shades[marked]
    rects = marks(notes_paint.layout(tinted, rows, view), _SHARES[shades])
    if area is not None:
        shown = (rects[:, 0] <= area.right() + 1) & (rects[:, 0] + rects[:, 2] >= area.left())
        rects, shades = rects[shown], shades[shown]
    painter.setPen(Qt.PenStyle.NoPen)
    colours = [mark_colour(ground) for ground in inks.shades]
    for colour in sorted(set(colours)):
        painter.setBrush(QColor(colour))
        draw_rects(painter, rects[np.array([other == colour for other in colours])[shades]])


@cache
def mark_colour(ground: str) -> str:
    """Black or white, what is seen better on a note of this colour."""
    return names_paint.name_colour(ground)


def marks(rects: Rects, shares: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Rects:
    """Marks within the notes' rectangles, at their left, up from their bottom by their shares of the height."""
    inset = np.clip(np.floor(rects[:, 2:] / 5), 0, _INSET_PX)  # small notes have less ground around the mark
    made = np.empty_like(rects)
    made[:, 0] = rects[:, 0] + inset[:, 0]
    made[:, 2] = np.minimum(MARK_PX, np.maximum(rects[:, 2] - 2 * inset[:, 0], 1.0))
    room = rects[:, 3] - 2 * inset[:, 1]
    made[:, 3] = np.maximum(np.round(room * shares), 1.0)
    made[:, 1] = rects[:, 1] + rects[:, 3] - inset[:, 1] - made[:, 3]
    return made


def strengths(coming: Coming) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """How strongly each cell shows, 0–1, (columns, 128): by pitch within a column, and by how likely the column is."""
    if not coming.pitch.any():
        return np.zeros_like(coming.pitch)
    when = np.sqrt(coming.onset / max(float(coming.onset.max()), 1e-9))
    pitch = np.sqrt(coming.pitch / coming.pitch.max())
    found: np.ndarray[tuple[int, int], np.dtype[np.float64]] = pitch * (_ALWAYS + (1 - _ALWAYS) * when)[:, None]
    return found


def draw_heat(painter: QPainter, cells: Coming, view: Viewport, palette: Palette, name_of: Naming | None) -> None:
    """Draw the heat map of such columns; with ``name_of`` the names of the likeliest notes are written into it."""
    left, right = view.x_of(cells.start_tick), view.x_of(cells.end_tick)
    if right < 0 or left > view.width:
        return
    strength = strengths(cells)
    strength[strength < _FAINTEST] = 0
    alpha = np.round(strength.T[::-1] * OPAQUE * 255).astype(np.uint32)
    hue = QColor(palette.generated)
    premultiplied = sum(
        (part * alpha // 255) << shift for part, shift in ((hue.red(), 16), (hue.green(), 8), (hue.blue(), 0))
    )
    pixels = np.ascontiguousarray((alpha << 24) | premultiplied, dtype=np.uint32)
    image = QImage(pixels.data, len(cells.onset), 128, len(cells.onset) * 4, QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(QRectF(left, view.y_of(127), right - left, 128 * view.row_px), image)
    painter.setPen(QPen(hue, 1.0))
    painter.drawLine(round(left), 0, round(left), round(view.height))
    if name_of is not None:
        _name_likeliest(painter, cells, view, palette, name_of)


def _name_likeliest(painter: QPainter, cells: Coming, view: Viewport, palette: Palette, name_of: Naming) -> None:
    """Write the likeliest notes and their chances beside their cells."""
    if view.row_px < _NAME_ROW_PX:
        return
    best = np.sort(np.argsort(-cells.chance, axis=None)[:_NAMED])
    font = QFont(painter.font())
    font.setPixelSize(10)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor(palette.text))
    for place in best.tolist():
        column, pitch = divmod(place, 128)
        chance = float(cells.chance[column, pitch])
        if chance >= _LEAST_NAMED:
            right = view.x_of(cells.start_tick + (column + 1) * cells.step_ticks)
            box = QRectF(right + _NAME_APART_PX, view.y_of(pitch), _NAME_PX, view.row_px)
            words = f"{name_of(pitch)} {round(100 * chance)} %"
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


def draw_tried(painter: QPainter, tried: Note, view: Viewport, palette: Palette) -> None:
    """Draw an alternative in its place, solid, with its name."""
    rect = _box(tried, view)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setBrush(QColor(palette.generated))
    painter.setPen(QPen(QColor(palette.text), 1.5))
    painter.drawRoundedRect(rect, NOTE_RADIUS_PX, NOTE_RADIUS_PX)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def draw_asked(painter: QPainter, asked: Note, view: Viewport, palette: Palette) -> None:
    """Outline the note that is asked about."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(palette.text), 1.5))
    painter.drawRoundedRect(_box(asked, view).adjusted(-1.5, -1.5, 1.5, 1.5), NOTE_RADIUS_PX + 1, NOTE_RADIUS_PX + 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _box(note: Note, view: Viewport) -> QRectF:
    (rect,) = notes_paint.layout(NoteTable.of([note]), np.array([0]), view)
    return QRectF(*rect.tolist())
