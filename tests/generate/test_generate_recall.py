"""Bars that come back: a model that plays nothing but what it recalls shows what it is told, and when it is not."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from musegen_app.errors import InputError
from musegen_app.generate import GenerateRequest, Manifest
from musegen_app.generate.families import controls_of
from musegen_app.generate.insight import Hearing, alternatives, coming, surprise
from musegen_app.generate.judging import _heard_nats
from musegen_app.generate.memory import HEARD_NOTES
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.request import GeneratedNote
from musegen_app.score import EMPTY, TICKS_PER_QUARTER, NoteTable, Timeline

QUARTER = TICKS_PER_QUARTER
BAR = 4 * QUARTER
THEME = ((0, 4, 60), (4, 2, 64), (6, 2, 67), (8, 6, 72), (14, 2, 71), (16, 3, 69), (19, 1, 65), (20, 4, 62), (24, 8, 67))
"""Onset and length in sixteenths, and pitch: two bars."""


@pytest.fixture(scope="module")
def parrot() -> NoteEventGenerator:
    """The tiny model in 32 bits, made to play what it recalls and to hold nothing else for likely."""
    from tiny import STYLES, tiny_net

    from musegen_app.training.export import described, put
    from musegen_app.training.graphs.note_events import note_graph

    net = tiny_net()
    for gate in (net.recall_gate, net.length_gate, net.onset_gate):
        gate.weight.data.zero_()
        gate.bias.data.fill_(30.0)
    graph = note_graph(net)
    folder = Path(tempfile.mkdtemp()) / "parrot"
    source = folder.with_suffix(".onnx")
    onnx.save(graph, source)
    manifest = Manifest(name="parrot", title="Parrot", family="note-events", path=folder, styles=STYLES, grid=24)
    return NoteEventGenerator(put(replace(described(manifest, graph, net.size.as_dict()), family="note-events"), source))


def theme(at_bar: int, shift: int = 0, notes: int = len(THEME)) -> NoteTable:
    rows = THEME[:notes]
    step = QUARTER // 4
    return NoteTable.from_columns(
        [at_bar * BAR + onset * step for onset, _length, _pitch in rows],
        [length * step for _onset, length, _pitch in rows],
        [pitch + shift for _onset, _length, pitch in rows],
    )


def noise(first_bar: int, bars: int, a_bar: int = 4) -> NoteTable:
    """Bars that are nothing like the theme, or each other."""
    pitch = np.random.default_rng(3).integers(30, 50, bars * a_bar)
    start = first_bar * BAR + np.arange(bars * a_bar) * (BAR // a_bar) + BAR // a_bar // 2
    return NoteTable.from_columns(start.tolist(), [BAR // a_bar // 2] * len(start), pitch.tolist())


def asked(notes: NoteTable, at_bar: int, **more: object) -> GenerateRequest:
    return GenerateRequest(notes, Timeline(), bars=1, start_tick=at_bar * BAR, **more)  # type: ignore[arg-type]


def continued(model: NoteEventGenerator, request: GenerateRequest) -> list[tuple[int, int, int]]:
    found = sorted((note.note.start, note.note.pitch, note.note.length) for note in model.generate(request, lambda: False))
    return [(start, pitch, length) for start, pitch, length in found]


def rest_of_theme(at_bar: int, shift: int = 0) -> list[tuple[int, int, int]]:
    whole = theme(at_bar, shift)
    rows = whole.start >= (at_bar + 1) * BAR
    return list(zip(whole.start[rows].tolist(), whole.pitch[rows].tolist(), whole.length[rows].tolist(), strict=True))


@pytest.mark.parametrize("shift", [0, 5, -12])
@pytest.mark.parametrize("controls", [(), (("polyphony", 2.0),)], ids=["plain", "steered"])
def test_a_theme_that_began_again_is_gone_on_with(
    parrot: NoteEventGenerator, shift: int, controls: tuple[tuple[str, float], ...]
) -> None:
    seed = theme(0).merged(noise(2, 3)).merged(theme(5, shift, notes=5))
    assert continued(parrot, asked(seed, 6, controls=controls)) == rest_of_theme(5, shift)


def test_a_theme_is_recalled_from_before_all_that_is_listened_to(parrot: NoteEventGenerator) -> None:
    between = noise(2, 60, a_bar=16)
    assert len(between) > HEARD_NOTES
    seed = theme(0).merged(between).merged(theme(62, 2, notes=5))
    request = asked(seed, 63)
    assert continued(parrot, request) == rest_of_theme(62, 2)
    steered = replace(request, controls=(("polyphony", 2.0),))
    assert continued(parrot, steered) == rest_of_theme(62, 2)


def test_takes_recall_each_for_itself(parrot: NoteEventGenerator) -> None:
    seed = theme(0).merged(noise(2, 3)).merged(theme(5, notes=5))
    found = list(parrot.generate(asked(seed, 6, takes=3), lambda: False))
    for take in range(3):
        own = sorted((n.note.start, n.note.pitch, n.note.length) for n in found if n.take == take)
        assert own == rest_of_theme(5)


def test_where_recall_is_off_nothing_is_recalled(parrot: NoteEventGenerator) -> None:
    seed = theme(0).merged(noise(2, 3)).merged(theme(5, notes=5))
    off = (("recall", 0.0),)
    for controls in (off, (*off, ("polyphony", 2.0))):
        assert continued(parrot, asked(seed, 6, controls=controls)) != rest_of_theme(5)
    with pytest.raises(InputError, match='Control "recall" is 0 to 1, not 2'):
        next(parrot.generate(asked(seed, 6, controls=(("recall", 2.0),)), lambda: False))


def test_what_is_thought_of_ghosts_knows_whether_they_were_to_recall(parrot: NoteEventGenerator) -> None:
    seed = theme(0).merged(noise(2, 3)).merged(theme(5, notes=5)).numbered(1)
    likeliest = coming(parrot, Hearing(seed, Timeline()), 6 * BAR)
    assert int(likeliest.chance[0].argmax()) == THEME[5][2]
    ghost = NoteTable.from_columns([6 * BAR], [QUARTER // 4 * 3], [THEME[5][2]], ids=[-1])
    heard = Hearing(seed.merged(ghost), Timeline())
    assert surprise(parrot, heard).of(-1)[1] < 0.01  # type: ignore[index]
    for standing in (EMPTY, noise(0, 8)):
        off = asked(seed, 6, standing=standing, controls=(("recall", 0.0),))
        unaware = replace(heard, request=off)
        assert surprise(parrot, unaware).of(-1)[1] > 1  # type: ignore[index]
        assert coming(parrot, unaware, 6 * BAR).chance.max() < 0.5
        told, untold = (alternatives(parrot, hearing, next(iter(ghost))).own.probability for hearing in (heard, unaware))
        assert told > 0.99
        assert untold < 0.5


@pytest.mark.parametrize("seed_number", [5, 7])
def test_a_close_recalls_nothing_and_is_thought_of_as_it_was_drawn(parrot: NoteEventGenerator, seed_number: int) -> None:
    """What once followed on the theme's last bar but one is not how the phrase comes to rest."""
    seed = theme(0).merged(theme(2)).merged(theme(4)).merged(theme(6, notes=5)).numbered(1)
    assert continued(parrot, asked(seed, 7)) == rest_of_theme(6)
    request = asked(seed, 7, ending="close", seed_number=seed_number)
    made = list(parrot.generate(request, lambda: False))
    assert sorted((n.note.start, n.note.pitch, n.note.length) for n in made) != rest_of_theme(6)
    ghosts = NoteTable.of(replace(n.note, id=-i) for i, n in enumerate(made, 1))
    told = surprise(parrot, Hearing(seed.merged(ghosts), Timeline(), request=request))
    # The first one had to wait, and of those that the end cut short the model heard the length that it drew.
    exact = next((row for row, n in enumerate(made) if n.note.start + n.note.length >= 8 * BAR), len(made))
    assert exact > 1
    ours = np.array([told.of(-number) for number in range(1, len(made) + 1)]).sum(axis=1)
    np.testing.assert_allclose(ours[1:exact], [-n.log_prob for n in made[1:exact]], atol=0.4)
    likeliest = coming(parrot, Hearing(seed, Timeline(), request=request), 7 * BAR)
    assert likeliest.chance.max() < 0.5
    assert alternatives(parrot, Hearing(seed.merged(ghosts), Timeline(), request=request), ghosts[0]).own.probability < 0.9


