"""How a jam ends and what is kept of it, what comes too late, and who else plays."""

from __future__ import annotations

import pytest
from jam_room import BAR, QUARTERS, Q, room

from musegen_app.editor.asking import Ask
from musegen_app.editor.jam import JamMode, Turn
from musegen_app.editor.kept_takes import TakeRecords, kept_of
from musegen_app.errors import ModelError
from musegen_app.midi_io.messages import note_on
from musegen_app.score import Note, NoteTable, Score, Track
from musegen_app.ui.flows.generating import JAM_KEPT
from musegen_app.ui.flows.jam_writing import SLOW
from musegen_app.ui.flows.jamming import LOOPED, NO_LOOP, OTHER_KIND, SOUGHT
from musegen_app.ui.flows.recording import NO_KEYBOARD
from musegen_app.ui.panels.take_box import Stage

__all__ = ["room"]


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


def test_continuing_after_a_jam_keeps_what_it_left_among_the_takes(room) -> None:
    told: list[str] = []
    room.generating.told.connect(told.append)
    room.draw(*QUARTERS)
    room.jam()
    room.to(3 * BAR)
    room.jamming.end()
    room.to(5 * BAR)
    jammed = room.ghosts
    room.generating.begin(room.wishes.wish, None, 1, Ask())
    assert told == [JAM_KEPT]
    drawn, kept = room.document.shelf.takes
    assert kept.is_starred
    assert kept.ghosts.start.tolist() == jammed
    assert drawn is room.document.take
    room.generating.reject()
    assert room.document.shelf.takes == (kept,), "only its star is to be taken away for it to go"
    room.generating.begin(room.wishes.wish, None, 2, Ask())
    assert told == [JAM_KEPT]


def test_what_a_jam_left_is_worth_saving_and_comes_back(room) -> None:
    room.draw(*QUARTERS)
    room.document.history.mark_saved()
    room.jam()
    room.to(3 * BAR)
    room.jamming.end()
    room.to(5 * BAR)
    assert room.document.shelf.marked_takes
    records = TakeRecords().of(room.document.shelf, room.document.sources)
    (back,) = kept_of(records).shelf.takes
    assert back.is_jam
    assert back.ghosts.start.tolist() == room.ghosts
    room.generating.reject()
    assert not room.document.shelf.marked_takes


def test_without_a_keyboard_the_jam_says_what_to_play_on(room) -> None:
    room.preferences.change(metronome=False)
    room.jam()
    assert room.jamming.is_waiting
    assert room.said == [NO_KEYBOARD]
    room.jamming.end()
    room.recording.is_typing = True
    room.jam()
    assert room.said == [NO_KEYBOARD]
