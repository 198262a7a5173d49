"""Several takes at once: which one shows, what is kept, joined, locked and liked, and what goes into the piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.editor.document import Document, Topic
from musegen_app.editor.takes import Take, spliced
from musegen_app.editor.variation import FREE_FROM, stays, varied
from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.generate.provenance import Origin, accepted_of, origin_of
from musegen_app.generate.ranking import Verdict
from musegen_app.score import GENERATED, GENERATION, LIKED, LOCKED, Change, Note, NoteTable
from musegen_app.score.provenance import numbers_of

BAR = 3840


def document() -> Document:
    made = Document()
    added = made.score.new_notes([Note(960 * i, 960, 60 + i) for i in range(4)])
    made.edit("Draw", Change.of_notes(made.active_track_id, added=added))
    return made


def request(made: Document, takes: int = 3, number: int = 1, **more) -> GenerateRequest:
    return GenerateRequest(made.seed_notes(), made.score.timeline, bars=2, takes=takes, id=number, **more)


def generated(take: int, count: int = 8, number: int = 1, pitch: int = 70) -> list[GeneratedNote]:
    return [GeneratedNote(number, take, Note(BAR + 960 * i, 960, pitch + take + i % 3), -1.0) for i in range(count)]


def begun(takes: int = 3) -> Document:
    made = document()
    made.begin_takes(Origin(request(made, takes), "ab", "Tiny"))
    for take in range(takes):
        made.add_generated(1, generated(take))
    return made


def test_ghosts_of_all_takes_arrive_and_the_first_one_shows() -> None:
    made = begun()
    assert [len(take.ghosts) for take in made.shelf.takes] == [8, 8, 8]
    assert made.ghosts is made.shelf.takes[0].ghosts
    made.add_generated(99, generated(0, number=99))
    assert [len(take.ghosts) for take in made.shelf.takes] == [8, 8, 8]


def test_views_of_the_roll_hear_only_of_the_take_shown() -> None:
    made, told = begun(), list[Topic]()
    made.subscribe(told.append)
    made.add_generated(1, generated(2))
    assert told == [Topic.TAKES]
    made.add_generated(1, generated(0))
    assert told == [Topic.TAKES, Topic.GHOSTS, Topic.TAKES]


def test_ids_of_ghosts_are_each_once_in_a_take() -> None:
    for take in begun().shelf.takes:
        assert len(set(take.ghosts.id.tolist())) == len(take.ghosts)
        assert (take.ghosts.id < 0).all()


def test_the_best_comes_first_and_kept_ones_of_before_last() -> None:
    made = begun()
    made.put_shelf(made.shelf.starred(1))
    made.begin_takes(Origin(request(made, 2, number=2)))
    made.add_generated(2, [*generated(0, number=2), *generated(1, number=2)])
    made.put_shelf(made.shelf.ranked(2, (Verdict(0, 2, 0.4), Verdict(1, 1, 0.9))))
    assert made.shelf.order == (1, 0, 2)
    assert made.shelf.takes[2].is_starred
    assert made.shelf.takes[2].request.id == 1


def test_kept_takes_survive_rejecting_and_accepting_the_others_go() -> None:
    for end in (Document.reject_take, Document.accept_take):
        made = begun()
        made.put_shelf(made.shelf.starred(2))
        end(made)
        assert [take.number for take in made.shelf.takes] == [2]
        assert made.take is None
        made.show_take(0)
        assert len(made.ghosts) == 8


def test_accepting_is_one_step_and_marks_where_the_notes_came_from() -> None:
    made = begun()
    before = made.score
    made.show_take(1)
    made.put_shelf(made.shelf.marked(made.ghosts.id.tolist()[:2], LIKED).marked(made.ghosts.id.tolist()[2:3], LOCKED))
    steps = len(made.history.done)
    assert made.accept_take()
    assert len(made.history.done) == steps + 1
    flags = made.active_track.notes.flags[4:]
    assert flags.tolist() == [GENERATED + GENERATION + LIKED] * 2 + [GENERATED + GENERATION] * 6
    (generation,) = made.sources.provenance
    accepted = accepted_of(generation.record)
    assert accepted.take == 1
    assert len(accepted.liked) == 2
    assert origin_of(generation.record).sha256 == "ab"
    made.undo()
    assert made.score.tracks == before.tracks


def test_taking_another_take_later_replaces_the_one_before() -> None:
    made = begun()
    made.put_shelf(made.shelf.starred(0).starred(2))
    made.accept_take()
    made.show_take(1)  # the third, which was kept
    assert made.replaced == frozenset(made.active_track.notes.id[4:].tolist())
    made.accept_take()
    assert made.active_track.notes.pitch.tolist()[4:] == [note.note.pitch for note in generated(2)]


def test_empty_takes_go_when_the_request_ends() -> None:
    made = document()
    made.begin_takes(Origin(request(made, 4)))
    made.add_generated(1, generated(2))
    made.put_shelf(made.shelf.ended(1))
    assert [take.number for take in made.shelf.takes] == [2]
    assert len(made.ghosts) == 8


# --- joining ------------------------------------------------------------------------------------------------------------

ROWS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12), st.integers(50, 70)), max_size=25)


@given(ROWS, ROWS, st.integers(0, 30), st.integers(1, 15))
def test_joining_takes_each_note_from_the_side_it_begins_on(ours: list, theirs: list, first: int, length: int) -> None:
    outside, inside = (NoteTable.of([Note(s * 240, n * 240, p) for s, n, p in rows]) for rows in (ours, theirs))
    start, end = first * 240, (first + length) * 240
    joined = spliced(outside, inside, (start, end))
    wanted = sorted(
        [(n.start, n.pitch, min(n.end, start)) for n in outside if n.start < start]
        + [(n.start, n.pitch, min(n.end, end)) for n in inside if start <= n.start < end]
        + [(n.start, n.pitch, n.end) for n in outside if n.start >= end]
    )
    assert sorted((n.start, n.pitch, n.end) for n in joined) == wanted


def test_bars_of_another_take_go_into_the_one_shown() -> None:
    made = begun()
    made.put_shelf(made.shelf.joined(2, (2 * BAR, 3 * BAR)))
    other = made.shelf.takes[2].ghosts
    assert made.ghosts.pitch.tolist() == [*(n.note.pitch for n in generated(0)[:4]), *other.pitch.tolist()[4:]]
    assert len(set(made.ghosts.id.tolist())) == 8
    assert made.take.is_edited
    made.accept_take()
    assert accepted_of(made.sources.provenance[0].record).is_edited


def test_what_waits_for_the_bar_line_is_heard_from_there_on() -> None:
    made = begun()
    made.put_shelf(made.shelf.switching(1, (0, 2 * BAR)))
    assert made.take is made.shelf.takes[0]
    heard = made.heard_score().tracks[0].notes
    first, second = ([n.note.pitch for n in generated(take)] for take in (0, 1))
    assert heard.pitch.tolist()[4:] == first[:4] + second[4:]
    made.show_take(1)
    assert made.heard_score().tracks[0].notes.pitch.tolist()[4:] == second


# --- locks, likes and how different ---------------------------------------------------------------------------------------


def take_of(count: int = 40, seed_number: int = 0) -> Take:
    asked = GenerateRequest(NoteTable.empty(), Document().score.timeline, bars=8, start_tick=0, seed_number=seed_number)
    return Take.of(Origin(asked)).grown([Note(480 * i, 480, 50 + i * 7 % 30) for i in range(count)])


def keys(notes: NoteTable) -> set[tuple[int, int]]:
    return set(zip(notes.start.tolist(), notes.pitch.tolist(), strict=True))


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 10_000), st.integers(1, 60))
def test_what_may_change_grows_with_how_different(low: float, high: float, seed_number: int, count: int) -> None:
    take = take_of(count, seed_number)
    low, high = sorted((low, high))
    few, many = stays(take, high), stays(take, low)
    assert keys(few) <= keys(many)
    assert len(few) == count - max(round(high * count), 1)


@given(st.floats(0, 1), st.sets(st.integers(0, 39), min_size=1, max_size=39), st.integers(0, 99))
def test_locked_ghosts_always_stay(different: float, rows: set[int], seed_number: int) -> None:
    take = take_of(seed_number=seed_number)
    locked = take.ghosts.id[sorted(rows)].tolist()
    take = take.marked(locked, LOCKED)
    assert set(locked) <= set(stays(take, different).id.tolist())


def test_liked_ghosts_go_last() -> None:
    take = take_of()
    liked = take.ghosts.id[10:30].tolist()
    kept = stays(take.marked(liked, LIKED), 0.5)
    assert set(kept.id.tolist()) == set(liked)


def test_a_mark_is_turned_over_for_all_it_is_asked_of() -> None:
    take = take_of(4)
    ids = take.ghosts.id.tolist()
    some = take.marked(ids[:1], LOCKED)
    assert len(some.locks) == 1
    every = some.marked(ids, LOCKED)
    assert len(every.locks) == 4
    assert len(every.marked(ids, LOCKED).locks) == 0
    assert len(every.likes) == 0


def test_a_guided_model_is_asked_around_what_stays() -> None:
    take = take_of(20)
    fresh = replace(take.request, seed_number=5)
    asked, kept = varied(fresh, take, 0.25, is_guided=True)
    assert keys(asked.standing) == keys(kept)
    assert len(kept) == 15
    assert asked.keep == "rhythm"
    assert keys(asked.kept) == keys(take.ghosts) - keys(kept)
    free, _ = varied(fresh, take, FREE_FROM, is_guided=True)
    assert (free.keep, len(free.kept)) == ("", 0)
    assert len(free.standing) == 5
    new, none = varied(fresh, take, 1.0, is_guided=True)
    assert (new, len(none)) == (fresh, 0)
    assert varied(fresh, None, 0.0, is_guided=True) == (fresh, NoteTable.empty())


def test_a_model_that_is_not_guided_gets_its_notes_around_them() -> None:
    made = document()
    asked = request(made, 1)
    locked = NoteTable.of([Note(BAR, 1920, 70, flags=GENERATED | LOCKED)])
    made.begin_takes(Origin(asked, locked=locked))
    made.add_generated(1, [GeneratedNote(1, 0, Note(BAR + 960, 960, pitch), -1.0) for pitch in (70, 71)])
    assert keys(made.ghosts) == {(BAR, 70), (BAR + 960, 71)}


def test_locks_of_an_earlier_generation_bring_their_record_along() -> None:
    made = begun()
    made.put_shelf(made.shelf.marked(made.ghosts.id.tolist()[:3], LOCKED))
    asked, kept = varied(request(made, 2, number=2), made.take, 1.0, is_guided=True)
    made.begin_takes(Origin(asked, locked=kept))
    made.add_generated(2, generated(0, number=2, pitch=40))
    made.accept_take()
    assert np.unique(numbers_of(made.active_track.notes)).tolist() == [0, 1, 2]
    assert [generation.number for generation in made.sources.provenance] == [1, 2]
    assert len(origin_of(made.sources.provenance[1].record).locked) == 3


@pytest.mark.parametrize("flags", [-5, (1 << 62) + GENERATED, GENERATED + 900 * GENERATION])
def test_flags_that_refer_to_nothing_do_no_harm(flags: int) -> None:
    made = document()
    added = made.score.new_notes([Note(9600, 960, 60, flags=flags)])
    made.edit("Draw", Change.of_notes(made.active_track_id, added=added))
    fresh = Document()
    fresh.load(made.score, None)
    assert fresh.sources.generation_of(fresh.active_track.notes) is None
    assert fresh.sources.next_number >= 1
