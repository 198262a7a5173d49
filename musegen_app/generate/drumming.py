"""What a drummer hears of a request: strokes, without the key, the chords and the ending that drums know nothing of."""

from __future__ import annotations

from dataclasses import replace

from musegen_app.encoding.drums import STROKE, meant
from musegen_app.encoding.note_events import STEP_TICKS
from musegen_app.generate.insight import Hearing
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import NoteTable


def drummed(request: GenerateRequest) -> GenerateRequest:
    """``request`` as drums: the same span, its notes as strokes, nothing asked about pitch classes.

    The kept notes stay as they are, since their own times are given back.
    """
    return replace(
        request,
        notes=strokes(request.notes),
        standing=strokes(request.standing),
        start_tick=request.span[0],
        key=None,
        chords=(),
        ending="",
    )


def drums_heard(hearing: Hearing) -> Hearing:
    """``hearing`` as drums; notes keep their ids."""
    request = None if hearing.request is None else drummed(hearing.request)
    return replace(hearing, notes=strokes(hearing.notes), key=None, request=request)


def strokes(notes: NoteTable) -> NoteTable:
    """Notes as strokes of one length, each on the drum that is meant; their onsets and ids are theirs."""
    if not notes:
        return notes
    return notes.with_columns(length=STROKE * STEP_TICKS, pitch=meant(notes.pitch))
