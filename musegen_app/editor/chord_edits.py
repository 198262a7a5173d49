"""Edits of the chord track: each one named step of undo."""

from __future__ import annotations

from collections.abc import Sequence

from musegen_app.editor.document import Document
from musegen_app.errors import InputError
from musegen_app.score import Change, Chord, Chords, ChordsEdit, ChordSpan
from musegen_app.score.chord_finder import find_chords
from musegen_app.score.chord_track import chord_at, placed, room_at, without

MOVED = "Move chord"
SIZED = "Resize chord"
_JOINED = "chord"


def room_for(document: Document, tick: int) -> tuple[int, int]:
    """Where a chord written at ``tick`` lies: to the end of the one it cuts short, else to the next one or the bar line."""
    chords, timeline = document.score.chords, document.score.timeline
    here = chord_at(chords, tick)
    if here is not None:
        return tick, here.end
    return tick, room_at(chords, tick, timeline.bar_ceil(tick + 1))


def write(document: Document, span: tuple[int, int], text: str) -> ChordSpan:
    """Put the chord that ``text`` names there, or several that share the place by beats; the last of them.

    Raises:
        InputError: the text is not understood, or there is no room.
    """
    made = _spans(document, span, chords_in(text))
    _change(document, "Write chord", placed(document.score.chords, made))
    return made[-1]


def chords_in(text: str) -> list[Chord]:
    """The chord that ``text`` names, or those that its words name.

    Raises:
        InputError: the text is not understood.
    """
    words = text.replace("|", " ").split()
    try:
        return [Chord.parse(text)]
    except InputError:
        if len(words) < 2:
            raise
        return [Chord.parse(word) for word in words]


def _spans(document: Document, span: tuple[int, int], chords: list[Chord]) -> list[ChordSpan]:
    """``chords`` side by side over ``span``, each beginning on a beat where there are enough of them."""
    start, end = span
    if end - start < len(chords):
        raise InputError(f"There is no room for {len(chords)} chords here.")
    beat = document.score.timeline.metre_at(start).beat_ticks
    beats, rest = divmod(end - start, beat)
    step = beat if len(chords) <= beats and not rest else 1
    lines = [start + (end - start) // step * at // len(chords) * step for at in range(len(chords))]
    return [ChordSpan(a, b, chord) for a, b, chord in zip(lines, [*lines[1:], end], chords, strict=True)]


def delete(document: Document, span: ChordSpan) -> None:
    """Take a chord out."""
    _change(document, "Delete chord", without(document.score.chords, [span]))


def rename(document: Document, span: ChordSpan, text: str) -> ChordSpan | None:
    """Another chord in this one's place, or several; without text there is none.

    Raises:
        InputError: the text is not understood.
    """
    if not text.strip():
        delete(document, span)
        return None
    made = _spans(document, (span.start, span.end), chords_in(text))
    _change(document, "Change chord", placed(without(document.score.chords, [span]), made))
    return made[-1]


def shift(document: Document, old: ChordSpan, new: ChordSpan, name: str = MOVED, *, joined: bool = False) -> None:
    """``old`` becomes ``new``; ``joined``: with the next shift it is one step."""
    _change(document, name, placed(without(document.score.chords, [old]), [new]), _JOINED + name if joined else "")


def copy_to(document: Document, span: ChordSpan, start: int) -> ChordSpan:
    """The chord once more, from ``start``."""
    made = span.moved(start - span.start)
    _change(document, "Copy chord", placed(document.score.chords, [made]))
    return made


def find(document: Document) -> int:
    """Read the chords from the notes that sound, in the place of those there are; how many were found."""
    found = find_chords(document.pitched_notes(), document.score.timeline)
    if found:
        _change(document, "Find chords", found)
    return len(found)


def clear(document: Document) -> None:
    """Take all chords out."""
    _change(document, "Delete all chords", ())


def neighbour(chords: Sequence[ChordSpan], span: ChordSpan | None, step: int) -> ChordSpan | None:
    """The next chord (``step`` 1) or the one before (-1), the first or last where none is chosen."""
    if not chords:
        return None
    if span is None or span not in chords:
        return chords[0] if step > 0 else chords[-1]
    return chords[min(max(list(chords).index(span) + step, 0), len(chords) - 1)]


def _change(document: Document, name: str, after: Chords, join_key: str = "") -> None:
    document.edit(name, Change((ChordsEdit(document.score.chords, after),)), join_key)
