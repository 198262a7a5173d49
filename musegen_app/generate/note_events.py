"""The note-event LSTM at work: a generator of continuations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from musegen_app.encoding.drums import DRUMS
from musegen_app.errors import ModelError
from musegen_app.generate.continuation import Continuation
from musegen_app.generate.drumming import drummed, drums_heard
from musegen_app.generate.insight import Alternatives, Cancelled, Coming, Hearing, Surprise
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.note_alternatives import alternatives_to
from musegen_app.generate.note_outlook import coming_at
from musegen_app.generate.note_surprise import surprise_of
from musegen_app.generate.plans import is_plain
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.session import NoteSession
from musegen_app.generate.steered import SteeredContinuation
from musegen_app.score import Note


class NoteEventGenerator:
    """A loaded note-event model. Used from one thread at a time; holds no state between requests.

    Raises:
        ModelError: the graph cannot be loaded.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.session = NoteSession(manifest)

    @property
    def name(self) -> str:
        """The model's name, as the registry knows it."""
        return self.manifest.name

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """See :class:`musegen_app.generate.request.Generator`; an empty seed is allowed, the model then begins by itself."""
        request = drummed(request) if self.is_drummer else request
        drawing = Continuation if is_plain(request) else SteeredContinuation
        return drawing(self.session, request, self.style_class(request.style)).notes(cancelled)

    @property
    def is_drummer(self) -> bool:
        """Whether it hears and writes drums, and nothing else."""
        return self.manifest.instrument == DRUMS

    def _heard(self, hearing: Hearing) -> Hearing:
        return drums_heard(hearing) if self.is_drummer else hearing

    def surprise(self, hearing: Hearing, before: Surprise | None, cancelled: Cancelled) -> Surprise | None:
        """See :class:`musegen_app.generate.insight.Insightful`."""
        return surprise_of(self.session, self.style_class(hearing.style), self._heard(hearing), before, cancelled)

    def coming(self, hearing: Hearing, at_tick: int) -> Coming:
        """See :class:`musegen_app.generate.insight.Insightful`."""
        return coming_at(self.session, self.style_class(hearing.style), self._heard(hearing), at_tick)

    def alternatives(self, hearing: Hearing, note: Note) -> Alternatives:
        """See :class:`musegen_app.generate.insight.Insightful`."""
        heard = self._heard(hearing)
        meant = heard.notes.having([note.id])
        own = meant[0] if self.is_drummer and meant else note
        return replace(alternatives_to(self.session, self.style_class(hearing.style), heard, own), note=note)

    def style_class(self, style: str) -> int:
        """The model's class of ``style``; "" is the model's default, and 0 where that is "as the seed".

        Raises:
            ModelError: the model does not know the style.
        """
        wanted = style or self.manifest.default_style
        if not wanted:
            return 0
        if wanted not in self.manifest.styles:
            raise ModelError(f'Model "{self.name}" does not know the style "{wanted}".', self.name)
        return self.manifest.styles.index(wanted) + 1
