from __future__ import annotations

import pytest

from musegen_app.midi_io.messages import Message, bend, control, note_off, note_on, panic, program
from musegen_app.playback.sounding import Sounding


@pytest.fixture
def sent() -> list[Message]:
    return []


@pytest.fixture
def sounding(sent: list[Message]) -> Sounding:
    return Sounding(lambda message, _port: sent.append(message))


def test_a_pitch_that_sounds_is_let_go_before_it_is_struck_again(sounding: Sounding, sent: list[Message]) -> None:
    sounding.pass_on(note_on(0, 60, 90))
    sounding.pass_on(note_on(0, 60, 80))
    assert sent == [note_on(0, 60, 90), note_off(0, 60), note_on(0, 60, 80)]
    assert len(sounding) == 1


def test_an_off_for_a_silent_pitch_is_dropped(sounding: Sounding, sent: list[Message]) -> None:
    sounding.pass_on(note_off(0, 60))
    sounding.pass_on(note_on(0, 61, 0))
    assert sent == []


def test_a_note_held_by_hand_outlives_a_trim_and_not_silence(sounding: Sounding, sent: list[Message]) -> None:
    sounding.audition(note_on(0, 60, 90))
    sounding.pass_on(note_on(0, 64, 90))
    sounding.keep_only(())
    assert sent[-1] == note_off(0, 64)
    assert len(sounding) == 1
    sounding.silence()
    assert note_off(0, 60) in sent
    assert len(sounding) == 0


def test_silence_ends_each_note_by_its_own_off_then_lifts_the_pedal(sounding: Sounding, sent: list[Message]) -> None:
    for pitch in (64, 60):
        sounding.pass_on(note_on(3, pitch, 90))
    sent.clear()
    sounding.silence()
    assert sent == [note_off(3, 60), note_off(3, 64), control(3, 64, 0), control(3, 123, 0)]
    sent.clear()
    sounding.silence()
    assert sent == []


def test_a_programme_in_force_is_not_sent_again(sounding: Sounding, sent: list[Message]) -> None:
    for number in (5, 5, 6):
        sounding.pass_on((*program(0, number), 0))
    assert sent == [program(0, 5), program(0, 6)]


def test_another_port_is_set_as_the_last_one_was(sounding: Sounding, sent: list[Message]) -> None:
    for message in (control(2, 0, 1), program(2, 5), control(2, 7, 90), control(2, 7, 50), bend(2, 9000)):
        sounding.pass_on(message)
    sounding.silence()
    sent.clear()
    sounding.restore()
    assert sent == [control(2, 0, 1), program(2, 5), control(2, 7, 50), bend(2, 9000), control(2, 64, 0)]


def test_panic_reaches_every_channel_after_the_notes_own_offs(sounding: Sounding, sent: list[Message]) -> None:
    sounding.pass_on(note_on(1, 60, 90))
    sent.clear()
    sounding.panic()
    assert sent[0] == note_off(1, 60)
    assert sent[-len(panic()) :] == list(panic())
