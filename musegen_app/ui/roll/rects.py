"""Many rectangles in one call.

PySide takes a list of QRectF, which costs more than the drawing. A numpy buffer of doubles has the same layout as an array
of QRectF, so its address is handed over instead (the idea is pyqtgraph's ``PrimitiveArray``). A self-test at the first use
falls back to lists where a build of Qt disagrees.
"""

from __future__ import annotations

from functools import cache
from typing import cast

import numpy as np
import numpy.typing as npt
import shiboken6
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

Rects = npt.NDArray[np.float64]
"""Rectangles, float64 (n, 4): x, y, width, height in logical pixels."""


def draw_rects(painter: QPainter, rects: Rects) -> None:
    """Draw every rectangle with the painter's pen and brush."""
    if len(rects) == 0:  # Qt reads the first one whatever the count says
        return
    if _buffers_work():
        _draw_buffer(painter, rects)
    else:
        draw_list(painter, rects)


def draw_list(painter: QPainter, rects: Rects) -> None:
    """The same through PySide's own conversion."""
    if len(rects):
        painter.drawRects([QRectF(*row) for row in rects.tolist()])


def _draw_buffer(painter: QPainter, rects: Rects) -> None:
    buffer = np.ascontiguousarray(rects, dtype=np.float64)
    first = cast("QRectF", shiboken6.wrapInstance(buffer.ctypes.data, QRectF))
    painter.drawRects(first, len(buffer))


@cache
def _buffers_work() -> bool:
    sample = np.array([[1, 1, 3, 2], [6, 2, 2, 5]], dtype=np.float64)
    pictures = []
    for draw in (_draw_buffer, draw_list):
        image = QImage(10, 10, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        painter.setBrush(QColor("white"))
        try:
            draw(painter, sample)
        except (TypeError, ValueError):
            return False
        finally:
            painter.end()
        pictures.append(image)
    return bool(pictures[0] == pictures[1])
