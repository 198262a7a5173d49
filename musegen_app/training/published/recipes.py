"""How each model is made for each set: what the reported table was computed with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from musegen_app.training.published.boltzmann import RbmLearner
from musegen_app.training.published.chorales import Chorales
from musegen_app.training.published.independent import IndependentLearner
from musegen_app.training.published.lanes import SHIFTS
from musegen_app.training.published.learner import Learner, Recipe
from musegen_app.training.published.mended import ChainedLearner
from musegen_app.training.published.splits import Splits
from musegen_app.training.published.voices import VoiceLearner

_RBM_EPOCHS: Final = {"jsb": 60.0, "nottingham": 4.0, "musedata": 3.0, "piano": 20.0}
_LSTM_EPOCHS: Final = {"jsb": 60.0, "nottingham": 6.0, "musedata": 5.0, "piano": 15.0}
_LARGE: Final = {"nottingham", "musedata"}


@dataclass(frozen=True)
class _Chained:
    """What differs between the sets: chosen by valid where a set is small, by the time it takes where it is large."""

    epochs: float
    checks: int
    dropout: float = 0.3
    margin: int = 0
    lanes: int = 12
    share: float = 0.25


_CHAINED: Final = {
    "jsb": _Chained(40.0, 8, dropout=0.35, lanes=8),
    "nottingham": _Chained(5.0, 5),
    "musedata": _Chained(4.0, 4, margin=SHIFTS, share=0.1),
    "piano": _Chained(6.0, 6),
}


def _rbm(name: str, splits: Splits) -> Learner[Any]:
    large = name in _LARGE
    # At the pace that suits the small sets the chains of the large ones get stuck, and the net runs away from them.
    recipe = Recipe(_RBM_EPOCHS[name], rate=3e-3 if large else 3e-2, average=0.99, checks=5)
    return RbmLearner(splits, recipe, turns=5 if large else 1)


def _lstm(name: str, splits: Splits) -> Learner[Any]:
    large = name in _LARGE  # these have frames enough for a faster pace
    recipe = Recipe(_LSTM_EPOCHS[name], optimiser="rmsprop", rate=2e-3 if large else 1e-3, cosine=False)
    return IndependentLearner(splits, recipe, lanes=8 if large else 16, window=50 if large else 100)


def _chained(name: str, splits: Splits) -> Learner[Any]:
    own = _CHAINED[name]
    recipe = Recipe(own.epochs, rate=3e-3, weight_decay=0.02, average=0.995, checks=own.checks)
    return ChainedLearner(splits, recipe, dropout=own.dropout, share=own.share, margin=own.margin, lanes=own.lanes)


MODELS: Final[dict[str, Callable[[str, Splits], Learner[Any]]]] = {"rbm": _rbm, "lstm": _lstm, "chained": _chained}
"""Makes the learner of a model by the name of a set and its splits."""


VOICE_SEEDS: Final = (6, 8, 9)
"""What the weights of the nets of the chorales are drawn with, whose chances are mixed."""


def voices(chorales: Chorales, seed: int) -> Learner[Any]:
    """A learner of the chorales on the 16th grid; from two thirds of these passes on it learns train by heart."""
    return VoiceLearner(chorales, Recipe(10.0, rate=3e-3, weight_decay=0.1, average=0.995, checks=20, seed=seed))
