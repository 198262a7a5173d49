"""Gestures on notes: what each does, and what none may ever do."""

from __future__ import annotations

import pytest
from editor_scenes import MELODY, SIXTEENTH, at, context_of, document_of, perform, shape
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import notes

from musegen_app.editor.document import Document
from musegen_app.editor.grid import SNAPS
from musegen_app.editor.tools.choose import Tool, press, press_right
from musegen_app.editor.tools.draw import Draw
from musegen_app.editor.tools.gesture import Gesture
from musegen_app.editor.tools.marquee import Marquee
from musegen_app.editor.tools.move import Move
from musegen_app.editor.tools.pointer import Modifier, Pointer, Zone, hit
from musegen_app.editor.tools.resize import Resize
from musegen_app.editor.tools.velocity import Velocity
from musegen_app.score import Note, NoteTable, Score, Track

SHIFT, CTRL, ALT = Modifier.SHIFT, Modifier.CTRL, Modifier.ALT
MODIFIERS = st.frozensets(st.sampled_from(list(Modifier)))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    table = draw(notes(12))
    document = Document(Score((Track(1, notes=table),), next_id=len(table) + 1))
    document.snap = draw(st.sampled_from(SNAPS))
    document.select(draw(st.sets(st.sampled_from(table.id.tolist()))) if table else ())
    return document


@st.composite
def paths(draw: st.DrawFn, document: Document) -> list[Pointer]:
    """A press on a note or beside all, and places the pointer is dragged to, also far outside the music."""
    table = document.active_track.notes
    keys = draw(MODIFIERS)
    velocity = st.floats(-500, 500)
    places = [
        Pointer(tick, pitch, 0, Zone.NONE, draw(MODIFIERS), draw(velocity))
        for tick, pitch in draw(st.lists(st.tuples(st.floats(0, 400_000), st.integers(0, 127)), min_size=1, max_size=5))
    ]
    if table and draw(st.booleans()):
        note = table[draw(st.integers(0, len(table) - 1))]
        tick = draw(st.floats(note.start, note.end))
        zone = draw(st.sampled_from((Zone.START, Zone.BODY, Zone.END)))
        return [Pointer(tick, note.pitch, note.id, zone, keys, draw(velocity)), *places]
    return [at(draw(st.floats(0, 400_000)), draw(st.integers(0, 127)), *keys), *places]


def _begun(draw: st.DrawFn, document: Document, first: Pointer) -> Gesture:
    context = context_of(document, draw(st.integers(1, 4000)))
    kind = draw(st.sampled_from(("left", "right", "lane")))
    if kind == "left":
        return press(context, draw(st.sampled_from(Tool)), first)
    return press_right(context, first) if kind == "right" else Velocity(context, first)


@given(st.data())
def test_no_gesture_makes_a_note_out_of_range_or_doubles_an_id(data: st.DataObject) -> None:
    document = data.draw(documents())
    before = document.score
    path = data.draw(paths(document))
    perform(_begun(data.draw, document, path[0]), *path)
    table = document.active_track.notes
    assert len(set(table.id.tolist())) == len(table)
    assert 0 not in table.id
    assert all(n.start >= 0 and n.length >= 1 and 0 <= n.pitch <= 127 and 1 <= n.velocity <= 127 for n in table)
    assert len(document.history.done) <= 1
    document.undo()
    assert document.score.tracks == before.tracks


@given(st.data())
def test_what_was_shown_is_what_is_done(data: st.DataObject) -> None:
    document = data.draw(documents())
    before = document.active_track.notes
    path = data.draw(paths(document))
    gesture = _begun(data.draw, document, path[0])
    for pointer in path:
        preview = gesture.drag(pointer)
    gesture.commit()
    expected = before.without(list(preview.hidden)).merged(preview.shown)
    columns = [
        sorted(zip(*(c.tolist() for c in t.columns[:4]), strict=True)) for t in (expected, document.active_track.notes)
    ]
    assert columns[0] == columns[1]


@given(st.data())
def test_a_drag_back_to_its_origin_leaves_nothing_behind(data: st.DataObject) -> None:
    document = data.draw(documents().filter(lambda d: bool(d.active_track.notes)))
    before = document.score
    path = data.draw(paths(document).filter(lambda p: p[0].note_id != 0))
    perform(press(context_of(document), Tool.DRAW, path[0]), *path, path[0])
    assert document.score is before
    assert not document.history.done


@given(st.data())
def test_a_gesture_that_is_not_committed_changes_no_note(data: st.DataObject) -> None:
    document = data.draw(documents())
    before = document.score
    path = data.draw(paths(document))
    gesture = _begun(data.draw, document, path[0])
    for pointer in path:
        gesture.drag(pointer)
    assert document.score is before
    assert not document.history.done


# --- draw -----------------------------------------------------------------------------------------------------------------


def test_a_click_draws_a_note_of_the_last_length_and_selects_it() -> None:
    document = document_of()
    perform(Draw(context_of(document, 480), at(250, 61)))
    assert shape(document) == [(240, 480, 61)]
    assert document.selection == {1}
    assert document.history.undo_name == "Draw note"


