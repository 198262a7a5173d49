"""What the shipped model makes of both sides of a gap, in pieces it never saw."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from musegen_app.files import read_midi
from musegen_app.generate import find
from musegen_app.generate.both_sides import both_sides
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import Score

DATA = Path(__file__).parents[3] / "shared" / "data"
FOREIGN = {"pop909", "groove"}
PIECES, MOST_NOTES = 60, 1_000

pytestmark = [pytest.mark.data, pytest.mark.timeout(600)]


def held_out() -> Iterator[Score]:
    with (DATA / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["split"] == "valid"]
    for row in rows[::3]:
        if row["set"] not in FOREIGN and int(row["notes"]) <= MOST_NOTES:
            yield read_midi(DATA / row["file"]).score


def test_both_sides_of_a_gap_make_its_notes_likelier_than_the_past_alone() -> None:
    found = both_sides(NoteEventGenerator(find("flagship")), islice(held_out(), PIECES), 4)
    assert found.notes > 5_000
    assert found.both_nats < found.past_nats
