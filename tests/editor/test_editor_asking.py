"""What a wish for the piece means in notes: replaced, standing, kept, and where the answer goes."""

from __future__ import annotations

import pytest
from drawn_takes import add_ghosts, begin_take
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import notes as note_tables

from musegen_app.editor.asking import Ask, FillMode, has_material, others, parts_of, within
from musegen_app.editor.document import Document
from musegen_app.editor.marks import Marks
from musegen_app.editor.regions import fill_region
from musegen_app.editor.voices import split_voices
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import Change, Note, NoteTable, Score, Track, TrackEdit

QUARTER, BAR = 960, 3840


def piano(bars: int = 4) -> list[Note]:
    """A tune in quarters over a triad a bar."""
    tune = [Note(i * QUARTER, QUARTER, 72 + i % 5, id=1 + i) for i in range(4 * bars)]
    chords = [Note(b * BAR, BAR, p, id=100 + 10 * b + i) for b in range(bars) for i, p in enumerate((48, 52, 55))]
    return [*tune, *chords]


def band() -> Document:
    """Piano, bass and drums, four bars."""
    bass = [Note(i * QUARTER, QUARTER, 36, id=300 + i) for i in range(16)]
    drums = [Note(i * QUARTER, 120, 38, id=400 + i) for i in range(16)]
    tracks = (
        Track(1, "Piano", notes=NoteTable.of(piano())),
        Track(2, "Bass", 1, notes=NoteTable.of(bass)),
        Track(3, "Drums", 9, notes=NoteTable.of(drums)),
    )
    document = Document(Score(tracks, next_id=1000))
    document.set_active_track(1)
    return document


@pytest.fixture(params=[1, 2], ids=["piano", "bass"])
def band_of(request: pytest.FixtureRequest) -> tuple[Document, int]:
    return band(), request.param


def ids(notes: NoteTable) -> set[int]:
    return set(notes.id.tolist())


def replaced(document: Document, ask: Ask) -> set[int]:
    """The notes that accepting an answer would replace, as the take reckons them."""
    parts = parts_of(document, ask)
    request = GenerateRequest(parts.notes, document.score.timeline, start_tick=ask.gap[0], until_tick=ask.gap[1])
    begin_take(document, request, parts.track_id)
    return set(document.replaced)


GAP = (BAR, 3 * BAR)
TUNE, UNDER = set(range(5, 13)), {110, 111, 112, 120, 121, 122}
BASS = set(range(300, 316))


def test_all_parts_are_asked_for_as_one() -> None:
    document = band()
    for ask in (Ask(), Ask(GAP)):
        parts = parts_of(document, ask)
        assert (parts.notes, len(parts.standing), parts.track_id) == (document.seed_notes(), 0, None)


def test_alone_the_active_track_goes_on_and_the_others_stand() -> None:
    document = band()
    for ask in (Ask(alone=True), Ask(GAP, alone=True)):
        parts = parts_of(document, ask)
        assert (parts.notes, parts.track_id) == (document.active_track.notes, 1)
        assert ids(parts.standing) == BASS
    assert replaced(document, Ask(GAP, alone=True)) == TUNE | UNDER


def test_a_part_of_one_track_is_like_it_was(band_of: tuple[Document, int]) -> None:
    document, track_id = band_of
    document.set_active_track(track_id)
    filled, continued = parts_of(document, Ask(GAP, alone=True)), parts_of(document, Ask(alone=True))
    for parts in (filled, continued):
        if track_id == 2:
            assert (parts.register, parts.voices, parts.density, parts.grid) == ((32, 40), 1, 4, 4)
        else:
            assert (parts.register, parts.voices, parts.density, parts.grid) == ((44, 80), 0, 7, 0)


def test_a_part_that_rests_in_the_gap_is_like_it_was_before_and_an_empty_one_moves_in_quarters() -> None:
    document = band()
    late = (5 * BAR, 6 * BAR)
    assert parts_of(document, Ask(late, alone=True)).register == (44, 80)
    document.edit("Add", Change((TrackEdit(3, None, Track(4, "Lead", 2)),)))
    document.set_active_track(4)
    for ask in (Ask(alone=True), Ask(GAP, alone=True)):
        parts = parts_of(document, ask)
        assert (parts.register, parts.voices, parts.density, parts.grid) == (None, 0, 4, 0)


