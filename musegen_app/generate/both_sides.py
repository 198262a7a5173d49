"""What it is worth to know both sides of a gap: nats of the notes in gaps, by the past alone and with what follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from musegen_app.encoding.anticipation import Anticipation, Foreknowledge
from musegen_app.encoding.pieces import piece_of
from musegen_app.generate.evaluation import score_notes
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import Score


@dataclass(frozen=True, slots=True)
class BothSides:
    """Mean nats a note (onset, pitch and length) of the ``notes`` that lie in gaps."""

    notes: int
    past_nats: float
    both_nats: float


def both_sides(generator: NoteEventGenerator, scores: Iterable[Score], bars: int, style: str = "") -> BothSides:
    """Cut gaps of ``bars`` bars into each of ``scores``, as many bars apart, and let the model foresee what was there.

    All that came before is heard either way, the gaps before this one included; the notes after a gap are heard when their
    time comes, or are known beforehand as well.

    Raises:
        ModelError: the model does not know ``style``, or ONNX Runtime refuses.
    """
    found = (piece_of(score, generator.manifest.instrument) for score in scores)
    pieces = [piece for piece in found if piece is not None]
    missing = [piece.bars.number[piece.notes.onset] // bars % 2 == 1 for piece in pieces]
    known = [Foreknowledge(Anticipation(piece.notes.rows(~gap)), gap) for piece, gap in zip(pieces, missing, strict=True)]
    number = generator.style_class(style)
    past, both = (score_notes(generator.session, pieces, number, told) for told in (None, known))
    means = []
    for costs in (past, both):
        each = [np.zeros(0), *(cost[gap, :3].sum(axis=1) for cost, gap in zip(costs, missing, strict=True))]
        means.append(np.concatenate(each))
    return BothSides(len(means[0]), *(float(nats.mean()) if len(nats) else 0.0 for nats in means))
