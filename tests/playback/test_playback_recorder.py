"""From keys, pedals and wheels to notes and controllers, with loops unrolled; and what is played by hand let through."""

from __future__ import annotations

import random

from musegen_app.midi_io.messages import Message, bend, control, note_off, note_on, program
from musegen_app.playback.recorder import Recorder
from musegen_app.playback.thru import Thru
from musegen_app.score import PITCH_BEND, ControlChange, NoteTable

BAR = 3840


def rows(notes: NoteTable) -> list[tuple[int, int, int, int]]:
    return [(n.start, n.length, n.pitch, n.velocity) for n in notes]


def test_what_is_played_comes_out_as_the_same_notes() -> None:
    dice = random.Random(5)
    played = [
        (i * 120 + dice.randrange(60), dice.randrange(30, 400), i % 40 + 40, dice.randrange(1, 128)) for i in range(200)
    ]
    events = [(s, note_on(3, p, v)) for s, _, p, v in played] + [(s + n, note_off(3, p)) for s, n, p, _ in played]
    recorder = Recorder.begin(0)
    for tick, message in sorted(events, key=lambda event: event[0]):
        recorder.feed(tick, message)
    (only,) = recorder.end(30_000)
    assert rows(only.notes) == sorted(played)
    assert (only.start, only.end, only.struck) == (0, 30_000, 200)


def test_notes_grow_while_they_are_held_and_end_with_the_recording() -> None:
    recorder = Recorder.begin(100)
    recorder.feed(200.4, note_on(0, 60, 90))
    recorder.advance(500)
    assert rows(recorder.notes_so_far()) == [(200, 300, 60, 90)]
    recorder.advance(700)
    assert rows(recorder.notes_so_far()) == [(200, 500, 60, 90)]
    (only,) = recorder.end()
    assert rows(only.notes) == [(200, 500, 60, 90)]
    recorder.feed(800, note_on(0, 61, 90))
    assert len(recorder.notes_so_far()) == 1, "it is over"


def test_an_off_without_its_on_an_off_that_is_an_on_and_a_note_struck_twice() -> None:
    recorder = Recorder.begin(0)
    recorder.feed(10, note_off(0, 60))
    recorder.feed(20, note_on(0, 60, 90))
    recorder.feed(30, note_on(0, 60, 80))
    recorder.feed(50, note_on(0, 60, 0))
    recorder.feed(60, note_on(0, 62, 70))
    recorder.feed(60, note_off(0, 62))
    (only,) = recorder.end()
    assert rows(only.notes) == [(20, 10, 60, 90), (30, 20, 60, 80), (60, 1, 62, 70)]


def test_pedal_and_wheels_are_kept_and_come_to_rest_at_the_end() -> None:
    recorder = Recorder.begin(0)
    for tick, message in (
        (0, control(0, 64, 127)),
        (5, control(0, 64, 127)),
        (10, control(0, 1, 40)),
        (20, bend(0, 12_000)),
        (30, control(0, 0, 3)),
        (30, control(0, 123, 0)),
        (30, program(0, 5)),
    ):
        recorder.feed(tick, message)
    (only,) = recorder.end(99)
    assert only.controls == (
        ControlChange(0, 64, 127),
        ControlChange(10, 1, 40),
        ControlChange(20, PITCH_BEND, 12_000),
        ControlChange(99, 64, 0),
        ControlChange(99, PITCH_BEND, 8192),
    ) or only.controls[-2:] == (ControlChange(99, PITCH_BEND, 8192), ControlChange(99, 64, 0))
    assert len(only.controls) == 5
    assert not only.notes


