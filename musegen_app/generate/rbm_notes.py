"""From states that are drawn stretch by stretch to notes, told as soon as they have ended."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.columns import COLUMN_TICKS
from musegen_app.encoding.state_window import LOWEST, PITCHES, REST, STRUCK, States
from musegen_app.generate.request import GeneratedNote
from musegen_app.score import Note

Floats32 = npt.NDArray[np.float32]


class Strikes:
    """The notes of a span of ``begin`` to ``end`` (steps), for some takes.

    Only what is struck is a note; what is held without having been struck within the span belongs to a note before it.
    """

    def __init__(self, request_id: int, takes: int, span: tuple[int, int], velocity: int) -> None:
        begin, end = span
        self._id, self._begin, self._end, self._velocity = request_id, begin, end, velocity
        self._states: States = np.zeros((takes, end - begin, PITCHES), dtype=np.uint8)
        self._log_prob = np.zeros(self._states.shape, dtype=np.float32)
        self._energy = np.zeros(self._states.shape[:2], dtype=np.float32)
        self._open: list[dict[int, int]] = [{} for _ in range(takes)]
        self._told = 0

    def add(self, begin: int, states: States, log_prob: Floats32, energy: Floats32) -> None:
        """Take in what was drawn from step ``begin`` on.

        Args:
            begin: the first step.
            states: uint8 (takes, steps, 78).
            log_prob: float32 like ``states``, of a strike there.
            energy: float32 (takes,), free energy a step of the window it was drawn in.
        """
        rows = slice(begin - self._begin, begin - self._begin + states.shape[1])
        self._states[:, rows], self._log_prob[:, rows], self._energy[:, rows] = states, log_prob, energy[:, None]

    def until(self, end: int) -> Iterator[GeneratedNote]:
        """The notes that have ended before step ``end``, up to which all is known, and were not told yet."""
        first, self._told = self._told, end - self._begin
        for step in range(first, self._told):
            for take, open_notes in enumerate(self._open):
                yield from self._heard(take, step, open_notes)

    def rest(self) -> Iterator[GeneratedNote]:
        """All others: what still sounds ends with the span."""
        yield from self.until(self._end)
        for take, open_notes in enumerate(self._open):
            for pitch in sorted(open_notes):
                yield self._note(take, pitch, open_notes[pitch], self._end - self._begin)
            open_notes.clear()

    def _heard(self, take: int, step: int, open_notes: dict[int, int]) -> Iterator[GeneratedNote]:
        states = self._states[take, step]
        for pitch in [pitch for pitch in open_notes if states[pitch] in {REST, STRUCK}]:
            yield self._note(take, pitch, open_notes.pop(pitch), step)
        open_notes |= dict.fromkeys(np.flatnonzero(states == STRUCK).tolist(), step)

    def _note(self, take: int, pitch: int, first: int, end: int) -> GeneratedNote:
        start = (self._begin + first) * COLUMN_TICKS
        note = Note(start, (end - first) * COLUMN_TICKS, pitch + LOWEST, self._velocity)
        log_prob = float(self._log_prob[take, first, pitch])
        return GeneratedNote(self._id, take, note, log_prob, float(self._energy[take, first]))


def strike_log_probs(logits: Floats32, sounded: npt.NDArray[np.bool_]) -> Floats32:
    """Log-probability of a strike, in nats, given the hidden units.

    Args:
        logits: float32 (takes, steps, 2, 78), log-odds of held and struck against rest.
        sounded: bool (takes, steps, 78), whether the pitch sounded a step before, so that it might also be held.
    """
    held, struck = logits[:, :, 0], logits[:, :, 1]
    others = np.logaddexp(0.0, np.where(sounded, held, -np.inf))
    found: Floats32 = (struck - np.logaddexp(others, struck)).astype(np.float32)
    return found
