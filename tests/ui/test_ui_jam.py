"""Jamming in the window: whose turn it is, when the answer begins, how far ahead it is written, and what it follows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from musegen_app.editor.document import Document
from musegen_app.editor.jam import JamMode, Turn
from musegen_app.errors import ModelError
from musegen_app.jobs import InlineWorker, JobEvent
from musegen_app.midi_io.messages import Message, note_off, note_on
from musegen_app.playback.ears import Ears
from musegen_app.score import LOCKED, Change, Key, Note, NoteTable, Score, Track
from musegen_app.settings import Settings
from musegen_app.ui.flows.generating import Generating
from musegen_app.ui.flows.jam_asking import JamWish
from musegen_app.ui.flows.jam_writing import SLOW
from musegen_app.ui.flows.jamming import LOOPED, NO_LOOP, OTHER_KIND, SOUGHT, Band, Jamming
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.flows.recording import Recording
from musegen_app.ui.key_choice import KeyChoice, KeyMode
from musegen_app.ui.panels.take_box import Stage
from musegen_app.ui.panels.wish import Wish
from musegen_app.ui.preferences import Preferences

Q = 960
BAR = 4 * Q
TICKS_A_SECOND = 1920  # at 120


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


QUARTERS = tuple(Note(i * Q, Q, 60) for i in range(4))


def test_the_roll_is_answered_on_the_beat_and_written_ahead_for_as_long_as_it_plays(room) -> None:
    room.draw(*(Note(i * Q, Q, 60 + i % 5) for i in range(8)))
    room.jam()
    assert room.playing.is_playing
    assert room.turn is Turn.YOURS
    room.to(2 * BAR - Q // 4)
    assert room.ghosts[0] == 2 * BAR, "it is written before it is due"
    assert room.requests[0].start_tick == 2 * BAR
    assert room.requests[0].prompt
    for bar in range(2, 12):
        room.at(bar * BAR)
        ahead = room.jamming.writer.drawn - bar * BAR
        assert 2 * BAR <= ahead <= 4 * BAR
        room.to(bar * BAR + BAR - Q // 4)
    assert room.turn is Turn.ANSWER
    assert room.ghosts == list(range(2 * BAR, room.jamming.writer.drawn, Q)), "no gap, and nothing twice"
    assert len(room.requests) <= 7, "a stretch is written every other bar"
    assert not any(request.prompt for request in room.requests[1:])
    assert [len(r.notes) for r in room.requests[:2]] == [8, 8 + 4]


def test_the_first_key_sets_the_time_and_four_bars_are_answered_where_they_end(room) -> None:
    room.preferences.change(metronome=False)
    room.jam()
    assert room.jamming.is_waiting
    assert not room.playing.is_playing
    at_s = time.perf_counter()
    room.send(note_on(0, 60, 90), at_s)
    assert room.playing.is_playing
    assert room.player.began_s == at_s, "the key is on the beat"
    room.to(Q)
    room.send(note_off(0, 60))
    for beat in range(1, 15):
        room.play(60 + beat, beat * Q + 240, beat * Q + 720)
    assert not room.ghosts, "the phrase goes on"
    room.to(4 * BAR - Q // 4)
    assert room.ghosts[0] == 4 * BAR
    assert room.requests[-1].notes.pitch.tolist() == [60, *range(61, 75)]
    room.to(5 * BAR)
    assert room.turn is Turn.ANSWER
    assert len(room.notes) == 15, "what was played is kept while the hands rest"
    assert room.document.history.undo_name == "Record"
    assert not room.document.selection


def test_a_rest_of_a_beat_is_answered_on_the_next_one_unless_the_player_goes_on(room) -> None:
    room.jam()
    room.play(60, 480, 3 * Q)
    room.to(4 * Q - 240)
    assert room.ghosts[0] == BAR, "a beat's rest, and the next beat"
    room.play(62, BAR - 240 + 60, BAR + 240)
    assert not room.ghosts, "the phrase went on, so the answer waits"
    room.play(64, BAR + Q, BAR + 2 * Q)
    room.to(BAR + 3 * Q + 480)
    assert room.turn is Turn.ANSWER
    assert room.ghosts[0] == BAR + 3 * Q
    assert room.requests[-1].notes.pitch.tolist() == [60, 62, 64]


def test_the_answer_gives_way_to_the_player_and_answers_anew(room) -> None:
    room.jam()
    room.play(60, 480, 3 * Q)
    room.to(3 * BAR)
    before = [start for start in room.ghosts if start < 3 * BAR]
    room.play(72, 3 * BAR + 480, 3 * BAR + 960)
    assert room.turn is Turn.YOURS
    assert room.ghosts == [*before, 3 * BAR], "what has sounded stays, what was to come goes"
    assert int(room.document.ghosts.end[-1]) <= 3 * BAR + Q, "and rings to the next beat at most"
    room.to(4 * BAR)
    assert room.turn is Turn.ANSWER
    assert room.ghosts[len(before) + 1] == 3 * BAR + 2 * Q
    heard = [request for request in room.requests if request.prompt][-1].notes
    assert {60, 72} <= set(heard.pitch.tolist())
    assert len(heard) == 2 + len(before) + 1, "both what was played and what was answered are gone on from"


def test_a_last_note_on_the_answers_first_beat_does_not_stop_it(room) -> None:
    room.jam(JamMode.ANSWER, 1)
    room.play(60, 480, BAR - 240)
    room.play(61, BAR + 60, BAR + 480)
    assert room.turn is Turn.ANSWER
    room.to(2 * BAR + Q)
    again = room.requests[-1]
    assert again.start_tick == 2 * BAR, "from the next bar on it is known"
    assert 61 in again.notes.pitch


def test_traded_bars_are_as_many_as_the_players_whatever_rests_there_are(room) -> None:
    room.jam(JamMode.TRADE, 2)
    room.play(60, 480, 720)
    room.to(2 * BAR)
    assert room.turn is Turn.ANSWER
    room.to(4 * BAR - Q)
    assert room.ghosts == list(range(2 * BAR, 4 * BAR, Q))
    room.play(65, 4 * BAR - 240, 4 * BAR + 240)
    assert room.turn is Turn.YOURS, "a pickup belongs to the next phrase"
    room.to(6 * BAR + 240)
    assert room.turn is Turn.ANSWER
    assert room.ghosts[8:] == list(range(6 * BAR, 8 * BAR, Q))
    room.to(9 * BAR)
    assert room.turn is Turn.OPEN
    count = len(room.requests)
    room.to(12 * BAR)
    assert len(room.requests) == count, "it listens, and the model rests"


def test_along_it_goes_on_and_hears_the_player_from_the_next_bar_on(room) -> None:
    room.draw(*QUARTERS)
    room.jam(JamMode.ALONG)
    room.to(2 * BAR)
    count = len(room.requests)
    room.play(90, 2 * BAR + 480, 2 * BAR + 960)
    room.play(91, 2 * BAR + 1200, 2 * BAR + 1900)
    assert room.turn is Turn.ANSWER
    room.to(3 * BAR)
    made = [request for request in room.requests[count:] if request.start_tick == 3 * BAR]
    assert len(made) == 1, "once a bar, just before the line"
    assert {90, 91} <= set(made[0].notes.pitch.tolist())
    assert room.ghosts == list(range(BAR, room.jamming.writer.drawn, Q))


def test_edits_key_and_controls_are_followed_from_the_next_bar_line_on(room) -> None:
    room.draw(*QUARTERS)
    room.jam()
    room.to(2 * BAR + Q)
    kept = [start for start in room.ghosts if start < 3 * BAR]

    def asked_again(change) -> None:
        count = len(room.requests)
        change()
        room.at(room.player.tick)
        assert room.requests[-1].start_tick == 3 * BAR
        assert len(room.requests) == count + 1
        assert [start for start in room.ghosts if start < 3 * BAR] == kept, "the bar in progress stays"
        assert room.ghosts == list(range(BAR, room.jamming.writer.drawn, Q))

    asked_again(lambda: room.draw(Note(480, 480, 72)))
    assert 72 in room.requests[-1].notes.pitch

    def turn_surprise() -> None:
        room.wishes.wish = replace(room.wishes.wish, temperature=1.3)
        room.jamming.choices_changed()

    def lock_key() -> None:
        room.wishes.key = KeyChoice(KeyMode.LOCKED, Key(2))
        room.jamming.choices_changed()

    asked_again(turn_surprise)
    assert room.requests[-1].sampling.temperature == 1.3
    asked_again(lock_key)
    assert room.requests[-1].key == Key(2)
    count = len(room.requests)
    room.wishes.wish = replace(room.wishes.wish, bars=2, takes=4)
    room.jamming.choices_changed()
    room.at(room.player.tick)
    assert len(room.requests) == count, "nothing that is heard was changed"


def test_locked_ghosts_stay_when_it_is_drawn_anew(room) -> None:
    room.draw(*QUARTERS)
    room.jam()
    room.to(2 * BAR)
    ghosts = room.document.ghosts
    room.document.put_shelf(room.document.shelf.marked(ghosts.id[ghosts.start == 4 * BAR].tolist(), LOCKED))
    locked = [(n.start, n.pitch) for n in room.document.take.locks]
    room.draw(Note(480, 480, 72))
    room.at(2 * BAR + 10)
    assert [(n.start, n.pitch) for n in room.document.take.locks] == locked


@pytest.mark.parametrize("ending", ["jam", "play", "stop"])
def test_it_ends_with_its_ghosts_waiting_to_be_kept_in_one_step(room, ending) -> None:
    room.draw(*QUARTERS)
    room.jam()
    room.to(3 * BAR + Q)
    {"jam": room.jamming.end, "play": room.playing.toggle, "stop": room.playing.stop}[ending]()
    assert not room.jamming.is_on
    assert room.generating.stage is Stage.WAITING
    assert not room.recording.is_recording
    assert room.playing.is_playing == (ending == "jam")
    until = 4 * BAR if ending == "jam" else 3 * BAR + Q
    assert room.ghosts == list(range(BAR, until, Q)), "what nobody heard goes"
    room.generating.accept()
    assert len(room.notes) == 4 + len(range(BAR, until, Q))
    assert len(room.document.sources.provenance) > 1, "each stretch knows where it came from"
    room.document.undo()
    assert len(room.notes) == 4


@pytest.mark.parametrize("kept", [True, False])
def test_enter_keeps_and_esc_lets_go_while_it_plays(room, kept) -> None:
    room.draw(*QUARTERS)
    room.jam()
    room.to(BAR + Q)
    count = len(room.ghosts)
    assert count
    (room.generating.accept if kept else room.generating.reject)()
    assert not room.jamming.is_on
    assert not room.ghosts
    assert len(room.notes) == 4 + count * kept
    assert room.playing.is_playing


def test_a_second_jam_goes_on_with_the_take_of_the_first(room) -> None:
    room.draw(*QUARTERS)
    room.jam()
    room.to(3 * BAR)
    room.jamming.end()
    first = room.ghosts
    room.to(4 * BAR)
    room.jam()
    room.to(6 * BAR)
    assert room.ghosts[: len(first)] == first
    assert len(room.ghosts) > len(first)
    assert len(room.document.shelf.takes) == 1


def test_a_loop_is_left_and_ends_the_jam_when_it_comes_back_and_so_does_a_seek(room) -> None:
    room.draw(*QUARTERS)
    room.document.set_loop((0, BAR))
    room.jam()
    assert room.document.loop is None
    assert room.said == [NO_LOOP]
    room.to(2 * BAR)
    room.document.set_loop((0, BAR))
    assert not room.jamming.is_on
    room.document.set_loop(None)
    room.jam()
    assert room.jamming.is_on
    room.playing.seek(0)
    assert not room.jamming.is_on
    assert room.said[-2:] == [LOOPED, SOUGHT]
    assert room.ghosts


def test_a_model_that_fails_ends_the_jam_with_a_sentence_and_loses_nothing(room) -> None:
    room.jam()
    room.play(60, 480, 2 * Q)

    def fail(_index: int) -> None:
        raise ModelError("The graph cannot be read.", "scale")

    room.generator.hold = fail
    room.to(4 * Q)
    assert not room.jamming.is_on
    assert room.told == ["The graph cannot be read."]
    assert [note.pitch for note in room.notes] == [60]
    assert room.document.take is None


def test_a_keyboard_that_goes_ends_the_phrase(room) -> None:
    room.jam()
    room.to(480)
    room.send(note_on(0, 60, 90))
    room.to(2 * Q)
    room.send(None)
    room.to(4 * Q)
    assert room.turn is Turn.ANSWER
    assert room.ghosts[0] == 3 * Q


def test_an_answer_that_comes_too_late_begins_on_a_later_beat_with_its_first_note(room) -> None:
    room.draw(*QUARTERS)

    def late(index: int) -> None:
        if index == 0:
            room.player.tick = 2 * BAR + 100

    room.generator.hold = late
    room.jam()
    room.at(Q)
    room.generator.hold = lambda _index: None
    room.at(2 * BAR + 110)
    assert room.turn is Turn.ANSWER
    assert room.ghosts[0] == room.jamming.jam.answer_from
    assert room.ghosts[0] % Q == 0
    assert room.ghosts[0] > 2 * BAR
    assert room.requests[-1].prompt


def test_notes_that_a_slow_model_writes_too_late_are_left_out_and_it_is_said_once(room) -> None:
    room.draw(*QUARTERS)
    room.jam()
    room.to(2 * BAR)

    def late(index: int) -> None:
        if index == 0:
            room.player.tick = room.requests[-1].start_tick + Q + 100

    room.generator.hold = late
    room.to(5 * BAR)
    room.generator.hold = lambda _index: None
    room.to(room.jamming.writer.drawn + BAR)
    assert room.told == [SLOW]
    assert not set(range(BAR, room.jamming.writer.drawn, Q)) <= set(room.ghosts)
    assert room.jamming.writer.drawn >= room.player.tick + 2 * BAR, "it has caught up"


def two_tracks(second: Track) -> Score:
    piano = Track(1, "Piano", notes=NoteTable.of(QUARTERS).numbered(1))
    return Score((piano, second), next_id=100)


def test_one_track_is_written_for_while_the_other_is_heard(room) -> None:
    bass = Track(2, "Bass", channel=1, notes=NoteTable.of([Note(0, BAR, 36)]).numbered(50))
    room.document.load(two_tracks(bass), None)
    room.jamming.begin(JamMode.ANSWER, 4, 2, 7)
    room.document.set_active_track(2)
    room.to(2 * BAR)
    first = room.requests[0]
    assert first.notes.pitch.tolist() == [36]
    assert first.standing.pitch.tolist() == [60] * 4
    room.playing.stop()
    room.generating.accept()
    assert len(room.document.score.track(1).notes) == 4
    assert len(room.document.score.track(2).notes) > 1


def test_going_over_to_drums_ends_it_and_drums_are_jammed_on_by_themselves(room) -> None:
    drums = Track(2, "Drums", channel=9, notes=NoteTable.of([Note(i * Q, Q, 36) for i in range(4)]).numbered(50))
    room.document.load(two_tracks(drums), None)
    room.document.set_active_track(1)
    room.jam()
    room.to(2 * BAR)
    room.document.set_active_track(2)
    assert not room.jamming.is_on
    assert room.said[-1] == OTHER_KIND
    room.generating.reject()
    room.playing.stop()
    room.playing.seek(0)
    room.player.tick = 0
    room.jamming.begin(JamMode.ANSWER, 4, 2, 7)
    room.to(BAR)
    assert room.requests[-1].notes.pitch.tolist()[:4] == [36] * 4
    assert room.ghosts[0] == BAR


def test_another_piece_ends_it(room) -> None:
    room.draw(*QUARTERS)
    room.jam()
    room.to(2 * BAR)
    room.document.load(Score(), None)
    assert not room.jamming.is_on
    assert not room.ghosts
    assert not room.recording.is_recording


def test_the_first_jam_with_a_model_rehearses_where_nobody_hears(room) -> None:
    room.jamming.writer.rehearsed.clear()
    room.jam()
    assert [request.span[1] - request.span[0] for request in room.requests] == [BAR]
    assert not room.ghosts
    room.jamming.end()
    room.jam()
    assert len(room.requests) == 1
