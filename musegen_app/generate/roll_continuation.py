"""Continue a seed with a piano-roll model: all takes as one batch, a call a column, masks that are never violated."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from musegen_app.encoding.columns import COLUMN_TICKS, PITCHES, Bits
from musegen_app.encoding.context import AS_WRITTEN
from musegen_app.encoding.piano_roll import END, LONGEST_AGE, RELEASE, RollTracker, Surroundings
from musegen_app.generate.constraints import pitch_mask
from musegen_app.generate.loops import LOOP_TEMPERATURE, LoopGuard
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.roll_seed import RollSeed, Sounding
from musegen_app.generate.roll_session import Inputs, RollSession, RollState, neutral_inputs
from musegen_app.generate.sampling import Uniforms

_log = logging.getLogger(__name__)

ROUNDS: Final = 48
"""Most changes in a column."""
LONGEST: Final = 2 * LONGEST_AGE
"""Columns after which a note ends by itself: four bars of 4/4. The network cannot tell longer notes apart."""
DENSITY_NATS: Final = 1.5
STRETCH_NATS: Final = math.log(4)
_QUIET_BARS: Final = 2


class RollContinuation:
    """One request being answered. Iterate :meth:`notes` once, on one thread.

    A note's log-probability is that of its strike. Controls: ``density`` −1 to 1 makes strikes likelier by as many times 1.5
    nats; ``stretch`` 1 makes releases four times less likely.

    Raises:
        InputError: the scale and the range have no common pitch, or a gap is to be filled.
    """

    def __init__(self, session: RollSession, request: GenerateRequest, style: int) -> None:
        self._session, self._request, self._style = session, request, style
        self._mask = pitch_mask(request.key, request.pitch_range)
        self._seed = seed = RollSeed.of(request)
        takes = request.takes
        self._takes = range(takes)
        self._uniforms = Uniforms(request.seed_number, takes, ROUNDS)
        self._guards = [LoopGuard() for _ in self._takes]
        self._sounding = [Sounding(request.id, take, seed) for take in self._takes]
        self._tracker = RollTracker(seed.heard, seed.bars, takes, seed.end - seed.start)
        self._heard_at = np.full(takes, -1)  # the last column in which a take struck anything
        self._sounded_at = np.full(takes, seed.start - 1)
        self._inputs = self._begun(takes)

    def _begun(self, takes: int) -> Inputs:
        request = self._request
        inputs = neutral_inputs(takes, ROUNDS)
        inputs["temperature"][:] = request.sampling.temperature
        inputs["top_p"][:], inputs["min_p"][:] = request.sampling.top_p, request.sampling.min_p
        inputs["bias"][:, :PITCHES] = DENSITY_NATS * request.control("density", 0.0)
        inputs["bias"][:, RELEASE:END] = -STRETCH_NATS * request.control("stretch", 0.0)
        inputs["classes"] = np.zeros((1, takes, 5), dtype=np.int64)
        inputs["classes"][..., 3], inputs["classes"][..., 4] = AS_WRITTEN, self._style
        return inputs

    def notes(self, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """Draw columns until the span ends, or until ``cancelled`` says so; notes come as they end."""
        if cancelled():
            return
        state, seed = self._hear_seed(), self._seed
        for at in range(seed.start, seed.end):
            if cancelled():
                return
            state, ended = self._column(at, state)
            for note in ended:
                if cancelled():
                    return
                yield note
        for sounding in self._sounding:
            for note in sounding.end_all(seed.end):
                if cancelled():
                    return
                yield note

    def _hear_seed(self) -> RollState:
        seed, session = self._seed, self._session
        state = session.empty_state(1)
        count = len(seed.heard)
        if count:
            classes = np.empty((count, 1, 5), dtype=np.int64)
            classes[:, 0, :3] = seed.bars.classes(np.arange(count))
            classes[..., 3], classes[..., 4] = AS_WRITTEN, self._style
            planes = Surroundings(seed.heard, seed.bars).planes()[:, None]
            inputs = neutral_inputs(1, 1) | {"classes": classes, "planes": planes}
            inputs["given"][:] = END
            state = session.step(inputs, state).state
        return tuple(np.repeat(part, len(self._takes), axis=1) for part in state)

    def _column(self, at: int, state: RollState) -> tuple[RollState, list[GeneratedNote]]:
        """Draw column ``at``; the state after what was heard before it, and the notes that end where it begins."""
        inputs, ringing = self._inputs, self._seed.ringing[at - self._seed.start]
        inputs["classes"][0, :, :3] = self._tracker.classes()
        inputs["planes"] = self._tracker.planes()[None]
        inputs["uniforms"] = self._uniforms.next()
        for take in self._takes:
            self._allow(take, at, ringing)
        drawn = self._session.step(inputs, state)
        struck = np.zeros((len(self._takes), PITCHES), dtype=np.bool_)
        sounding = np.zeros_like(struck)  # not what the model thinks it let go: what is too long was let go for it
        ended: list[GeneratedNote] = []
        for take in self._takes:
            changes, log_probs = drawn.changes[:, take].tolist(), drawn.log_probs[:, take].tolist()
            ended += self._changed(take, at, changes, log_probs)
            strikes = [change for change in changes if change < RELEASE]
            struck[take, strikes] = True
            sounding[take, list(self._sounding[take].begun)] = True
            if strikes:
                self._heard_at[take] = at
        sounding |= ringing
        self._sounded_at[sounding.any(axis=1)] = at
        self._tracker.add(struck, sounding)
        return drawn.state, ended

    def _changed(self, take: int, at: int, changes: list[int], log_probs: list[float]) -> list[GeneratedNote]:
        sounding = self._sounding[take]
        named = [change % PITCHES for change in changes if change < END]
        ended = list(sounding.end([*named, *self._too_long(take, at)], at))
        for change, log_prob in zip(changes, log_probs, strict=True):
            if change < RELEASE:
                sounding.begin(change, at, log_prob)
        bar = int(self._seed.bars.number[at - 1]), int(self._seed.bars.length[at - 1])
        for note in ended:
            self._guards[take].heard(bar, at, note.note.pitch, note.note.length // COLUMN_TICKS)
        return ended

    def _too_long(self, take: int, at: int) -> list[int]:
        return [pitch for pitch, (onset, _) in self._sounding[take].begun.items() if at - onset >= LONGEST]

    def _allow(self, take: int, at: int, ringing: Bits) -> None:
        """What may be struck in column ``at``, whether anything must be, and how freely it is drawn."""
        guard, seed, inputs = self._guards[take], self._seed, self._inputs
        allowed = self._mask & ~ringing
        temperature = self._request.sampling.temperature
        if guard.bars_caught:
            temperature = max(temperature, LOOP_TEMPERATURE)
            if allowed.sum() > 1 and (guard.bars_caught > 1 or at >= seed.last_bar):
                allowed[guard.coming_pitch] = False
        if guard.bars_caught and inputs["temperature"][take, 0] < LOOP_TEMPERATURE:
            _log.info("Take %d repeats itself; it is drawn more freely.", take + 1)
        inputs["temperature"][take] = temperature
        inputs["allowed"][take] = allowed
        inputs["must_strike"][take] = allowed.any() and self._must_strike(take, at)

    def _must_strike(self, take: int, at: int) -> bool:
        """The first note comes within a bar, no rest lasts longer than two, and the last bar is not empty."""
        seed, bar = self._seed, int(self._seed.bars.length[at])
        if self._heard_at[take] < 0 and at >= min(seed.start + bar, seed.end) - 1:
            return True
        if at - self._sounded_at[take] > _QUIET_BARS * bar:
            return True
        return at >= min(seed.last_bar + bar // 2, seed.end - 1) and bool(self._sounded_at[take] < seed.last_bar)
