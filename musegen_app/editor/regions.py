"""Which stretch of time a fill is about, and how it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from musegen_app.editor.document import Document
from musegen_app.score import TICKS_PER_QUARTER, Timeline

FROM_TO: Final = "marked"
LOOP: Final = "the loop"
SELECTION: Final = "the selected notes"
_SIXTEENTH: Final = TICKS_PER_QUARTER // 4
_RINGS_ON: Final = TICKS_PER_QUARTER // 16  # a played note may ring this far past a line without meaning what follows it


@dataclass(frozen=True, slots=True)
class Region:
    """Ticks from ``start`` to before ``end``; ``source`` says what marks it: one of the names here.

    ``picked`` are the ids of the notes whose selection marks it.
    """

    start: int
    end: int
    source: str
    picked: frozenset[int] = frozenset()

    @property
    def span(self) -> tuple[int, int]:
        """Start and end."""
        return self.start, self.end


def fill_region(document: Document) -> Region | None:
    """What was marked from here to there, else the loop, else the span of the selected notes, whole sixteenths wide.

    None where nothing marks any.
    """
    if document.marks.span is not None:
        return Region(*document.marks.span, FROM_TO)
    if document.loop is not None:
        return Region(*document.loop, LOOP)
    selected = document.selected
    if not selected:
        return None
    start = int(selected.start[0]) // _SIXTEENTH * _SIXTEENTH
    end = -(-(selected.end_tick - _RINGS_ON) // _SIXTEENTH) * _SIXTEENTH
    last = int(selected.start[-1]) // _SIXTEENTH * _SIXTEENTH
    return Region(start, max(end, last + _SIXTEENTH), SELECTION, document.selection)


def span_words(timeline: Timeline, start: int, end: int) -> str:
    """A stretch of time as musicians call it: "bar 5", "bars 5–8", or "5.2 to 7.1.3" where it is not whole bars."""
    if timeline.bar_ceil(start) == start and timeline.bar_ceil(end) == end:
        first, last = timeline.bar_at(start) + 1, timeline.bar_at(end)
        return f"bar {first}" if first == last else f"bars {first}–{last}"
    return f"{_place(timeline, start)} to {_place(timeline, end)}"


def _place(timeline: Timeline, tick: int) -> str:
    """Bar and beat, and the sixteenth within the beat where it is not the first."""
    place = timeline.bar_beat(tick)
    sixteenth = place.tick // _SIXTEENTH + 1
    return f"{place.bar}.{place.beat}" + (f".{sixteenth}" if sixteenth > 1 else "")
