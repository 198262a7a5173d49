"""What it costs to recall earlier bars, against the same model that does not, and a long past against a short one."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

import numpy as np
import pytest

from musegen_app.generate import GenerateRequest, find, load
from musegen_app.generate.memory import HEARD_NOTES
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.paths import bundle_dir
from musegen_app.score import NoteTable, Timeline

ROUNDS = 11
NOTES = 200


@pytest.fixture(scope="module")
def flagship() -> NoteEventGenerator:
    generator = load(find("", [bundle_dir() / "models"]))
    assert isinstance(generator, NoteEventGenerator)
    return generator


def asked(notes: int) -> GenerateRequest:
    """A continuation after so many notes, four an eighth."""
    pitch = np.random.default_rng(1).integers(36, 84, notes)
    return GenerateRequest(
        NoteTable.from_columns((np.arange(notes) // 4 * 480).tolist(), [400] * notes, pitch), Timeline(), bars=64
    )


def timed(model: NoteEventGenerator, request: GenerateRequest, notes: int = NOTES) -> tuple[float, float]:
    """Seconds until the first note, and a note from then on."""
    begun, marks = time.perf_counter(), []
    for _ in model.generate(request, lambda: False):
        marks.append(time.perf_counter())
        if len(marks) > notes:
            break
    return marks[0] - begun, (marks[-1] - marks[0]) / max(len(marks) - 1, 1)


@pytest.mark.parametrize("takes", [1, 8])
def test_a_note_that_recalls_costs_little_more_than_one_that_does_not(flagship: NoteEventGenerator, takes: int) -> None:
    """1.2 was measured for one take, 1.25 for eight, on a busy machine."""
    request = replace(asked(256), takes=takes)
    without = replace(request, controls=(("recall", 0.0),))
    ratios = [timed(flagship, request)[1] / timed(flagship, without)[1] for _ in range(ROUNDS)]
    assert statistics.median(ratios) < 1.5


def test_the_first_note_after_a_long_piece_waits_little_longer_than_after_what_is_listened_to(
    flagship: NoteEventGenerator,
) -> None:
    """1.4 to 1.6 was measured: a past of sixteen times the notes is remembered, not listened to."""
    short, long = asked(HEARD_NOTES), asked(16 * HEARD_NOTES)
    ratios = [timed(flagship, long, 1)[0] / timed(flagship, short, 1)[0] for _ in range(ROUNDS)]
    assert statistics.median(ratios) < 2.5
