"""Takes in a project: those that somebody put a hand to, with what they were drawn from, as JSON values and back.

Each request is written once, by the record that provenance has of it. On reading its takes get numbers of requests below
zero, so that no request of the day is taken for theirs; their order stays.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from musegen_app.editor.shelf import Shelf
from musegen_app.editor.sources import Sources
from musegen_app.editor.takes import Take
from musegen_app.errors import InputError
from musegen_app.generate.provenance import Origin, origin_of, record_of
from musegen_app.generate.ranking import Verdict
from musegen_app.generate.shared_runs import Run
from musegen_app.score import NoteTable
from musegen_app.score.provenance import numbers_of

_COLUMNS: Final = ("start", "length", "pitch", "velocity", "id", "flags")
_MOST_NUMBER: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Kept:
    """Takes as a project held them, and the requests they came from, by generation. ``left_out`` takes made no sense."""

    shelf: Shelf = field(default_factory=Shelf)
    asked: Mapping[int, Origin] = field(default_factory=dict, hash=False)
    left_out: int = 0


class TakeRecords:
    """Makes the records. It remembers those of the last time: packing what a request went on from takes a while."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Origin, dict[str, Any]]] = {}

    def of(self, shelf: Shelf, sources: Sources) -> dict[str, Any]:
        """The takes of ``shelf`` worth keeping, as JSON values; empty where there are none."""
        takes = shelf.marked_takes
        if not takes:
            self._made = {}
            return {}
        origins = _origins(takes, sources)
        place = {key: index for index, (key, _) in enumerate(origins)}
        known = self._made
        self._made = {id(origin.request): (origin, _record(origin, known)) for _, origin in origins}
        asked = [{"number": key[1], "record": self._made[id(origin.request)][1]} for key, origin in origins]
        made = [_as_json(take, place[_key(take)]) for take in takes]
        shown = next((index for index, take in enumerate(takes) if take is shelf.take), None)
        return {"asked": asked, "takes": made, "shown": shown}


def kept_of(told: Mapping[str, Any]) -> Kept:
    """The takes of :meth:`TakeRecords.of`; what makes no sense is left out, and counted."""
    entries, rows = told.get("asked"), told.get("takes")
    if not isinstance(entries, list) or not isinstance(rows, list):
        return Kept()
    origins = [_origin(entry, index - len(entries)) for index, entry in enumerate(entries)]
    takes = [_take(row, origins) for row in rows]
    there = [take for take in takes if take is not None]
    place, shown = told.get("shown"), -1
    if isinstance(place, int) and 0 <= place < len(takes) and takes[place] is not None:
        shown = sum(take is not None for take in takes[:place])
    asked = {number: origin for number, origin in filter(None, origins) if number}
    return Kept(Shelf(tuple(there), shown), asked, len(takes) - len(there))


# --- out ------------------------------------------------------------------------------------------------------------------

_Key = tuple[int, int]


def _key(take: Take) -> _Key:
    return take.request.id, take.generation


def _origins(takes: Sequence[Take], sources: Sources) -> list[tuple[_Key, Origin]]:
    """The requests of the takes in the order they were made, after those that only some of their ghosts came from."""
    found: dict[_Key, Origin] = {}
    for take in takes:
        asked = sources.asked.get(take.generation, Origin(take.request))
        asked = replace(asked, request=take.request, locked=take.locked)
        found[_key(take)] = replace(asked, track_id=take.track_id, instrument=take.instrument)
    there = {generation for _, generation in found}
    numbers = {int(number) for take in takes for number in np.unique(numbers_of(take.ghosts))} - there
    others = [((0, number), sources.asked[number]) for number in sorted(numbers) if number in sources.asked]
    return [*others, *sorted(found.items(), key=lambda item: item[0])]


def _record(origin: Origin, known: Mapping[int, tuple[Origin, dict[str, Any]]]) -> dict[str, Any]:
    before = known.get(id(origin.request))
    return before[1] if before is not None and before[0] == origin else record_of(origin)


def _as_json(take: Take, asked: int) -> dict[str, Any]:
    verdict = take.verdict
    return {
        "asked": asked,
        "number": take.number,
        "ghosts": {name: column.tolist() for name, column in zip(_COLUMNS, take.ghosts.columns, strict=True)},
        "replaced": sorted(take.replaced),
        "starred": take.is_starred,
        "edited": take.is_edited,
        **({"jam": True} if take.is_jam else {}),
        "verdict": None if verdict is None else _verdict_as_json(verdict),
    }


def _verdict_as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "rank": verdict.rank,
        "score": float(verdict.score),
        "run": [verdict.run.notes, verdict.run.first] if verdict.run else None,
        "reasons": list(verdict.reasons),
        "marks": {name: float(mark) for name, mark in verdict.marks.items()},
    }


# --- in -------------------------------------------------------------------------------------------------------------------


def _origin(entry: object, request_id: int) -> tuple[int, Origin] | None:
    try:
        number, record = entry["number"], entry["record"]  # type: ignore[index]  # what is no mapping is told by the except
        made = origin_of(record)
        json.dumps(record, allow_nan=False)
    except (KeyError, TypeError, ValueError, InputError):
        return None
    if type(number) is not int or not 0 <= number < _MOST_NUMBER:
        return None
    return number, replace(made, request=replace(made.request, id=request_id))


def _take(row: Any, origins: Sequence[tuple[int, Origin] | None]) -> Take | None:
    try:
        asked = origins[row["asked"]] if row["asked"] >= 0 else None
        if asked is None:
            return None
        generation, origin = asked
        ghosts = NoteTable.from_columns(*(_column(row["ghosts"][name]) for name in _COLUMNS))
        number = int(row["number"])
        return Take(
            origin.request,
            _numbered(ghosts),
            frozenset(int(note_id) for note_id in row["replaced"]),
            origin.track_id,
            number,
            generation,
            origin.locked,
            _verdict(row["verdict"], number),
            is_starred=bool(row["starred"]),
            is_edited=bool(row["edited"]),
            instrument=origin.instrument,
            is_jam=bool(row.get("jam", False)),
        )
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError):
        return None


def _column(values: object) -> np.ndarray[Any, np.dtype[np.int64]]:
    column = np.array(values)
    if column.ndim != 1 or (column.dtype.kind != "i" and len(column)):
        raise ValueError("a column is not made of whole numbers")
    return column.astype(np.int64)


def _numbered(ghosts: NoteTable) -> NoteTable:
    """Ghosts' numbers are below zero, each once: those that are not are numbered anew."""
    if (ghosts.id < 0).all() and len(np.unique(ghosts.id)) == len(ghosts):
        return ghosts
    return ghosts.with_columns(ids=-1 - np.arange(len(ghosts)))


def _verdict(told: Any, take: int) -> Verdict | None:
    if told is None:
        return None
    run = None if told["run"] is None else Run(*(int(number) for number in told["run"]))
    marks = {str(name): float(mark) for name, mark in told["marks"].items()}
    reasons = tuple(str(reason) for reason in told["reasons"])
    score = float(told["score"])
    if not all(math.isfinite(number) for number in (score, *marks.values())):
        raise ValueError("a mark is no number")
    return Verdict(take, int(told["rank"]), score, run, reasons, marks)