def test_takes_are_judged_as_they_were_drawn(parrot: NoteEventGenerator) -> None:
    seed = theme(0).merged(noise(2, 3)).merged(theme(5, notes=5))
    whole = theme(5)
    rest = whole.take(np.flatnonzero(whole.start >= 6 * BAR))
    take = [GeneratedNote(0, 0, note, -9.0) for note in rest]
    right = noise(7, 2)
    on = GenerateRequest(seed.merged(right), Timeline(), start_tick=6 * BAR, until_tick=7 * BAR)
    (recalled,), _after = _heard_nats(parrot, on, [take], right)
    (fresh,), _after = _heard_nats(parrot, replace(on, controls=(("recall", 0.0),)), [take], right)
    assert recalled is not None
    assert fresh is not None
    assert recalled < 0.1
    assert fresh > 3


def test_what_stands_in_the_last_half_step_of_a_span_is_heard(parrot: NoteEventGenerator) -> None:
    seed = theme(0).numbered(1)
    start, until = 2 * BAR, 3 * BAR + 30  # no step of the grid
    standing = NoteTable.from_columns([start, until - 3], [QUARTER, QUARTER], [40, 41])
    request = GenerateRequest(seed, Timeline(), start_tick=start, until_tick=until, standing=standing)
    ghost = NoteTable.from_columns([start], [QUARTER], [70], ids=[-1])
    assert surprise(parrot, Hearing(seed.merged(ghost), Timeline(), request=request)).of(-1) is not None


def test_only_a_model_that_is_told_offers_the_choice(parrot: NoteEventGenerator) -> None:
    old = replace(parrot.manifest, inputs=tuple(t for t in parrot.manifest.inputs if not t.name.startswith("recall")))
    assert "recall" in {control.name for control in controls_of(parrot.manifest)}
    assert "recall" not in {control.name for control in controls_of(old)}
    assert parrot.session.recalls
