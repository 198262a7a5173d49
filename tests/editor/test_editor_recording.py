"""What a take does to the piece, and step input."""

from __future__ import annotations

from musegen_app.editor.document import Document
from musegen_app.editor.grid import snap_named
from musegen_app.editor.recording import Intake, RecordMode, Take, change_of, laid, quantised
from musegen_app.editor.step_input import StepInput
from musegen_app.midi_io.messages import control, note_off, note_on
from musegen_app.playback.recorder import Pass
from musegen_app.score import Change, ControlChange, Note, NoteTable, Score, Timeline, Track

BAR = 3840
Q = 960
REPLACE = Intake(RecordMode.REPLACE)


def piece(*notes: Note, controls: tuple[ControlChange, ...] = ()) -> Score:
    table = NoteTable.of(notes).numbered(1)
    return Score((Track(1, "Piano", notes=table, controls=controls),), next_id=len(notes) + 1)


def rows(notes: NoteTable) -> list[tuple[int, int, int]]:
    return [(n.start, n.length, n.pitch) for n in notes]


def play(take: Take, *notes: tuple[int, int, int]) -> None:
    """Start, end and pitch of each, in the order of time."""
    events = [(s, note_on(0, p, 90)) for s, _, p in notes] + [(e, note_off(0, p)) for _, e, p in notes]
    for tick, message in sorted(events, key=lambda event: event[0]):
        take.recorder.advance(tick)
        take.recorder.feed(tick, message)


# --- takes ------------------------------------------------------------------------------------------------------------


def test_overdub_adds_and_one_undo_brings_back_notes_and_controllers() -> None:
    document = Document(piece(Note(0, Q, 60), controls=(ControlChange(0, 64, 127), ControlChange(BAR, 64, 0))))
    before = document.score
    take = Take(1, 0, None, Intake())
    play(take, (100, 500, 64))
    take.recorder.feed(Q, control(0, 64, 90))
    take.recorder.advance(2 * Q)
    assert document.edit("Record", take.change(document.score))
    track = document.active_track
    assert rows(track.notes) == [(0, Q, 60), (100, 400, 64)]
    assert track.controls == (
        ControlChange(0, 64, 127), ControlChange(Q, 64, 90), ControlChange(2 * Q, 64, 0), ControlChange(BAR, 64, 0),
    )  # fmt: skip
    assert len(set(track.notes.id.tolist())) == 2
    document.undo()
    assert document.score.tracks == before.tracks
    document.redo()
    assert document.active_track == track


def test_replace_takes_out_what_begins_where_it_was_recorded_and_nothing_else() -> None:
    score = piece(Note(0, Q, 60), Note(Q, Q, 62), Note(2 * Q, Q, 64), Note(3 * Q, Q, 65))
    take = Take(1, Q, None, REPLACE)
    play(take, (Q + 10, Q + 200, 72))
    take.recorder.advance(2.5 * Q)
    made = score.apply(take.change(score)).tracks[0]
    assert rows(made.notes) == [(0, Q, 60), (Q + 10, 190, 72), (3 * Q, Q, 65)]


def test_replacing_without_a_note_played_changes_nothing() -> None:
    score = piece(Note(0, Q, 60))
    take = Take(1, 0, None, REPLACE)
    take.recorder.advance(BAR)
    assert not take.change(score)


def test_round_a_loop_passes_add_up_or_take_each_others_place() -> None:
    passes = [
        Pass(0, BAR, NoteTable.of([Note(0, Q, 70), Note(2 * Q, Q, 71)]), struck=2),
        Pass(0, BAR, struck=0),
        Pass(0, Q, NoteTable.of([Note(10, Q, 72)]), struck=1),
    ]
    score = piece(Note(Q, Q, 60))
    added = score.apply(change_of(score, 1, passes, RecordMode.OVERDUB)).tracks[0].notes
    assert rows(added) == [(0, Q, 70), (10, Q, 72), (Q, Q, 60), (2 * Q, Q, 71)]
    replaced = score.apply(change_of(score, 1, passes, RecordMode.REPLACE)).tracks[0].notes
    assert rows(replaced) == [(10, Q, 72), (2 * Q, Q, 71)]


