"""A jam with another process over JACK: the real window, engine and flagship answer on the beat, and go on ahead."""

from __future__ import annotations

import statistics

from jack_server import Receiver
from keyboard_scene import Event, Performer, scene, until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from musegen_app.editor.jam import JamMode, Turn
from musegen_app.midi_io.messages import note_off, note_on
from musegen_app.ui.studio import Studio

__all__ = ["scene"]

TICKS_A_SECOND = 1920  # at 120
BAR = 3840
LATE_S = 0.1  # far more than it is on a machine that does nothing else, far less than a beat


def phrase(pitches: list[int], step_s: float = 0.25) -> list[Event]:
    """A line, every note let go before the next."""
    events: list[Event] = []
    for index, pitch in enumerate(pitches):
        events += [(index * step_s, note_on(0, pitch, 90)), (index * step_s + 0.8 * step_s, note_off(0, pitch))]
    return events


def struck(receiver: Receiver, since_s: float) -> list[tuple[float, int]]:
    """When, and which pitch, of the notes that came to be heard since then."""
    found = [(at_s, m[1]) for at_s, m in list(receiver.messages) if m[0] & 0xF0 == 0x90 and m[2] > 0]
    return [(at_s, pitch) for at_s, pitch in found if at_s > since_s]


def lateness_s(studio: Studio, receiver: Receiver, began_s: float, start: int) -> list[float]:
    """By how much the first notes of the answer were heard late; half a second for those that were not heard.

    They are looked at when the bar is over: until its line it may be drawn anew.
    """
    until(lambda: studio.playing.tick > start + BAR + TICKS_A_SECOND / 2, "the answer's first bar")
    ghosts = studio.document.ghosts
    found = []
    for note in ghosts.take(ghosts.starting_in(start, start + BAR)):
        due_s = began_s + note.start / TICKS_A_SECOND
        near = [at_s - due_s for at_s, pitch in struck(receiver, due_s - 0.05) if pitch == note.pitch]
        found.append(min([*near[:1], 0.5]))
    return found[:8]


def begin(studio: Studio, mode: JamMode, bars: int) -> None:
    ready: list[str] = []
    studio.generating.model_ready.connect(ready.append)
    until(lambda: studio.panel.wish.model, "the models")
    studio.continuing.choose_model(studio.panel.wish.model)
    until(lambda: ready, "the model")
    studio.panel.jam.show_choices(mode, bars)
    QTest.keyClick(studio.window, Qt.Key.Key_J)
    assert studio.jam.jamming.is_waiting


def play(performer: Performer, events: list[Event]) -> float:
    """When the first message left."""
    return performer.play(events)[0][0]


def test_a_bar_that_was_played_is_answered_on_the_next_and_the_player_is_heard_again(scene) -> None:
    studio, performer, receiver = scene
    begin(studio, JamMode.ANSWER, 1)
    began_s = play(performer, phrase([60, 64, 67, 72, 71, 67, 64]))
    jamming, document = studio.jam.jamming, studio.document
    until(lambda: len(document.ghosts), "the answer to be written")
    start = jamming.jam.answer_from
    assert document.ghosts[0].start == start
    assert start % 960 == 0, "on the beat"
    assert start >= BAR
    late_s = lateness_s(studio, receiver, began_s, start)
    assert statistics.median(late_s) < LATE_S
    until(lambda: studio.playing.tick > start + BAR, "the answer to go on")
    assert jamming.jam.turn is Turn.ANSWER
    assert jamming.writer.drawn - studio.playing.tick <= 4 * BAR
    assert [n.pitch for n in document.active_track.notes] == [60, 64, 67, 72, 71, 67, 64], "kept while the hands rest"
    play(performer, phrase([50, 53]))
    assert jamming.jam.turn is Turn.YOURS
    assert document.ghosts.start[-1] < studio.playing.tick, "it gives way"
    until(lambda: document.ghosts.start[-1] >= (jamming.jam.answer_from or BAR * 99), "the second answer")
    start = jamming.jam.answer_from
    assert start % 960 == 0
    assert statistics.median(lateness_s(studio, receiver, began_s, start)) < LATE_S
    QTest.keyClick(studio.window, Qt.Key.Key_Space)
    assert not jamming.is_on
    until(lambda: not receiver.sounding(), "silence")
    count = len(document.ghosts)
    QTest.keyClick(studio.window, Qt.Key.Key_Return)
    assert len(document.active_track.notes) == 9 + count
    QTest.keyClick(studio.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(document.active_track.notes) == 9


def test_a_keyboard_that_is_pulled_out_ends_the_phrase_which_is_answered(scene) -> None:
    studio, performer, receiver = scene
    begin(studio, JamMode.ANSWER, 4)
    play(performer, [(0.0, note_on(0, 60, 90))])
    performer.leave()
    until(lambda: len(studio.document.ghosts), "the answer")
    until(studio.window.notice.isVisible, "the sentence")
    assert studio.jam.jamming.is_on
    QTest.keyClick(studio.window, Qt.Key.Key_J)
    assert [n.pitch for n in studio.document.active_track.notes] == [60]
    QTest.keyClick(studio.window, Qt.Key.Key_Space)
    until(lambda: not receiver.sounding(), "silence")
