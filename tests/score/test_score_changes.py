from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import chords, notes, scores, timelines

from musegen_app.score import Change, ChordsEdit, Note, NotesEdit, NoteTable, Score, Timeline, TimelineEdit, Track, TrackEdit
from musegen_app.score.history import JOIN_WITHIN_S, History, Step


def _edit(draw: st.DataObject, score: Score) -> Change:
    """Any edit that fits the score."""
    kind = draw.draw(st.sampled_from(["notes", "timeline", "chords", "add track", "remove track", "change track"]))
    if kind == "timeline":
        return Change((TimelineEdit(score.timeline, draw.draw(timelines())),))
    if kind == "chords":
        return Change((ChordsEdit(score.chords, draw.draw(chords())),))
    if kind == "add track" or not score.tracks:
        track = Track(score.next_track_id(), "new", notes=score.new_notes(draw.draw(notes(5))))
        return Change((TrackEdit(draw.draw(st.integers(0, len(score.tracks))), None, track),))
    index = draw.draw(st.integers(0, len(score.tracks) - 1))
    track = score.tracks[index]
    if kind == "remove track":
        return Change((TrackEdit(index, track, None),))
    if kind == "change track":
        return Change((TrackEdit(index, track, Track(track.id, "renamed", 3, 7, track.notes, muted=True)),))
    removed = track.notes.having(sorted(draw.draw(st.sets(st.sampled_from([0, *track.notes.id.tolist()])))))
    return Change.of_notes(track.id, removed, score.new_notes(draw.draw(notes(5))))


@given(scores(), st.data())
def test_the_inverse_of_any_chain_of_changes_brings_the_score_back(score: Score, data: st.DataObject) -> None:
    now, whole = score, Change(())
    for _ in range(data.draw(st.integers(1, 5))):
        change = _edit(data, now)
        whole = whole.then(change)
        now = now.apply(change)
    back = now.apply(whole.inverse())
    assert (back.tracks, back.timeline, back.chords) == (score.tracks, score.timeline, score.chords)
    assert score.apply(whole) == now
    ids = [i for t in now.tracks for i in t.notes.id.tolist()]
    assert len(set(ids)) == len(ids)
    assert all(i < now.next_id for i in ids)


def test_new_notes_get_ids_that_were_never_used() -> None:
    score = Score()
    added = score.new_notes([Note(0, 10, 60), Note(5, 10, 62)])
    score = score.apply(Change.of_notes(1, added=added))
    score = score.apply(Change.of_notes(1, removed=added))
    assert score.note_count == 0
    assert score.new_notes([Note(0, 10, 60)]).id.tolist() == [3]


def test_a_change_made_for_another_score_is_refused_and_changes_nothing() -> None:
    score = Score()
    stranger = NoteTable.of([Note(0, 10, 60, id=99)])
    for change in (
        Change.of_notes(1, removed=stranger),
        Change.of_notes(77, added=stranger),
        Change((TrackEdit(0, Track(5), None),)),
        Change((TrackEdit(4, Track(1), None),)),
    ):
        with pytest.raises(KeyError):
            score.apply(change)
    assert score == Score()


def test_a_change_that_changes_nothing_is_false() -> None:
    table = NoteTable.of([Note(0, 10, 60, id=1)])
    assert not Change(())
    assert not Change.of_notes(1, table, table)
    assert not Change((TimelineEdit(Timeline(), Timeline()),))
    assert Change.of_notes(1, table)
    assert Change((NotesEdit(1, table, table), TrackEdit(0, Track(1), None)))


def _step(name: str, at_s: float = 0.0, join_key: str = "") -> Step:
    return Step(name, Change.of_notes(1, added=NoteTable.of([Note(0, 1, 60)])), join_key, at_s)


def test_undo_and_redo_walk_the_steps() -> None:
    history = History()
    assert history.undo() is None
    assert history.redo() is None
    assert (history.undo_name, history.redo_name) == ("", "")
    for name in ("Draw", "Move", "Erase"):
        history.push(_step(name))
    undone = [history.undo(), history.undo()]
    assert [step and step.name for step in undone] == ["Erase", "Move"]
    assert (history.undo_name, history.redo_name) == ("Draw", "Move")
    again = history.redo()
    assert again is not None
    assert again.name == "Move"
    history.push(_step("Transpose"))
    assert history.redo() is None
    assert [s.name for s in history.done] == ["Draw", "Move", "Transpose"]


def test_quick_nudges_of_one_kind_become_one_step() -> None:
    history = History()
    history.push(_step("Nudge", 0.0, "nudge"))
    history.push(_step("Nudge", JOIN_WITHIN_S * 0.9, "nudge"))
    history.push(_step("Nudge", JOIN_WITHIN_S * 1.8, "nudge"))
    assert len(history.done) == 1
    assert len(history.done[0].change.edits) == 3
    history.push(_step("Nudge", JOIN_WITHIN_S * 3, "nudge"))
    history.push(_step("Nudge", JOIN_WITHIN_S * 3, "other"))
    history.push(_step("Draw", JOIN_WITHIN_S * 3))
    history.push(_step("Draw", JOIN_WITHIN_S * 3))
    assert len(history.done) == 5


def test_joined_steps_undo_as_one() -> None:
    score, history = Score(), History()
    for tick in range(4):
        change = Change.of_notes(1, added=score.new_notes([Note(tick, 1, 60)]))
        score = score.apply(change)
        history.push(Step("Draw", change, "draw", tick / 10))
    step = history.undo()
    assert step is not None
    assert score.apply(step.change.inverse()).tracks == Score().tracks


def test_the_saved_mark_is_found_again_by_undo_and_redo() -> None:
    history = History()
    assert history.is_saved
    history.push(_step("Draw"))
    assert not history.is_saved
    history.mark_saved()
    assert history.is_saved
    history.push(_step("Move"))
    assert not history.is_saved
    history.undo()
    assert history.is_saved
    history.undo()
    assert not history.is_saved
    history.redo()
    assert history.is_saved


def test_a_saved_step_is_not_joined_with_the_next() -> None:
    history = History()
    history.push(_step("Nudge", 0.0, "nudge"))
    history.mark_saved()
    history.push(_step("Nudge", 0.1, "nudge"))
    assert not history.is_saved
    history.undo()
    assert history.is_saved


def test_what_was_saved_is_lost_when_another_way_is_taken() -> None:
    history = History()
    history.push(_step("Draw"))
    history.mark_saved()
    history.undo()
    history.push(_step("Erase"))
    assert not history.is_saved
    history.undo()
    assert not history.is_saved
