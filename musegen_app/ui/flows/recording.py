"""Recording: what comes from a keyboard is heard at once, and becomes notes while it is being recorded, or step by step."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from musegen_app.editor import grid
from musegen_app.editor.document import Document, Topic
from musegen_app.editor.recording import RECORD_NAME, Intake, RecordMode, Take
from musegen_app.editor.step_input import StepInput
from musegen_app.midi_io.inputs import Inputs, Tap, is_played
from musegen_app.midi_io.messages import NOTE_OFF, NOTE_ON, Message
from musegen_app.playback.thru import Thru
from musegen_app.score import NoteTable
from musegen_app.ui.bridge import Bridge
from musegen_app.ui.flows.playing import SILENT, Playing
from musegen_app.ui.preferences import Preferences

KEYBOARD: Final = "keyboard"
TYPED: Final = "typed"
NO_KEYBOARD: Final = "No keyboard is connected; Shift+T lets you play on the letters."
LOOK_MS: Final = 250
EARLY_S: Final = 0.1
"""Who strikes so little before the counting ends means the first beat."""

_Arrival = tuple[float, Message | None]


class Recording(QObject):
    """Joins keyboards, player and document.

    ``grown`` carries what is being recorded (a table of notes, empty once it is over), ``changed`` comes when recording or
    step input begins or ends, ``told`` carries a sentence about the keyboard, ``said`` a passing remark. ``played`` carries
    what is played as it comes: the time and the message, None for a keyboard that has gone.
    """

    grown = Signal(object)
    changed = Signal()
    told = Signal(str)
    said = Signal(str)
    played = Signal(float, object)

    def __init__(self, document: Document, playing: Playing, inputs: Inputs, preferences: Preferences) -> None:
        super().__init__()
        self._document, self._playing, self._preferences = document, playing, preferences
        self.inputs = inputs
        self._tap: Tap | None = None
        self._take: Take | None = None
        self._begin_tick = 0.0
        self._resumes = False
        self._sign: object = None
        self._seen = ("", "")
        self._step = StepInput(document)
        self.is_stepping = False
        self.is_typing = False
        """Whether the typing keyboard is on."""
        self._thru = Thru(playing.send)
        self._hears_itself = True
        self._arrivals: Bridge[_Arrival] = Bridge(self._arrived)
        self._looks = QTimer(self)
        self._looks.setInterval(LOOK_MS)
        self._looks.timeout.connect(self._look)
        playing.moved.connect(self._moved)
        playing.sought.connect(self._sought)
        playing.state_changed.connect(self._playing_changed)
        self._unsubscribe = document.subscribe(self._document_changed)

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Listen to the musician's keyboard."""
        self._aim()
        self.listen(self._preferences.value.record_input)
        self.set_thru(on=self._preferences.value.record_thru)
        self._looks.start()

    def close(self) -> None:
        """Keep what is being recorded, and listen no longer."""
        self.finish()
        self._looks.stop()
        self._unsubscribe()
        if self._tap is not None:
            self._tap.close()
        self._thru.release()
        self._arrivals.close()

    # --- the keyboard -------------------------------------------------------------------------------------------------

    @property
    def keyboard(self) -> str:
        """The input that is open, "" for none."""
        return self._tap.name if self._tap is not None else ""

    @property
    def has_keyboard(self) -> bool:
        """Whether there is something to play on: an input, or the typing keyboard."""
        return bool(self.keyboard) or self.is_typing

    def listen(self, name: str) -> None:
        """Hear this input, "" for the first there is, :data:`SILENT` for none."""
        if self._tap is not None:
            self._tap.close()
            self._lost()
        self._seen = ("", "")
        self._tap = None if name == SILENT else self.inputs.tap(name, is_played, self._hear, self._lost)

    def set_thru(self, *, on: bool) -> None:
        """Hear what is played, or leave that to the keyboard's own sound."""
        self._hears_itself = on
        if not on:
            self._thru.release()

    def _hear(self, at_s: float, message: Message) -> None:
        """On the listening thread."""
        if self._hears_itself:
            self._thru.play(message, KEYBOARD)
        self._arrivals.post((at_s, message))

    def _lost(self) -> None:
        """The keyboard has gone. Any thread."""
        self._thru.release(KEYBOARD)
        self._arrivals.post((time.perf_counter(), None))

    def type(self, at_s: float, message: Message) -> None:
        """A key of the typing keyboard."""
        self._thru.play(message, TYPED)
        self._arrived((at_s, message))

    def _look(self) -> None:
        if self._tap is None:
            return
        name, problem = now = (self._tap.name, self._tap.problem)
        if now != self._seen:
            before, self._seen = self._seen, now
            if problem and problem != before[1]:
                self.told.emit(problem)
            elif name:
                self.said.emit(f"Listening to {name}")
            self.changed.emit()

    # --- recording ----------------------------------------------------------------------------------------------------

    @property
    def is_recording(self) -> bool:
        """Whether a take is being recorded."""
        return self._take is not None

    def toggle(self) -> None:
        """Record from the playhead on, which begins to move; or record no longer, and play on."""
        if self._take is not None:
            self.finish()
            return
        self.set_stepping(on=False)
        self._begin(self._playing.tick)
        if not self._playing.is_playing:
            self._playing.toggle()
        if not self.has_keyboard:
            self.said.emit(NO_KEYBOARD)

    def begin_for_jam(self, *, waits: bool = False) -> None:
        """Record from the playhead on, over what is there. ``waits``: the first key sets off, so none is too early."""
        self.finish(selects=False)
        self.set_stepping(on=False)
        self._begin(self._playing.tick, RecordMode.OVERDUB)
        if waits:
            self._begin_tick = -1.0

    @property
    def notes_so_far(self) -> NoteTable:
        """What was played in this take; what is held reaches to the playhead."""
        return self._take.shown() if self._take is not None else NoteTable.empty()

    def finish(self, *, selects: bool = True) -> None:
        """End the take: what was played becomes notes, in one step of undo, and is selected unless told otherwise."""
        take, self._take = self._take, None
        if take is None:
            return
        self._playing.set_take(None)
        score = self._document.score
        if take.track_id not in {track.id for track in score.tracks}:
            take.track_id = self._document.active_track_id
        change = take.change(score)
        self.grown.emit(NoteTable.empty())
        if self._document.edit(RECORD_NAME, change):
            notes = self._document.score.track(take.track_id).notes
            ids = notes.id[notes.id >= score.next_id].tolist()
            if selects and take.track_id == self._document.active_track_id:
                self._document.select(ids)
            self.said.emit("Recorded 1 note" if len(ids) == 1 else f"Recorded {len(ids)} notes")
        self.changed.emit()

    def _begin(self, tick: float, mode: RecordMode | None = None) -> None:
        settings = self._preferences.value
        step = grid.snap_named(settings.record_grid).ticks if settings.record_grid else 0
        intake = Intake(mode or RecordMode(settings.record_mode), step, settings.record_strength / 100)
        tick = tick if self._playing.is_playing else float(int(tick))
        self._begin_tick = tick
        self._take = Take(self._document.active_track_id, tick, self._document.loop, intake)
        self._sign = self._take.sign()
        self._playing.set_take(self._take.heard)
        self.changed.emit()

    def _arrived(self, arrival: _Arrival) -> None:
        at_s, message = arrival
        self.played.emit(at_s, message)
        if message is None:
            self._step.let_go()
            if self._take is not None:
                self._take.recorder.let_go()
        elif self._take is not None:
            self._record(at_s - self._preferences.value.record_offset_ms / 1000, message)
        elif self.is_stepping and not self._playing.is_playing:
            self._enter(message)

    def _record(self, at_s: float, message: Message) -> None:
        if self._take is None:
            return
        if message[0] & 0xF0 == NOTE_ON and message[2] > 0 and self.is_early(at_s):
            return
        self._take.recorder.feed(self._playing.tick_at(at_s), message)

    def is_early(self, at_s: float) -> bool:
        """Whether it is still being counted in at this time."""
        return self._playing.tick_at(at_s + EARLY_S) == self._begin_tick

    # --- step by step -------------------------------------------------------------------------------------------------

    @property
    def step_ticks(self) -> int:
        """How far a step goes: the grid's, a sixteenth where it has none."""
        ticks = self._document.snap.ticks
        return ticks if ticks > 1 else grid.DEFAULT_SNAP.ticks

    def set_stepping(self, *, on: bool) -> None:
        """Enter what is played at the playhead while nothing plays, or no longer."""
        if on != self.is_stepping:
            self.is_stepping = on
            self._step.let_go()
            self.changed.emit()

    def toggle_step(self) -> None:
        """Step input on, or off."""
        self.set_stepping(on=not self.is_stepping)

    def rest(self) -> None:
        """A step of silence; the notes that are held get longer."""
        if self.is_stepping and not self._playing.is_playing:
            self._go(self._step.rest(int(self._playing.tick), self.step_ticks))

    def back(self) -> None:
        """A step back, without what was entered there."""
        if self.is_stepping and not self._playing.is_playing:
            self._go(self._step.back(int(self._playing.tick), self.step_ticks))

    def _enter(self, message: Message) -> None:
        kind = message[0] & 0xF0
        if kind == NOTE_ON and message[2] > 0:
            self._step.press(int(self._playing.tick), message[1], message[2], self.step_ticks)
        elif kind in (NOTE_ON, NOTE_OFF):
            tick = self._step.release(message[1])
            if tick is not None:
                self._go(tick)

    def _go(self, tick: int) -> None:
        if tick != self._playing.tick:
            self._playing.seek(tick)

    # --- what changes meanwhile ---------------------------------------------------------------------------------------

    def _moved(self, tick: float) -> None:
        if self._resumes and self._playing.is_playing:
            self._resumes = False
            self._begin(tick)
        if self._take is None:
            return
        self._take.recorder.advance(tick)
        self.grown.emit(self._take.shown())
        sign = self._take.sign()
        if sign != self._sign:
            self._sign = sign
            self._playing.music_changed()

    def _sought(self) -> None:
        """The playhead goes elsewhere: what was played until now is a take, and another begins there."""
        if self._take is not None:
            self.finish()
            self._resumes = self._playing.is_playing

    def _playing_changed(self, playing: bool) -> None:  # noqa: FBT001  a signal's slot
        if not playing:
            self._resumes = False
            self.finish()

    def _document_changed(self, topic: Topic) -> None:
        if topic in (Topic.TRACKS, Topic.LOADED):
            self._aim()
        if topic is Topic.LOADED:
            self._take = None
            self._playing.set_take(None)
            self.grown.emit(NoteTable.empty())
            self.changed.emit()
        elif topic is Topic.LOOP and self._take is not None:
            tick = self._playing.tick
            self.finish()
            self._begin(tick)

    def _aim(self) -> None:
        track = self._document.active_track
        self._thru.aim(track.channel, track.port)
