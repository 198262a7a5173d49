"""From the panel's wish and what is asked of the piece to a request."""

from __future__ import annotations

from typing import Final

from musegen_app.editor.asking import Ask, Parts, parts_of, within
from musegen_app.editor.document import Document
from musegen_app.generate import GenerateRequest, Sampling
from musegen_app.score import Key
from musegen_app.score.chord_track import as_masks
from musegen_app.ui.panels.wish import Controls, Wish

_VOICES: Final = "polyphony"
"""The control that says how many notes may sound at once."""


def request_of(document: Document, wish: Wish, ask: Ask, key: Key | None, seed_number: int) -> tuple[GenerateRequest, Parts]:
    """The request that ``wish`` makes of what is asked, and which of the piece's notes it is about.

    Raises:
        InputError: the wish cannot be met.
    """
    parts = parts_of(document, ask)
    start, end = ask.gap or (None, None)
    request = GenerateRequest(
        notes=parts.notes,
        timeline=document.score.timeline,
        bars=wish.bars,
        start_tick=start,
        model=wish.model,
        style=wish.style,
        sampling=Sampling(temperature=wish.temperature),
        key=key if wish.stay_in_key else None,
        pitch_range=within(wish.pitch_range, parts.register),
        seed_number=seed_number,
        until_tick=end,
        controls=_with_voices(wish.controls, parts.voices),
        standing=parts.standing,
        kept=parts.kept,
        keep=parts.keep,
        ending=wish.ending if ask.gap is None else "",
        chords=as_masks(document.score.chords) if wish.follow_chords else (),
    )
    return request, parts


def _with_voices(controls: Controls, voices: int) -> Controls:
    """The controls, with no more voices at once than ``voices``; 0 asks for nothing."""
    if not voices:
        return controls
    return tuple((name, float(voices) if name == _VOICES else value) for name, value in controls)
