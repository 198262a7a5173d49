"""The document: history, selection, topics, and what makes it worth asking before closing."""

from __future__ import annotations

from pathlib import Path

from editor_scenes import MELODY, Told, document_of, shape
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import scores

from musegen_app.editor import commands
from musegen_app.editor.document import Document, Topic
from musegen_app.editor.grid import snap_named
from musegen_app.score import (
    DRUM_CHANNEL,
    Change,
    Key,
    Note,
    NoteTable,
    Score,
    Timeline,
    TimelineEdit,
    Track,
    TrackEdit,
)


def _add(document: Document, *notes: Note, join: str = "") -> None:
    added = document.score.new_notes(list(notes))
    document.edit("Add", Change.of_notes(document.active_track_id, added=added), join)


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    document = document_of(*MELODY)
    told, notes = Told.by(document), document.active_track.notes
    assert not document.edit("Nothing", Change.of_notes(1, notes, notes))
    assert not told.taken()
    assert not document.history.done


def test_undo_and_redo_name_their_step_and_end_quietly() -> None:
    document = document_of()
    _add(document, Note(0, 10, 60))
    after = document.score
    assert document.undo() == "Add"
    assert not shape(document)
    assert document.undo() == ""
    assert document.redo() == "Add"
    assert document.score.tracks == after.tracks
    assert document.redo() == ""


@given(st.data(), scores())
def test_any_edits_can_be_taken_back_and_done_again(data: st.DataObject, score: Score) -> None:
    document = Document(score)
    before = document.score.tracks
    for _ in range(data.draw(st.integers(1, 6))):
        commands.select_all(document)
        action = data.draw(st.sampled_from((commands.delete, commands.duplicate, _raise, _sooner, _draw)))
        action(document)
    after = document.score.tracks
    while document.undo():
        pass
    assert document.score.tracks == before
    while document.redo():
        pass
    assert document.score.tracks == after


def _raise(document: Document) -> None:
    commands.transpose(document, 7)


def _sooner(document: Document) -> None:
    commands.nudge(document, -960)


def _draw(document: Document) -> None:
    _add(document, Note(960, 240, 60))


def test_selection_loses_the_notes_that_are_gone() -> None:
    document = document_of(*MELODY)
    document.select({1, 2})
    document.edit("Erase", Change.of_notes(1, removed=document.active_track.notes.having([1])))
    assert document.selection == {2}
    assert [n.id for n in document.selected] == [2]
    document.undo()
    assert document.selection == {2}


def test_each_kind_of_change_is_told_by_its_topic() -> None:
    document = document_of(*MELODY)
    told = Told.by(document)
    _add(document, Note(0, 10, 60))
    assert told.taken() == {Topic.NOTES, Topic.HISTORY}
    faster = document.score.timeline.with_tempo(140)
    document.edit("Tempo", Change((TimelineEdit(document.score.timeline, faster),)))
    assert told.taken() == {Topic.TIMELINE, Topic.HISTORY}
    document.edit("Add track", Change((TrackEdit(1, None, Track(2, "Bass")),)))
    assert told.taken() == {Topic.TRACKS, Topic.HISTORY}
    document.select({1})
    document.select({1})
    assert told.topics == [Topic.SELECTION]
    told.taken()
    document.set_active_track(2)
    assert told.taken() == {Topic.TRACKS, Topic.SELECTION}
    document.mark_saved(Path("a.mid"))
    assert told.taken() == {Topic.PATH}
    document.load(Score(), None)
    assert told.taken() == {Topic.LOADED}


def test_loop_key_and_snap_are_told_once_and_are_no_history() -> None:
    document = document_of(*MELODY)
    told = Told.by(document)
    for _ in range(2):
        document.set_loop((0, 3840))
        document.key_lock = Key(2, "minor")
        document.snap = snap_named("1/8 triplet")
    assert told.topics == [Topic.LOOP, Topic.KEY, Topic.SNAP]
    document.set_loop((960, 960))
    assert document.loop is None
    assert not document.history.done
    assert not document.is_modified


def test_who_unsubscribes_is_told_no_more_even_while_being_told() -> None:
    document = document_of()
    heard: list[str] = []

    def once(_topic: Topic) -> None:
        heard.append("once")
        leave()

    leave = document.subscribe(once)
    document.subscribe(lambda _topic: heard.append("always"))
    document.set_loop((0, 10))
    document.set_loop(None)
    assert heard == ["once", "always", "always"]


def test_modified_until_saved_or_undone() -> None:
    document = document_of()
    assert not document.is_modified
    _add(document, Note(0, 10, 60))
    assert document.is_modified
    document.undo()
    assert not document.is_modified
    document.redo()
    document.mark_saved(Path("a.mid"))
    assert not document.is_modified
    document.undo()
    assert document.is_modified
    document.redo()
    assert not document.is_modified


def test_nudges_after_saving_do_not_join_what_was_saved() -> None:
    document = document_of()
    _add(document, Note(0, 10, 60), join="n")
    document.mark_saved(Path("a.mid"))
    _add(document, Note(0, 10, 61), join="n")
    assert document.is_modified
    document.undo()
    assert not document.is_modified


def test_a_piece_never_saved_stays_worth_asking_about() -> None:
    document = Document()
    document.load(Score(), None, modified=True)
    _add(document, Note(0, 10, 60))
    document.undo()
    assert document.is_modified
    document.mark_saved(Path("a.musegen"))
    assert not document.is_modified


def test_loading_starts_over() -> None:
    document = document_of(*MELODY)
    _add(document, Note(0, 10, 60))
    document.select({1})
    document.snap = snap_named("1/4")
    document.load(Score(), Path("b.mid"), loop=(0, 960), key_lock=Key(0, "major"))
    assert document.history.undo_name == ""
    assert document.selection == frozenset()
    assert document.loop == (0, 960)
    assert document.key_lock == Key(0, "major")
    assert document.snap == snap_named("1/4")


def test_a_piece_without_tracks_gets_one_to_draw_on() -> None:
    document = Document(Score((), Timeline(), "Empty"))
    _add(document, Note(0, 10, 60))
    assert shape(document) == [(0, 10, 60)]
    assert document.score.title == "Empty"


def test_the_fullest_pitched_track_is_edited_first() -> None:
    drums = NoteTable.of([Note(i, 1, 36) for i in range(9)]).numbered(10)
    two = NoteTable.of([Note(0, 1, 60), Note(1, 1, 61)]).numbered(1)
    one = NoteTable.of([Note(0, 1, 40)]).numbered(5)
    tracks = (Track(1, "Drums", DRUM_CHANNEL, notes=drums), Track(2, "Bass", notes=one), Track(3, "Piano", notes=two))
    document = Document(Score(tracks, next_id=50))
    assert document.active_track_id == 3
    document.set_active_track(99)
    assert document.active_track_id == 3


def test_a_track_taken_out_is_edited_no_more() -> None:
    document = document_of(*MELODY)
    document.edit("Add track", Change((TrackEdit(1, None, Track(2, "Bass")),)))
    document.set_active_track(2)
    document.undo()
    assert document.active_track_id == 1
