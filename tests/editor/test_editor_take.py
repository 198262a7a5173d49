"""Ghosts: heard beside the score, accepted in one step, never half."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawn_takes import add_ghosts, begin_take
from editor_scenes import MELODY, Told, document_of
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import notes, scores

from musegen_app.editor.document import ACCEPT_FILL_NAME, ACCEPT_NAME, Document, Topic
from musegen_app.encoding.drums import DRUMS
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.score import DRUM_CHANNEL, GENERATED, GENERATION, Change, Note, NoteTable, Score, Track, TrackEdit
from musegen_app.score.provenance import of_number

GHOSTS = [Note(3840, 480, 60, 80), Note(4320, 480, 64, 81), Note(4800, 480, 67, 82)]


def _with_take(document: Document, ghosts: list[Note]) -> Document:
    begin_take(document, GenerateRequest(document.seed_notes(), document.score.timeline, 1))
    for ghost in ghosts:
        add_ghosts(document, [ghost])
    return document


def test_accepting_is_one_step_and_undo_brings_the_seed_back_exactly() -> None:
    document = _with_take(document_of(*MELODY), GHOSTS)
    before = document.score
    assert document.accept_take()
    assert [step.name for step in document.history.done] == [ACCEPT_NAME]
    accepted = document.active_track.notes
    assert [n.flags for n in accepted] == [0] * 3 + [GENERATED + GENERATION] * 3
    assert document.take is None
    assert document.undo() == ACCEPT_NAME
    assert document.score.tracks == before.tracks
    document.redo()
    assert document.active_track.notes == accepted


def test_ghosts_are_no_history_and_go_without_a_trace() -> None:
    document = document_of(*MELODY)
    before, told = document.score, Told.by(document)
    _with_take(document, GHOSTS)
    assert told.taken() == {Topic.GHOSTS, Topic.TAKES}
    assert len(document.ghosts) == 3
    assert not document.history.done
    assert not document.is_modified
    document.reject_take()
    assert not document.ghosts
    assert document.score is before
    assert told.taken() == {Topic.GHOSTS, Topic.TAKES}
    document.reject_take()
    assert not told.taken()
    assert not document.accept_take()


def test_ghosts_that_come_after_the_end_are_dropped() -> None:
    document = _with_take(document_of(*MELODY), GHOSTS)
    late = [GeneratedNote(document.take.request.id, 0, ghost, 0.0) for ghost in GHOSTS]
    document.reject_take()
    document.add_generated(late[0].request_id, late)
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
    return {t.id: of_number(t.notes, 1).pitch.tolist() for t in document.score.tracks}


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
    assert not document.pitched_notes()
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


# --- fills ------------------------------------------------------------------------------------------------------------


def _with_fill(document: Document, span: tuple[int, int], ghosts: list[Note]) -> Document:
    seed, timeline = document.seed_notes(), document.score.timeline
    begin_take(document, GenerateRequest(seed, timeline, start_tick=span[0], until_tick=span[1]))
    for ghost in ghosts:
        add_ghosts(document, [ghost])
    return document


def _starts(document: Document) -> list[tuple[int, int]]:
    return [(n.start, n.pitch) for n in document.active_track.notes]


def test_accepting_a_fill_replaces_what_began_in_the_gap_in_one_step() -> None:
    document = document_of(*(Note(i * 960, 960, 60 + i) for i in range(8)))
    before = document.score
    _with_fill(document, (1920, 3840), [Note(2880, 960, 80), Note(1920, 480, 79)])
    assert document.replaced == {3, 4}
    assert document.score is before
    assert document.accept_take()
    assert _starts(document) == [(0, 60), (960, 61), (1920, 79), (2880, 80), *((i * 960, 60 + i) for i in range(4, 8))]
    assert [step.name for step in document.history.done] == [ACCEPT_FILL_NAME]
    assert document.replaced == frozenset()
    document.undo()
    assert document.score.tracks == before.tracks
    document.redo()
    assert len(document.active_track.notes) == 8


def test_a_fill_is_heard_in_the_place_of_the_notes_once_it_has_some() -> None:
    document = _with_fill(document_of(*(Note(i * 960, 960, 60 + i) for i in range(4))), (960, 2880), [])
    assert document.heard_score() is document.score
    add_ghosts(document, [Note(960, 960, 90)])
    assert document.heard_score().tracks[0].notes.pitch.tolist() == [60, 90, 63]
    add_ghosts(document, [Note(1920, 960, 91)])
    assert document.heard_score().tracks[0].notes.pitch.tolist() == [60, 90, 91, 63]
    document.reject_take()
    assert document.heard_score() is document.score
    assert not document.history.done


def test_a_fill_leaves_drums_muted_tracks_and_notes_drawn_meanwhile_alone() -> None:
    drums = Track(9, "Drums", DRUM_CHANNEL, notes=NoteTable.of([Note(0, 480, 36)]).numbered(900))
    document = Document(Score((_part(1, 72), _part(2, 40, muted=True), drums), next_id=1000))
    before = document.score
    _with_fill(document, (0, 960), [Note(0, 480, 75)])
    added = document.score.new_notes([Note(480, 240, 100)])
    document.edit("Draw", Change.of_notes(1, added=added))
    document.accept_take()
    assert document.score.track(2).notes == before.track(2).notes
    assert document.score.track(9).notes == before.track(9).notes
    in_gap = document.score.track(1).notes.take(document.score.track(1).notes.start < 960)
    assert in_gap.pitch.tolist() == [75, 100]


def test_a_note_that_was_deleted_meanwhile_is_no_trouble() -> None:
    document = _with_fill(document_of(*MELODY), (0, 960), [Note(0, 480, 75)])
    document.edit("Delete", Change.of_notes(document.active_track_id, removed=document.active_track.notes))
    document.accept_take()
    assert document.active_track.notes.pitch.tolist() == [75]


def test_a_fill_goes_to_the_parts_that_play_around_the_gap() -> None:
    """Later in the piece the parts have changed places; that is not what counts."""
    swapped = [Note(200_000 + i * 480, 480, 40) for i in range(16)]
    high = Track(1, notes=NoteTable.of([*_part(1, 72).notes, *swapped]).numbered(100))
    low = Track(2, notes=NoteTable.of([*_part(2, 40).notes, *(replace(n, pitch=72) for n in swapped)]).numbered(300))
    document = Document(Score((high, low), next_id=1000))
    _with_fill(document, (1920, 3840), [Note(1920, 480, 73), Note(1920, 480, 41)]).accept_take()
    assert _new_of(document) == {1: [73], 2: [41]}


@given(scores(min_tracks=1), notes(), st.integers(0, 4000), st.integers(1, 4000))
def test_what_is_heard_of_a_fill_is_what_accepting_gives(score: Score, table: NoteTable, start: int, length: int) -> None:
    document = Document(score)
    _with_fill(document, (start, start + length), list(table))
    expected = [
        n.id for t in score.tracks if not t.is_drums and not t.muted for n in t.notes if 0 <= n.start - start < length
    ]
    assert document.replaced == set(expected)
    before, heard, gone = document.score, document.heard_score(), len(expected) if table else 0
    document.accept_take()
    assert document.score.tracks == heard.tracks
    assert heard.note_count == before.note_count - gone + len(table)
    document.undo()
    assert document.score.tracks == before.tracks


@given(notes(), st.randoms())
def test_the_order_in_which_ghosts_arrive_changes_nothing(table: NoteTable, random) -> None:
    shuffled = list(table)
    random.shuffle(shuffled)
    in_order, mixed = (_with_take(document_of(*MELODY), ghosts) for ghosts in (list(table), shuffled))
    assert _rows(in_order.ghosts) == _rows(mixed.ghosts)
    assert len(set(mixed.ghosts.id.tolist())) == len(table)
    for document in (in_order, mixed):
        document.accept_take()
    assert _rows(in_order.active_track.notes) == _rows(mixed.active_track.notes)


def _rows(table: NoteTable) -> list[tuple[int, ...]]:
    """Notes without their ids, in an order that two notes of one start and pitch have as well."""
    return sorted((n.start, n.pitch, n.length, n.velocity, n.flags) for n in table)


def _strokes_that_wait(*others: Track) -> Document:
    """Strokes drawn for a drum track, which is deleted while they wait; ``others`` stay."""
    kit = Track(7, "Kit", DRUM_CHANNEL, notes=NoteTable.of([Note(0, 60, 36, id=900)]))
    document = Document(Score((*others, kit), next_id=1000))
    request = GenerateRequest(kit.notes, document.score.timeline, 1)
    begin_take(document, request, kit.id, DRUMS)
    add_ghosts(document, GHOSTS)
    document.edit("Delete track", Change((TrackEdit(len(others), kit, None),)))
    return document


def test_strokes_whose_track_is_gone_make_a_drum_track_and_leave_the_tune_alone() -> None:
    tune = Track(1, "Tune", notes=NoteTable.of(MELODY))
    document = _strokes_that_wait(tune)
    assert document.heard_score().tracks[1].notes.pitch.tolist() == [60, 64, 67]
    assert document.accept_take()
    piano, drums = document.score.tracks
    assert piano == tune
    assert (drums.name, drums.channel, drums.notes.pitch.tolist()) == ("Drums", DRUM_CHANNEL, [60, 64, 67])
    document.undo()
    assert document.score.tracks == (tune,)


def test_strokes_whose_track_is_gone_go_to_another_drum_track() -> None:
    tune, other = Track(1, "Tune", notes=NoteTable.of(MELODY)), Track(2, "Shaker", DRUM_CHANNEL)
    document = _strokes_that_wait(tune, other)
    assert document.accept_take()
    assert document.score.tracks[0] == tune
    assert document.score.tracks[1].notes.pitch.tolist() == [60, 64, 67]
