"""Playing: the transport's commands, the playhead, and what is heard, ghosts included."""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from musegen_app.editor.document import Document
from musegen_app.midi_io.devices import PortList
from musegen_app.midi_io.synth_port import SYNTH_NAME
from musegen_app.playback.client import PlayerStatus
from musegen_app.score import DEFAULT_VELOCITY, Score

FRAME_MS: Final = 16
IDLE_MS: Final = 250
SILENT: Final = "-"
"""The setting of a musician who chose to have no port."""
THROUGH: Final = "Midi Through"
"""ALSA's loopback: always there, and nobody hears it."""
UPDATE_MS: Final = 33
"""Edits and ghosts reach the player at most this often: it replaces what comes after the next 20 ms each time."""


class Plays(Protocol):
    """What this flow needs of :class:`musegen_app.playback.client.Player`."""

    @property
    def is_playing(self) -> bool: ...
    def ports(self) -> PortList: ...
    def open_port(self, name: str) -> None: ...
    def play(
        self, score: Score, from_tick: int, loop: tuple[int, int] | None = None, *, metronome: bool = False
    ) -> None: ...
    def update(self, score: Score) -> None: ...
    def stop(self) -> None: ...
    def seek(self, tick: int) -> None: ...
    def note_on(self, channel: int, pitch: int, velocity: int) -> None: ...
    def note_off(self, channel: int, pitch: int) -> None: ...
    def panic(self) -> None: ...
    def position_tick(self) -> float: ...
    def status(self) -> PlayerStatus: ...
    def poll(self) -> None: ...


class Playing(QObject):
    """Joins document and player. ``moved`` carries the playhead's tick, ``state_changed`` whether it plays.

    ``aside_changed`` carries whether another piece is heard in the document's place. The playhead belongs here while
    nothing plays, and to the player while it plays.
    """

    moved = Signal(float)
    state_changed = Signal(bool)
    aside_changed = Signal(bool)
    status_changed = Signal(object)

    def __init__(self, document: Document, player: Plays) -> None:
        super().__init__()
        self._document, self._player = document, player
        self._tick = 0.0
        self._began_tick = 0
        self._playing = False
        self._metronome = False
        self._awaiting = False
        self._aside: Score | None = None
        self._seeks_port = False
        self._sought_port = ""
        self._status: PlayerStatus | None = None
        self._sounding: tuple[int, int] | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(IDLE_MS)
        self._clock.timeout.connect(self._look)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(UPDATE_MS)
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
            self._play()

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
        self._tick = float(max(tick, 0))
        self._began_tick = int(self._tick)
        if self._playing:
            self._player.seek(self._began_tick)
        self.moved.emit(self._tick)

    def set_metronome(self, *, on: bool) -> None:
        """Click on the beats, or not."""
        self._metronome = on
        self._again()

    def await_notes(self, *, awaiting: bool) -> None:
        """While notes are awaited (a model is writing), playing goes on past the last note there is."""
        self._awaiting = awaiting

    def panic(self) -> None:
        """Silence everything, whatever its state."""
        self.end_aside()
        self._player.panic()

    # --- what is heard ------------------------------------------------------------------------------------------------

    def music_changed(self) -> None:
        """The score or the ghosts changed: hear it that way soon; while nothing plays, in what is auditioned."""
        if not self._due.isActive():
            self._due.start()

    def restart(self) -> None:
        """Tempo, metre or loop changed: go on from here by the new ones."""
        self._again()

    def audition(self, pitch: int | None) -> None:
        """Sound a pitch on the active track's channel until the next call; None ends it."""
        if self._sounding is not None:
            self._player.note_off(*self._sounding)
        self._sounding = None if pitch is None else (self._document.active_track.channel, pitch)
        if self._sounding is not None:
            self._player.note_on(*self._sounding, DEFAULT_VELOCITY)

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

    def ports(self) -> PortList:
        """The ports there are now."""
        return self._player.ports()

    def open_port(self, name: str) -> None:
        """Send to another port; "" for none."""
        self._seeks_port = False
        self._player.open_port(name)
        self._look()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _play(self) -> None:
        self.end_aside()
        self._due.stop()
        score = self._document.heard_score()
        self._player.play(score, int(self._tick), self._document.loop, metronome=self._metronome)
        self._set_playing(playing=True)

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
        self._player.update(self._document.heard_score())

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
        if self._document.loop or self._awaiting:
            return False
        score = self._document.heard_score()
        return tick > score.timeline.bar_ceil(max(score.end_tick, self._began_tick + 1))
