"""From the panel's wish and what is asked of the piece to a request."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from musegen_app.editor.asking import Ask, Parts, parts_of, within
from musegen_app.editor.document import Document
from musegen_app.encoding.drums import DRUMS
from musegen_app.generate import GenerateRequest, Sampling
from musegen_app.generate.steering import MOST_DENSITY
from musegen_app.score import Key
from musegen_app.score.chord_finder import find_chords
from musegen_app.score.chord_track import as_masks
from musegen_app.ui.panels.wish import Controls, Wish

_VOICES: Final = "polyphony"
_DENSITY: Final = "density"
_GRID: Final = "grid"
"""The controls that say how many notes may sound at once, how many a bar has, and where they begin."""


def request_of(document: Document, wish: Wish, ask: Ask, key: Key | None, seed_number: int) -> tuple[GenerateRequest, Parts]:
    """The request that ``wish`` makes of what is asked, and which of the piece's notes it is about.

    Raises:
        InputError: the wish cannot be met.
    """
    parts = parts_of(document, ask)
    if document.instrument == DRUMS:
        wish, key = _for_drums(wish), None
    start, end = ask.gap or (None, None)
    written = document.score.chords if wish.follow_chords else ()
    chords = written or find_chords(parts.over, document.score.timeline)
    own_pitches = parts.keep == "pitches"  # the musician's own: neither key nor range forbids them
    request = GenerateRequest(
        notes=parts.notes,
        timeline=document.score.timeline,
        bars=wish.bars,
        start_tick=start,
        model=wish.model,
        style=wish.style,
        sampling=Sampling(temperature=wish.temperature),
        key=key if wish.stay_in_key and not own_pitches else None,
        pitch_range=(0, 127) if own_pitches else within(wish.pitch_range, parts.register),
        seed_number=seed_number,
        until_tick=end,
        controls=_with_parts(wish.controls, parts),
        standing=parts.standing,
        kept=parts.kept,
        keep=parts.keep,
        ending=wish.ending if ask.gap is None else "",
        chords=as_masks(chords),
    )
    return request, parts


def _for_drums(wish: Wish) -> Wish:
    """The wish without what is about pitches."""
    return replace(wish, stay_in_key=False, follow_chords=False, pitch_range=(0, 127), ending="")


def _with_parts(controls: Controls, parts: Parts) -> Controls:
    """The controls, with no more voices at once than the parts have, and their density and grid where none is wished for."""
    told = dict(controls)
    if parts.voices and _VOICES in told:
        told[_VOICES] = float(parts.voices)
    for name, value in ((_DENSITY, min(parts.density, float(MOST_DENSITY))), (_GRID, float(parts.grid))):
        if told.get(name) == 0:
            told[name] = value
    return tuple(told.items())
