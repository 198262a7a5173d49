"""A model that learnt how to begin: its first state is heard by continuations and evaluations alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from musegen_app.encoding.pieces import piece_of
from musegen_app.errors import ModelError
from musegen_app.generate import GenerateRequest, Manifest, find, load
from musegen_app.generate.evaluation import score_notes
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.session import NoteSession
from musegen_app.paths import bundle_dir
from musegen_app.score import Note, NoteTable, Score, Timeline, Track

LINE = NoteTable.of(Note(beat * 960, 960, 60 + beat % 8, 70) for beat in range(16))


@pytest.fixture(scope="module")
def begins_loud(tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, np.ndarray]:
    """The tiny model with a learnt state, and that state: h and c of two layers of sixteen units."""
    from tiny import STYLES, random_window, tiny_net

    from musegen_app.training.graphs.note_events_export import export

    net = tiny_net()
    torch.manual_seed(8)
    net.initial.normal_()
    path = tmp_path_factory.mktemp("models") / "loud"
    manifest, check = export(net, Manifest("loud", "Loud", "note-events", path, styles=STYLES), random_window())
    assert check.largest_difference < 1e-4  # from the learnt state on
    return manifest, net.initial.numpy()


def test_each_take_begins_in_the_learnt_state(begins_loud: tuple[Manifest, np.ndarray]) -> None:
    manifest, learnt = begins_loud
    assert {f"initial_{state.name}" for state in manifest.states} <= {output.name for output in manifest.outputs}
    state = NoteSession(manifest).empty_state(3)
    wanted = (learnt[0, 0], learnt[1, 0], learnt[0, 1], learnt[1, 1])  # h_0, c_0, h_1, c_1
    for part, expected in zip(state, wanted, strict=True):
        assert part.shape == (1, 3, 16)
        assert part.flags.c_contiguous
        np.testing.assert_array_equal(part, np.tile(expected, (1, 3, 1)))
    assert NoteSession(manifest).empty_state(0)[0].shape == (1, 0, 16)


def test_a_model_without_one_begins_with_zeros(tiny_manifest: Manifest) -> None:
    flagship = find("flagship", [bundle_dir() / "models"])
    for manifest, hidden in ((tiny_manifest, 16), (flagship, 256)):
        state = NoteSession(manifest).empty_state(2)
        assert [part.shape for part in state] == [(1, 2, hidden)] * 4
        assert not any(part.any() for part in state)


def test_evaluating_begins_in_it(begins_loud: tuple[Manifest, np.ndarray], tiny: NoteEventGenerator) -> None:
    piece = piece_of(Score((Track(1, "Line", notes=LINE.numbered(1)),), next_id=17))
    assert piece is not None
    (loud,), (plain,) = (score_notes(session, [piece], 0) for session in (NoteSession(begins_loud[0]), tiny.session))
    assert np.abs(loud - plain)[0].max() > 0.02
    assert np.abs(loud - plain)[-1].max() < np.abs(loud - plain)[0].max()  # it is forgotten as notes are heard


def test_continuing_begins_in_it(begins_loud: tuple[Manifest, np.ndarray], tiny: NoteEventGenerator) -> None:
    request = GenerateRequest(NoteTable.of([]), Timeline(), 4, seed_number=3)
    loud = load(begins_loud[0])

    def drawn(generator: object) -> list[Note]:
        return [made.note for made in generator.generate(request, lambda: False)]  # type: ignore[attr-defined]

    assert drawn(loud) == drawn(loud) != drawn(tiny)


def test_a_manifest_that_promises_a_state_in_vain_is_told(tiny_manifest: Manifest, tmp_path: Path) -> None:
    promised = tuple(replace(state, name=f"initial_{state.name}") for state in tiny_manifest.states)
    with pytest.raises(ModelError, match='Model "tiny" cannot say how it begins'):
        NoteSession(replace(tiny_manifest, outputs=(*tiny_manifest.outputs, *promised)))
