"""Jamming in the window: whose turn it is, when the answer begins, how far ahead it is written, and what it follows."""

from __future__ import annotations

import time

import pytest

from musegen_app.editor.jam import JamMode, Turn
from musegen_app.midi_io.messages import note_off, note_on
from musegen_app.score import LOCKED, Key, Note
from musegen_app.ui.key_choice import KeyMode
from musegen_app.ui.panels.take_box import Stage as TakeStage
from musegen_app.ui.panels.wish import Mode

Q = 960
BAR = 4 * Q
TICKS_A_SECOND = 1920  # at 120


class Room:
    """The stage with a clock that stands where the test puts it, and tells what is to come at 120."""

    def __init__(self, stage) -> None:
        self.stage, self.studio, self.document = stage, stage.studio, stage.document
        stage.player.tick_at = lambda clock_s: stage.player.tick + TICKS_A_SECOND * max(clock_s - time.perf_counter(), 0)
        self.jamming = stage.studio.jam.jamming

    @property
    def turn(self) -> Turn:
        return self.jamming.jam.turn

    @property
    def requests(self) -> list:
        return self.stage.generator.requests

    def choose(self, mode: JamMode, bars: int = 4) -> None:
        self.studio.panel.jam.show_choices(mode, bars)
        self.studio.panel.jam.changed.emit()

    def at(self, tick: float) -> None:
        """The playhead comes here, and what is asked for is written."""
        self.stage.player.tick = tick
        self.studio.playing.moved.emit(tick)
        if self.jamming.writer._asked is not None:
            self.stage.until(lambda: self.jamming.writer._asked is None)

    def to(self, tick: int, step: int = Q // 4) -> None:
        """The playhead goes on to here."""
        for place in range(int(self.stage.player.tick) + step, tick + 1, step):
            self.at(place)

    def play(self, pitch: int, start: int, end: int) -> None:
        """Strike a key, and let it go."""
        for tick, message in ((start, note_on(0, pitch, 90)), (end, note_off(0, pitch))):
            self.to(tick)
            self.studio.record.recording._arrived((time.perf_counter(), message))

    @property
    def ghosts(self) -> list[int]:
        return self.document.ghosts.start.tolist()


@pytest.fixture
def room(stage) -> Room:
    return Room(stage)


def test_the_roll_is_answered_on_the_beat_and_written_ahead_for_as_long_as_it_plays(room) -> None:
    room.stage.draw(*(Note(i * Q, Q, 60 + i % 5) for i in range(8)))
    room.stage.do("jam")
    assert room.studio.playing.is_playing
    assert room.studio.panel.mode is Mode.JAM
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
    assert [len(r.notes) for r in room.requests[:2]] == [8, 8 + 8]


def test_the_first_key_sets_the_time_and_four_bars_are_answered_where_they_end(room) -> None:
    room.stage.do("jam")
    assert room.jamming.is_waiting
    assert not room.studio.playing.is_playing
    room.studio.record.recording._arrived((at_s := time.perf_counter(), note_on(0, 60, 90)))
    assert room.studio.playing.is_playing
    assert room.stage.player.began_s == at_s, "the key is on the beat"
    room.to(Q)
    room.studio.record.recording._arrived((time.perf_counter(), note_off(0, 60)))
    for beat in range(1, 15):
        room.play(60 + beat, beat * Q + 240, beat * Q + 720)
    assert not room.ghosts, "the phrase goes on"
    room.to(4 * BAR - Q // 4)
    assert room.ghosts[0] == 4 * BAR
    assert room.requests[-1].notes.pitch.tolist() == [60, *range(61, 75)]
    room.to(5 * BAR)
    assert room.turn is Turn.ANSWER
    assert len(room.stage.notes) == 15, "what was played is kept while the hands rest"
    assert room.document.history.undo_name == "Record"
    assert not room.document.selection


def test_a_rest_of_a_beat_is_answered_on_the_next_one_unless_the_player_goes_on(room) -> None:
    room.stage.do("metronome")
    room.stage.do("jam")
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
    room.stage.do("metronome")
    room.stage.do("jam")
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
    heard = room.requests[-1].notes
    assert {60, 72} <= set(heard.pitch.tolist())
    assert len(heard) == 2 + len(before) + 1, "both what was played and what was answered are gone on from"


def test_a_last_note_on_the_answers_first_beat_does_not_stop_it(room) -> None:
    room.choose(JamMode.ANSWER, 1)
    room.stage.do("metronome")
    room.stage.do("jam")
    room.play(60, 480, BAR - 240)
    room.play(61, BAR + 60, BAR + 480)
    assert room.turn is Turn.ANSWER
    room.to(2 * BAR + Q)
    again = room.requests[-1]
    assert again.start_tick == 2 * BAR, "from the next bar on it is known"
    assert 61 in again.notes.pitch


def test_traded_bars_are_as_many_as_the_players_whatever_rests_there_are(room) -> None:
    room.choose(JamMode.TRADE, 2)
    room.stage.do("metronome")
    room.stage.do("jam")
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
    room.choose(JamMode.ALONG)
    room.stage.draw(*(Note(i * Q, Q, 60) for i in range(4)))
    room.stage.do("jam")
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
    room.stage.draw(*(Note(i * Q, Q, 60) for i in range(4)))
    room.stage.do("jam")
    room.to(2 * BAR + Q)
    kept = [start for start in room.ghosts if start < 3 * BAR]

    def asked_again(change) -> None:
        count = len(room.requests)
        change()
        room.at(room.stage.player.tick)
        assert room.requests[-1].start_tick == 3 * BAR
        assert len(room.requests) == count + 1
        assert [start for start in room.ghosts if start < 3 * BAR] == kept, "the bar in progress stays"
        assert room.ghosts == list(range(BAR, room.jamming.writer.drawn, Q))

    asked_again(lambda: room.stage.draw(Note(480, 480, 72)))
    assert 72 in room.requests[-1].notes.pitch

    def turn_surprise() -> None:
        room.studio.panel.surprise.set_value(1.3)
        room.studio.panel.changed.emit()

    asked_again(turn_surprise)
    assert room.requests[-1].sampling.temperature == 1.3
    asked_again(lambda: room.studio.key.choose(KeyMode.LOCKED, Key(2)))
    assert room.requests[-1].key == Key(2)
    count = len(room.requests)
    room.studio.panel.changed.emit()
    room.at(room.stage.player.tick)
    assert len(room.requests) == count, "nothing that is heard was changed"


def test_locked_ghosts_stay_when_it_is_drawn_anew(room) -> None:
    room.stage.draw(*(Note(i * Q, Q, 60) for i in range(4)))
    room.stage.do("jam")
    room.to(2 * BAR)
    ghosts = room.document.ghosts
    room.studio.taking.mark(ghosts.id[ghosts.start == 4 * BAR].tolist(), LOCKED)
    locked = [(n.start, n.pitch) for n in room.document.take.locks]
    room.stage.draw(Note(480, 480, 72))
    room.at(2 * BAR + 10)
    assert [(n.start, n.pitch) for n in room.document.take.locks] == locked


@pytest.mark.parametrize("ending", ["jam", "play", "stop"])
def test_it_ends_with_its_ghosts_waiting_to_be_kept_in_one_step(room, ending) -> None:
    room.stage.draw(*(Note(i * Q, Q, 60) for i in range(4)))
    room.stage.do("jam")
    room.to(3 * BAR + Q)
    assert room.studio.panel.take.stage is TakeStage.JAMMING
    room.stage.do(ending)
    assert not room.jamming.is_on
    assert room.studio.panel.take.stage is TakeStage.WAITING
    assert not room.studio.record.recording.is_recording
    assert room.studio.playing.is_playing == (ending == "jam")
    until = 4 * BAR if ending == "jam" else 3 * BAR + Q
    assert room.ghosts == list(range(BAR, until, Q)), "what nobody heard goes"
    room.stage.do("accept")
    assert len(room.stage.notes) == 4 + len(range(BAR, until, Q))
    room.stage.do("undo")
    assert len(room.stage.notes) == 4


def test_enter_keeps_and_esc_lets_go_while_it_plays(room) -> None:
    room.stage.draw(*(Note(i * Q, Q, 60) for i in range(4)))
    for name, kept in (("reject", 4), ("accept", 4 + 4 * 3)):
        room.stage.player.tick = 0
        room.studio.playing.seek(0)
        room.stage.do("jam")
        room.to(BAR + Q)
        count = len(room.ghosts)
        assert count
        room.stage.do(name)
        assert not room.jamming.is_on
        assert not room.ghosts
        assert len(room.stage.notes) == (4 if name == "reject" else 4 + count), kept
        room.studio.playing.stop()


def test_a_second_jam_goes_on_with_the_take_of_the_first(room) -> None:
    room.stage.draw(*(Note(i * Q, Q, 60) for i in range(4)))
    room.stage.do("jam")
    room.to(3 * BAR)
    room.stage.do("jam")
    first = room.ghosts
    room.to(4 * BAR)
    room.stage.do("jam")
    room.to(6 * BAR)
    assert room.ghosts[: len(first)] == first
    assert len(room.document.shelf.takes) == 1


def test_a_loop_is_left_and_ends_the_jam_when_it_comes_back_and_so_does_a_seek(room) -> None:
    room.stage.draw(*(Note(i * Q, Q, 60) for i in range(4)))
    room.stage.do("loop")
    assert room.document.loop
    room.stage.do("jam")
    assert room.document.loop is None
    assert "loop is off" in room.studio.window.status.music.text()
    room.to(2 * BAR)
    room.stage.do("loop")
    assert not room.jamming.is_on
    room.stage.do("loop")
    room.stage.do("jam")
    assert room.jamming.is_on
    room.studio.playing.seek(0)
    assert not room.jamming.is_on
    assert room.ghosts


def test_a_model_that_fails_ends_the_jam_with_a_sentence_and_loses_nothing(room) -> None:
    from musegen_app.errors import ModelError

    room.stage.do("metronome")
    room.stage.do("jam")
    room.play(60, 480, 2 * Q)

    def fail(_index: int) -> None:
        raise ModelError("The graph cannot be read.", "scale")

    room.stage.generator.hold = fail
    room.to(3 * Q + 720)
    assert not room.jamming.is_on
    assert room.studio.window.notice.text == "The graph cannot be read."
    assert [note.pitch for note in room.stage.notes] == [60]
    assert room.document.take is None


def test_a_keyboard_that_goes_ends_the_phrase(room) -> None:
    room.stage.do("metronome")
    room.stage.do("jam")
    room.to(480)
    recording = room.studio.record.recording
    recording._arrived((time.perf_counter(), note_on(0, 60, 90)))
    room.to(2 * Q)
    recording._arrived((time.perf_counter(), None))
    room.to(4 * Q)
    assert room.turn is Turn.ANSWER
    assert room.ghosts[0] == 3 * Q


def test_nothing_else_is_written_meanwhile_and_a_new_piece_ends_it(room) -> None:
    room.stage.draw(*(Note(i * Q, Q, 60) for i in range(4)))
    room.stage.do("jam")
    room.to(2 * BAR)
    before = room.ghosts
    for name in ("continue", "again"):
        room.stage.do(name)
        assert room.jamming.is_on
        assert room.ghosts == before
    room.stage.do("new")
    assert not room.jamming.is_on
    assert not room.ghosts
    assert not room.studio.record.recording.is_recording


def test_a_slow_model_leaves_out_what_comes_too_late_and_it_is_said_once(room) -> None:
    room.stage.draw(*(Note(i * Q, Q, 60) for i in range(4)))

    def late(index: int) -> None:
        if index == 0:
            room.stage.player.tick = 2 * BAR + 100

    room.stage.generator.hold = late
    room.stage.do("jam")
    room.at(BAR - Q // 2)
    assert min(room.ghosts) > 2 * BAR
    assert "slower than the music" in room.studio.window.notice.text
    room.stage.generator.hold = lambda _index: None
    room.to(6 * BAR)
    assert room.jamming.writer.drawn >= 8 * BAR
