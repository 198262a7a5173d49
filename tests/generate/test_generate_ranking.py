"""Takes that loop, copy, wander off or lead badly into what follows rank below those that do not, and the reasons say so."""

from __future__ import annotations

import pytest

from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.generate.judging import judge
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.ranking import COPY_FROM, Evidence, Verdict, rank
from musegen_app.generate.shared_runs import Run
from musegen_app.score import Note, NoteTable, Timeline

BAR = 3840
PITCHES = (60, 64, 67, 65, 62, 69, 71, 72)


def seed() -> NoteTable:
    return NoteTable.of([Note(480 * i, 480, PITCHES[i * 3 % 8]) for i in range(32)])


def request(**more) -> GenerateRequest:
    return GenerateRequest(seed(), Timeline(), bars=4, start_tick=4 * BAR, **more)


def take(
    number: int, *, shift: int = 0, every: int = 480, log_prob: float = -2.5, loop: bool = False
) -> list[GeneratedNote]:
    order = [PITCHES[i % 2] if loop else PITCHES[(i * i + 3 * i + number) % 8] for i in range(4 * BAR // every)]
    return [
        GeneratedNote(1, number, Note(4 * BAR + i * every, every, pitch + shift), log_prob) for i, pitch in enumerate(order)
    ]


def verdicts(*takes: list[GeneratedNote], known: list[Evidence] | None = None) -> tuple[Verdict, ...]:
    told = [Evidence(2.5, -made[0].log_prob if made else None) for made in takes]
    return rank(request(takes=len(takes)), takes, known or told)


def test_ranks_count_each_take_once_from_the_best() -> None:
    found = verdicts(take(0, shift=30), take(1), take(2, loop=True))
    assert [verdict.take for verdict in found] == [0, 1, 2]
    assert sorted(verdict.rank for verdict in found) == [1, 2, 3]
    assert found[1].rank == 1
    assert all(0 <= verdict.score <= 1 for verdict in found)


def test_a_loop_ranks_last_and_is_told() -> None:
    fine, looped = verdicts(take(0), take(1, loop=True))
    assert (fine.rank, looped.rank) == (1, 2)
    assert "it goes round in a loop" in looped.reasons
    assert "no loop" in fine.reasons


@pytest.mark.parametrize("nats", [0.3, 5.0])
def test_a_take_is_as_likely_as_real_music_neither_more_nor_less(nats: float) -> None:
    usual, odd = verdicts(take(0), take(0, log_prob=-nats))
    assert usual.rank == 1
    assert usual.marks["likely"] > odd.marks["likely"]


def test_a_copy_ranks_below_and_its_run_is_told() -> None:
    known = [Evidence(2.5, run=Run(7, 3)), Evidence(2.5, run=Run(3 * COPY_FROM, 0))]
    own, copied = verdicts(take(0), take(0), known=known)
    assert (own.rank, copied.rank) == (1, 2)
    assert "longest shared run: 7 notes" in own.reasons
    assert own.run == Run(7, 3)


def test_what_leads_better_into_the_right_side_ranks_higher() -> None:
    known = [Evidence(2.5, right_nats=4.0), Evidence(2.5, right_nats=2.0)]
    worse, better = verdicts(take(0), take(0), known=known)
    assert (better.rank, worse.rank) == (1, 2)
    assert "what follows costs 2.0 nats a note after it" in better.reasons


@pytest.mark.parametrize(
    ("odd", "name"), [({"shift": 24}, "register"), ({"every": 80}, "density"), ({"shift": 6}, "pitches")]
)
def test_distance_to_the_seed_costs(odd: dict, name: str) -> None:
    near, far = verdicts(take(0), take(0, **odd))
    assert near.marks[name] > far.marks[name]
    assert near.rank == 1


def test_a_density_that_was_asked_for_is_not_held_against_it() -> None:
    asked = request(takes=1, controls=(("density", 48.0),))
    (found,) = rank(asked, [take(0, every=80)], [Evidence(2.5)])
    assert "density" not in found.marks


def test_a_take_without_notes_comes_last() -> None:
    full, empty = verdicts(take(0, loop=True), [])
    assert (full.rank, empty.rank) == (1, 2)
    assert empty.reasons == ("no notes",)


def test_nothing_known_and_no_seed_still_ranks() -> None:
    alone = GenerateRequest(NoteTable.empty(), Timeline(), bars=4, start_tick=4 * BAR, takes=2)
    found = rank(alone, [take(0), take(1, loop=True)], [Evidence(), Evidence()])
    assert [verdict.rank for verdict in found] == [1, 2]


def test_a_model_judges_its_own_takes_and_what_follows_a_gap(tiny: NoteEventGenerator) -> None:
    right = NoteTable.of([Note(8 * BAR + 480 * i, 480, PITCHES[i % 8]) for i in range(16)])
    fill = GenerateRequest(seed().merged(right), Timeline(), start_tick=4 * BAR, until_tick=8 * BAR, takes=3)
    drawn = list(tiny.generate(fill, lambda: False))
    found = judge(tiny, fill, drawn)
    assert sorted(verdict.rank for verdict in found) == [1, 2, 3]
    assert all("right" in verdict.marks for verdict in found)
    assert max(verdict.marks["right"] for verdict in found) == 1
    assert found == judge(tiny, fill, drawn)
