"""Following another's clock: we set off, stop, go elsewhere and keep its tempo as it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from musegen_app.editor.document import Document
from musegen_app.midi_io.messages import Message
from musegen_app.midi_io.virtual_port import listening
from musegen_app.playback.clock_follow import ClockFollower
from musegen_app.score import TICKS_PER_QUARTER
from musegen_app.ui.flows.playing import Playing

HEAR_MS: Final = 8
LOOK_S: Final = 1.0
STEER_S: Final = 0.1  # between one correction and the next
_AHEAD_S: Final = 0.02  # when a correction begins to hold
_CATCH_UP_S: Final = 0.4  # over so long a difference of place is made up for
_FAR_TICKS: Final = TICKS_PER_QUARTER  # further apart we go there at once
_FINE: Final = 2e-4  # corrections of less than this share of the tempo are not worth while
_QUIET_BPM: Final = 0.09  # a tempo between two tenths shall not flicker
_GUESS_BPM: Final = 120.0  # for the few pulses until the tempo is known


class Listens(Protocol):
    """An input port: see :class:`musegen_app.midi_io.ports.InputPort` and :class:`musegen_app.midi_io.inputs.Tap`."""

    problem: str

    @property
    def name(self) -> str: ...
    def look(self) -> bool: ...
    def receive(self) -> list[tuple[float, Message]]: ...
    def close(self) -> None: ...


class Following(QObject):
    """Hears one input's clock. ``tempo_changed`` carries its tempo, None while there is none; ``told`` a sentence."""

    tempo_changed = Signal(object)
    told = Signal(str)

    def __init__(self, document: Document, playing: Playing, listen: Callable[[str], Listens] = listening) -> None:
        super().__init__()
        self._document, self._playing, self._listen = document, playing, listen
        self._port: Listens | None = None
        self._follower = ClockFollower()
        self._departures = 0
        self._leads = False  # whether it is by the clock that we play
        self._waits_at: int | None = None
        self._hears = False
        self._told_bpm: float | None = None
        self._told_problem = ""
        self._bpm = 0.0
        self._next_look_s = self._next_steer_s = 0.0
        self.wanted = ""
        self._timer = QTimer(self)
        self._timer.setInterval(HEAR_MS)
        self._timer.timeout.connect(self._hear)

    @property
    def problem(self) -> str:
        """A sentence while the wanted input is not there."""
        return self._port.problem if self._port is not None else ""

    def choose(self, name: str) -> None:
        """Follow the clock of this input, "" for none."""
        self.close()
        self.wanted = name
        if name:
            self._port = self._listen(name)
            self._next_look_s = 0.0
            self._timer.start()
            self._hear()

    def close(self) -> None:
        """Follow no longer; what plays goes on by the piece's own tempo."""
        self._timer.stop()
        if self._port is not None:
            self._port.close()
            self._port = None
            self._told_problem = ""
        self._forget()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._follower, self._departures, self._leads, self._hears = ClockFollower(), 0, False, False
        self._playing.follow(None)
        self._tell_tempo(None)

    def _hear(self) -> None:
        """Called some hundred times a second."""
        now = time.perf_counter()
        if self._port is None:
            return
        if now >= self._next_look_s:
            self._next_look_s = now + LOOK_S
            self._port.look()
        self._tell_problem(self._port.problem)
        for at_s, message in self._port.receive():
            self._follower.hear(message, at_s)
        self._heed(time.perf_counter())

    def _tell_problem(self, problem: str) -> None:
        """Once; where its clock was heard, its silence says as much."""
        if problem != self._told_problem:
            self._told_problem = problem
            if problem and not self._hears:
                self.told.emit(problem)

    def _heed(self, now: float) -> None:
        follower = self._follower
        if follower.is_lost(now):
            self._lose()
            return
        self._hears = True
        if follower.is_locked:
            self._tell_tempo(follower.tempo_bpm)
        if follower.waits_at != self._waits_at:
            self._waits_at = follower.waits_at
            if self._waits_at is not None:
                self._playing.seek(self._waits_at)
        if self._leads and not self._playing.is_playing:
            self._leads = False  # the musician has stopped it
        if self._leads and not follower.is_running:
            self._leads = False
            self._playing.pause()
            self._playing.follow(None)
        elif follower.has_set_off and follower.departures != self._departures:
            self._departures = follower.departures
            self._set_off(*follower.departure)
        elif follower.has_set_off and self._playing.is_playing:
            self._keep_up(now)

    def _lose(self) -> None:
        """The clock is silent."""
        if not self._hears:
            return
        stopped = self._leads and self._playing.is_playing
        if stopped:
            self._playing.pause()
        self._forget()
        self.told.emit(f"The clock from {self.wanted} is silent{'; playing has stopped' if stopped else ''}.")

    def _set_off(self, tick: int, at_s: float) -> None:
        self._leads, self._bpm = True, self._follower.tempo_bpm or self._tempo_here(tick)
        self._playing.set_off(tick, at_s, self._bpm)
        self._next_steer_s = 0.0

    def _tempo_here(self, tick: int) -> float:
        return self._document.score.timeline.tempo_at(tick).bpm or _GUESS_BPM

    def _keep_up(self, now: float) -> None:
        """Play a little faster or slower, so that in a moment we are where the other is."""
        tempo = self._follower.tempo_bpm
        if tempo is None or now < self._next_steer_s:
            return
        self._next_steer_s = now + STEER_S
        turn = now + _AHEAD_S
        behind = self._behind(turn)
        if not self._leads or abs(behind) > _FAR_TICKS:
            self._set_off(max(round(self._follower.tick_at(turn)), 0), turn)
            return
        bpm = tempo + behind / TICKS_PER_QUARTER / _CATCH_UP_S * 60
        if abs(bpm / self._bpm - 1) > _FINE:
            self._bpm = bpm
            self._playing.follow(bpm)

    def _behind(self, clock_s: float) -> float:
        """How many ticks the other is ahead; round a loop, the shorter way."""
        behind = self._follower.tick_at(clock_s) - self._playing.tick_at(clock_s)
        loop = self._document.loop
        if loop is not None:
            length = loop[1] - loop[0]
            behind -= round(behind / length) * length
        return behind

    def _tell_tempo(self, bpm: float | None) -> None:
        shown, before = None if bpm is None else round(bpm, 1), self._told_bpm
        if bpm is not None and before is not None and abs(bpm - before) < _QUIET_BPM:
            return
        if shown != before:
            self._told_bpm = shown
            self.tempo_changed.emit(shown)
