"""How well a model foresees music: nats a note on the grid, by teacher forcing through the very graph that generates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import ARRIVAL
from musegen_app.encoding.note_events import BEGIN_PITCH, LENGTHS, NO_VELOCITY, ONSETS
from musegen_app.encoding.pieces import Piece, piece_of
from musegen_app.errors import ModelError
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.priming import Inputs, given_inputs, neutral_inputs
from musegen_app.generate.request import Generator
from musegen_app.generate.session import NoteSession, State
from musegen_app.score import Score

_LANES: Final = 64
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Mean nats a note over ``notes`` notes, on a grid of 24 steps a quarter; ``nats_per_note`` is onset + pitch + length.

    Times are exact likelihoods on the grid: a class that stands for several steps costs the choice among them as well. The
    first onset counts from the first bar line; that a piece ends after its last note costs nothing. Velocities are told
    apart in 32 classes; in pieces whose velocities are flat they cost nothing.
    """

    notes: int
    nats_onset: float
    nats_pitch: float
    nats_length: float
    nats_velocity: float

    @property
    def nats_per_note(self) -> float:
        """Onset, pitch and length together."""
        return self.nats_onset + self.nats_pitch + self.nats_length


def evaluate(generator: Generator, scores: Iterable[Score], style: str = "") -> Evaluation:
    """Let the model foresee each of ``scores`` from its beginning, the drums left out, without knowing where it ends.

    Raises:
        ModelError: the model is of a family that gives no likelihoods, or does not know ``style``.
    """
    if not isinstance(generator, NoteEventGenerator):
        raise ModelError(f'Model "{generator.name}" cannot say how likely music is.', generator.name)
    pieces = [piece for piece in map(piece_of, scores) if piece is not None]
    pieces.sort(key=lambda piece: -len(piece.notes))
    costs = [np.zeros((0, 4))]
    for first in range(0, len(pieces), _LANES):
        costs += score_notes(generator.session, pieces[first : first + _LANES], generator.style_class(style))
    each = np.concatenate(costs)
    means = each.mean(axis=0) if len(each) else np.zeros(4)
    return Evaluation(len(each), *(float(mean) for mean in means))


def score_notes(session: NoteSession, pieces: list[Piece], style: int) -> list[Floats]:
    """What each note of each piece costs: for each piece (longest first) float64 (notes, 4), onset, pitch, length, velocity.

    Raises:
        ModelError: ONNX Runtime refuses.
    """
    lanes = [_Lane(piece, style) for piece in pieces]
    state = session.empty_state(len(lanes))
    for row in range(max((len(lane) for lane in lanes), default=0)):
        playing = [lane for lane in lanes if row < len(lane)]
        state = _hear(session, playing, row, tuple(s[:, : len(playing)] for s in state))
    return [lane.nats() for lane in lanes]


def _hear(session: NoteSession, lanes: list[_Lane], row: int, state: State) -> State:
    inputs = neutral_inputs(len(lanes))
    inputs["classes"] = np.stack([lane.inputs["classes"][row] for lane in lanes], axis=1)
    inputs["sounds"] = np.stack([lane.inputs["sounds"][row] for lane in lanes], axis=1)
    inputs["given"] = np.stack([lane.inputs["given"][:, row] for lane in lanes], axis=2)
    inputs["floor"] = np.array([lane.floor[row] for lane in lanes])
    heard = session.step(inputs, state)
    coming = [lane.coming[row] for lane in lanes]
    onset = heard.onset_log_probs[np.arange(len(lanes)), coming]
    for lane, note, time in zip(lanes, heard.note_log_probs, onset, strict=True):
        lane.note_costs[row], lane.onset_costs[row] = -note, -time
    return heard.state


class _Lane:
    """A piece, all of it given, and what its notes cost so far."""

    def __init__(self, piece: Piece, style: int) -> None:
        notes = piece.notes
        self._piece = piece
        self.inputs: Inputs = given_inputs(notes, piece.bars, has_velocity=notes.has_velocity, style=style)
        arrival = self.inputs["classes"][:, 0, ARRIVAL]
        before = np.concatenate([[BEGIN_PITCH, BEGIN_PITCH], notes.pitch[:-1]])
        self.floor = np.where((arrival == 0) & (before < BEGIN_PITCH), before, -1)
        self.coming = np.append(arrival[1:], 0)
        self.note_costs = np.zeros((len(arrival), 3))
        self.onset_costs = np.zeros(len(arrival))

    def __len__(self) -> int:
        return len(self.coming)

    def nats(self) -> Floats:
        notes, given = self._piece.notes, self.inputs["given"][:, 1:, 0]
        arrival = self.inputs["classes"][1:, 0, ARRIVAL]
        onset = self.onset_costs[:-1] + ONSETS.log_width[arrival]
        pitch, length, velocity = self.note_costs[1:].T
        velocity = np.where(given[2] < NO_VELOCITY, velocity, 0.0)
        return np.stack([onset, pitch, length + LENGTHS.log_width[given[1]], velocity], axis=1).reshape(len(notes), 4)
