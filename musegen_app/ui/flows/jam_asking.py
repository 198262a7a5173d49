"""What a jam asks of the model: to go on from the piece as it is heard, with what has just been played and answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from musegen_app.editor.asking import Ask
from musegen_app.editor.document import Document
from musegen_app.editor.jam_take import heard_before
from musegen_app.editor.shared import edits_of
from musegen_app.editor.takes import Span, Take
from musegen_app.generate import GenerateRequest
from musegen_app.score import EMPTY, TICKS_PER_QUARTER, Change, Key, NotesEdit, NoteTable, Score, find_key
from musegen_app.ui.flows.requesting import request_of
from musegen_app.ui.key_choice import KeyChoice
from musegen_app.ui.panels.wish import Wish

_KEY_BARS: Final = 16
"""The key of a jam is that of so many bars back: who goes into another is followed."""
_HEARD_NOTES: Final = 640
_AHEAD_TICKS: Final = 32 * 4 * TICKS_PER_QUARTER


@dataclass(frozen=True, slots=True)
class JamWish:
    """What the window asks for while it jams: the panel's wish, the key in the transport, what the model can.

    ``guided``: the model heeds what stands and how a phrase ends.
    """

    wish: Wish
    key: KeyChoice
    guided: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is to be written next: the notes that begin within ``span``; ``opens`` an answer, ``closes`` it."""

    span: Span
    opens: bool = False
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """How things stand: the jam's take so far, the notes being recorded (and where), and the track that is written for.

    ``track_id`` is None where all that play share what is written.
    """

    take: Take | None
    played: NoteTable
    track_id: int | None


def jam_request(document: Document, stand: Stand, asked: JamWish, chunk: Chunk, seed_number: int) -> GenerateRequest:
    """The request for a stretch of a jam. But for the last one it goes on a bar further, so that notes may ring across.

    Raises:
        InputError: the wish cannot be met.
    """
    start, end = chunk.span
    piece, later = _cut(_as_heard(document, stand, start), stand.track_id, start)
    scratch = Document(piece)
    scratch.set_active_track(document.active_track_id if stand.track_id is None else stand.track_id)
    key = _key(asked.key, scratch, start) if asked.wish.stay_in_key else None
    ask = Ask(alone=stand.track_id is not None)
    request, _ = request_of(scratch, replace(asked.wish, bars=1), ask, key, seed_number)
    timeline = request.timeline
    bars = timeline.bar_at(end - 1) + 1 - timeline.bar_at(timeline.bar_ceil(start)) + (not chunk.closes)
    stands = request.standing.merged(later).merged(_locked(stand.take, start)) if asked.guided else request.standing
    return replace(
        request,
        notes=_near(request.notes, chunk.span),
        start_tick=start,
        bars=max(bars, 1),
        ending=asked.wish.ending if chunk.closes and asked.guided else "",
        standing=_near(stands, chunk.span),
        prompt=chunk.opens,
    )


def shown_of(request: GenerateRequest, end: int) -> GenerateRequest:
    """The request as if it had ended at the bar line ``end``."""
    timeline, start = request.timeline, request.span[0]
    return replace(request, bars=max(timeline.bar_at(end - 1) + 1 - timeline.bar_at(timeline.bar_ceil(start)), 1))


def _as_heard(document: Document, stand: Stand, start: int) -> Score:
    """The score with the answers so far and what is being recorded."""
    score = document.score
    before = heard_before(stand.take, start)
    if stand.take is not None and before:
        take = replace(stand.take, ghosts=before)
        score = score.apply(Change(edits_of(score, take, document.active_track_id)))
    if stand.played:
        added = score.new_notes(stand.played.take(stand.played.start < start))
        score = score.apply(Change((NotesEdit(document.active_track_id, added=added),)))
    return score


def _cut(score: Score, track_id: int | None, start: int) -> tuple[Score, NoteTable]:
    """The score without what the tracks that are written for hold from ``start`` on, and those notes."""
    later, tracks = EMPTY, []
    for track in score.tracks:
        notes = track.notes
        is_other = track.is_drums if track_id is None else track.id != track_id
        if is_other or notes.end_tick <= start:
            tracks.append(track)
            continue
        ahead = notes.start >= start
        later = later if track.muted else later.merged(notes.take(ahead))
        tracks.append(replace(track, notes=notes.take(~ahead)))
    return replace(score, tracks=tuple(tracks)), later


def _locked(take: Take | None, start: int) -> NoteTable:
    """The ghosts from ``start`` on that stay."""
    if take is None or not take.locks:
        return EMPTY
    return take.locks.take(take.locks.start >= start).with_columns(flags=0)


def _near(notes: NoteTable, span: Span) -> NoteTable:
    """As much of ``notes`` as a model hears or sees coming: what each stretch of a jam went on from is remembered."""
    rows = notes.starting_in(0, span[0]).stop, notes.starting_in(0, span[1] + _AHEAD_TICKS).stop
    return notes.take(slice(max(rows[0] - _HEARD_NOTES, 0), rows[1]))


def _key(choice: KeyChoice, scratch: Document, start: int) -> Key | None:
    """The key that holds; where it is found from the notes, from the last ones."""
    timeline, notes = scratch.score.timeline, scratch.pitched_notes()
    lately = notes.take(notes.start >= timeline.bar_start(max(timeline.bar_at(start) - _KEY_BARS, 0)))
    return KeyChoice(choice.mode, choice.locked, find_key(lately)).key
