"""What the model is told of a take when it is asked what it thinks: all that was known when the take was drawn."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from musegen_app.generate import GeneratedNote, GenerateRequest, Manifest, find, load
from musegen_app.generate.foresight import Foresight
from musegen_app.generate.insight import Hearing, Surprise, alternatives, coming, surprise
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.paths import bundle_dir
from musegen_app.score import EMPTY, Note, NoteTable, Timeline

QUARTER = 960
BAR = 4 * QUARTER
COMMON = Timeline()


@pytest.fixture(scope="module")
def flagship() -> NoteEventGenerator:
    generator = load(find("", [bundle_dir() / "models"]))
    assert isinstance(generator, NoteEventGenerator)
    return generator


@pytest.fixture(scope="module")
def exact() -> NoteEventGenerator:
    """A tiny model in 32 bits that heeds what is known to come."""
    import torch
    from tiny import STYLES, tiny_net

    from musegen_app.training.export import described, put
    from musegen_app.training.graphs.note_events import note_graph

    net = tiny_net()
    torch.manual_seed(5)
    for weight in (net.known_classes.weight, net.known_sounds.weight):
        torch.nn.init.normal_(weight, std=0.5)
    folder = Path(tempfile.mkdtemp()) / "knowing"
    graph = note_graph(net)
    manifest = Manifest(name="knowing", title="Knowing", family="note-events", path=folder, styles=STYLES, grid=24)
    source = folder.with_suffix(".onnx")
    onnx.save(graph, source)
    return NoteEventGenerator(put(described(manifest, graph, net.size.as_dict()), source))


def tune(bars: int, first_id: int = 1, pitch: int = 60, at: int = 0) -> NoteTable:
    """Quarters up and down a scale, all of one velocity."""
    steps = [0, 2, 4, 5, 7, 5, 4, 2]
    notes = [Note(at + QUARTER * i, QUARTER, pitch + steps[i % 8], 80, first_id + i) for i in range(4 * bars)]
    return NoteTable.of(notes)


def requests() -> dict[str, GenerateRequest]:
    around = tune(12)
    gap = around.take((around.start < 4 * BAR) | (around.start >= 6 * BAR))
    bass = tune(12, 500, 40)
    return {
        "gap": GenerateRequest(gap, COMMON, start_tick=4 * BAR, until_tick=6 * BAR, seed_number=3),
        "beside": GenerateRequest(tune(4), COMMON, 2, start_tick=4 * BAR, standing=bass, seed_number=3),
        "both": GenerateRequest(gap, COMMON, start_tick=4 * BAR, until_tick=6 * BAR, standing=bass, seed_number=5),
        "ending": GenerateRequest(tune(4), COMMON, 2, start_tick=4 * BAR, ending="close", seed_number=3),
    }


def drawn(generator: NoteEventGenerator, request: GenerateRequest) -> tuple[list[GeneratedNote], NoteTable]:
    made = list(generator.generate(request, lambda: False))
    rows = (note.note for note in made)
    ghosts = NoteTable.of(Note(n.start, n.length, n.pitch, n.velocity, -i) for i, n in enumerate(rows, 1))
    return made, ghosts


def heard(request: GenerateRequest, ghosts: NoteTable, *, tells: bool = True) -> Hearing:
    return Hearing(request.notes.merged(request.standing).merged(ghosts), COMMON, request=request if tells else None)


def off_by(told: Surprise, made: list[GeneratedNote], request: GenerateRequest) -> list[float]:
    """How far the figures of the ghosts are from what the model said while it drew them, in nats.

    The first is left out, and all from the first on that the end cut short, of which it heard the length that it drew.
    """
    cut = next((row for row, n in enumerate(made) if n.note.start + n.note.length >= request.span[1]), len(made))
    ours = np.array([told.of(-number) for number in range(1, len(made) + 1)]).sum(axis=1)[1:cut]
    return [abs(float(nats) + note.log_prob) for nats, note in zip(ours, made[1:cut], strict=True)]


def mean_off_by(model: NoteEventGenerator, request: GenerateRequest, seeds: range) -> tuple[float, float]:
    """The mean of :func:`off_by` over takes of several seed numbers, where the request is told and where it is not."""
    found: dict[bool, list[float]] = {True: [], False: []}
    for seed_number in seeds:
        asked = replace(request, seed_number=seed_number)
        made, ghosts = drawn(model, asked)
        for tells in (True, False):
            found[tells] += off_by(surprise(model, heard(asked, ghosts, tells=tells)), made, asked)
    assert len(found[True]) > 8
    return float(np.mean(found[True])), float(np.mean(found[False]))


@pytest.mark.parametrize("name", ["gap", "beside", "both", "ending"])
def test_a_ghost_surprises_as_much_as_when_it_was_drawn(exact: NoteEventGenerator, name: str) -> None:
    knowing, blind = mean_off_by(exact, requests()[name], range(1, 9))
    assert knowing < (0.7 if name != "ending" else 1) * blind
    assert knowing < 0.2  # what else strikes a pitch again cuts it short as well


def test_the_shipped_model_says_of_ghosts_what_it_thought_up_to_rounding(flagship: NoteEventGenerator) -> None:
    knowing, blind = np.mean([mean_off_by(flagship, request, range(3, 6)) for request in requests().values()], axis=0)
    assert knowing < 0.25
    assert knowing < blind


@pytest.mark.parametrize("name", ["gap", "both"])
def test_the_musician_s_own_notes_are_judged_by_what_came_before_them(flagship: NoteEventGenerator, name: str) -> None:
    request = requests()[name]
    _, ghosts = drawn(flagship, request)
    told, plain = (surprise(flagship, heard(request, ghosts, tells=tells)) for tells in (True, False))
    own = told.ids > 0
    np.testing.assert_array_equal(told.nats[own], plain.nats[own])
    assert (told.nats[~own] != plain.nats[~own]).any()


def test_what_comes_next_in_a_gap_heeds_what_follows_it(flagship: NoteEventGenerator) -> None:
    request = requests()["gap"]
    hearing, blind = (heard(request, EMPTY, tells=tells) for tells in (True, False))
    within, unseen = (coming(flagship, h, 4 * BAR).chance for h in (hearing, blind))
    assert np.abs(within - unseen).sum() > 0.05
    before, same = (coming(flagship, h, 2 * BAR).chance for h in (hearing, blind))
    np.testing.assert_allclose(before, same, atol=1e-9)


def test_alternatives_of_a_ghost_heed_what_follows_it_and_those_of_a_note_do_not(flagship: NoteEventGenerator) -> None:
    request = requests()["gap"]
    _, ghosts = drawn(flagship, request)
    hearing, blind = (heard(request, ghosts, tells=tells) for tells in (True, False))
    ghost, own = ghosts[len(ghosts) - 1], request.notes[3]
    assert alternatives(flagship, hearing, ghost).own != alternatives(flagship, blind, ghost).own
    assert alternatives(flagship, hearing, own) == alternatives(flagship, blind, own)


def test_nothing_is_foreseen_where_nothing_was_known() -> None:
    plain = GenerateRequest(tune(4), COMMON, 2)
    assert Foresight.of(None) is None
    assert Foresight.of(plain) is None
    known = Foresight.of(requests()["gap"])
    assert known is not None
    assert [known.covers(tick) for tick in (4 * BAR - 1, 4 * BAR, 6 * BAR - 1, 6 * BAR)] == [False, True, True, False]
