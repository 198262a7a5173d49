"""Which key a continuation stays in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from musegen_app.errors import InputError
from musegen_app.score import Key, NoteTable, find_key

SURE: Final = 0.8
"""Correlation from which on a key that was found is believed without being asked for."""
FAITHFUL: Final = 0.98
"""Share of its sounding time a seed spends in its key, if that key is to be kept without being asked for."""


@dataclass(frozen=True, slots=True)
class ChosenKey:
    """``found`` is the key asked for or found, None where there is none; ``locked`` the one no note may leave."""

    found: Key | None
    locked: Key | None
    sentence: str


def choose_key(choice: Key | str | None, notes: NoteTable) -> ChosenKey:
    """Follow ``choice``: a key, "auto" (find one and keep it), "off", or None (keep the seed's where it keeps to it).

    Raises:
        InputError: "auto", and the seed's notes tell no key.
    """
    if isinstance(choice, Key):
        return ChosenKey(choice, choice, f"{choice.name}, kept")
    guess = find_key(notes)
    if guess is None:
        if choice == "auto":
            raise InputError('The seed does not tell a key; name one, such as --key "D minor", or leave --key out.')
        return ChosenKey(None, None, "none found")
    found = guess.key
    if choice == "off":
        return ChosenKey(found, None, f"{found.name}, may be left")
    if choice == "auto" or (guess.confidence >= SURE and share_in_key(notes, found) >= FAITHFUL):
        return ChosenKey(found, found, f"{found.name}, kept")
    return ChosenKey(found, None, f"{found.name}, may be left as the seed does")


def no_key(choice: Key | str | None) -> ChosenKey:
    """What drums have.

    Raises:
        InputError: a key is asked for.
    """
    if choice not in (None, "off"):
        raise InputError("Drums have no key; leave out --key.")
    return ChosenKey(None, None, "drums have none")


def share_in_key(notes: NoteTable, key: Key) -> float:
    """Share of the notes' sounding time whose pitches belong to the key, 0 to 1."""
    lengths = notes.length.astype(np.float64)
    return float(lengths[key.mask()[notes.pitch]].sum() / lengths.sum())
