"""How well a piano-roll model foresees music: nats a column, by teacher forcing through the very graph that generates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from musegen_app.encoding.context import AS_WRITTEN
from musegen_app.encoding.piano_roll import END, PUBLISHED_WINDOW, RollPiece, Surroundings, changes_of
from musegen_app.generate.request import Likelihood
from musegen_app.generate.roll_session import Floats32, RollSession, WindowSession, neutral_inputs
from musegen_app.score import Score

_LANES: Final = 64
_BLOCK: Final = 128


def foreseen(session: RollSession, scores: Iterable[Score], style: int) -> Likelihood:
    """Mean nats a column of ``scores`` from their beginnings, drums left out.

    Raises:
        ModelError: ONNX Runtime refuses.
    """
    waiting = sorted((piece for piece in map(RollPiece.of, scores) if piece), key=lambda piece: len(piece.columns))
    lanes: list[_Lane] = []
    state = session.empty_state(0)
    nats, columns = 0.0, sum(len(piece.columns) for piece in waiting)
    while lanes or waiting:
        begun = [_Lane(waiting.pop(), style) for _ in range(min(_LANES - len(lanes), len(waiting)))]
        lanes += begun
        state = tuple(np.concatenate(parts, axis=1) for parts in zip(state, session.empty_state(len(begun)), strict=True))
        named = [lane.coming() for lane in lanes]
        inputs = neutral_inputs(len(lanes), max(len(changes) for changes in named))
        inputs["given"][:] = END
        for row, changes in enumerate(named):
            inputs["given"][row, : len(changes)] = changes
        inputs["planes"] = np.stack([lane.planes for lane in lanes])[None]
        inputs["classes"] = np.stack([lane.classes for lane in lanes])[None]
        drawn = session.step(inputs, state)
        nats -= float(drawn.log_probs.sum(dtype=np.float64))
        left = [row for row, lane in enumerate(lanes) if lane.goes_on()]
        state = drawn.state
        if len(left) < len(lanes):
            lanes, state = [lanes[row] for row in left], tuple(part[:, left] for part in state)
    return Likelihood("column", columns, nats / max(columns, 1))


class _Lane:
    """A piece, all of it given, and the column that is due."""

    def __init__(self, piece: RollPiece, style: int) -> None:
        self._changes = changes_of(piece.columns)
        self._around = Surroundings(piece.columns, piece.bars)
        self._classes = np.full((len(self._changes), 5), style, dtype=np.int64)
        self._classes[:, :3], self._classes[:, 3] = piece.bars.classes(np.arange(len(self._changes))), AS_WRITTEN
        self._at = 0
        self._block = self._around.planes(0, _BLOCK)

    @property
    def planes(self) -> Floats32:
        row: Floats32 = self._block[self._at % _BLOCK]
        return row

    @property
    def classes(self) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        row: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = self._classes[self._at]
        return row

    def coming(self) -> list[int]:
        """The changes of the column that is due."""
        return self._changes[self._at]

    def goes_on(self) -> bool:
        """Move on to the next column, if there is one."""
        self._at += 1
        if self._at < len(self._changes) and self._at % _BLOCK == 0:
            self._block = self._around.planes(self._at, self._at + _BLOCK)
        return self._at < len(self._changes)


def cross_entropy(session: WindowSession, values: Floats32) -> tuple[float, int]:
    """The published cross-entropy a column of ``values`` float32 (columns, 128), and how many columns were foreseen.

    The first 18 are only heard.

    Raises:
        ModelError: ONNX Runtime refuses.
    """
    total, count = 0.0, max(len(values) - PUBLISHED_WINDOW, 0)
    for begin in range(0, count, _BLOCK):
        rows = np.arange(begin, min(begin + _BLOCK, count))
        log_probs = session.log_probs(values[rows[:, None] + np.arange(PUBLISHED_WINDOW)])
        total -= float((values[rows + PUBLISHED_WINDOW] * log_probs).sum(dtype=np.float64))
    return total / max(count, 1), count
