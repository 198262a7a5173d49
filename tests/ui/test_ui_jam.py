"""Jamming: whose turn it is, when the answer begins, how far ahead it is written, and what it follows."""

from __future__ import annotations

import time
from dataclasses import replace

from jam_room import BAR, QUARTERS, Q, room

from musegen_app.editor.jam import JamMode, Turn
from musegen_app.midi_io.messages import note_off, note_on
from musegen_app.score import LOCKED, Key, Note
from musegen_app.ui.key_choice import KeyChoice, KeyMode

__all__ = ["room"]


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
