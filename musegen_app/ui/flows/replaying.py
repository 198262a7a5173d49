"""Drawing the notes of a generation once more: what was asked then, and what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from musegen_app.editor.document import merged
from musegen_app.errors import InputError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.provenance import Origin, accepted_of, origin_of, with_notes
from musegen_app.score import Generation, NoteTable, Score
from musegen_app.score.provenance import numbers_of

OTHER_MODEL: Final = "The model has changed since these notes were drawn, so they may come out otherwise."
EDITED: Final = "The notes before these were edited since; they are drawn as from the notes that were there then."
BY_HAND: Final = "The take was changed by hand before it was accepted; this is how it was drawn."


@dataclass(frozen=True, slots=True)
class Replay:
    """What is asked once more, and sentences on what is not as it was."""

    origin: Origin
    remarks: tuple[str, ...] = ()


def origin_of_replay(generation: Generation, score: Score, models: Mapping[str, Manifest]) -> Replay:
    """What ``generation`` asked.

    Raises:
        InputError: the record is damaged, or its model is not there.
    """
    own, heard = _own(generation, score)
    origin = origin_of(with_notes(generation.record, own))
    model = models.get(origin.request.model)
    if model is None:
        name = origin.title or origin.request.model
        raise InputError(f'These notes came from the model "{name}", which is not installed.')
    accepted = accepted_of(generation.record)
    told = (
        (OTHER_MODEL, bool(origin.sha256) and model.sha256 != origin.sha256),
        (EDITED, _was_edited(origin, heard)),
        (BY_HAND, accepted is not None and accepted.is_edited),
    )
    now = replace(origin, sha256=model.sha256, title=model.title, instrument=model.instrument)
    return Replay(now, tuple(sentence for sentence, holds in told if holds))


def _own(generation: Generation, score: Score) -> tuple[NoteTable, NoteTable]:
    """The notes that were gone on from as they are now, and all that are heard with them; without what was drawn."""
    track = generation.record.get("track")
    drums = [t for t in score.tracks if t.is_drums]
    heard = [t for t in score.tracks if not t.is_drums]
    own = heard
    if any(t.id == track for t in drums):
        own, heard = [t for t in drums if t.id == track], drums
    tables = (merged([t.notes for t in tracks]) for tracks in (own, heard))
    mine, all_heard = (notes.take(numbers_of(notes) != generation.number) for notes in tables)
    return mine, all_heard


def _was_edited(origin: Origin, own: NoteTable) -> bool:
    """Whether a note that was heard before the span is no more."""
    start = origin.request.span[0]
    heard = merged([origin.request.notes, origin.request.standing])
    before = heard.take(heard.start < start)
    return bool((~np.isin(_keys(before), _keys(own))).any())


def _keys(notes: NoteTable) -> np.ndarray[tuple[int, ...], np.dtype[np.void]]:
    """What is heard of each note as one value."""
    columns = np.ascontiguousarray(np.stack(notes.columns[:4], axis=1))
    return columns.view(np.dtype((np.void, columns.dtype.itemsize * 4))).reshape(-1)
