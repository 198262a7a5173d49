"""Endings and densities with the model that ships, after beginnings that it never saw."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from steering_checks import assert_holds, drawn

from musegen_app.files.midi_reader import read_midi
from musegen_app.generate import GenerateRequest, find, load
from musegen_app.generate.comparison import Passage, passage_of
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import Key, NoteTable, find_key

DATA = Path(__file__).parents[3] / "shared" / "data"
BARS, TAKES = 8, 4
THIRDS = {"major": 4, "minor": 3}

pytestmark = [pytest.mark.data, pytest.mark.timeout(600)]


def held_out(wanted: int) -> Iterator[Passage]:
    """Beginnings of held-out pieces, going round the sets."""
    with (DATA / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["split"] == "valid"]
    place: dict[str, int] = {}
    for row in rows:
        row["place"] = f"{place.setdefault(row['set'], 0):04}"
        place[row["set"]] += 1
    rows = [row for row in rows if row["set"] not in {"pop909", "groove"}]
    passages = (passage_of(read_midi(DATA / row["file"]).score, BARS) for row in sorted(rows, key=lambda row: row["place"]))
    return islice((passage for passage in passages if passage is not None), wanted)


@pytest.fixture(scope="module")
def flagship() -> NoteEventGenerator:
    generator = load(find("flagship"))
    assert isinstance(generator, NoteEventGenerator)
    return generator


def asked(passage: Passage, **more: object) -> GenerateRequest:
    return GenerateRequest(
        passage.seed, passage.timeline, BARS, start_tick=passage.span[0], takes=TAKES, seed_number=3, **more
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("density", [2, 4, 8, 16, 24, 32])
def test_the_asked_density_is_met_after_real_seeds(flagship: NoteEventGenerator, density: int) -> None:
    for passage in held_out(12):
        request = asked(passage, controls=(("density", float(density)),))
        for table in assert_holds(drawn(flagship, request), request):
            assert len(table) / BARS == pytest.approx(density, rel=0.15)


def last_of(table: NoteTable, key: Key) -> tuple[bool, bool, float]:
    """Whether the lowest note of the last onset is the tonic, whether all that sounds is of its triad; its length."""
    triad = {key.tonic, (key.tonic + THIRDS[key.scale]) % 12, (key.tonic + 7) % 12}
    last = table.take(table.start == table.start[-1])
    sounding = table.take(table.end > table.start[-1])
    length = float(last.length.max()) / 960
    return int(last.pitch.min()) % 12 == key.tonic, set((sounding.pitch % 12).tolist()) <= triad, length


def test_a_close_comes_to_rest_on_the_tonic_and_an_open_end_does_not(flagship: NoteEventGenerator) -> None:
    found: dict[str, list[tuple[bool, bool, float]]] = {"": [], "close": [], "open": []}
    for passage in held_out(40):
        guess = find_key(passage.seed)
        assert guess is not None
        for ending, ends in found.items():
            request = asked(passage, ending=ending)
            ends += [last_of(table, guess.key) for table in assert_holds(drawn(flagship, request), request)]
    means = {ending: np.array(ends, dtype=np.float64).mean(axis=0) for ending, ends in found.items()}
    tonic, triad, length = ({ending: mean[part] for ending, mean in means.items()} for part in range(3))
    assert tonic["close"] > tonic[""] + 0.3 > tonic["open"] + 0.3
    assert triad["close"] > triad[""] + 0.3
    assert length["close"] > length[""] + 1 > 1
    assert tonic["open"] < 0.1
