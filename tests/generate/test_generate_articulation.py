"""A part beside others leaves no holes that it did not have itself."""

from __future__ import annotations

import numpy as np
import pytest
from steering_checks import assert_holds, drawn, takes_of

from musegen_app.generate import GenerateRequest, find, load
from musegen_app.generate.articulation import is_joined
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.paths import bundle_dir
from musegen_app.score import EMPTY, Note, NoteTable, Timeline

QUARTER = 960
BAR = 4 * QUARTER
TUNE = NoteTable.of(Note(QUARTER * i // 2, QUARTER // 2, (72, 74, 76, 77, 79, 77, 76, 74)[i % 8], 80) for i in range(96))


def bass(length: int) -> NoteTable:
    """Four bars of quarters."""
    return NoteTable.of(Note(QUARTER * i, length, (36, 43, 40, 43)[i % 4], 80) for i in range(16))


def holes(notes: NoteTable, end: int) -> list[int]:
    """The rests between the notes and before ``end``, in ticks."""
    ends = np.maximum.accumulate(notes.end)
    following = np.append(notes.start[1:], end)
    found: list[int] = (following - ends)[following > ends].tolist()
    return found


@pytest.mark.parametrize("length", [QUARTER - 100, QUARTER, QUARTER + 300])
def test_a_part_is_joined_where_its_notes_last_until_the_next(length: int) -> None:
    assert is_joined(bass(length))
    assert not is_joined(bass(length // 3))


def test_rests_of_bars_do_not_count_and_few_notes_tell_nothing() -> None:
    phrases = [Note(start + QUARTER * i, QUARTER, 60 + i) for start in (0, 4 * BAR, 9 * BAR) for i in range(3)]
    assert is_joined(NoteTable.of(phrases))
    assert is_joined(EMPTY)
    assert is_joined(NoteTable.of([Note(0, 100, 60), Note(QUARTER, 100, 62)]))


def part(own: NoteTable, *, polyphony: int, seed_number: int = 3) -> GenerateRequest:
    return GenerateRequest(
        own,
        Timeline(),
        8,
        4 * BAR,
        standing=TUNE,
        takes=4,
        seed_number=seed_number,
        pitch_range=(30, 60),
        controls=(("density", 4.0), ("polyphony", float(polyphony))),
    )


@pytest.mark.parametrize(("polyphony", "longest"), [(0, BAR), (2, BAR), (1, BAR // 2)])
def test_a_joined_part_is_held_over_holes_alone(tiny: NoteEventGenerator, polyphony: int, longest: int) -> None:
    request = part(bass(QUARTER), polyphony=polyphony)
    rests = [hole for table in assert_holds(drawn(tiny, request), request) for hole in holes(table, 12 * BAR)]
    # One that is left is longer than what is held over, or a note of its pitch stands in the way.
    assert all(hole > longest - 40 for hole in rests)


def test_a_part_of_short_notes_stays_one(tiny: NoteEventGenerator) -> None:
    request = part(bass(QUARTER // 3), polyphony=1)
    assert any(hole <= BAR // 2 for table in assert_holds(drawn(tiny, request), request) for hole in holes(table, 12 * BAR))


@pytest.mark.parametrize("seed_number", [1, 2])
def test_chords_under_a_lone_tune_go_on_under_it(seed_number: int) -> None:
    """Of four bars a third was silent before."""
    flagship = load(find("", [bundle_dir() / "models"]))
    asked = part(EMPTY, polyphony=0, seed_number=seed_number)
    silent = 0
    for notes in takes_of(list(flagship.generate(asked, lambda: False)), asked):
        silent += sum(holes(notes, 12 * BAR)) + int(notes.start[0]) - 4 * BAR
    assert silent < 0.2 * 4 * 8 * BAR


def test_the_last_note_is_held_to_the_end_of_a_gap(tiny: NoteEventGenerator) -> None:
    own = bass(QUARTER).merged(bass(QUARTER).with_columns(start=bass(QUARTER).start + 6 * BAR))
    request = GenerateRequest(own, Timeline(), start_tick=4 * BAR, until_tick=6 * BAR, standing=TUNE, takes=6)
    for table in assert_holds(drawn(tiny, request), request):
        assert 6 * BAR - int(table.end.max()) in {0, *range(BAR, 3 * BAR)}
