"""The take that a jam grows: one for all its answers, on the shelf like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from musegen_app.editor.shelf import Shelf
from musegen_app.editor.takes import Take
from musegen_app.generate.provenance import Origin
from musegen_app.generate.request import MAX_BARS, GenerateRequest
from musegen_app.score import LOCKED, Note, NoteTable

_MOST_BARS: Final = MAX_BARS - 1  # what begins within a bar has the rest of it on top


def begun(shelf: Shelf, origin: Origin) -> Shelf:
    """A jam's take in the roll: the one that is there goes on growing on its track, or else a new one for a request."""
    take = shelf.take
    if take is None:
        return Shelf((replace(Take.of(origin), is_jam=True), *shelf.takes), 0)
    jammed = replace(take, request=_over(take.span[0], origin.request), number=0, verdict=None, is_jam=True)
    return replace(shelf.put(shelf.shown, jammed), switch=None)


def place_of(shelf: Shelf, jam_id: int) -> int:
    """Index of the jam's take, −1 where it is not in the roll any more: accepted, rejected, or another one shown."""
    take = shelf.take
    return shelf.shown if take is not None and take.request.id == jam_id else -1


def grown(shelf: Shelf, notes: Sequence[Note], number: int, request: GenerateRequest) -> Shelf:
    """With more ghosts in the take shown, which came of ``request``, number ``number`` in the piece's provenance."""
    take = shelf.takes[shelf.shown]
    asked = replace(_over(take.span[0], request), id=take.request.id)
    grown_take = replace(take, generation=number, request=asked, locked=take.locks).grown(notes)
    return shelf.put(shelf.shown, grown_take)


def cut(shelf: Shelf, tick: int, rings_until: int | None = None) -> Shelf:
    """Without the ghosts of the take shown that begin at ``tick`` or later, but for those that are locked.

    What rings on there ends at ``rings_until``, if that is told.
    """
    take = shelf.takes[shelf.shown]
    ghosts = take.ghosts
    if not ghosts:
        return shelf
    kept = ghosts.take((ghosts.start < tick) | ((ghosts.flags & LOCKED) > 0))
    if rings_until is not None and kept:
        ends = np.where(kept.start < tick, np.minimum(kept.end, rings_until), kept.end)
        kept = kept.with_columns(length=np.maximum(ends - kept.start, 1))
    same = len(kept) == len(ghosts) and (rings_until is None or np.array_equal(kept.length, ghosts.length))
    return shelf if same else shelf.put(shelf.shown, replace(take, ghosts=kept))


def heard_before(take: Take | None, tick: int) -> NoteTable:
    """The ghosts that begin before ``tick``."""
    return take.ghosts.take(take.ghosts.start < tick) if take is not None else NoteTable.empty()


def _over(start: int, request: GenerateRequest) -> GenerateRequest:
    """``request`` as if it had begun at ``start``, or as many bars before its end as one may have."""
    timeline, end = request.timeline, request.span[1]
    last = timeline.bar_at(end - 1) + 1
    start = max(min(start, request.span[0]), timeline.bar_start(max(last - _MOST_BARS, 0)))
    first = timeline.bar_at(timeline.bar_ceil(start))
    return replace(request, start_tick=start, until_tick=None, bars=max(last - first, 1))
