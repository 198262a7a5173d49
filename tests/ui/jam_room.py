"""A jam without its window: the flows over a document, a model that writes scales, and a clock that the test moves."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from musegen_app.editor.document import Document
from musegen_app.editor.jam import JamMode, Turn
from musegen_app.jobs import InlineWorker, JobEvent
from musegen_app.midi_io.messages import Message, note_off, note_on
from musegen_app.playback.ears import Ears
from musegen_app.score import Change, Note, NoteTable
from musegen_app.settings import Settings
from musegen_app.ui.flows.generating import Generating
from musegen_app.ui.flows.jam_asking import JamWish
from musegen_app.ui.flows.jamming import Band, Jamming
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.flows.recording import Recording
from musegen_app.ui.key_choice import KeyChoice
from musegen_app.ui.panels.wish import Wish
from musegen_app.ui.preferences import Preferences

Q = 960
BAR = 4 * Q
TICKS_A_SECOND = 1920  # at 120
QUARTERS = tuple(Note(i * Q, Q, 60) for i in range(4))


class Wishes:
    """What the panel asks for, as the test has it."""

    def __init__(self) -> None:
        self.wish = Wish("scale", "", 8, 1.0, (0, 127), stay_in_key=True)
        self.key = KeyChoice()

    def __call__(self) -> JamWish:
        return JamWish(self.wish, self.key, guided=False)


class Room:
    """A jam without its window: the player's clock stands where the test puts it, and tells what is to come at 120."""

    def __init__(self, player, generator, preferences: Preferences) -> None:
        self.document, self.player, self.generator, self.wishes = Document(), player, generator, Wishes()
        self.player.tick_at = lambda clock_s: self.player.tick + TICKS_A_SECOND * max(clock_s - time.perf_counter(), 0)
        self.preferences = preferences
        self.worker = InlineWorker(lambda _name: self.generator, self._receive)
        self.playing = Playing(self.document, self.player)
        self.generating = Generating(self.document, self.worker)
        self.recording = Recording(self.document, self.playing, Ears(), preferences)
        band = Band(self.document, self.playing, self.recording, self.generating, self.worker, preferences)
        self.jamming = Jamming(band, self.wishes)
        self.jamming.writer.rehearsed.add("scale")
        self.said: list[str] = []
        self.told: list[str] = []
        self.jamming.said.connect(self.said.append)
        self.jamming.told.connect(self.told.append)

    def _receive(self, event: JobEvent) -> None:
        self.generating.receive(event)
        self.jamming.receive(event)

    def close(self) -> None:
        self.jamming.close()
        self.recording.close()
        self.playing.close()
        self.worker.close()

    @property
    def turn(self) -> Turn:
        return self.jamming.jam.turn

    @property
    def requests(self) -> list:
        return self.generator.requests

    @property
    def notes(self) -> NoteTable:
        return self.document.active_track.notes

    @property
    def ghosts(self) -> list[int]:
        return self.document.ghosts.start.tolist()

    def draw(self, *notes: Note) -> None:
        added = self.document.score.new_notes(list(notes))
        self.document.edit("Draw", Change.of_notes(self.document.active_track_id, added=added))

    def jam(self, mode: JamMode = JamMode.ANSWER, bars: int = 4) -> None:
        self.jamming.begin(mode, bars, None, 7)

    def at(self, tick: float) -> None:
        """The playhead comes here, and what is asked for is written."""
        self.player.tick = tick
        self.playing.moved.emit(tick)

    def to(self, tick: int, step: int = Q // 8) -> None:
        """The playhead goes on to here."""
        for place in range(int(self.player.tick) + step, tick + 1, step):
            self.at(place)

    def send(self, message: Message | None, at_s: float | None = None) -> None:
        self.recording._arrived((at_s or time.perf_counter(), message))

    def play(self, pitch: int, start: int, end: int) -> None:
        """Strike a key, and let it go."""
        for tick, message in ((start, note_on(0, pitch, 90)), (end, note_off(0, pitch))):
            self.to(tick)
            self.at(tick)
            self.send(message)


@pytest.fixture
def room(qapp, still_player, scale, tmp_path, monkeypatch) -> Iterator[Room]:
    monkeypatch.setenv("MUSEGEN_HOME", str(tmp_path))
    preferences = Preferences(Settings(metronome=True))
    made = Room(still_player, scale, preferences)
    yield made
    made.close()
    preferences.close()
