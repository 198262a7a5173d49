"""The plainest model there is: how often each onset, pitch and length occurs. A network is measured against it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import ARRIVAL
from musegen_app.encoding.note_events import BEGIN_PITCH, LENGTHS, ONSETS, PITCHES
from musegen_app.training.prepare import Library

_SIZES: Final = (len(ONSETS), PITCHES, len(LENGTHS))
Floats = npt.NDArray[np.float64]


def unigram_nats(library: Library) -> dict[str, float]:
    """Nats a note (onset + pitch + length) of the held-out pieces under the counts of the others, by style; "" is all."""
    piece = np.repeat(np.arange(len(library.style)), library.notes)
    is_note = library.pitch < BEGIN_PITCH
    fields = (library.classes[:, ARRIVAL], library.pitch, library.length)
    held_out = library.held_out[piece] & is_note
    learnt = ~library.held_out[piece] & is_note
    nats = np.zeros(int(held_out.sum()))
    widths = (ONSETS.log_width, np.zeros(PITCHES), LENGTHS.log_width)
    for values, size, width in zip(fields, _SIZES, widths, strict=True):
        counts = np.bincount(values[learnt], minlength=size) + 1
        nats += (np.log(counts.sum() / counts) + width)[values[held_out]]
    style = library.style[piece[held_out]]
    by_style = {name: float(nats[style == k].mean()) for k, name in enumerate(library.styles, start=1) if (style == k).any()}
    return {"": float(nats.mean()), **by_style}
