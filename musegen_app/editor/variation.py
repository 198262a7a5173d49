"""How different the next take is from the present one: which of its ghosts stay, and what is asked of the model."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from musegen_app.editor.takes import Take
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import EMPTY, LIKED, LOCKED, NoteTable

FRESH: Final = 1.0
"""A take of its own; nothing but what is locked stays."""
FREE_FROM: Final = 0.75
"""Up to here the notes that are drawn anew keep their rhythm; from here on they have one of their own."""
_MIX: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9))


def stays(take: Take, different: float) -> NoteTable:
    """The ghosts of ``take`` that stay: those that are locked, and of the others a share of 1 − ``different``.

    ``different`` is 0–1. Which of them go is settled by the take, the liked ones last: what stays at one value stays at each
    lower one too, so that the share of notes that may change grows with it. At least one note may change.
    """
    table = take.ghosts
    locked = (table.flags & LOCKED) > 0
    open_rows = np.flatnonzero(~locked)
    if not len(open_rows):
        return table
    chosen = table.take(open_rows)
    order = open_rows[np.lexsort((_lot(chosen, take.request.seed_number), (chosen.flags & LIKED) > 0))]
    keeps = np.ones(len(table), dtype=np.bool_)
    keeps[order[: max(round(different * len(order)), 1)]] = False
    return table.take(keeps)


def varied(
    request: GenerateRequest, take: Take | None, different: float, *, is_guided: bool
) -> tuple[GenerateRequest, NoteTable]:
    """``request`` with what stays of ``take`` in its span, and those ghosts.

    A guided model hears what stays; one that is not draws without, and what stays is put in the place of what it drew.
    """
    if take is None:
        return request, EMPTY
    span = request.span
    kept = stays(take, different) if different < FRESH else take.locks
    kept = kept.take(kept.starting_in(*span))
    going = take.ghosts.without(kept.id)
    going = going.take(going.starting_in(*span))
    if not is_guided or not kept:
        return request, kept
    request = replace(request, standing=request.standing.merged(_plain(kept)))
    if different < FREE_FROM and going:
        request = replace(request, kept=_plain(going), keep=request.keep or "rhythm")
    return request, kept


def _plain(notes: NoteTable) -> NoteTable:
    return notes.with_columns(flags=0)


def _lot(notes: NoteTable, seed_number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    """A number for each note by which lots are drawn: the same for the same note."""
    salt = np.uint64(abs(seed_number) * int(_MIX[0]) & 0xFFFF_FFFF_FFFF_FFFF)
    place = (notes.start * 128 + notes.pitch).astype(np.uint64) + salt
    lot = place * _MIX[1]
    lot ^= lot >> np.uint64(31)
    return lot * _MIX[0]
