"""Takes without a model: what somebody asked for, and ghosts as if a model had drawn them."""

from __future__ import annotations

from collections.abc import Sequence

from musegen_app.editor.document import Document
from musegen_app.encoding.drums import PITCHED
from musegen_app.generate.provenance import Origin
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.score import Note


def begin_take(document: Document, request: GenerateRequest, track_id: int | None = None, instrument: str = PITCHED) -> None:
    """Ghosts will come for ``request``."""
    document.begin_takes(Origin(request, track_id=track_id, instrument=instrument))


def add_ghosts(document: Document, notes: Sequence[Note]) -> None:
    """``notes`` have arrived for the take shown."""
    assert document.take is not None
    request, number = document.take.request.id, document.take.number
    document.add_generated(request, [GeneratedNote(request, number, note, 0.0) for note in notes])
