"""A note a take a call: the graph for it draws what the whole graph draws, bound once and again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from tiny import STYLES, tiny_net

from musegen_app.encoding.note_events import NO_VELOCITY, ONSET_CLASSES
from musegen_app.errors import ModelError
from musegen_app.generate import GenerateRequest, Manifest, Sampling
from musegen_app.generate.batch import Batch
from musegen_app.generate.manifest import STEP_FILE
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.priming import neutral_inputs
from musegen_app.generate.sampling import Uniforms
from musegen_app.generate.session import Heard, Inputs, NoteSession
from musegen_app.generate.stepper import Stepper
from musegen_app.score import NoteTable, Timeline
from musegen_app.training.export import described, put
from musegen_app.training.graphs.note_events import note_graph
from musegen_app.training.graphs.note_step import step_graph

TAKES = 3
FIELDS = ("pitch", "length", "velocity", "onset")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> NoteSession:
    """The tiny model in 32 bits, with both of its graphs."""
    return NoteSession(written(tmp_path_factory.mktemp("exact")))


def written(folder: Path, *, step: bool = True) -> Manifest:
    net, graphs = tiny_net(), []
    for name, graph in (("whole", note_graph(net)), ("step", step_graph(net))):
        graphs.append(folder / f"{name}.source")
        onnx.save(graph, graphs[-1])
    made = Manifest(name="exact", title="Exact", family="note-events", path=folder, styles=STYLES, grid=24)
    made = described(made, note_graph(net), net.size.as_dict())
    return put(replace(made, step=STEP_FILE), *graphs) if step else put(made, graphs[0])


def moments(count: int = 12, *, flat: bool = False) -> Iterator[Inputs]:
    """Inputs that make no music: everything that may change between two notes does."""
    rng = np.random.default_rng(5)
    given = np.full((3, 1, TAKES), -1)
    given[2] = NO_VELOCITY if flat else -1
    for _ in range(count):
        lengths = np.where(rng.random((TAKES, 128)) < 0.1, rng.integers(0, 100, (TAKES, 128)), 120)
        yield neutral_inputs(TAKES) | {
            "classes": rng.integers(0, 3, (1, TAKES, 10)),
            "sounds": (rng.random((1, TAKES, 780)) < 0.05).astype(np.float32),
            "references": rng.integers(0, 129, (TAKES, 3)),
            "recall_classes": rng.integers(0, 4, (1, TAKES, 5)),
            "recall_lengths": lengths,
            "floor": rng.integers(-1, 60, TAKES),
            "allowed": rng.random((TAKES, 128)) < 0.7,
            "onset_allowed": rng.random((TAKES, ONSET_CLASSES)) < 0.5,
            "pitch_bias": rng.normal(size=(TAKES, 128)).astype(np.float32),
            "uniforms": rng.random((TAKES, 4), dtype=np.float32),
            "temperature": rng.uniform(0.5, 1.5, (TAKES, 1)).astype(np.float32),
            "time_temperature": rng.uniform(0.5, 1.5, (TAKES, 1)).astype(np.float32),
            "min_p": np.full((1, 1), 0.02, dtype=np.float32),
            "given": given,
            "is_silent": np.array(flat),
        }


def assert_same(made: Heard, wanted: Heard, fields: tuple[str, ...] = FIELDS) -> None:
    for number, field in enumerate(FIELDS):
        if field in fields:
            np.testing.assert_array_equal(getattr(made, field), getattr(wanted, field))
            possible = wanted.log_probs[number] > -10_000
            np.testing.assert_array_equal(made.log_probs[number] > -10_000, possible)
            np.testing.assert_allclose(made.log_probs[number][possible], wanted.log_probs[number][possible], atol=1e-4)
    for mine, theirs in zip(made.state, wanted.state, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)


@pytest.mark.parametrize("fields", [FIELDS, ("pitch", "length", "onset")], ids=["played", "without velocities"])
def test_the_graph_of_one_note_draws_what_the_whole_graph_draws(both: NoteSession, fields: tuple[str, ...]) -> None:
    state, stepper = both.empty_state(TAKES), None
    drawn = set()
    for inputs in moments(flat=fields != FIELDS):
        stepper = stepper or Stepper(both, both.step_graph, inputs, TAKES)
        wanted = both.step(inputs, state)
        assert_same(stepper.step(inputs, state), wanted, fields)
        state = wanted.state
        drawn |= set(wanted.pitch.tolist())
    assert len(drawn) > 5


def test_states_go_on_from_call_to_call_and_from_graph_to_graph(both: NoteSession) -> None:
    state = mine = both.empty_state(TAKES)
    steppers: dict[bool, Stepper] = {}
    for number, inputs in enumerate(moments()):
        is_quick = number % 5 in (0, 1, 2)
        graph = both.step_graph if is_quick else both.graph
        heard = steppers.setdefault(is_quick, Stepper(both, graph, inputs, TAKES)).step(inputs, mine)
        wanted = both.step(inputs, state)
        assert_same(heard, wanted)
        mine, state = heard.state, wanted.state


def test_a_note_may_be_heard_anew(both: NoteSession) -> None:
    one, other, third = moments(3)
    stepper = Stepper(both, both.graph, one, TAKES)
    first = stepper.step(one, both.empty_state(TAKES)).state
    kept = tuple(part.copy() for part in first)
    stepper.step(other, first)
    assert_same(stepper.step(third, first), both.step(third, kept))


def test_what_is_written_into_the_arrays_is_seen_and_what_is_left_out_is_nothing(both: NoteSession) -> None:
    inputs = next(moments(1))
    stepper = Stepper(both, both.graph, inputs, TAKES)
    state = both.empty_state(TAKES)
    stepper.step(inputs, state)
    inputs["sounds"][:, :, :700] = 1
    inputs["uniforms"][:] = 0.9
    assert_same(stepper.step(inputs, state), both.step(inputs, state))
    known = {"known_classes": np.ones((1, TAKES, 5), np.int64), "known_sounds": np.ones((1, TAKES, 920), np.float32)}
    assert_same(stepper.step(inputs | known, state), both.step(inputs | known, state))
    without = {name: value for name, value in inputs.items() if not name.startswith(("recall", "references"))}
    assert_same(stepper.step(without, state), both.step(without, state))


def test_what_others_wrote_is_never_written_to(both: NoteSession) -> None:
    """The first arrays are bound as they are; others that come in their place leave them alone."""
    first, *others = moments(4)
    kept = {name: value.copy() for name, value in first.items()}
    stepper, state = Stepper(both, both.graph, first, TAKES), both.empty_state(TAKES)
    for inputs in (first, *others):
        assert_same(stepper.step(inputs, state), both.step(inputs, state))
    without = {name: value for name, value in first.items() if name != "pitch_bias"}
    assert_same(stepper.step(without, state), both.step(without, state))
    for name, value in kept.items():
        np.testing.assert_array_equal(first[name], value)


@pytest.mark.parametrize("step", [True, False], ids=["both graphs", "one graph"])
def test_random_numbers_are_those_of_the_seed_and_the_take_alone(tmp_path: Path, *, step: bool) -> None:
    """Takes leave one by one, and there are more draws than numbers that are made at once."""
    session = NoteSession(written(tmp_path, step=step))
    batch = Batch(session, GenerateRequest(SEED, Timeline(), takes=3, seed_number=7), 0)
    takes, state = [0, 1, 2], session.empty_state(3)
    streams = [Uniforms(7, 3) for _ in range(3)]
    for number in range(700):
        if number in (100, 400):
            batch.only(list(range(1, len(takes))))
            takes, state = takes[1:], tuple(np.ascontiguousarray(part[:, 1:]) for part in state)
        batch.draw_numbers()
        wanted = [stream.next()[take] for take, stream in enumerate(streams)]
        np.testing.assert_array_equal(batch.inputs["uniforms"], [wanted[take] for take in takes])
        state = batch.step(state).state


def test_a_graph_that_fails_is_one_sentence(both: NoteSession) -> None:
    inputs = next(moments(1))
    inputs["classes"][:] = 10_000
    with pytest.raises(ModelError, match='Model "exact" failed while drawing a note'):
        Stepper(both, both.step_graph, inputs, TAKES).step(inputs, both.empty_state(TAKES))
    strange = {name: value for name, value in inputs.items() if name != "uniforms"}
    with pytest.raises(ModelError, match='Model "exact" cannot be used: its graph is not one that MuseGen made'):
        Stepper(both, both.step_graph, strange, TAKES)


SEED = NoteTable.from_columns([0, 0, 480, 960, 1440], [480] * 5, [48, 64, 67, 72, 71], [60, 90, 70, 80, 100])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"takes": 4},
        {"takes": 2, "sampling": Sampling(top_p=0.8)},
        {"takes": 2, "controls": (("density", 6.0), ("polyphony", 2.0))},
        {"takes": 2, "standing": NoteTable.from_columns([3840, 4800, 5760], [960] * 3, [40, 43, 45])},
        {"takes": 2, "ending": "close"},
    ],
    ids=["one", "takes", "top-p", "asked", "among others", "ending"],
)
def test_a_model_with_one_graph_draws_the_same_music(tmp_path: Path, asked: dict[str, object]) -> None:
    folders = [tmp_path / "both", tmp_path / "one"]
    music = []
    for folder, step in zip(folders, (True, False), strict=True):
        folder.mkdir()
        model = NoteEventGenerator(written(folder, step=step))
        request = GenerateRequest(SEED, Timeline(), bars=4, seed_number=3, **asked)  # type: ignore[arg-type]
        music.append([(n.take, n.note) for n in model.generate(request, lambda: False)])
    assert music[0] == music[1]
    assert len(music[0]) > 10
