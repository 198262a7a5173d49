"""Continue a seed with a note-event model: all takes as one batch, a note each a call, masks that are never violated."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import ARRIVAL, AS_WRITTEN, SOUND_WIDTH, STYLE, TRANSPOSITION, ContextTracker
from musegen_app.encoding.note_events import END, LENGTHS, NO_VELOCITY, ONSETS, STEP_TICKS, Ints, velocities
from musegen_app.generate.constraints import pitch_mask
from musegen_app.generate.priming import Inputs, Seed, given_inputs, neutral_inputs
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.sampling import LOOP_TEMPERATURE, LoopGuard, Uniforms
from musegen_app.generate.session import Heard, NoteSession
from musegen_app.score import Note

Floats32 = npt.NDArray[np.float32]
_log = logging.getLogger(__name__)

_TIME_SHARPNESS: Final = 0.95
_ANY_TIME: Final = 1 << 40


class Continuation:
    """One request being answered. Iterate :meth:`notes` once, on one thread.

    A seed whose velocities are flat (a score, notes drawn with the mouse) is continued with its own median velocity; the
    model draws velocities only after a seed that was played.

    Raises:
        InputError: the scale and the range have no common pitch.
    """

    def __init__(self, session: NoteSession, request: GenerateRequest, style: int) -> None:
        self._session, self._request, self._style = session, request, style
        self._mask = pitch_mask(request.key, request.pitch_range)
        self._seed = Seed.of(request)
        self._draws_velocity = self._seed.has_velocity
        self._uniforms = Uniforms(request.seed_number, request.takes)
        self._guards = [LoopGuard() for _ in range(request.takes)]
        self._begin(np.arange(request.takes))

    def _begin(self, takes: Ints) -> None:
        """Make room for these takes."""
        count, sampling = len(takes), self._request.sampling
        self._takes = takes
        self._inputs = neutral_inputs(count)
        self._inputs["allowed"][:] = self._mask
        self._inputs["temperature"][:] = sampling.temperature
        self._inputs["time_temperature"][:] = sampling.temperature * _TIME_SHARPNESS
        self._inputs["top_p"][:] = sampling.top_p
        self._inputs["min_p"][:] = sampling.min_p
        classes = np.zeros((1, count, STYLE + 1), dtype=np.int64)
        classes[..., TRANSPOSITION], classes[..., STYLE] = AS_WRITTEN, self._style
        given = np.full((3, 1, count), -1, dtype=np.int64)
        if not self._draws_velocity:
            given[2] = NO_VELOCITY
        self._inputs |= {"classes": classes, "given": given, "sounds": np.zeros((1, count, SOUND_WIDTH), dtype=np.float32)}

    def notes(self, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """Draw notes until every take has reached the end of its span, or until ``cancelled`` says so before a note."""
        if cancelled():
            return
        self._hear_seed()
        while self._go_on() and not cancelled():
            self._draw()
            for note in self._drawn():
                if cancelled():
                    return
                yield note

    def _hear_seed(self) -> None:
        seed, count = self._seed, len(self._takes)
        rows = given_inputs(seed.notes, seed.bars, has_velocity=seed.has_velocity, style=self._style)
        if not seed.is_whole:
            rows |= {"classes": rows["classes"][1:], "sounds": rows["sounds"][1:], "given": rows["given"][:, 1:]}
        state = self._session.empty_state(1)
        if len(rows["classes"]) > 1:
            most = rows | {name: rows[name][:-1] for name in ("classes", "sounds")} | {"given": rows["given"][:, :-1]}
            state = self._session.step(most, state).state
        last: Inputs = {name: np.repeat(rows[name][-1:], count, axis=1) for name in ("classes", "sounds")}
        last["given"] = np.repeat(rows["given"][:, -1:], count, axis=2)
        self._at = np.full(count, int(seed.notes.onset[-1]) if len(seed.notes) else 0)
        self._allow_onsets(np.maximum(seed.start - self._at, 0), seed.end - 1 - self._at)
        self._inputs["uniforms"] = self._uniforms.next()
        self._heard = self._session.step(self._inputs | last, tuple(np.repeat(s, count, axis=1) for s in state))
        self._tracker = ContextTracker.after(seed.notes, seed.bars, count)

    def _allow_onsets(self, soonest: Ints, latest: Ints) -> None:
        """Allow the next onset ``soonest`` to ``latest`` steps (takes,) after this one; the piece may end if there is no latest."""
        allowed = self._inputs["onset_allowed"]
        allowed[:, :END] = (ONSETS.high >= soonest[:, None]) & (ONSETS.low <= latest[:, None])
        allowed[:, END - 1] |= soonest > ONSETS.longest
        allowed[:, END] = latest == _ANY_TIME
        self._soonest, self._latest = soonest, latest

    def _go_on(self) -> bool:
        """Move every take to its next onset and drop those that have reached their end. False when none is left."""
        ends = self._heard.onset == END
        gap = ONSETS.high[np.where(ends, 0, self._heard.onset)]
        at = self._at + np.clip(gap, self._soonest, self._latest)
        at[ends] = self._seed.end
        self._arrival = self._heard.onset
        self._onset_cost = _picked(self._heard.onset_log_probs, self._arrival)
        at = self._wait_for_silence(at)
        self._inputs["floor"][:] = np.where(at == self._at, self._last_pitches(), -1)
        self._at = at
        left = np.flatnonzero(at < self._seed.end)
        if len(left) < len(at):
            self._keep(left)
        return len(self._takes) > 0

    def _last_pitches(self) -> Ints:
        """The pitch each take struck last; −1 where nothing was struck yet."""
        pitch = self._heard.note[:, 0]
        return np.where(pitch < len(self._mask), pitch, -1)

    def _wait_for_silence(self, at: Ints) -> Ints:
        """Where every allowed pitch still sounds, move the onset to the first step where one is silent."""
        open_pitches = self._tracker.silent(np.minimum(at, self._seed.end)) & self._mask
        for row in np.flatnonzero(~open_pitches.any(axis=1) & (at < self._seed.end)):
            at[row] = self._tracker.next_silent(int(row), int(at[row]), self._mask)
            self._arrival[row] = ONSETS.classes(at[row] - self._at[row])
        return at

    def _keep(self, rows: Ints) -> None:
        self._uniforms.only(rows)
        self._tracker.only(rows)
        floor, temperature = self._inputs["floor"][rows], self._inputs["temperature"][rows]
        self._begin(self._takes[rows])
        self._inputs["floor"], self._inputs["temperature"] = floor, temperature
        self._at, self._arrival, self._onset_cost = self._at[rows], self._arrival[rows], self._onset_cost[rows]
        heard = self._heard
        state = tuple(np.ascontiguousarray(s[:, rows]) for s in heard.state)
        self._heard = Heard(heard.note[rows], heard.onset[rows], heard.note_log_probs[rows], heard.onset_log_probs[rows], state)

    def _draw(self) -> None:
        inputs, at, end = self._inputs, self._at, self._seed.end
        classes = inputs["classes"][0]
        self._tracker.look(at, classes, inputs["sounds"][0])
        classes[:, ARRIVAL] = self._arrival
        latest = np.where(at >= self._seed.last_bar, _ANY_TIME, end - 1 - at)
        self._allow_onsets(np.zeros_like(at), latest)
        inputs["uniforms"] = self._uniforms.next()
        self._heard = self._session.step(inputs, self._heard.state)
        self._length = np.minimum(LENGTHS.high[self._heard.note[:, 1]], end - at)
        self._tracker.add(self._heard.note[:, 0], self._length)

    def _drawn(self) -> Iterator[GeneratedNote]:
        """The notes just drawn, one a take, in score ticks."""
        heard, seed = self._heard, self._seed
        fields = 3 if self._draws_velocity else 2
        log_probs = self._onset_cost + heard.note_log_probs[:, :fields].sum(axis=1)
        velocity = velocities(heard.note[:, 2]).tolist() if self._draws_velocity else [seed.flat_velocity] * len(self._takes)
        pitches, lengths, at = heard.note[:, 0].tolist(), self._length.tolist(), self._at.tolist()
        for row, (take, log_prob) in enumerate(zip(self._takes.tolist(), log_probs.tolist(), strict=True)):
            self._watch(row, take, pitches[row], lengths[row], at[row])
            start = (seed.origin + at[row]) * STEP_TICKS
            note = Note(start, lengths[row] * STEP_TICKS, pitches[row], velocity[row])
            yield GeneratedNote(self._request.id, take, note, log_prob)

    def _watch(self, row: int, take: int, pitch: int, length: int, at: int) -> None:
        """Warm a take up while it is caught in a loop."""
        guard, bars = self._guards[take], self._seed.bars
        if guard.heard(int(bars.number[at]), at - int(bars.start[at]), pitch, length):
            _log.info("Take %d repeats itself; drawing pitches more freely until it moves on.", take + 1)
        temperature = self._request.sampling.temperature
        self._inputs["temperature"][row] = max(temperature, LOOP_TEMPERATURE) if guard.caught else temperature


def _picked(rows: Floats32, column: Ints) -> Floats32:
    return rows[np.arange(len(rows)), column]
