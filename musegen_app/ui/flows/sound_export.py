"""The piece as a WAV file: rendered beside everything else, with its progress told, and cancelled when asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from musegen_app.editor.document import Document
from musegen_app.errors import MuseGenError
from musegen_app.playback.render import render_wav
from musegen_app.playback.soundfonts import find_synth
from musegen_app.score import Score
from musegen_app.ui.background import Background
from musegen_app.ui.bridge import Bridge

TAIL_S: Final = 2.0
"""What rings on after the last note is kept: an exported piece is listened to, not looped."""


class SoundExport(QObject):
    """One rendering at a time, on a thread of its own, so that opening and saving never wait for it. ``ask`` tells where to.

    ``progressed`` carries the file's name and the share that is done, 0–1; then comes ``done`` with a sentence, or
    ``failed`` with one; ``done`` with "" says that it was cancelled.
    """

    progressed = Signal(str, float)
    done = Signal(str)
    failed = Signal(str)

    def __init__(self, document: Document, ask: Callable[[], Path | None]) -> None:
        super().__init__()
        self._document, self._ask = document, ask
        self._background = Background()
        self._shares: Bridge[tuple[str, float]] = Bridge(self._progress)
        self._stop = threading.Event()
        self._is_busy = False

    @property
    def is_busy(self) -> bool:
        """Whether a piece is being rendered."""
        return self._is_busy

    def begin(self) -> None:
        """Render what is heard of the piece as it is now."""
        if self._is_busy:
            self.failed.emit("A piece is being rendered already; wait for it or cancel it.")
            return
        path = self._ask()
        if path is None:
            return
        self._is_busy = True
        self._stop.clear()
        self._progress((path.name, 0.0))
        work = partial(self._render, self._document.score, path)
        self._background.run(work, partial(self._end, path), self._fail)

    def cancel(self) -> None:
        """Stop rendering; an older file of that name stays."""
        self._stop.set()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self._stop.set()
        self._shares.close()
        self._background.close()

    def _render(self, score: Score, path: Path) -> bool:
        """On the thread."""

        def tell(share: float) -> None:
            self._shares.post((path.name, share))

        return render_wav(score, path, find_synth(), tail_s=TAIL_S, on_progress=tell, cancelled=self._stop.is_set)

    def _progress(self, news: tuple[str, float]) -> None:
        if self._is_busy:
            self.progressed.emit(*news)

    def _end(self, path: Path, written: bool) -> None:  # noqa: FBT001 - the answer of the job
        self._is_busy = False
        self.done.emit(f"Exported {path.name}" if written else "")

    def _fail(self, error: MuseGenError) -> None:
        self._is_busy = False
        self.failed.emit(str(error))
