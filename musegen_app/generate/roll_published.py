"""Continue a seed with the piano-roll LSTM as published: the likeliest fifteen pitches, picked from the least likely on.

Of a column's 15 likeliest pitches from C3 to D♯7, one or two (a number drawn) become first touches and the next three
continuations, beginning with the least likely; a continuation of what was never touched is not heard. The published
temperature of 1.2 changes no order of the pitches, so it has nothing to do here. Its faults are kept: lengths are chance,
mostly a sixteenth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from musegen_app.encoding.columns import PITCHES
from musegen_app.encoding.piano_roll import CONTINUATION, FIRST_TOUCH, PUBLISHED_WINDOW, touches_of
from musegen_app.errors import InputError
from musegen_app.generate.constraints import pitch_mask
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.roll_seed import RollSeed, Sounding
from musegen_app.generate.roll_session import Floats32, WindowSession
from musegen_app.generate.sampling import Uniforms

_LOWEST, _HIGHEST = 48, 99
_LIKELIEST: Final = 15
_HELD: Final = 3
_LEAST_STRETCH, _STRETCHES = 3, 3


class PublishedContinuation:
    """One request being answered. Iterate :meth:`notes` once, on one thread.

    A note's log-probability is the softmax's of its pitch. Controls: ``density`` shifts the number of first touches by up to
    two either way; ``stretch`` 1 makes each note three to five times as long, as the published option does.

    Raises:
        InputError: no pitch from C3 to D♯7 is in the scale and the range, or a gap is to be filled.
    """

    def __init__(self, session: WindowSession, request: GenerateRequest) -> None:
        self._session, self._request = session, request
        self._mask = pitch_mask(request.key, request.pitch_range)
        self._mask[:_LOWEST] = self._mask[_HIGHEST + 1 :] = False
        if not self._mask.any():
            raise InputError("The piano-roll LSTM as published plays from C3 to D♯7 only; widen the range.")
        self._seed = RollSeed.of(request)
        self._uniforms = Uniforms(request.seed_number, request.takes, 2)
        self._sounding = [Sounding(request.id, take, self._seed) for take in range(request.takes)]
        self._held_until: list[dict[int, int]] = [{} for _ in range(request.takes)]
        heard = touches_of(self._seed.heard)
        window = np.concatenate([np.zeros((PUBLISHED_WINDOW, PITCHES), dtype=np.float32), heard])[-PUBLISHED_WINDOW:]
        self._window = np.repeat(window[None], request.takes, axis=0)

    def notes(self, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """Draw columns until the span ends, or until ``cancelled`` says so; notes come as they end."""
        seed = self._seed
        for at in range(seed.start, seed.end + 1):
            if cancelled():
                return
            for note in self._ended(at) if at == seed.end else self._column(at):
                if cancelled():
                    return
                yield note

    def _ended(self, at: int) -> Iterator[GeneratedNote]:
        for sounding in self._sounding:
            yield from sounding.end_all(at)

    def _column(self, at: int) -> list[GeneratedNote]:
        log_probs = self._session.log_probs(self._window)
        uniforms = self._uniforms.next()
        allowed = self._mask & ~self._seed.ringing[at - self._seed.start]
        self._window = np.roll(self._window, -1, axis=1)
        ended: list[GeneratedNote] = []
        for take, numbers in enumerate(uniforms.tolist()):
            touched, held = self._picked(log_probs[take], allowed, numbers[0])
            self._window[take, -1] = 0
            self._window[take, -1, held] = CONTINUATION
            self._window[take, -1, touched] = FIRST_TOUCH
            ended += self._moved_on(take, at, (touched, held), numbers[1])
            for pitch in touched:
                self._sounding[take].begin(pitch, at, float(log_probs[take, pitch]))
        return ended

    def _picked(
        self, log_probs: Floats32, allowed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], number: float
    ) -> tuple[list[int], list[int]]:
        """First touches and continuations of a column."""
        kept: list[int] = np.argsort(np.where(allowed, log_probs, -np.inf), kind="stable")[-_LIKELIEST:].tolist()
        kept = [pitch for pitch in kept if allowed[pitch]]
        touches = max(int(1 + 2 * number + 2 * self._request.control("density", 0.0)), 0)
        return kept[:touches], kept[touches : touches + _HELD]

    def _moved_on(self, take: int, at: int, picked: tuple[list[int], list[int]], number: float) -> Iterator[GeneratedNote]:
        """End what is touched again, and what no longer goes on."""
        touched, held = picked
        sounding, until = self._sounding[take], self._held_until[take]
        for pitch, (onset, _) in sorted(sounding.begun.items()):
            if pitch not in until and pitch not in held:
                stretch = _LEAST_STRETCH + int(_STRETCHES * number) if self._request.control("stretch", 0.0) else 1
                until[pitch] = onset + (at - onset) * stretch
        over = [pitch for pitch in sounding.begun if pitch in touched or until.get(pitch, at + 1) <= at]
        for pitch in over:
            until.pop(pitch, None)
        return sounding.end(sorted(over), at)
