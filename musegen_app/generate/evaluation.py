"""How well a model foresees music: nats a note on the grid, by teacher forcing through the very graph that generates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.anticipation import Foreknowledge
from musegen_app.encoding.context import ARRIVAL
from musegen_app.encoding.note_events import BEGIN_PITCH, LENGTHS, NO_VELOCITY, ONSETS
from musegen_app.encoding.pieces import Piece, piece_of
from musegen_app.encoding.recall import piece_recall
from musegen_app.errors import ModelError
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.priming import given_inputs, neutral_inputs, pitch_inputs
from musegen_app.generate.request import Generator
from musegen_app.generate.session import Inputs, NoteSession, State
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
    """Let the model foresee what it plays of each of ``scores`` from its beginning, without knowing where it ends.

    That is the drums for a drummer, and all but the drums for others.

    Raises:
        ModelError: the model is of a family that gives no likelihoods, or does not know ``style``.
    """
    if not isinstance(generator, NoteEventGenerator):
        raise ModelError(f'Model "{generator.name}" cannot say how likely music is.', generator.name)
    found = (piece_of(score, generator.manifest.instrument) for score in scores)
    pieces = [piece for piece in found if piece is not None]
    costs = [np.zeros((0, 4)), *score_notes(generator.session, pieces, generator.style_class(style))]
    each = np.concatenate(costs)
    means = each.mean(axis=0) if len(each) else np.zeros(4)
    return Evaluation(len(each), *(float(mean) for mean in means))


def score_notes(
    session: NoteSession,
    pieces: list[Piece],
    style: int,
    known: Sequence[Foreknowledge] | None = None,
    *,
    recalling: bool = True,
) -> list[Floats]:
    """What each note of each piece costs: for each piece float64 (notes, 4), onset, pitch, length, velocity.

    Pieces are heard side by side; as one ends, the next takes its lane. ``known`` is what is known of each beforehand;
    ``recalling``: a model that wants to know is told what the music recalls.

    Raises:
        ModelError: ONNX Runtime refuses.
    """
    found: list[Floats] = [np.zeros((0, 4))] * len(pieces)
    waiting = sorted(range(len(pieces)), key=lambda number: len(pieces[number].notes))  # the longest first, from the end
    lanes: list[_Lane] = []
    state = session.empty_state(0)
    while lanes or waiting:
        chosen = _some(waiting, _LANES - len(lanes))
        recalls = recalling and session.recalls
        begun = [
            _Lane(number, pieces[number], style, known[number] if known else None, recalls=recalls) for number in chosen
        ]
        lanes += begun
        state = tuple(np.concatenate(parts, axis=1) for parts in zip(state, session.empty_state(len(begun)), strict=True))
        state = _hear(session, lanes, state)
        for lane in lanes:
            if lane.is_heard:
                found[lane.number] = lane.nats()
        left = [index for index, lane in enumerate(lanes) if not lane.is_heard]
        if len(left) < len(lanes):
            lanes, state = [lanes[index] for index in left], tuple(part[:, left] for part in state)
    return found


def _some(waiting: list[int], count: int) -> list[int]:
    """Take up to ``count`` off the end of ``waiting``."""
    return [waiting.pop() for _ in range(min(count, len(waiting)))]


def _hear(session: NoteSession, lanes: list[_Lane], state: State) -> State:
    """Let every lane hear its next row."""
    rows = [lane.next_row() for lane in lanes]
    inputs = neutral_inputs(len(lanes))
    inputs["classes"] = np.stack([lane.inputs["classes"][row] for lane, row in rows], axis=1)
    inputs["sounds"] = np.stack([lane.inputs["sounds"][row] for lane, row in rows], axis=1)
    inputs["given"] = np.stack([lane.inputs["given"][:, row] for lane, row in rows], axis=2)
    inputs["floor"] = np.array([lane.floor[row] for lane, row in rows])
    inputs |= {name: np.stack([lane.pitches[name][row] for lane, row in rows]) for name in lanes[0].pitches}
    if "recall_classes" in lanes[0].inputs:
        inputs["recall_classes"] = np.stack([lane.inputs["recall_classes"][row] for lane, row in rows], axis=1)
    if all(lane.known is not None for lane in lanes):
        for column, name in enumerate(("known_classes", "known_sounds")):
            inputs[name] = np.stack([lane.known[column][row] for lane, row in rows if lane.known])[None]
    heard = session.step(inputs, state)
    pitch, length, velocity = inputs["given"][:, 0]
    costs = heard.costs(pitch, length, velocity, np.array([lane.coming[row] for lane, row in rows]))
    for (lane, row), cost in zip(rows, costs.T, strict=True):
        lane.costs[row] = cost
    return heard.state


class _Lane:
    """A piece, all of it given, and what its notes cost so far."""

    def __init__(
        self, number: int, piece: Piece, style: int, known: Foreknowledge | None = None, *, recalls: bool = True
    ) -> None:
        notes = piece.notes
        self.number, self._piece, self._row = number, piece, 0
        recall = piece_recall(notes, piece.bars) if recalls else None
        self.inputs: Inputs = given_inputs(notes, piece.bars, recall, has_velocity=notes.has_velocity, style=style)
        arrival = self.inputs["classes"][:, 0, ARRIVAL]
        before = np.concatenate([[BEGIN_PITCH, BEGIN_PITCH], notes.pitch[:-1]])
        self.floor = np.where((arrival == 0) & (before < BEGIN_PITCH), before, -1)
        at = np.concatenate([[0], notes.onset])
        self.known = None if known is None else known.look(np.arange(len(at)), at, self.floor, piece.bars.length[at])
        self.pitches = pitch_inputs(notes, recall.lengths() if recall else None, self.floor)
        self.coming = np.append(arrival[1:], 0)
        self.costs = np.zeros((len(arrival), 4))

    def next_row(self) -> tuple[_Lane, int]:
        """This lane and the row that it hears now."""
        self._row += 1
        return self, self._row - 1

    @property
    def is_heard(self) -> bool:
        """Whether all rows were heard."""
        return self._row == len(self.coming)

    def nats(self) -> Floats:
        notes, given = self._piece.notes, self.inputs["given"][:, 1:, 0]
        arrival = self.inputs["classes"][1:, 0, ARRIVAL]
        pitch, length, velocity, _ = self.costs[1:].T
        onset = self.costs[:-1, 3] + ONSETS.log_width[arrival]
        velocity = np.where(given[2] < NO_VELOCITY, velocity, 0.0)
        return np.stack([onset, pitch, length + LENGTHS.log_width[given[1]], velocity], axis=1).reshape(len(notes), 4)
