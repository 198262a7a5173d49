"""A Boltzmann machine at work on one request: clamped Gibbs chains, window after window, all takes as one batch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.columns import COLUMN_TICKS
from musegen_app.encoding.state_window import LOWEST, REST, STRUCK, States
from musegen_app.generate.loops import LOOP_TEMPERATURE, LoopGuard
from musegen_app.generate.rbm_canvas import Canvas
from musegen_app.generate.rbm_notes import Strikes, strike_log_probs
from musegen_app.generate.rbm_plan import Sliding, Stretch
from musegen_app.generate.rbm_session import GibbsSession, Step, Windows
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.sampling import Uniforms

_log = logging.getLogger(__name__)

CHAIN: Final = "chain"
DEFAULT_CHAIN: Final = 24
STRIDE: Final = 4
_SHARPNESS: Final = 0.9
"""Of the temperature: at 1 a chain's last step scatters some notes beside the chords that its hidden units mean."""

Bits = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Asked:
    """A window as it is drawn: what is given, what is allowed, and where it starts from."""

    start: Windows
    clamped: Bits
    allowed: Bits


class Drawing:
    """One request being answered. Iterate :meth:`notes` once, on one thread.

    A gap is drawn from both ends by turns until what is left fits into the midst of a window. Where a take strikes nothing
    for a bar, its likeliest note is given and the window drawn again; where it repeats itself, it is drawn more warmly.

    Raises:
        InputError: the scale and the range leave no pitch that the model knows.
    """

    def __init__(self, session: GibbsSession, request: GenerateRequest) -> None:
        self._session, self._request = session, request
        self._canvas = canvas = Canvas.of(request, session.steps)
        self._chain = max(int(request.control(CHAIN, DEFAULT_CHAIN)), 1)
        self._uniforms = Uniforms(request.seed_number, request.takes, session.uniforms)
        self._strikes = Strikes(request.id, request.takes, (canvas.begin, canvas.end), canvas.velocity)
        self._guards = [LoopGuard() for _ in range(request.takes)]
        self._warmth = request.sampling.temperature * _SHARPNESS
        self._temperature = np.full((request.takes, 1), self._warmth, dtype=np.float32)
        self._allowed = np.repeat(canvas.allowed[None], request.takes, axis=0)

    def notes(self, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """Draw until the span is full, or until ``cancelled`` says so before a note or between two Gibbs steps."""
        canvas, strikes = self._canvas, self._strikes
        sliding = Sliding(canvas.beats, self._session.steps, STRIDE)
        is_fill = self._request.until_tick is not None
        plan = sliding.inwards(canvas.begin, canvas.end) if is_fill else sliding.onwards(canvas.begin, canvas.end)
        known = canvas.begin
        for stretch in plan:
            if not self._draw(stretch, cancelled):
                return
            if stretch.begin == known:
                known = stretch.end
                self._watch(stretch)
                for note in strikes.until(known):
                    if cancelled():
                        return
                    yield note
        for note in strikes.rest():
            if cancelled():
                return
            yield note

    def _draw(self, stretch: Stretch, cancelled: Callable[[], bool]) -> bool:
        """Draw a stretch of all takes and keep it; False if cancelled in between."""
        asked = self._asked(stretch)
        drawn = self._sampled(asked, cancelled)
        if drawn is None:
            return False
        silent = self._silent(stretch, drawn)
        if silent.any():
            again = self._sampled(self._nudged(stretch, asked, drawn, silent), cancelled)
            if again is None:
                return False
            drawn = _mixed(again, drawn, silent)
        self._keep(stretch, drawn)
        return True

    def _asked(self, stretch: Stretch) -> _Asked:
        canvas, steps, takes = self._canvas, self._session.steps, self._request.takes
        rows = canvas.rows(stretch.window, stretch.window + steps)
        clamped = np.repeat(canvas.given[rows][None], takes, axis=0)
        allowed = np.repeat(self._allowed[:, None, None], steps, axis=1).repeat(2, axis=2)
        allowed[:, :, 0] &= ~canvas.no_hold[rows]
        states = np.where(clamped, canvas.states[:, rows], REST)
        place = np.full(takes, canvas.place[stretch.window - canvas.origin], dtype=np.int64)
        return _Asked(Windows.of(states, place, as_bits=False), clamped, allowed)

    def _sampled(self, asked: _Asked, cancelled: Callable[[], bool]) -> Step | None:
        """The end of a chain, with its own free energy; None if cancelled."""
        session, windows = self._session, asked.start
        logits = windows.layer
        for _ in range(self._chain):
            if cancelled():
                return None
            answer = session.step(windows, asked.clamped, asked.allowed, self._uniforms.next(), self._temperature)
            windows, logits = answer.windows, answer.logits
        return Step(windows, session.free_energy(windows), logits)

    def _silent(self, stretch: Stretch, drawn: Step) -> Bits:
        """Which takes would strike nothing for a bar: bool (takes,)."""
        canvas = self._canvas
        bar = self._request.timeline.metre_at(stretch.end * COLUMN_TICKS).bar_ticks // COLUMN_TICKS
        since = min(max(stretch.end - bar, canvas.begin), stretch.begin)
        before = canvas.rows(since, stretch.begin)
        lasts_a_bar = stretch.end - since >= bar and canvas.given[before].all()
        if stretch.begin > canvas.begin and not lasts_a_bar:
            return np.zeros(self._request.takes, dtype=np.bool_)
        struck = (canvas.states[:, before] == STRUCK).any(axis=(1, 2))
        kept = _kept(stretch, drawn.windows.states(as_bits=False))
        silent: Bits = ~struck & ~(kept == STRUCK).any(axis=(1, 2))
        return silent

    def _nudged(self, stretch: Stretch, asked: _Asked, drawn: Step, silent: Bits) -> _Asked:
        """The window with the likeliest note given at the stretch's beginning, in the takes that are silent."""
        at = stretch.begin - stretch.window
        odds = np.where(self._allowed & ~asked.clamped[:, at], drawn.logits[:, at, 1], -np.inf)
        layer, clamped = asked.start.layer.copy(), asked.clamped.copy()
        for take in np.flatnonzero(silent & np.isfinite(odds).any(axis=1)).tolist():
            pitch = int(odds[take].argmax())
            layer[take, at, :, pitch], clamped[take, at, pitch] = (0, 1), True
        return _Asked(Windows(layer, asked.start.place), clamped, asked.allowed)

    def _keep(self, stretch: Stretch, drawn: Step) -> None:
        canvas = self._canvas
        rows = canvas.rows(stretch.begin, stretch.end)
        states = _kept(stretch, drawn.windows.states(as_bits=False))
        canvas.states[:, rows] = states
        canvas.given[rows] = True
        inside = slice(stretch.begin - stretch.window, stretch.end - stretch.window)
        sounded = canvas.states[:, rows.start - 1 : rows.stop - 1] != REST
        costs = strike_log_probs(drawn.logits[:, inside], sounded)
        self._strikes.add(stretch.begin, states, costs, drawn.free_energy / np.float32(self._session.steps))

    def _watch(self, stretch: Stretch) -> None:
        """Look after takes caught in a loop: warm them up, and at last forbid the pitch that would go on with it."""
        canvas, timeline = self._canvas, self._request.timeline
        for take, guard in enumerate(self._guards):
            before = guard.bars_caught
            struck = canvas.states[take, canvas.rows(stretch.begin, stretch.end)] == STRUCK
            for step, pitch in zip(*(part.tolist() for part in np.nonzero(struck)), strict=True):
                tick = (stretch.begin + step) * COLUMN_TICKS
                bar = timeline.bar_at(tick), timeline.metre_at(tick).bar_ticks // COLUMN_TICKS
                guard.heard(bar, stretch.begin + step, pitch + LOWEST, 0)
            if before or guard.bars_caught:
                self._free(take, guard)

    def _free(self, take: int, guard: LoopGuard) -> None:
        temperature = self._warmth
        self._allowed[take] = self._canvas.allowed
        if guard.bars_caught:
            _log.info("Take %d repeats itself; it is drawn more freely.", take + 1)
            temperature = max(temperature, LOOP_TEMPERATURE)
            if guard.bars_caught > 1 and np.count_nonzero(self._canvas.allowed) > 1:
                self._allowed[take, guard.coming_pitch - LOWEST] = False
        self._temperature[take] = temperature


def _kept(stretch: Stretch, states: States) -> States:
    return states[:, stretch.begin - stretch.window : stretch.end - stretch.window]


def _mixed(first: Step, second: Step, chosen: Bits) -> Step:
    """Of ``first`` the takes that are ``chosen``, of ``second`` the others."""
    layer, energy, logits = (
        np.where(chosen.reshape(-1, *[1] * (a.ndim - 1)), a, b)
        for a, b in (
            (first.windows.layer, second.windows.layer),
            (first.free_energy, second.free_energy),
            (first.logits, second.logits),
        )
    )
    return Step(Windows(layer, first.windows.place), energy, logits)
