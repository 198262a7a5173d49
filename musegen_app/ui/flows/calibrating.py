"""Measuring how long notes are on the way from one port to another, while the window stays usable."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from musegen_app.errors import PortError
from musegen_app.midi_io.virtual_port import listening
from musegen_app.playback.calibration import NOTES, Calibration
from musegen_app.ui.flows.following import Listens
from musegen_app.ui.flows.playing import Playing

HEAR_MS: Final = 10
_PATIENCE_S: Final = 3.0  # until an input is open


class Calibrating(QObject):
    """``began`` and ``ended`` enclose a measurement: keyboards are better not heard meanwhile, least of all played through.

    ``progressed`` carries the share of notes that have come back, ``measured`` a RoundTrip, ``failed`` a sentence.
    """

    began = Signal()
    ended = Signal()
    progressed = Signal(float)
    measured = Signal(object)
    failed = Signal(str)

    def __init__(self, playing: Playing, listen: Callable[[str], Listens] = listening) -> None:
        super().__init__()
        self._playing, self._listen = playing, listen
        self._port: Listens | None = None
        self._calibration = Calibration("", "")
        self._plays = False
        self._gives_up_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(HEAR_MS)
        self._timer.timeout.connect(self._hear)
        playing.aside_changed.connect(self._aside_changed)

    @property
    def is_running(self) -> bool:
        """Whether it measures."""
        return self._port is not None

    def begin(self, output: str, input_name: str) -> None:
        """Send notes to ``output`` and listen at ``input_name``. What plays is paused."""
        self.cancel()
        self._calibration, self._plays = Calibration(output, input_name), False
        self.began.emit()
        self._port = self._listen(input_name)
        self._port.look()
        self._gives_up_s = time.monotonic() + _PATIENCE_S
        self._timer.start()
        self._hear()

    def cancel(self) -> None:
        """Measure no more, and tell nothing."""
        if self._let_go() and self._plays:
            self._playing.end_aside()

    def _hear(self) -> None:
        if self._port is None:
            return
        if self._plays:
            for at_s, message in self._port.receive():
                self._calibration.hear(message, self._playing.tick_at(at_s))
            self.progressed.emit(self._calibration.heard / NOTES)
        elif self._port.name:
            self._playing.play_aside(self._calibration.score)
            self._plays = True
        elif self._port.problem or time.monotonic() > self._gives_up_s:
            problem = self._port.problem or f"The MIDI port {self._calibration.input_name} does not open."
            self._let_go()
            self.failed.emit(problem)

    def _aside_changed(self, aside: bool) -> None:  # noqa: FBT001  a signal's slot
        if aside or not self._plays or not self._let_go():
            return
        try:
            self.measured.emit(self._calibration.result())
        except PortError as error:
            problem = self._playing.problem if not self._calibration.heard else ""
            self.failed.emit(problem or str(error))

    def _let_go(self) -> bool:
        """Close the input; whether it was open."""
        self._timer.stop()
        port, self._port = self._port, None
        if port is not None:
            port.close()
            self.ended.emit()
        return port is not None
