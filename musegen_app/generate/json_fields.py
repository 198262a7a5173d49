"""Typed values out of a JSON object: the right type, or a TypeError that names the key; a KeyError where it is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast


def text(raw: Mapping[str, object], key: str, default: str | None = None) -> str:
    """The text under ``key``; without a default it must be there."""
    value = raw[key] if default is None else raw.get(key, default)
    if not isinstance(value, str):
        raise TypeError(f'"{key}" must be text')
    return value


def whole(raw: Mapping[str, object], key: str) -> int:
    """The whole number under ``key``, 0 or more, which must be there."""
    value = raw[key]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f'"{key}" must be a whole number')
    return value


def number(value: object, key: str) -> float:
    """``value`` as a float; ``key`` is its name."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f'"{key}" must be a number')
    return float(value)


def items(raw: Mapping[str, object], key: str) -> list[object]:
    """The list under ``key``, empty where there is none."""
    value = raw.get(key, [])
    if not isinstance(value, list):
        raise TypeError(f'"{key}" must be a list')
    return value


def mapping(raw: Mapping[str, object], key: str) -> dict[str, object]:
    """The object under ``key``, empty where there is none."""
    value = raw.get(key, {})
    if not isinstance(value, dict):
        raise TypeError(f'"{key}" must be an object')
    return value


def mappings(raw: Mapping[str, object], key: str) -> list[dict[str, object]]:
    """The list of objects under ``key``, empty where there is none."""
    values = items(raw, key)
    if not all(isinstance(value, dict) for value in values):
        raise TypeError(f'"{key}" must be a list of objects')
    return cast("list[dict[str, object]]", values)


def what_is_wrong(error: Exception) -> str:
    """What a reader of this module complained about, or which key was missing."""
    return f'"{error.args[0]}" is missing' if isinstance(error, KeyError) else str(error)
