"""How a phrase ends: what leans toward the tonic where it shall close, and away from it where it shall stay open.

A model that is told how many bars are left knows when to stop; which chord it stops on is a matter of the key, and that is
found in what was heard.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from musegen_app.encoding.context import Floats32
from musegen_app.generate.constraints import PITCHES
from musegen_app.generate.request import GenerateRequest
from musegen_app.generate.scene import Scene
from musegen_app.score import TICKS_PER_QUARTER, Key, find_key

_HEARD_TICKS: Final = 64 * TICKS_PER_QUARTER
_THIRDS: Final = {"minor": 3, "harmonic minor": 3, "melodic minor": 3, "dorian": 3, "phrygian": 3, "major": 4, "lydian": 4}
_DOMINANT: Final = (7, 11, 2)

_NEVER: Final = 1 << 40
_ARRIVING: Final = 2.5
"""Nats by which the tonic's chord is preferred in the last bar of a close."""
_ROOT: Final = 3.0
"""And its root as the lowest note, or the only one, beside that."""
_PREPARING: Final = 1.5
"""Nats by which the dominant is preferred in the half-bar before that, or at an open end."""
_SHUNNED: Final = -2.0
"""Nats by which the tonic is disliked as the lowest note of an open end."""


class Cadence:
    """What an ending adds to the log-probabilities of pitches, by step: nothing but near the end of the span.

    Nothing at all where notes that stand tell the harmony there, or no key was heard.
    """

    def __init__(self, request: GenerateRequest, scene: Scene) -> None:
        seed = scene.seed
        self._last_bar, self._end = seed.last_bar, seed.end
        self._half = (seed.end - seed.last_bar) // 2
        self._closes = request.ending == "close"
        stands = (scene.known.onset + scene.known.length > seed.last_bar) & (scene.known.onset < seed.end)
        key = _key_of(request, scene) if request.ending and not stands.any() else None
        self._is_silent = key is None
        if key is not None:
            classes = (np.arange(PITCHES) - key.tonic) % 12
            tonic = np.isin(classes, (0, _THIRDS[key.scale], 7))
            self._root, self._fifth = _nats(classes == 0), _nats(classes == 7)
            self._tonic, self._dominant = _nats(tonic), _nats(np.isin(classes, _DOMINANT))
        self.closes_from = self._last_bar - self._half if self._closes and key is not None else _NEVER
        """The step from which on a phrase comes to its close: what once followed on such a place does not count there."""

    def leaning(self, step: int, *, is_lowest: bool) -> Floats32 | float:
        """Nats for each pitch at ``step``, float32 (128,) or 0; ``is_lowest``: nothing was struck there yet."""
        if self._is_silent or step < self._last_bar - self._half:
            return 0.0
        if self._closes and step >= self._last_bar:
            return _ARRIVING * self._tonic + (_ROOT * self._root if is_lowest else 0)
        if self._closes or step >= self._end - self._half:
            away = 0 if self._closes else _SHUNNED * self._root
            return _PREPARING * self._dominant + (self._fifth + away if is_lowest else 0)
        return 0.0


def _nats(pitches: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats32:
    return pitches.astype(np.float32)


def _key_of(request: GenerateRequest, scene: Scene) -> Key | None:
    """The key asked for, else the one that was heard lately; None for one that has no tonic chord of its own."""
    key = request.key
    if key is None:
        start = request.span[0]
        heard = scene.obstacles.take(scene.obstacles.starting_in(max(start - _HEARD_TICKS, 0), start))
        guess = find_key(heard)
        key = guess.key if guess else None
    return key if key and key.scale in _THIRDS else None
