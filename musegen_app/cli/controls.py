"""``--control NAME=VALUE``: numbers that a family of models has of its own."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence

from musegen_app.cli.options import number
from musegen_app.errors import InputError
from musegen_app.generate import Control, Manifest
from musegen_app.generate.families import controls_of

Pair = tuple[str, float]


def pair(text: str) -> Pair:
    """A name and a number joined by "="."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f'"{text}" is not a control such as chain=50')
    return name.strip(), number(value.strip())


def words(control: Control) -> str:
    """Such as "chain 1 to 200 (30)" or "grid 0, 1, 2 or 4 (0)"."""
    return f"{control.name} {_values(control)} ({control.default:g})"


def _values(control: Control) -> str:
    """The values a control takes, in words."""
    if not control.choices:
        return f"{control.low:g} to {control.high:g}"
    *most, last = (f"{choice:g}" for choice in control.choices)
    return f"{', '.join(most)} or {last}"


def checked(pairs: Sequence[Pair], manifest: Manifest) -> tuple[Pair, ...]:
    """The controls as a request takes them; of one that is named twice the last counts.

    Raises:
        InputError: the model has no such control, or the value is outside its range.
    """
    known = {control.name: control for control in controls_of(manifest)}
    for name, value in pairs:
        if name not in known:
            has = f"its controls are {', '.join(known)}" if known else "it has none"
            raise InputError(f'Model "{manifest.name}" has no control "{name}"; {has}.')
        _check(known[name], value)
    return tuple(dict(pairs).items())


def _check(control: Control, value: float) -> None:
    is_known = value in control.choices if control.choices else control.low <= value <= control.high
    if not math.isfinite(value) or not is_known:
        raise InputError(f'Control "{control.name}" is {_values(control)}, not {value:g}.')
    counts = float(control.step).is_integer() and float(control.low).is_integer()
    if counts and not float(value).is_integer():
        raise InputError(f'Control "{control.name}" takes whole numbers, not {value:g}.')