def test_holding_on_sets_length_and_pitch() -> None:
    document = document_of()
    gesture = Draw(context_of(document), at(10, 60))
    assert gesture.drag(at(700, 60)).shown[0].length == 720
    assert gesture.drag(at(700, 65)).sounding == 65
    perform(gesture, at(20, 66))
    assert shape(document) == [(0, SIXTEENTH, 66)]


def test_a_hand_that_shakes_does_not_change_the_length() -> None:
    document = document_of()
    perform(Draw(context_of(document, 480), at(10, 60)), at(60, 60))
    assert shape(document) == [(0, 480, 60)]


def test_alt_bypasses_the_grid() -> None:
    document = document_of()
    perform(Draw(context_of(document), at(251, 60, ALT)), at(400, 60, ALT))
    assert shape(document) == [(251, 149, 60)]


# --- move ---------------------------------------------------------------------------------------------------------------


def _moved(document: Document, note: int, *path: Pointer, keys: tuple[Modifier, ...] = ()) -> None:
    start = document.active_track.notes.having([note])[0]
    perform(Move(context_of(document), at(start.start, start.pitch, *keys, note=note), document.selected), *path)


def test_a_block_keeps_its_shape_at_the_edges() -> None:
    document = document_of(*MELODY)
    document.select({1, 2, 3})
    _moved(document, 2, at(-90_000, 127))
    assert shape(document) == [(0, 480, 120), (960, 480, 124), (1920, 960, 127)]
    _moved(document, 2, at(960, 0))
    assert shape(document) == [(0, 480, 0), (960, 480, 4), (1920, 960, 7)]


def test_the_grabbed_note_snaps_and_the_others_keep_their_distance() -> None:
    document = document_of(Note(13, 100, 60), Note(500, 100, 60))
    document.select({1, 2})
    _moved(document, 1, at(13 + 230, 60))
    assert [n.start for n in document.active_track.notes] == [240, 727]


def test_shift_keeps_to_the_axis_moved_along_most() -> None:
    document = document_of(*MELODY)
    document.select({1})
    _moved(document, 1, at(2000, 61, SHIFT))
    assert (1920, 480, 60) in shape(document)
    document.undo()
    _moved(document, 1, at(100, 72, SHIFT))
    assert shape(document)[0] == (0, 480, 72)


def test_ctrl_leaves_a_copy_and_selects_it() -> None:
    document = document_of(*MELODY)
    document.select({1, 2})
    _moved(document, 1, at(3840, 60), keys=(CTRL,))
    assert shape(document)[:3] == [(n.start, n.length, n.pitch) for n in MELODY]
    assert shape(document)[3:] == [(3840, 480, 60), (4800, 480, 64)]
    assert document.selection == {4, 5}
    assert document.undo() == "Copy notes"
    assert document.selection == frozenset()


def test_moving_sounds_the_pitch_the_grabbed_note_would_have() -> None:
    document = document_of(*MELODY)
    document.select({1, 2, 3})
    gesture = Move(context_of(document), at(960, 64, note=2), document.selected)
    assert gesture.drag(at(960, 67)).sounding == 67
    assert gesture.drag(at(960, 127)).sounding == 124


# --- resize -------------------------------------------------------------------------------------------------------------


def _resized(document: Document, note: int, zone: Zone, to: Pointer) -> None:
    held = document.active_track.notes.having([note])[0]
    edge = held.start if zone is Zone.START else held.end
    perform(Resize(context_of(document), at(edge, held.pitch, note=note, zone=zone), document.selected), to)


def test_a_group_changes_by_as_much_as_the_grabbed_note() -> None:
    document = document_of(*MELODY)
    document.select({1, 3})
    _resized(document, 1, Zone.END, at(720, 60))
    assert shape(document) == [(0, 720, 60), (960, 480, 64), (1920, 1200, 67)]


def test_the_start_moves_and_the_end_stays() -> None:
    document = document_of(*MELODY)
    document.select({2, 3})
    _resized(document, 2, Zone.START, at(720, 64))
    assert shape(document)[1:] == [(720, 720, 64), (1680, 1200, 67)]
    _resized(document, 2, Zone.START, at(9_000, 64))
    assert shape(document)[1:] == [(1200, 240, 64), (2160, 720, 67)]


@pytest.mark.parametrize("zone", [Zone.START, Zone.END])
def test_with_shift_a_group_changes_in_proportion_and_keeps_the_other_end(zone: Zone) -> None:
    document = document_of(Note(1920, 480, 60), Note(1920, 960, 64))
    document.select({1, 2})
    _resized(document, 1, zone, at(2640 if zone is Zone.END else 1680, 60, SHIFT))
    starts = (1680, 1440) if zone is Zone.START else (1920, 1920)
    assert {(n.start, n.length, n.id) for n in document.active_track.notes} == {(starts[0], 720, 1), (starts[1], 1440, 2)}