def test_drums_muted_tracks_and_those_beside_a_solo_are_not_heard() -> None:
    document = band()
    document.set_active_track(3)
    assert not others(document)
    document.set_active_track(2)
    assert ids(others(document)) == ids(document.score.track(1).notes)


@pytest.mark.parametrize(
    ("mode", "gone", "keep", "kept"),
    [
        (FillMode.MELODY, TUNE, "", set()),
        (FillMode.CHORDS, UNDER, "", set()),
        (FillMode.RHYTHM, TUNE | UNDER, "rhythm", TUNE | UNDER),
        (FillMode.PITCHES, TUNE | UNDER, "pitches", TUNE | UNDER),
    ],
)
def test_each_mode_replaces_its_own_and_lets_the_rest_stand(mode: FillMode, gone: set, keep: str, kept: set) -> None:
    document = band()
    parts = parts_of(document, Ask(GAP, mode))
    assert replaced(document, Ask(GAP, mode)) == gone
    assert (parts.keep, ids(parts.kept), parts.track_id) == (keep, kept, 1)
    everything = ids(document.score.track(1).notes) | BASS
    assert ids(parts.notes) | ids(parts.standing) == everything
    assert not ids(parts.notes) & ids(parts.standing)
    assert (TUNE | UNDER) - gone | BASS <= ids(parts.standing)


def test_only_the_picked_notes_are_kept_in_part() -> None:
    document = band()
    ask = Ask(GAP, FillMode.RHYTHM, picked=frozenset({5, 6, 7}))
    assert replaced(document, ask) == {5, 6, 7}
    assert ids(parts_of(document, ask).kept) == {5, 6, 7}
    assert ids(parts_of(document, ask).standing) >= UNDER


def test_a_picked_tune_is_the_melody_and_all_else_of_the_track_what_goes_under_it() -> None:
    document = band()
    picked = frozenset(TUNE)
    assert replaced(document, Ask(GAP, FillMode.MELODY, picked)) == TUNE
    assert replaced(document, Ask(GAP, FillMode.CHORDS, picked)) == UNDER
    inner = frozenset({111, 121})  # a voice in the middle is a tune, too, when it was picked
    assert replaced(document, Ask(GAP, FillMode.MELODY, inner)) == inner


def test_a_new_tune_is_one_voice_in_the_old_ones_register_and_chords_lie_under_it() -> None:
    document = band()
    tune = parts_of(document, Ask(GAP, FillMode.MELODY))
    assert (tune.register, tune.voices) == ((68, 80), 1)
    chords = parts_of(document, Ask(GAP, FillMode.CHORDS))
    assert (chords.register, chords.voices) == ((44, 71), 0)
    assert within((0, 127), tune.register) == (68, 80)
    assert within((70, 127), tune.register) == (70, 80)
    assert within((20, 40), tune.register) == (20, 40)
    assert within((20, 40), None) == (20, 40)


@pytest.mark.parametrize(("step", "grid"), [(960, 4), (240, 4), (320, 6), (120, 8), (97, 0)])
def test_a_new_tune_begins_its_notes_on_the_grid_of_what_is_there(step: int, grid: int) -> None:
    notes = NoteTable.of([Note(i * step, step, 72 + i % 3, id=1 + i) for i in range(60)])
    document = Document(Score((Track(1, "Piano", notes=notes),), next_id=1000))
    assert parts_of(document, Ask((0, BAR), FillMode.MELODY)).grid == grid
    assert parts_of(document, Ask((0, BAR), FillMode.CHORDS)).grid == grid
    assert parts_of(document, Ask((0, BAR), alone=True)).grid == grid


def test_a_mode_needs_what_it_is_about() -> None:
    document = band()
    late = (8 * BAR, 10 * BAR)
    assert [has_material(document, Ask(late, mode)) for mode in FillMode] == [True, True, False, False, False]
    assert all(has_material(document, Ask(GAP, mode)) for mode in FillMode)
    assert parts_of(document, Ask(late, FillMode.MELODY)).register == (68, 80)


