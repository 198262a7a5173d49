"""A window that is busy: it repaints a roll full of notes sixty times a second, for as long as somebody wants it to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from musegen_app.ui.memory import keep_freed_memory
from musegen_app.ui.roll.benchmark import SIZE, full_roll

FRAMES_A_SECOND: Final = 60


def repaint(count: int, goes_on: Callable[[], bool]) -> float:
    """Repaint ``count`` notes until ``goes_on``, asked after each frame, says no; frames a second. On the UI thread."""
    keep_freed_memory()  # as the program does
    app = QApplication.instance() or QApplication(["benchmark"])
    area = full_roll(count)
    image = QImage(*SIZE, QImage.Format.Format_RGB32)
    clock = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=1000 // FRAMES_A_SECOND)
    frames = 0

    def frame() -> None:
        nonlocal frames
        frames += 1
        area.view.scroll(1.0 if frames % 2 else -1.0, 0.0)
        area.render(image)
        if not goes_on():
            clock.stop()
            app.quit()

    clock.timeout.connect(frame)
    clock.start()
    began = time.perf_counter()
    app.exec()
    area.close()
    return frames / (time.perf_counter() - began)
