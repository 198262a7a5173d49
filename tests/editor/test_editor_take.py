"""Ghosts: heard beside the score, accepted in one step, never half."""

from __future__ import annotations

from dataclasses import replace

import pytest
from editor_scenes import MELODY, Told, document_of
from hypothesis import given
from score_strategies import notes, scores

from musegen_app.editor.document import ACCEPT_NAME, Document, Topic
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import DRUM_CHANNEL, GENERATED, Note, NoteTable, Score, Track

GHOSTS = [Note(3840, 480, 60, 80), Note(4320, 480, 64, 81), Note(4800, 480, 67, 82)]


def _with_take(document: Document, ghosts: list[Note]) -> Document:
    document.begin_take(GenerateRequest(document.seed_notes(), document.score.timeline, 1))
    for ghost in ghosts:
        document.add_ghosts([ghost])
    return document


def test_accepting_is_one_step_and_undo_brings_the_seed_back_exactly() -> None:
    document = _with_take(document_of(*MELODY), GHOSTS)
    before = document.score
    assert document.accept_take()
    assert [step.name for step in document.history.done] == [ACCEPT_NAME]
    accepted = document.active_track.notes
    assert [n.flags for n in accepted] == [0, 0, 0, GENERATED, GENERATED, GENERATED]
    assert document.take is None
    assert document.undo() == ACCEPT_NAME
    assert document.score.tracks == before.tracks
    document.redo()
    assert document.active_track.notes == accepted


def test_ghosts_are_no_history_and_go_without_a_trace() -> None:
    document = document_of(*MELODY)
    before, told = document.score, Told.by(document)
    _with_take(document, GHOSTS)
    assert told.taken() == {Topic.GHOSTS}
    assert len(document.ghosts) == 3
    assert not document.history.done
    assert not document.is_modified
    document.reject_take()
    assert not document.ghosts
    assert document.score is before
    assert told.taken() == {Topic.GHOSTS}
    document.reject_take()
    assert not told.taken()
    assert not document.accept_take()


def test_ghosts_that_come_after_the_end_are_dropped() -> None:
    document = _with_take(document_of(*MELODY), GHOSTS)
    document.reject_take()
    document.add_ghosts(GHOSTS)
    assert not document.ghosts
    assert document.heard_score() is document.score


def test_a_new_take_takes_the_place_of_the_last() -> None:
    document = _with_take(document_of(*MELODY), GHOSTS)
    _with_take(document, GHOSTS[:1])
    assert len(document.ghosts) == 1


def test_accepting_without_ghosts_is_no_step() -> None:
    document = _with_take(document_of(*MELODY), [])
    assert not document.accept_take()
    assert not document.history.done


def test_loading_another_piece_ends_the_take() -> None:
    document = _with_take(document_of(*MELODY), GHOSTS)
    document.load(Score(), None)
    assert document.take is None


@given(scores(), notes())
def test_what_is_heard_is_what_accepting_gives(score: Score, ghosts: NoteTable) -> None:
    document = _with_take(Document(score), list(ghosts))
    before = document.score
    heard = document.heard_score()
    assert document.heard_score() is heard
    document.accept_take()
    assert document.score.tracks == heard.tracks
    ids = [i for track in heard.tracks for i in track.notes.id.tolist()]
    assert len(set(ids)) == len(ids)
    assert heard.note_count == before.note_count + len(ghosts)
    document.undo()
    assert document.score.tracks == before.tracks


@given(scores(), notes())
def test_no_ghost_lands_on_drums_or_changes(score: Score, ghosts: NoteTable) -> None:
    document = _with_take(Document(score), list(ghosts))
    before = {track.id: track.notes for track in document.score.tracks}
    heard = document.heard_score()
    new = [track.notes.without(before.get(track.id, NoteTable.empty()).id) for track in heard.tracks]
    assert not any(added for track, added in zip(heard.tracks, new, strict=True) if track.is_drums)
    columns = sorted(row for table in new for row in zip(*(c.tolist() for c in table.columns[:4]), strict=True))
    assert columns == sorted(zip(*(c.tolist() for c in ghosts.columns[:4]), strict=True))


def _part(number: int, low: int, *, muted: bool = False) -> Track:
    table = NoteTable.of([Note(i * 480, 480, low + i % 3) for i in range(16)]).numbered(number * 100)
    return Track(number, notes=table, channel=number, muted=muted)


def _new_of(document: Document) -> dict[int, list[int]]:
    return {t.id: t.notes.take(t.notes.flags == GENERATED).pitch.tolist() for t in document.score.tracks}


def test_several_parts_share_the_notes_by_register() -> None:
    document = Document(Score((_part(1, 72), _part(2, 40)), next_id=1000))
    _with_take(document, [Note(7680, 480, 73), Note(7680, 480, 41)]).accept_take()
    assert _new_of(document) == {1: [73], 2: [41]}
    assert len(document.history.done) == 1


def test_a_muted_part_gets_none() -> None:
    document = Document(Score((_part(1, 72), _part(2, 40, muted=True)), next_id=1000))
    assert document.seed_notes() == document.score.track(1).notes
    _with_take(document, [Note(7680, 480, 73), Note(7680, 480, 41)]).accept_take()
    assert _new_of(document) == {1: [41, 73], 2: []}


def test_a_part_silenced_by_a_solo_is_neither_heard_nor_given_notes() -> None:
    document = Document(Score((replace(_part(1, 72), soloed=True), _part(2, 40)), next_id=1000))
    assert document.seed_notes() == document.score.track(1).notes
    _with_take(document, [Note(7680, 480, 73), Note(7680, 480, 41)]).accept_take()
    assert _new_of(document) == {1: [41, 73], 2: []}


def test_beside_drums_alone_a_piano_track_appears_and_undo_takes_it_away() -> None:
    drums = Track(1, "Drums", DRUM_CHANNEL, notes=NoteTable.of([Note(0, 10, 36)]).numbered(1))
    document = Document(Score((drums,), next_id=2))
    assert not document.seed_notes()
    _with_take(document, GHOSTS)
    assert [t.name for t in document.heard_score().tracks] == ["Drums", "Piano"]
    document.accept_take()
    assert [len(t.notes) for t in document.score.tracks] == [1, 3]
    document.undo()
    assert document.score.tracks == (drums,)
    assert document.active_track_id == 1


@pytest.mark.parametrize("active", [1, 2])
def test_while_nothing_has_notes_the_active_track_gets_them(active: int) -> None:
    document = Document(Score((Track(1, "A"), Track(2, "B"))))
    document.set_active_track(active)
    _with_take(document, GHOSTS).accept_take()
    assert _new_of(document)[active] == [60, 64, 67]


@given(scores(min_tracks=1))
def test_the_seed_is_every_pitched_note_that_sounds(score: Score) -> None:
    document = Document(score)
    expected = [n.id for t in score.tracks if not t.is_drums and not t.muted for n in t.notes]
    seed = document.seed_notes()
    assert sorted(seed.id.tolist()) == sorted(expected)
    assert seed.start.tolist() == sorted(seed.start.tolist())
