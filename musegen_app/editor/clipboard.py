"""Copy, cut and paste as text, so that notes travel between windows."""

from __future__ import annotations

import json
from typing import Final

from musegen_app.score import TICKS_PER_QUARTER, NoteTable, transforms

MIME_TYPE: Final = "application/x-musegen-notes+json"
_FORMAT: Final = 1
_MOST_NOTES: Final = 200_000
_LAST_TICK: Final = 1 << 31  # some days of music: what lies beyond is no music and would overflow sums of ticks


def to_text(notes: NoteTable) -> str:
    """The notes, their starts counted from the first."""
    moved = transforms.move(notes, -int(notes.start[0])) if notes else notes
    columns = [column.tolist() for column in moved.columns[:4]]
    return json.dumps({"musegen": _FORMAT, "ticks_per_quarter": TICKS_PER_QUARTER, "notes": columns})


def from_text(text: str) -> NoteTable:
    """The notes of :func:`to_text`; an empty table for any other text (the clipboard may hold anything)."""
    try:
        held = json.loads(text)
        if held["musegen"] != _FORMAT or held["ticks_per_quarter"] != TICKS_PER_QUARTER:
            return NoteTable.empty()
        columns = held["notes"]
        if len(columns) != 4 or not all(_is_column(column) for column in columns):
            return NoteTable.empty()
        return NoteTable.from_columns(*columns)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return NoteTable.empty()


def _is_column(values: object) -> bool:
    if not isinstance(values, list) or len(values) > _MOST_NOTES:
        return False
    return all(type(value) is int and 0 <= value < _LAST_TICK for value in values)
