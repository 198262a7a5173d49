"""Velocities that were set go on as they were: by the place in the bar, and as loud as lately."""

from __future__ import annotations

import numpy as np
import pytest
from steering_checks import drawn

from musegen_app.generate import GenerateRequest
from musegen_app.generate.dynamics import Dynamics, accent
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import DEFAULT_VELOCITY, EMPTY, Note, NoteTable, Timeline

QUARTER = 960
BAR = 4 * QUARTER
LOUDNESS = {1.0: 105, 0.3: 90, -0.3: 80, -0.7: 80}


def accented(bars: int = 8, softer: int = 0) -> NoteTable:
    """Eighths, accented as notation programs do."""
    timeline, starts = Timeline(), range(0, bars * BAR, QUARTER // 2)
    return NoteTable.of(Note(s, 480, 60 + (s // 480) % 7, LOUDNESS[accent(timeline, s)] - softer) for s in starts)


@pytest.mark.parametrize("controls", [(), (("grid", 2.0),)], ids=["plain", "steered"])
def test_accents_of_the_seed_go_on(tiny: NoteEventGenerator, controls: tuple[tuple[str, float], ...]) -> None:
    request = GenerateRequest(accented(), Timeline(), 8, takes=4, controls=controls)
    made = drawn(tiny, request)
    told = {accent(Timeline(), n.note.start) for n in made}
    assert len(told) > 1
    assert all(n.note.velocity == LOUDNESS[accent(Timeline(), n.note.start)] for n in made)


def test_the_last_section_tells_how_loud_it_is() -> None:
    piece = accented(32, softer=40).merged(accented(8).with_columns(start=accented(8).start + 32 * BAR))
    dynamics = Dynamics(Timeline(), piece.start, piece.velocity)
    assert [dynamics.at(tick) for tick in (0, QUARTER, QUARTER // 2)] == [105, 90, 80]


def test_one_velocity_stays_one_and_nothing_has_the_usual_one() -> None:
    flat = accented().with_columns(velocity=70)
    dynamics = Dynamics(Timeline(), flat.start, flat.velocity)
    assert {dynamics.at(tick) for tick in range(0, BAR, 120)} == {70}
    nothing = Dynamics(Timeline(), EMPTY.start, EMPTY.velocity)
    assert (nothing.at(0), nothing.median) == (DEFAULT_VELOCITY, DEFAULT_VELOCITY)


def test_a_few_loud_notes_make_no_accent() -> None:
    velocity = np.full(32, 80)
    velocity[[3, 17]] = 120
    dynamics = Dynamics(Timeline(), np.arange(32) * 480, velocity)
    assert {dynamics.at(tick) for tick in range(0, BAR, 480)} == {80}