def test_in_proportion_a_note_that_reaches_the_beginning_keeps_its_end() -> None:
    document = document_of(Note(0, 960, 60), Note(960, 480, 64))
    document.select({1, 2})
    _resized(document, 2, Zone.START, at(480, 64, SHIFT))
    assert shape(document) == [(0, 960, 60), (480, 960, 64)]


# --- select -------------------------------------------------------------------------------------------------------------


def _marquee(document: Document, *keys: Modifier) -> frozenset[int]:
    perform(Marquee(context_of(document), at(900, 70, *keys)), at(2500, 63))
    return document.selection


def test_the_marquee_selects_what_it_touches_adds_and_takes_away() -> None:
    document = document_of(*MELODY)
    assert _marquee(document) == {2, 3}
    document.select({1})
    assert _marquee(document) == {2, 3}
    document.select({1})
    assert _marquee(document, SHIFT) == {1, 2, 3}
    assert _marquee(document, ALT) == {1}
    assert not document.history.done


@pytest.mark.parametrize(("keys", "left"), [((), set()), ((CTRL,), set()), ((SHIFT,), {1}), ((ALT,), {1})])
def test_a_marquee_that_stays_where_it_began_clears_only_when_alone(keys: tuple[Modifier, ...], left: set[int]) -> None:
    document = document_of(*MELODY)
    document.select({1})
    gesture = press(context_of(document), Tool.SELECT, at(5000, 80, *keys))
    perform(gesture, at(5000, 80, *keys))
    assert document.selection == left


def test_shift_click_adds_a_note_and_takes_it_out_again() -> None:
    document = document_of(*MELODY)
    document.select({1})
    for expected in ({1, 2}, {1}):
        perform(press(context_of(document), Tool.DRAW, at(1000, 64, SHIFT, note=2, zone=Zone.BODY)), at(9000, 90))
        assert document.selection == expected
    assert not document.history.done


def test_a_note_pressed_outside_the_selection_becomes_it() -> None:
    document = document_of(*MELODY)
    document.select({1})
    press(context_of(document), Tool.DRAW, at(1000, 64, note=2, zone=Zone.BODY))
    assert document.selection == {2}
    document.select({1, 2})
    press(context_of(document), Tool.DRAW, at(1000, 64, note=2, zone=Zone.BODY))
    assert document.selection == {1, 2}


# --- erase --------------------------------------------------------------------------------------------------------------


def test_a_quick_stroke_erases_everything_it_crosses() -> None:
    document = document_of(Note(0, 100, 60), Note(1000, 100, 65), Note(2000, 100, 70), Note(1000, 100, 69))
    perform(press_right(context_of(document), at(50, 60)), at(2050, 70))
    assert shape(document) == [(1000, 100, 69)]
    assert document.undo() == "Erase notes"
    assert len(document.active_track.notes) == 4


def test_a_right_click_beside_the_notes_does_nothing() -> None:
    document = document_of(*MELODY)
    perform(press_right(context_of(document), at(700, 60)), at(700, 60))
    assert not document.history.done


# --- velocity -----------------------------------------------------------------------------------------------------------


def test_a_ramp_over_many_stalks_is_a_line() -> None:
    document = document_of(*(Note(i * 240, 100, 60) for i in range(9)))
    perform(Velocity(context_of(document), at(0, 0, velocity=20)), at(8 * 240, 0, velocity=100))
    assert [n.velocity for n in document.active_track.notes] == [20, 30, 40, 50, 60, 70, 80, 90, 100]


def test_only_selected_stalks_move_and_stay_within_the_lane() -> None:
    document = document_of(Note(0, 100, 60, 50), Note(0, 100, 64, 60), Note(960, 100, 64, 70))
    document.select({2})
    perform(Velocity(context_of(document), at(30, 0, velocity=300)), at(1000, 0, velocity=300))
    assert [n.velocity for n in document.active_track.notes] == [50, 127, 70]
    perform(Velocity(context_of(document), at(30, 0, velocity=-7)), at(30, 0, velocity=-7))
    assert [n.velocity for n in document.active_track.notes] == [50, 1, 70]


# --- what is under the pointer --------------------------------------------------------------------------------------------


@given(notes(), st.floats(0, 250_000), st.integers(0, 127))
def test_a_hit_is_a_note_that_sounds_there(table: NoteTable, tick: float, pitch: int) -> None:
    note_id, zone = hit(table, tick, pitch, 0.05)
    there = {n.id: n for n in table if n.pitch == pitch and n.start < int(tick) + 1 and n.end > int(tick)}
    assert (note_id in there) if there else (note_id == 0 and zone is Zone.NONE)
    if there:
        assert there[note_id].start == max(n.start for n in there.values())


def test_edges_are_eight_pixels_but_never_more_than_a_third() -> None:
    table = NoteTable.of([Note(0, 960, 60, id=1), Note(2000, 90, 60, id=2)])
    zones = [hit(table, tick, 60, 0.05)[1] for tick in (0, 159, 161, 799, 801, 2029, 2031, 2059, 2061)]
    s, b, e = Zone.START, Zone.BODY, Zone.END
    assert zones == [s, s, b, b, e, s, b, b, e]
