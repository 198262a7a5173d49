"""Playing: the transport's commands, the playhead, and what is heard, ghosts included."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from musegen_app.editor.document import Document
from musegen_app.midi_io.devices import PortList
from musegen_app.midi_io.messages import Message
from musegen_app.midi_io.synth_port import SYNTH_NAME
from musegen_app.playback.client import PlayerStatus
from musegen_app.playback.metronome import Click
from musegen_app.score import DEFAULT_VELOCITY, Score, Tempo

FRAME_MS: Final = 16
IDLE_MS: Final = 250
SILENT: Final = "-"
"""The setting of a musician who chose to have no port."""
THROUGH: Final = "Midi Through"
"""ALSA's loopback: always there, and nobody hears it."""
UPDATE_MS: Final = 10
"""Edits and ghosts reach the player at once, but at most this often: it replaces what comes after the next 15 ms."""
_REST: Final = 4
"""An update that took long is not followed by another before so many times as long."""


class Plays(Protocol):
    """What this flow needs of :class:`musegen_app.playback.client.Player`."""

    @property
    def is_playing(self) -> bool: ...
    def ports(self) -> PortList: ...
    def open_port(self, name: str) -> None: ...
    def play(
        self,
        score: Score,
        from_tick: int,
        loop: tuple[int, int] | None = None,
        *,
        metronome: bool = False,
        count_in_bars: int = 0,
        began_s: float | None = None,
    ) -> None: ...
    def set_click(self, click: Click) -> None: ...
    def update(self, score: Score) -> None: ...
    def stop(self) -> None: ...
    def seek(self, tick: int) -> None: ...
    def note_on(self, channel: int, pitch: int, velocity: int, port: str = "") -> None: ...
    def note_off(self, channel: int, pitch: int, port: str = "") -> None: ...
    def send(self, message: Message, port: str = "") -> None: ...
    def panic(self) -> None: ...
    def position_tick(self) -> float: ...
    def tick_at(self, clock_s: float) -> float: ...
    def send_clock(self, ports: tuple[str, ...]) -> None: ...
    def status(self) -> PlayerStatus: ...
    def poll(self) -> None: ...


