"""Jamming: the musician plays, the model answers on the next beat and goes on, ahead of the playhead."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from musegen_app.editor.document import Document, Topic
from musegen_app.editor.jam import Jam, JamMode, Turn, beat_ceil
from musegen_app.generate.request import span_of
from musegen_app.jobs import JobEvent, Worker
from musegen_app.midi_io.messages import NOTE_OFF, NOTE_ON, Message
from musegen_app.score import NoteTable
from musegen_app.ui.flows.generating import Generating
from musegen_app.ui.flows.jam_asking import JamWish
from musegen_app.ui.flows.jam_writing import SLOW, JamWriter, Stale
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.flows.recording import NO_KEYBOARD, Recording
from musegen_app.ui.preferences import Preferences

NO_LOOP: Final = "The loop is off: a jam goes on and on."
LOOPED: Final = "The jam is over: a loop takes the playhead back."
OTHER_KIND: Final = "The jam is over: drums go on by a model of their own."
SOUGHT: Final = "The jam is over: the playhead went elsewhere."
_FOLLOWED: Final = {Topic.NOTES, Topic.TRACKS, Topic.TIMELINE, Topic.CHORDS}


@dataclass(frozen=True, slots=True)
class Band:
    """Who plays: the flows that a jam joins."""

    document: Document
    playing: Playing
    recording: Recording
    generating: Generating
    worker: Worker
    preferences: Preferences


class Jamming(QObject):
    """One jam at a time. ``changed`` comes when it begins, ends, or when the turn is another's.

    ``told`` carries a sentence that must be read, ``said`` a passing remark.
    """

    changed = Signal()
    told = Signal(str)
    said = Signal(str)

    def __init__(self, band: Band, asks: Callable[[], JamWish]) -> None:
        super().__init__()
        self._band = band
        self._document, self._playing, self._recording = band.document, band.playing, band.recording
        self.writer = JamWriter(band.document, band.playing, band.generating, band.worker, asks)
        self.jam: Jam | None = None
        self.is_waiting = False
        self._tick = 0.0
        self._has_played = False
        self._is_own_edit = False
        self._instrument = band.document.instrument
        self.writer.failed.connect(self._failed)
        self.writer.slow.connect(lambda: self.told.emit(SLOW))
        band.playing.moved.connect(self._moved)
        band.playing.sought.connect(self._sought)
        band.playing.state_changed.connect(self._playing_changed)
        band.recording.played.connect(self._played)
        self._unsubscribe = band.document.subscribe(self._document_changed)

    # --- life ---------------------------------------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether a jam goes on, or waits for its first note."""
        return self.jam is not None

    @property
    def has_keyboard(self) -> bool:
        """Whether there is something to play on."""
        return self._recording.has_keyboard

    def begin(self, mode: JamMode, bars: int, track_id: int | None, seed_number: int) -> None:
        """Jam from the playhead on. A phrase has ``bars`` bars; ``track_id`` is written for, None for all that play.

        Notes from the playhead on are the phrase; where there are none, but some just before it, they are answered at once;
        else the player begins, whose first note sets the time where nothing else does.
        """
        document, playing = self._document, self._playing
        if document.loop is not None:
            document.set_loop(None)
            self.said.emit(NO_LOOP)
        self.jam = jam = Jam(mode, bars, document.score.timeline)
        self.writer.begin(track_id, seed_number)
        self._tick, self._has_played, self._instrument = playing.tick, False, document.instrument
        notes = document.active_track.notes if track_id is not None else document.seed_notes()
        notes = notes.merged(document.ghosts)
        is_ahead, is_before = self._find_phrase(notes, bars)
        self.is_waiting = not (is_ahead or is_before or playing.is_playing or self._is_led())
        self._recording.begin_for_jam(waits=self.is_waiting)
        if self.is_waiting and not self._recording.has_keyboard:
            self.said.emit(NO_KEYBOARD)
        if not self.is_waiting and not playing.is_playing:
            playing.toggle()
        if is_ahead:
            jam.hear_roll(int(self._tick), span_of(notes, jam.timeline, 1)[0])
            self.writer.rehearse(self._tick)
        elif is_before:
            soon = playing.tick_at(time.perf_counter() + self.writer.lead_s)
            jam.hear_roll(int(self._tick), beat_ceil(jam.timeline, soon))
        else:
            self.writer.rehearse(self._tick)
        self.changed.emit()

    def end(self) -> None:
        """End at the next bar line; what was answered waits to be kept, what was played is kept."""
        if self.jam is None:
            return
        soon = int(self.writer.moment(self._tick).soon)
        self._end(self.jam.timeline.bar_ceil(soon) if self._playing.is_playing else int(self._tick))

    def close(self) -> None:
        """Jam no longer, and look no more."""
        self._end(int(self._tick))
        self._unsubscribe()

    def receive(self, event: JobEvent) -> None:
        """An event of the worker, on the UI thread."""
        if self.jam is not None:
            self.writer.receive(event)

    def choices_changed(self) -> None:
        """The panel's choices, the key or the model changed."""
        if self.jam is not None:
            self.writer.choices_changed()

    def _end(self, tick: int | None, *, has_taken: bool = False) -> None:
        if self.jam is None:
            return
        self.jam, self.is_waiting = None, False
        self._recording.finish(selects=False)
        self.writer.end(tick, has_taken=has_taken)
        self._band.generating.take_shown()
        self.changed.emit()

    def _find_phrase(self, notes: NoteTable, bars: int) -> tuple[bool, bool]:
        """Whether there are notes from the playhead on, and whether there are some shortly before it."""
        tick, timeline = int(self._tick), self._document.score.timeline
        if not notes:
            return False, False
        earliest = timeline.bar_start(max(timeline.bar_at(tick) - bars, 0))
        before = notes.starting_in(earliest, tick)
        return int(notes.start[-1]) >= tick, before.stop > before.start

    def _is_led(self) -> bool:
        """Whether something gives the time: clicks, or other music."""
        settings = self._band.preferences.value
        has_music = self._document.heard_score().end_tick > self._tick
        return settings.metronome or settings.count_in_bars > 0 or has_music

    # --- what is played -----------------------------------------------------------------------------------------------

    def _played(self, at_s: float, message: Message | None) -> None:
        jam = self.jam
        if jam is None:
            return
        if message is None:
            jam.let_go(self._playing.tick)
            return
        kind = message[0] & 0xF0
        is_struck = kind == NOTE_ON and message[2] > 0
        if is_struck and self.is_waiting:
            self.is_waiting = False
            self._playing.set_off_with(at_s)
        if is_struck:
            self._struck(jam, at_s, message[1])
        elif kind in (NOTE_ON, NOTE_OFF):
            jam.let_go(self._playing.tick_at(at_s), message[1])

    def _struck(self, jam: Jam, at_s: float, pitch: int) -> None:
        tick = self._playing.tick_at(at_s - self._band.preferences.value.record_offset_ms / 1000)
        if self._recording.is_early(at_s):
            return
        self._has_played = True
        turn = jam.turn
        if jam.struck(tick, pitch):
            self.writer.give_way(jam)
        elif turn is not Turn.OPEN:
            self.writer.stale = Stale.NOW if turn is Turn.YOURS else Stale.AT_LINE
        if jam.turn is not turn:
            self.changed.emit()

    def _keep_played(self, jam: Jam, tick: float) -> None:
        """What was played becomes notes while the hands rest."""
        if self._has_played and jam.is_at_rest(tick):
            self._has_played = False
            self._is_own_edit = True
            self._recording.begin_for_jam()
            self._is_own_edit = False

    # --- time ---------------------------------------------------------------------------------------------------------

    def _moved(self, tick: float) -> None:
        jam = self.jam
        if jam is None:
            return
        if not self._recording.is_recording:
            self._recording.begin_for_jam(waits=self.is_waiting)
        self._tick = tick
        if self.is_waiting or not self._playing.is_playing:
            return
        turn = jam.turn
        jam.advance(tick)
        self._keep_played(jam, tick)
        self.writer.write(jam, tick, lambda: self._recording.notes_so_far)
        if jam.turn is not turn:
            self.changed.emit()

    def _sought(self) -> None:
        if self.jam is not None and self._playing.is_playing:
            self._end(int(self._tick))
            self.said.emit(SOUGHT)

    def _playing_changed(self, playing: bool) -> None:  # noqa: FBT001  a signal's slot
        if playing:
            self.is_waiting = False
        elif self.jam is not None:
            self._end(int(self._tick))

    # --- what changes meanwhile ---------------------------------------------------------------------------------------

    def _document_changed(self, topic: Topic) -> None:
        if self.jam is None:
            return
        if topic is Topic.LOADED or self.writer.has_lost_take:
            self._end(None, has_taken=True)
        elif topic is Topic.LOOP and self._document.loop is not None:
            self._end(int(self._tick))
            self.said.emit(LOOPED)
        elif topic is Topic.TRACKS and self._document.instrument != self._instrument:
            self._end(int(self._tick))
            self.said.emit(OTHER_KIND)
        elif topic in _FOLLOWED and not self._is_own_edit:
            self.jam.timeline = self._document.score.timeline
            self.writer.stale = Stale.NOW

    def _failed(self, sentence: str) -> None:
        self._end(int(self._tick) if not self._playing.is_playing else None)
        self.told.emit(sentence)
