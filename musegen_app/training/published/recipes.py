"""How each model is made for each set: what the reported table was computed with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from musegen_app.training.published.boltzmann import RbmLearner
from musegen_app.training.published.independent import IndependentLearner
from musegen_app.training.published.learner import Learner, Recipe
from musegen_app.training.published.mended import ChainedLearner
from musegen_app.training.published.splits import Splits

_RBM_EPOCHS: Final = {"jsb": 200.0, "nottingham": 30.0, "musedata": 25.0, "piano": 60.0}
_LSTM_EPOCHS: Final = {"jsb": 100.0, "nottingham": 20.0, "musedata": 12.0, "piano": 25.0}
_CHAINED_EPOCHS: Final = {"jsb": 40.0, "nottingham": 8.0, "musedata": 5.0, "piano": 12.0}


def _rbm(name: str, splits: Splits) -> Learner[Any]:
    return RbmLearner(splits, Recipe(_RBM_EPOCHS[name], rate=1e-3, average=0.99, checks=5))


def _lstm(name: str, splits: Splits) -> Learner[Any]:
    return IndependentLearner(splits, Recipe(_LSTM_EPOCHS[name], optimiser="rmsprop", rate=1e-3, cosine=False))


def _chained(name: str, splits: Splits) -> Learner[Any]:
    recipe = Recipe(_CHAINED_EPOCHS[name], rate=3e-3, weight_decay=0.02, average=0.995)
    return ChainedLearner(splits, recipe)


MODELS: Final[dict[str, Callable[[str, Splits], Learner[Any]]]] = {"rbm": _rbm, "lstm": _lstm, "chained": _chained}
"""Makes the learner of a model by the name of a set and its splits."""