class Playing(QObject):
    """Joins document and player. ``moved`` carries the playhead's tick, ``state_changed`` whether it plays.

    ``sought`` comes before the playhead is put elsewhere. ``aside_changed`` carries whether another piece is heard in the
    document's place. The playhead belongs here while nothing plays, and to the player while it plays.
    """

    moved = Signal(float)
    state_changed = Signal(bool)
    aside_changed = Signal(bool)
    status_changed = Signal(object)
    sought = Signal()

    def __init__(self, document: Document, player: Plays) -> None:
        super().__init__()
        self._document, self._player = document, player
        self._tick = 0.0
        self._began_tick = 0
        self._playing = False
        self._metronome = False
        self._count_in_bars = 0
        self._awaiting = False
        self._followed_bpm: float | None = None
        self._aside: Score | None = None
        self._take: Callable[[Score], Score] | None = None
        self._seeks_port = False
        self._sought_port = ""
        self._status: PlayerStatus | None = None
        self._sounding: tuple[int, int, str] | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(IDLE_MS)
        self._clock.timeout.connect(self._look)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._rests_until_s = 0.0
        self._due.timeout.connect(self._update)

    def start(self, port: str) -> None:
        """Begin to listen to the player; ``port`` is the musician's, :data:`SILENT` for none, "" for the first there is."""
        self._seeks_port = not port
        if port and port != SILENT:
            self._player.open_port(port)
        self._clock.start()
        self._look()

    def close(self) -> None:
        """Stop, and listen no longer."""
        self._clock.stop()
        self._due.stop()
        if self._playing or self._aside is not None:
            self._player.stop()

    # --- transport ----------------------------------------------------------------------------------------------------

    @property
    def tick(self) -> float:
        """Where the playhead is."""
        return self._player.position_tick() if self._playing else self._tick

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return self._playing

    def toggle(self) -> None:
        """Play from the playhead, or pause there."""
        if self._playing:
            self._tick = self._player.position_tick()
            self._halt()
        else:
            self._began_tick = int(self._tick)
            self._play(self._count_in_bars)

    def stop(self) -> None:
        """Stop and go back to where playing began; stopped already, go to the start."""
        if self._playing:
            self._tick = float(self._began_tick)
            self._halt()
        else:
            self.seek(0)

    def to_start(self) -> None:
        """Go to the start, of the loop while the playhead is in it."""
        loop = self._document.loop
        self.seek(loop[0] if loop and loop[0] < self.tick <= loop[1] else 0)

    def seek(self, tick: int) -> None:
        """Put the playhead somewhere."""
        self.sought.emit()
        self._tick = float(max(tick, 0))
        self._began_tick = int(self._tick)
        if self._playing:
            self._player.seek(self._began_tick)
        self.moved.emit(self._tick)

    def set_metronome(self, *, on: bool) -> None:
        """Click on the beats, or not."""
        self._metronome = on
        self._again()

    def set_count_in(self, bars: int) -> None:
        """Count so many bars in before playing from now on."""
        self._count_in_bars = bars

    def set_click(self, click: Click) -> None:
        """Where metronome and counting in are heard."""
        self._player.set_click(click)

    def await_notes(self, *, awaiting: bool) -> None:
        """While notes are awaited (a model is writing), playing goes on past the last note there is."""
        self._awaiting = awaiting

    def set_take(self, heard: Callable[[Score], Score] | None) -> None:
        """While a take is recorded, playing goes on past the last note, and ``heard`` makes of the score what sounds."""
        self._take = heard

    def panic(self) -> None:
        """Silence everything, whatever its state."""
        self.end_aside()
        self._player.panic()

    # --- another's clock ----------------------------------------------------------------------------------------------

    def set_off(self, tick: int, at_s: float, bpm: float) -> None:
        """Another has set off: we are at ``tick`` at the time ``at_s``, by its tempo."""
        self.sought.emit()
        self.end_aside()
        self._due.stop()
        self._tick, self._began_tick, self._followed_bpm = float(tick), tick, bpm
        self._player.play(self._heard(), tick, self._document.loop, metronome=self._metronome, began_s=at_s)
        self._set_playing(playing=True)

    def set_off_with(self, at_s: float) -> None:
        """Play from the playhead, which was there at the time ``at_s``, just now: a hand that sets the time."""
        self.end_aside()
        self._due.stop()
        self._began_tick = int(self._tick)
        self._player.play(self._heard(), self._began_tick, self._document.loop, metronome=self._metronome, began_s=at_s)
        self._set_playing(playing=True)

    def follow(self, bpm: float | None) -> None:
        """Go on from here by this tempo, None for the piece's own."""
        if bpm != self._followed_bpm:
            self._followed_bpm = bpm
            if self._playing:
                self._player.update(self._heard())

    def tick_at(self, clock_s: float) -> float:
        """Where the playhead is at a time of :func:`time.perf_counter` near to now."""
        return self._player.tick_at(clock_s) if self._playing or self._aside is not None else self._tick

    def pause(self) -> None:
        """Stop where it is."""
        if self._playing:
            self.toggle()

    # --- what is heard ------------------------------------------------------------------------------------------------

    def music_changed(self) -> None:
        """The score or the ghosts changed: hear it that way soon; while nothing plays, in what is auditioned."""
        if not self._due.isActive():
            self._due.start(max(round(1000 * (self._rests_until_s - time.perf_counter())), 0))

    def send(self, message: Message, port: str = "") -> None:
        """Sound at once what is played by hand. Any thread."""
        self._player.send(message, port)

    def restart(self) -> None:
        """Tempo, metre or loop changed: go on from here by the new ones."""
        self._again()

    def audition(self, pitch: int | None) -> None:
        """Sound a pitch on the active track's channel until the next call; None ends it."""
        if self._sounding is not None:
            self._player.note_off(*self._sounding)
        track = self._document.active_track
        self._sounding = None if pitch is None else (track.channel, pitch, track.port)
        if pitch is not None:
            self._player.note_on(track.channel, pitch, DEFAULT_VELOCITY, track.port)

    def play_aside(self, score: Score) -> None:
        """Hear another piece from its start. The document pauses, and its playhead stays where it is."""
        if self._playing:
            self.toggle()
        self._due.stop()
        self._aside = score
        self._player.play(score, 0)
        self._clock.setInterval(FRAME_MS)
        self.aside_changed.emit(True)  # noqa: FBT003  a signal's value

    def end_aside(self) -> None:
        """End what :meth:`play_aside` began; the document's voices and place are set again."""
        if self._aside is None:
            return
        self._aside = None
        self._player.stop()
        self._player.seek(int(self._tick))
        self._clock.setInterval(IDLE_MS)
        self.music_changed()
        self.aside_changed.emit(False)  # noqa: FBT003  a signal's value

    # --- ports --------------------------------------------------------------------------------------------------------

    @property
    def port(self) -> str:
        """The port in use, "" for none."""
        return self._status.port if self._status else ""

    @property
    def problem(self) -> str:
        """A sentence while a wanted port is not there."""
        return self._status.problem if self._status else ""

    def ports(self) -> PortList:
        """The ports there are now."""
        return self._player.ports()

    def send_clock(self, ports: tuple[str, ...]) -> None:
        """Send MIDI clock to these ports, "" for the main one; () for none."""
        self._player.send_clock(ports)

    def open_port(self, name: str) -> None:
        """Send to another port; "" for none."""
        self._seeks_port = False
        self._player.open_port(name)
        self._look()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _play(self, count_in_bars: int = 0) -> None:
        self.end_aside()
        self._due.stop()
        loop, clicks = self._document.loop, self._metronome
        self._player.play(self._heard(), int(self._tick), loop, metronome=clicks, count_in_bars=count_in_bars)
        self._set_playing(playing=True)

    def _heard(self) -> Score:
        """What is played: by the tempo of the clock that is followed, or by the piece's own."""
        score = self._document.heard_score()
        if self._take is not None:
            score = self._take(score)
        if self._followed_bpm is None:
            return score
        return replace(score, timeline=replace(score.timeline, tempos=(Tempo.of_bpm(self._followed_bpm),)))

    def _halt(self) -> None:
        self._due.stop()
        self._player.stop()
        self._set_playing(playing=False)
        self.moved.emit(self._tick)

    def _again(self) -> None:
        if self._playing:
            self._tick = self._player.position_tick()
            self._play()

    def _update(self) -> None:
        if self._aside is not None:
            return
        began = time.perf_counter()
        self._player.update(self._heard())
        now = time.perf_counter()
        self._rests_until_s = now + max(UPDATE_MS / 1000, _REST * (now - began))

    def _set_playing(self, *, playing: bool) -> None:
        self._clock.setInterval(FRAME_MS if playing else IDLE_MS)
        if playing != self._playing:
            self._playing = playing
            self.state_changed.emit(playing)

    def _seek_port(self) -> None:
        """Open the first port that is heard. FluidSynth, listed last, may yet find no audio device and go from the list."""
        now = self._player.status().port
        if now:
            self._seeks_port = now == SYNTH_NAME
            return
        heard = next((name for name in self._player.ports().names if THROUGH not in name), "")
        if heard and heard != self._sought_port:
            self._player.open_port(heard)
        self._sought_port = heard

    def _look(self) -> None:
        self._player.poll()
        if self._seeks_port:
            self._seek_port()
        status = self._player.status()
        if status != self._status:
            self._status = status
            self.status_changed.emit(status)
        if self._aside is not None and (self._player.position_tick() > self._aside.end_tick or not self._player.is_playing):
            self.end_aside()
        if not self._playing:
            return
        tick = self._player.position_tick()
        self.moved.emit(tick)
        if self._is_over(tick) or not self._player.is_playing:
            self._tick = float(self._began_tick)
            self._halt()

    def _is_over(self, tick: float) -> bool:
        if self._document.loop or self._awaiting or self._take is not None:
            return False
        score = self._document.heard_score()
        return tick > score.timeline.bar_ceil(max(score.end_tick, self._began_tick + 1))