def test_an_empty_track_gets_a_tune_over_what_the_others_play() -> None:
    document = band()
    document.edit("Add", Change((TrackEdit(3, None, Track(4, "Lead", 2)),)))
    document.set_active_track(4)
    parts = parts_of(document, Ask(GAP, FillMode.MELODY))
    assert (len(parts.notes), parts.voices, parts.density, parts.track_id) == (0, 1, 4, 4)
    assert ids(parts.standing) == ids(document.score.track(1).notes) | BASS
    assert GAP[0] <= parts.over.start.min()
    assert parts.over.end_tick <= GAP[1]
    assert parts.register == (72, 93)


def test_an_answer_for_one_track_goes_there_though_another_is_active_by_then() -> None:
    document = band()
    replaced(document, Ask(GAP, FillMode.MELODY))
    add_ghosts(document, [Note(BAR, 2 * BAR, 90)])
    document.set_active_track(2)
    before = document.score
    assert document.accept_take()
    changed = document.score.track(1).notes
    assert ids(document.score.track(2).notes) == BASS
    assert ids(before.track(1).notes) - ids(changed) == TUNE
    assert [note.pitch for note in changed if note.id not in ids(before.track(1).notes)] == [90]
    document.undo()
    assert document.score.tracks == before.tracks


# --- voices -----------------------------------------------------------------------------------------------------------


@given(note_tables(30))
def test_two_voices_are_the_whole(notes: NoteTable) -> None:
    tune, rest = split_voices(notes)
    assert tune.merged(rest) == notes
    assert bool(tune) == bool(notes)


def test_a_chord_played_unevenly_has_one_note_on_top() -> None:
    played = NoteTable.of(
        [Note(0, 900, 60, id=1), Note(40, 900, 64, id=2), Note(20, 900, 72, id=3), Note(990, 900, 71, id=4)]
    )
    assert ids(split_voices(played)[0]) == {3, 4}


def test_a_broken_chord_under_a_held_note_and_in_a_rest_of_the_tune_is_not_the_tune() -> None:
    tune = [Note(i * BAR, BAR // 2, 76 + i, id=1 + i) for i in range(8)]
    broken = [Note(i * 480, 480, (48, 52, 55, 52)[i % 4], id=100 + i) for i in range(64)]
    assert ids(split_voices(NoteTable.of([*tune, *broken]))[0]) == {note.id for note in tune}


def test_a_line_that_leaps_is_one_tune() -> None:
    leaps = NoteTable.of([Note(i * QUARTER, QUARTER, 48 if i % 8 == 7 else 72, id=1 + i) for i in range(32)])
    assert split_voices(leaps) == (leaps, NoteTable.empty())


# --- marks ------------------------------------------------------------------------------------------------------------


def test_two_clicks_mark_a_stretch_whichever_comes_first() -> None:
    first = Marks().clicked(BAR)
    assert (first.start, first.span) == (BAR, None)
    assert first.clicked(3 * BAR).span == (BAR, 3 * BAR)
    assert first.clicked(0).span == (0, BAR)
    assert first.clicked(BAR) == Marks()
    assert first.clicked(0).clicked(7) == Marks(7)


@given(st.lists(st.tuples(st.sampled_from(["start", "end", "click"]), st.integers(0, 9)), max_size=8))
def test_a_marked_stretch_is_never_empty(steps: list[tuple[str, int]]) -> None:
    marks = Marks()
    for kind, tick in steps:
        marks = {"start": marks.starting, "end": marks.ending, "click": marks.clicked}[kind](tick)
        assert marks.span is None or marks.span[0] < marks.span[1]


def test_marks_come_before_loop_and_selection() -> None:
    document = band()
    document.select([5, 6])
    assert fill_region(document).picked == {5, 6}
    document.set_loop((0, BAR))
    assert fill_region(document).picked == frozenset()
    document.set_marks(Marks(2 * BAR).clicked(3 * BAR))
    assert (fill_region(document).span, fill_region(document).source) == ((2 * BAR, 3 * BAR), "marked")
    document.load(Score(), None)
    assert fill_region(document) is None