def test_what_was_just_played_is_not_heard_again_until_the_next_pass() -> None:
    score = piece(Note(3 * Q, Q, 60))
    take = Take(1, 0, (0, BAR), Intake(step=Q))
    play(take, (2 * Q - 200, 2 * Q - 100, 70))  # drawn to 2 Q, which lies ahead
    sign = take.sign()
    assert rows(take.heard(score).tracks[0].notes) == [(3 * Q, Q, 60)]
    take.recorder.advance(2 * Q + 400)
    assert take.sign() != sign
    assert rows(take.heard(score).tracks[0].notes) == [(2 * Q, 100, 70), (3 * Q, Q, 60)]


def test_what_is_drawn_to_the_loops_end_is_heard_at_its_start_already_in_the_next_pass() -> None:
    take = Take(1, 0, (0, BAR), Intake(step=Q))
    play(take, (BAR - 300, BAR - 200, 70))
    take.recorder.advance(BAR - 100)
    assert rows(take.heard(piece()).tracks[0].notes) == [(0, 100, 70)]


def test_what_is_replaced_falls_silent_with_the_first_note() -> None:
    score = piece(Note(3 * Q, Q, 60))
    take = Take(1, 0, None, REPLACE)
    take.recorder.advance(Q)
    assert take.heard(score) == score
    sign = take.sign()
    play(take, (Q + 5, Q + 10, 70))
    assert take.sign() != sign
    assert not take.heard(score).tracks[0].notes


def test_quantising_on_the_way_in_by_grid_and_strength_and_round_the_loops_end() -> None:
    notes = NoteTable.of([Note(100, 50, 60), Note(BAR - 20, 50, 62)])
    whole = quantised(notes, Timeline(), Intake(step=240), (0, BAR))
    assert rows(whole) == [(0, 50, 60), (0, 50, 62)]
    half = quantised(notes, Timeline(), Intake(step=240, strength=0.5))
    assert rows(half) == [(50, 50, 60), (BAR - 10, 50, 62)]
    assert quantised(notes, Timeline(), Intake()) == notes


def test_a_controller_that_moves_replaces_its_own_moves_only() -> None:
    track = Track(1, controls=(ControlChange(0, 1, 5), ControlChange(50, 1, 9), ControlChange(60, 7, 100)))
    made = laid(track, [Pass(0, 100, controls=(ControlChange(40, 1, 20), ControlChange(80, 1, 30)))], RecordMode.OVERDUB)
    assert made.controls == (
        ControlChange(0, 1, 5), ControlChange(40, 1, 20), ControlChange(60, 7, 100), ControlChange(80, 1, 30),
    )  # fmt: skip


# --- step input -------------------------------------------------------------------------------------------------------


def test_chords_go_in_one_after_another_each_a_step_of_undo() -> None:
    document = Document()
    step = StepInput(document)
    step.press(0, 60, 90, 240)
    step.press(0, 64, 80, 240)
    assert step.release(60) is None
    assert step.release(64) == 240
    step.press(240, 67, 90, 240)
    assert step.release(67) == 480
    assert rows(document.active_track.notes) == [(0, 240, 60), (0, 240, 64), (240, 240, 67)]
    document.undo()
    assert rows(document.active_track.notes) == [(0, 240, 60), (0, 240, 64)]
    document.undo()
    assert not document.active_track.notes
    assert step.release(67) is None


def test_a_rest_moves_on_a_tie_holds_and_a_step_back_takes_out_its_own_only() -> None:
    document = Document(piece(Note(480, Q, 50)))
    step = StepInput(document)
    assert step.rest(0, 240) == 240
    step.press(480, 60, 90, 240)
    assert step.rest(480, 240) == 480
    assert step.release(60) == 960
    assert rows(document.active_track.notes) == [(480, Q, 50), (480, 480, 60)]
    assert step.back(960, 480) == 480
    assert rows(document.active_track.notes) == [(480, Q, 50)]
    assert step.back(0, 480) == 0


def test_steps_begin_anew_with_the_bar() -> None:
    document = Document()
    step = StepInput(document)
    third = snap_named("1/4 dotted").ticks
    assert [tick := 0, *(tick := step.rest(tick, third) for _ in range(4))] == [0, 1440, 2880, BAR, BAR + 1440]


def test_hands_that_are_gone_hold_nothing() -> None:
    document = Document()
    step = StepInput(document)
    step.press(0, 60, 90, 240)
    step.let_go()
    step.press(240, 62, 90, 240)
    assert step.release(62) == 480
    document.edit("Clear", Change.of_notes(1, removed=document.active_track.notes))
    assert step.back(240, 240) == 0
