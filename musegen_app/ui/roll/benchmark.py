"""How long a frame of the roll takes: ``python -m musegen_app.ui.roll.benchmark NOTES`` prints JSON.

Every frame scrolls, so nothing is reused: grid, notes and all the parts around them are drawn anew into a 1600×900 window
that shows all the notes. The peer of the same run is what most editors do: one antialiased call a note.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from musegen_app.editor.document import Document
from musegen_app.score import TICKS_PER_QUARTER, NoteTable, Score, Track
from musegen_app.ui.memory import keep_freed_memory
from musegen_app.ui.roll import notes_paint
from musegen_app.ui.roll.area import RollArea
from musegen_app.ui.theme import DARK

SIZE: Final = (1600, 900)
_FRAMES: Final = 40
_NAIVE_FRAMES: Final = 3


def measure(count: int) -> dict[str, float]:
    """Median milliseconds of a whole frame with ``count`` visible notes, and of the naive way. On the UI thread."""
    keep_freed_memory()  # as the program does
    _app = QApplication.instance() or QApplication(["benchmark"])
    area = full_roll(count)
    image = QImage(*SIZE, QImage.Format.Format_RGB32)

    def frame(number: int) -> None:
        area.view.scroll(1.0 if number % 2 else -1.0, 0.0)
        area.render(image)

    fast = _median_ms(frame, _FRAMES)
    slow = _median_ms(lambda _number: _naive(area, image), _NAIVE_FRAMES)
    area.close()
    return {"notes": count, "frame_ms": round(fast, 2), "naive_ms": round(slow, 2), "naive_over_ours": round(slow / fast, 1)}


def full_roll(count: int) -> RollArea:
    """A roll that shows ``count`` notes at once."""
    area = RollArea(Document(Score((Track(1, notes=_music(count)),))), DARK, lambda _pitch: None)
    area.resize(*SIZE)
    area.show()
    QApplication.processEvents()
    area.fit()
    return area


def frame_ms(count: int) -> float:
    """Median milliseconds of a whole frame with ``count`` visible notes."""
    return measure(count)["frame_ms"]


def _median_ms(frame: Callable[[int], None], frames: int) -> float:
    taken = []
    for number in range(frames + 2):
        began = time.perf_counter()
        frame(number)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[2:]) * 1000


def _naive(area: RollArea, image: QImage) -> None:
    view, notes = area.view.viewport, area.canvas.document.active_track.notes
    rects = notes_paint.layout(notes, notes_paint.visible_rows(notes, view), view)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(area.view.palette.yours))
    for row in rects:
        painter.drawRoundedRect(QRectF(*row.tolist()), 2, 2)
    painter.end()


def _music(count: int) -> NoteTable:
    """Notes spread over 40 bars and the piano's middle, as dense as ``count`` asks."""
    random = np.random.default_rng(1)
    start = random.integers(0, 160 * TICKS_PER_QUARTER, count)
    length = random.integers(60, 2 * TICKS_PER_QUARTER, count)
    pitch = random.integers(40, 90, count)
    return NoteTable.from_columns(start, length, pitch, random.integers(1, 128, count), np.arange(1, count + 1))


def main(arguments: list[str]) -> int:
    """Print the figures for each count."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    counts = [int(a) for a in arguments] or [10_000, 100_000]
    results = [measure(count) for count in counts]
    sys.stdout.write(json.dumps(results if len(results) > 1 else results[0]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
