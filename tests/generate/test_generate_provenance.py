"""A record of JSON values gives the same request back, and so the same notes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app.errors import InputError
from musegen_app.generate import GenerateRequest, Sampling
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.provenance import (
    Accepted,
    Origin,
    accepted_of,
    fingerprint,
    origin_of,
    packed,
    record_of,
    unpacked,
    with_notes,
)
from musegen_app.score import EIGHTHS, Key, Metre, Note, NoteTable, Swing, Tempo, Timeline

SEED = NoteTable.of([Note(480 * i, 400 + i, 60 + i * 5 % 13, 70 + i, i + 1) for i in range(24)])
TIMELINE = Timeline.made((Tempo.of_bpm(97),), (Metre(0, 3, 4), Metre(5760, 4, 4))).with_swing(Swing(20, EIGHTHS))
FULL = GenerateRequest(
    SEED,
    TIMELINE,
    bars=3,
    start_tick=11_520,
    model="tiny",
    style="folk",
    sampling=Sampling(0.9, 0.95, 0.02),
    key=Key(2, "dorian"),
    pitch_range=(40, 90),
    seed_number=4711,
    takes=4,
    until_tick=19_200,
    controls=(("density", 6.0), ("swing", 0.25)),
    standing=NoteTable.of([Note(11_520, 960, 48, id=1)]),
    kept=NoteTable.of([Note(11_520, 480, 72, id=1)]),
    keep="rhythm",
    ending="close",
    chords=((0, 145), (3840, 0)),
)


def through_json(record: dict) -> dict:
    return json.loads(json.dumps(record, allow_nan=False))


def test_every_field_of_a_request_comes_back() -> None:
    origin = Origin(FULL, "ab" * 32, "Tiny", NoteTable.of([Note(12_000, 240, 65, 80, 1)]), 3)
    assert origin_of(through_json(record_of(origin))) == origin


def test_the_same_notes_are_drawn_again(tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(SEED, TIMELINE, bars=2, takes=3, seed_number=9, id=5)
    again = origin_of(through_json(record_of(Origin(request)))).request

    def drawn(asked: GenerateRequest) -> list:
        return [(made.take, made.note, made.log_prob) for made in tiny.generate(asked, lambda: False)]

    assert drawn(again) == drawn(request)
    assert len(drawn(request)) > 5


def test_what_was_accepted_is_remembered() -> None:
    accepted = Accepted(2, 1, 9, ((480, 60), (960, 64)), is_edited=True)
    assert accepted_of(through_json(record_of(Origin(FULL), accepted))) == accepted
    assert accepted_of(record_of(Origin(FULL))) is None
    assert accepted_of({"accepted": {"take": "x"}}) is None


NOTES = st.lists(
    st.builds(Note, st.integers(0, 10**6), st.integers(1, 10**5), st.integers(0, 127), st.integers(1, 127)), max_size=30
)


@given(NOTES)
def test_packed_notes_come_back(notes: list[Note]) -> None:
    table = NoteTable.of(notes)
    back = unpacked(packed(table))
    assert fingerprint(back) == fingerprint(table)
    assert len(back) == len(table)


def test_a_long_seed_takes_few_bytes() -> None:
    table = NoteTable.from_columns([240 * i for i in range(5_000)], [240] * 5_000, [40 + i * 7 % 40 for i in range(5_000)])
    assert len(packed(table)) < 4 * len(table)


@pytest.mark.parametrize("name", ["notes", "timeline", "sampling", "key", "range", "controls", "takes", "bars", "chords"])
def test_a_damaged_record_is_one_sentence(name: str) -> None:
    record = record_of(Origin(FULL))
    for value in ({"damaged": 1}, "????", -1, [[[]]]):
        with pytest.raises(InputError):
            origin_of({**record, name: value})
    with pytest.raises(InputError, match="damaged"):
        origin_of({key: value for key, value in record.items() if key != name})


def test_a_newer_record_says_so() -> None:
    with pytest.raises(InputError, match="newer MuseGen"):
        origin_of(record_of(Origin(FULL)) | {"format": 99})


def test_notes_that_were_left_out_are_put_back_where_they_are_the_same() -> None:
    record = record_of(Origin(FULL)) | {"notes": None}
    with pytest.raises(InputError, match="does not hold the notes"):
        origin_of(record)
    assert origin_of(with_notes(record, SEED)).request == FULL
    with pytest.raises(InputError, match="does not hold the notes"):
        origin_of(with_notes(record, SEED.take(slice(1, None))))