def test_round_a_loop_each_pass_is_its_own_and_late_messages_stay_where_they_were_played() -> None:
    recorder = Recorder.begin(BAR // 2, (0, BAR))
    recorder.feed(BAR - 100, note_on(0, 60, 90))
    recorder.feed(BAR - 50, control(0, 64, 100))
    recorder.advance(BAR - 5)
    recorder.advance(20)
    recorder.feed(BAR - 3, note_on(0, 64, 80))  # told after the turn, played before it
    recorder.feed(30, note_off(0, 60))
    recorder.feed(40, note_off(0, 64))
    recorder.feed(50, note_on(0, 67, 70))
    recorder.feed(300, note_off(0, 67))
    for tick in (1000, 2000, 3000, 10, 1500):
        recorder.advance(tick)
    assert recorder.at == (2, 1500)
    first, second, third = recorder.end()
    assert rows(first.notes) == [(BAR - 100, 100, 60, 90), (BAR - 3, 3, 64, 80)]
    assert (first.start, first.end) == (BAR // 2, BAR)
    assert first.controls == (ControlChange(BAR - 50, 64, 100), ControlChange(BAR, 64, 0))
    assert rows(second.notes) == [(50, 250, 67, 70)]
    assert second.controls == (ControlChange(0, 64, 100), ControlChange(BAR, 64, 0))
    assert (third.start, third.end, third.struck) == (0, 1500, 0)
    assert third.controls == (ControlChange(0, 64, 100), ControlChange(1500, 64, 0))


def test_a_run_up_to_the_loop_belongs_to_the_first_pass() -> None:
    recorder = Recorder.begin(0, (BAR, 2 * BAR))
    recorder.feed(10, note_on(0, 60, 90))
    recorder.feed(20, note_off(0, 60))
    for tick in (BAR - 10, BAR + 2000, 2 * BAR - 1, BAR + 5):
        recorder.advance(tick)
    recorder.feed(BAR + 10, note_on(0, 62, 90))
    first, second = recorder.end()
    assert (first.start, first.end, first.struck) == (0, 2 * BAR, 1)
    assert (second.start, second.struck) == (BAR, 1)


def test_a_loop_that_lies_behind_is_none() -> None:
    recorder = Recorder.begin(3 * BAR, (0, BAR))
    recorder.feed(3 * BAR + 10, note_on(0, 60, 90))
    (only,) = recorder.end(3 * BAR + 20)
    assert rows(only.notes) == [(3 * BAR + 10, 10, 60, 90)]


# --- through ----------------------------------------------------------------------------------------------------------


class Sent(list[tuple[Message, str]]):
    def send(self, message: Message, port: str) -> None:
        self.append((message, port))


def test_what_is_played_sounds_on_the_tracks_channel_and_is_let_go_where_it_was_struck() -> None:
    sent = Sent()
    thru = Thru(sent.send)
    thru.aim(4, "Volca")
    thru.play(note_on(0, 60, 90), "keyboard")
    thru.play(control(0, 64, 127), "keyboard")
    thru.aim(5, "")
    thru.play(note_on(0, 62, 90), "keyboard")
    thru.play(note_off(0, 60), "keyboard")
    assert sent == [
        (note_on(4, 60, 90), "Volca"),
        (control(4, 64, 127), "Volca"),
        (control(4, 64, 0), "Volca"),
        (note_on(5, 62, 90), ""),
        (note_off(4, 60), "Volca"),
    ]


def test_a_keyboard_that_goes_leaves_nothing_hanging_and_another_holds_on() -> None:
    sent = Sent()
    thru = Thru(sent.send)
    for pitch in (60, 62):
        thru.play(note_on(0, pitch, 90), "keyboard")
    thru.play(note_on(0, 60, 90), "typed")
    thru.play(bend(0, 9000), "keyboard")
    thru.play(program(0, 7), "keyboard")
    thru.play(control(0, 123, 0), "keyboard")
    sent.clear()
    thru.release("keyboard")
    assert sent == [(note_off(0, 62), ""), (bend(0, 8192), "")]
    thru.release()
    assert sent[-1] == (note_off(0, 60), "")


def test_a_long_take_stays_quick_to_look_at_while_it_grows() -> None:
    recorder = Recorder.begin(0)
    for index in range(3000):
        recorder.feed(index * 60, note_on(0, index % 88 + 21, 90))
        recorder.feed(index * 60 + 50, note_off(0, index % 88 + 21))
        if index % 10 == 0:
            assert len(recorder.notes_so_far()) == index + 1
    assert rows(recorder.notes_so_far()) == rows(recorder.end()[0].notes)
