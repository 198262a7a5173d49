"""Takes in a project: what somebody put a hand to comes back as it was, and nothing else is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_strategies import notes, timelines

from musegen_app.editor.document import Document, Topic
from musegen_app.editor.kept_takes import TakeRecords, kept_of
from musegen_app.editor.shelf import Shelf
from musegen_app.editor.sources import Sources
from musegen_app.editor.takes import Take
from musegen_app.encoding.drums import INSTRUMENTS
from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.generate.provenance import Origin
from musegen_app.generate.ranking import Verdict
from musegen_app.generate.shared_runs import Run
from musegen_app.score import LIKED, LOCKED, Change, Key, Note, NoteTable
from musegen_app.score.provenance import numbers_of

BAR = 3840


@st.composite
def shelves(draw: st.DrawFn) -> tuple[Shelf, Sources]:
    """Takes of one to three requests, with stars, likes, locks and verdicts."""
    shelf, sources = Shelf(), Sources()
    for number in range(1, draw(st.integers(1, 3)) + 1):
        until = draw(st.sampled_from([None, 12 * BAR]))
        request = GenerateRequest(
            draw(notes(4)),
            draw(timelines()),
            bars=2,
            start_tick=8 * BAR,
            until_tick=until,
            takes=draw(st.integers(1, 3)),
            seed_number=draw(st.integers(0, 1 << 40)),
            model="flagship",
            key=draw(st.sampled_from([None, Key(2, "dorian")])),
            controls=(("density", draw(st.floats(0, 4))),),
            id=number * 5,
        )
        origin = Origin(
            request,
            "ab" * 32,
            "Flagship",
            track_id=draw(st.sampled_from([None, 1])),
            instrument=draw(st.sampled_from(INSTRUMENTS)),
        )
        sources = sources.asked_for(number, origin)
        shelf = shelf.begun(origin, number)
        shelf = draw(_filled(shelf, request))
    return shelf, sources


@st.composite
def _filled(draw: st.DrawFn, shelf: Shelf, request: GenerateRequest) -> Shelf:
    for take in range(request.takes):
        made = [Note(n.start, n.length, n.pitch, n.velocity) for n in draw(notes(6))]
        shelf = shelf.grown(request.id, [GeneratedNote(request.id, take, note, -1.0) for note in made])
        shelf = shelf.showing(take)
        for flag in draw(st.sets(st.sampled_from([LIKED, LOCKED]))):
            shelf = shelf.marked(shelf.take.ghosts.id.tolist()[:2], flag) if shelf.take else shelf
        shelf = shelf.starred(take) if draw(st.booleans()) else shelf
    if draw(st.booleans()):
        verdicts = [
            Verdict(
                take, take + 1, draw(st.floats(0, 1)), draw(st.sampled_from([None, Run(7, 2)])), ("no loop",), {"a": 0.5}
            )
            for take in range(request.takes)
        ]
        shelf = shelf.ranked(request.id, verdicts)
    return shelf


def through_a_file(shelf: Shelf, sources: Sources) -> tuple[dict[str, Any], Any]:
    told = json.loads(json.dumps(TakeRecords().of(shelf, sources), allow_nan=False))
    return told, kept_of(told)


def heard(table: NoteTable) -> list[list[int]]:
    return [column.tolist() for column in table.columns[:4]]


def same(ours: Take, theirs: Take) -> bool:
    """Notes that were gone on from lose their ids, and the request its number; all else is the same."""
    a, b = ours.request, theirs.request
    plain = {"notes": NoteTable.empty(), "id": 0}
    return replace(a, **plain) == replace(b, **plain) and heard(a.notes) == heard(b.notes) and (
        replace(ours, request=a, locked=NoteTable.empty()) == replace(theirs, request=a, locked=NoteTable.empty())
    )  # fmt: skip


@given(made=shelves())
@settings(max_examples=25)
def test_what_was_kept_comes_back_as_it_was(made: tuple[Shelf, Sources]) -> None:
    shelf, sources = made
    told, kept = through_a_file(shelf, sources)
    wanted = shelf.marked_takes
    assert kept.left_out == 0
    assert len(kept.shelf.takes) == len(wanted)
    assert all(same(ours, theirs) for ours, theirs in zip(kept.shelf.takes, wanted, strict=True))
    assert kept.shelf.take is None or same(kept.shelf.take, shelf.take)
    assert (kept.shelf.take is None) == (shelf.take not in wanted)
    order = [shelf.takes[index] for index in shelf.order if shelf.takes[index] in wanted]
    if any(take.request.id == max(t.request.id for t in shelf.takes) for take in wanted):
        assert all(same(kept.shelf.takes[i], theirs) for i, theirs in zip(kept.shelf.order, order, strict=True))
    again, _ = through_a_file(kept.shelf, Sources.of((), Document().score, kept.asked))
    assert again == told
    ids, theirs = ({take.request.id for take in takes} for takes in (kept.shelf.takes, wanted))
    assert all(number < 0 for number in ids), "no request of the day is taken for theirs"
    assert len(ids) == len(theirs)


def test_nothing_is_written_where_nobody_put_a_hand_to_a_take() -> None:
    request = GenerateRequest(NoteTable.empty(), Document().score.timeline, start_tick=0, takes=8, id=1)
    shelf = Shelf().begun(Origin(request)).grown(1, [GeneratedNote(1, 3, Note(0, 9, 60), -1.0)])
    assert TakeRecords().of(shelf, Sources()) == {}
    assert kept_of({}).shelf == Shelf()


def piece(count: int = 4) -> Document:
    made = Document()
    added = made.score.new_notes([Note(960 * i, 960, 60 + i % 12) for i in range(count)])
    made.edit("Draw", Change.of_notes(made.active_track_id, added=added))
    request = GenerateRequest(made.seed_notes(), made.score.timeline, bars=2, takes=2, id=1, model="tiny")
    made.begin_takes(Origin(request, "ab", "Tiny"))
    start = request.span[0]
    made.add_generated(
        1, [GeneratedNote(1, t, Note(start + 480 * i, 480, 70 + t), -1.0) for t in range(2) for i in range(8)]
    )
    return made


def reopened(made: Document) -> Document:
    _, kept = through_a_file(made.shelf, made.sources)
    fresh = Document()
    fresh.load(made.score, None, provenance=made.sources.provenance, kept=kept)
    return fresh


def test_a_kept_take_can_be_accepted_and_drawn_again_after_opening() -> None:
    made = piece()
    made.put_shelf(made.shelf.starred(1))
    made.reject_take()
    fresh = reopened(made)
    assert (fresh.take, len(fresh.shelf.takes)) == (None, 1)
    assert fresh.sources.generation(1) is not None
    fresh.show_take(0)
    assert fresh.accept_take()
    assert (fresh.active_track.notes.pitch == 71).sum() == 8
    assert [generation.number for generation in fresh.sources.provenance] == [1]
    assert fresh.sources.next_number == 2


def test_bars_of_another_generation_bring_its_record_along() -> None:
    made = piece()
    made.put_shelf(made.shelf.starred(0))
    request = replace(made.shelf.takes[0].request, id=2, seed_number=9)
    made.begin_takes(Origin(request, "cd", "Tiny"))
    made.add_generated(2, [GeneratedNote(2, 0, Note(BAR + 960, 960, 50), -1.0)])
    kept = next(index for index, take in enumerate(made.shelf.takes) if take.is_starred)
    made.put_shelf(made.shelf.joined(kept, (BAR, BAR + 960)))
    made.put_shelf(made.shelf.starred(kept))
    fresh = reopened(made)
    assert set(numbers_of(fresh.ghosts).tolist()) == {1, 2}
    fresh.accept_take()
    assert [generation.number for generation in fresh.sources.provenance] == [1, 2]
    assert [generation.record["sha256"] for generation in fresh.sources.provenance] == ["ab", "cd"]


def test_a_star_a_like_and_a_lock_are_changes_worth_saving() -> None:
    made = piece()
    for change in (
        lambda: made.shelf.starred(0),
        lambda: made.shelf.marked([-1], LIKED),
        lambda: made.shelf.marked([-2], LOCKED),
    ):
        made.mark_saved(made.path)
        told: list[Topic] = []
        end = made.subscribe(told.append)
        assert not made.is_modified
        made.put_shelf(change())
        assert made.is_modified
        assert Topic.KEPT in told
        end()
    made.put_shelf(made.shelf.marked([-2], LOCKED))
    made.mark_saved(made.path)
    made.put_shelf(made.shelf.showing(1))
    assert not made.is_modified, "looking at another take changes nothing"


def test_records_are_made_once() -> None:
    made = piece(5000)
    made.put_shelf(made.shelf.starred(0))
    records = TakeRecords()
    first = records.of(made.shelf, made.sources)
    made.put_shelf(made.shelf.starred(1))
    second = records.of(made.shelf, made.sources)
    assert second["asked"][0]["record"] is first["asked"][0]["record"]
    assert second["asked"][0]["record"]["notes"] is first["asked"][0]["record"]["notes"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda told: told["takes"].append(None),
        lambda told: told["takes"].append({}),
        lambda told: told["takes"].append({**told["takes"][0], "asked": 7}),
        lambda told: told["takes"].append({**told["takes"][0], "asked": -1}),
        lambda told: told["takes"].append({**told["takes"][0], "asked": "0"}),
        lambda told: told["takes"].append({**told["takes"][0], "ghosts": {}}),
        lambda told: told["takes"].append(
            {**told["takes"][0], "ghosts": {**told["takes"][0]["ghosts"], "pitch": [0.5] * 8}}
        ),
        lambda told: told["takes"].append(
            {**told["takes"][0], "ghosts": {**told["takes"][0]["ghosts"], "pitch": [200] * 8}}
        ),
        lambda told: told["takes"].append({**told["takes"][0], "verdict": {"rank": 1}}),
        lambda told: told["takes"].append({**told["takes"][0], "verdict": 3}),
        lambda told: told["takes"].append({**told["takes"][0], "replaced": 3}),
    ],
)
def test_a_take_that_makes_no_sense_is_left_out_and_counted(harm: Any) -> None:
    made = piece()
    made.put_shelf(made.shelf.starred(0))
    told, _ = through_a_file(made.shelf, made.sources)
    harm(told)
    kept = kept_of(told)
    assert (len(kept.shelf.takes), kept.left_out) == (1, 1)
    assert kept.shelf.shown == 0


@pytest.mark.parametrize("told", [{"asked": 1, "takes": []}, {"takes": [{}]}, {"asked": [], "takes": 5}])
def test_what_is_no_list_of_takes_holds_none(told: dict[str, Any]) -> None:
    assert kept_of(told).shelf.takes == ()


@pytest.mark.parametrize(
    "entry",
    [None, {}, {"number": 1}, {"number": -1, "record": {}}, {"number": "1", "record": {}}, {"number": 1, "record": 4}],
)
def test_takes_of_a_request_that_makes_no_sense_are_left_out(entry: Any) -> None:
    made = piece()
    made.put_shelf(made.shelf.starred(0).starred(1))
    told, _ = through_a_file(made.shelf, made.sources)
    told["asked"][0] = entry
    assert (kept_of(told).shelf.takes, kept_of(told).left_out) == ((), 2)
