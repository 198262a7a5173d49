"""The piano-roll LSTM at work, mended or as published: a generator of continuations that foresees columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from musegen_app.encoding.piano_roll import published_values
from musegen_app.errors import ModelError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.request import GeneratedNote, GenerateRequest, Generator, Likelihood
from musegen_app.generate.roll_continuation import RollContinuation
from musegen_app.generate.roll_foresight import cross_entropy, foreseen
from musegen_app.generate.roll_published import PublishedContinuation
from musegen_app.generate.roll_session import RollSession, WindowSession
from musegen_app.score import Score


def load_roll(manifest: Manifest) -> Generator:
    """The generator of the form that ``manifest`` is of.

    Raises:
        ModelError: the graph cannot be loaded.
    """
    return PublishedRollGenerator(manifest) if manifest.settings.get("as_published") else RollGenerator(manifest)


class RollGenerator:
    """A loaded model, mended. Used from one thread at a time; holds no state between requests.

    Raises:
        ModelError: the graph cannot be loaded.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.session = RollSession(manifest)

    @property
    def name(self) -> str:
        """The model's name, as the registry knows it."""
        return self.manifest.name

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """See :class:`musegen_app.generate.request.Generator`; an empty seed is allowed, the model then begins by itself."""
        return RollContinuation(self.session, request, self._style_class(request.style)).notes(cancelled)

    def likelihood(self, scores: Iterable[Score], style: str = "") -> Likelihood:
        """See :class:`musegen_app.generate.request.Foreseeing`: exact, all changes of a column together."""
        return foreseen(self.session, scores, self._style_class(style))

    def _style_class(self, style: str) -> int:
        wanted = style or self.manifest.default_style
        if not wanted:
            return 0
        if wanted not in self.manifest.styles:
            raise ModelError(f'Model "{self.name}" does not know the style "{wanted}".', self.name)
        return self.manifest.styles.index(wanted) + 1


class PublishedRollGenerator:
    """A loaded model as published. Used from one thread at a time; holds no state between requests.

    Raises:
        ModelError: the graph cannot be loaded.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.session = WindowSession(manifest)

    @property
    def name(self) -> str:
        """The model's name, as the registry knows it."""
        return self.manifest.name

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """See :class:`musegen_app.generate.request.Generator`."""
        return PublishedContinuation(self.session, request).notes(cancelled)

    def likelihood(self, scores: Iterable[Score]) -> Likelihood:
        """The published cross-entropy a column of the piano parts, all pieces as one.

        Its target has several ones and halves, so it is no likelihood and compares with no other model's.
        """
        heard = [values for score in scores if (values := published_values(score)) is not None]
        cost, columns = cross_entropy(self.session, np.concatenate(heard)) if heard else (0.0, 0)
        return Likelihood("column", columns, cost)
