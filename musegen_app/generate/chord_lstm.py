"""The word LSTM at work, mended or as published: a generator of continuations that says what it did not know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from musegen_app.generate.chord_foresight import Foresight, foresee
from musegen_app.generate.chord_names import NameSession, continued, foresee_names, seed_names
from musegen_app.generate.chord_session import ChordSession
from musegen_app.generate.chord_words import WordContinuation, seed_words
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.priming import Seed
from musegen_app.generate.request import GeneratedNote, GenerateRequest, Generator, Likelihood
from musegen_app.score import Score

UNIT: Final = "word"
_MOST_PUBLISHED: Final = 2048
"""Words that a published model's likelihood is measured on: each costs it a hundred."""


class ChordGenerator:
    """A loaded word model. Used from one thread at a time; holds no state between requests.

    Raises:
        ModelError: the graph cannot be loaded, or the manifest holds no vocabulary.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.session = ChordSession(manifest)

    @property
    def name(self) -> str:
        """The model's name, as the registry knows it."""
        return self.manifest.name

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """See :class:`musegen_app.generate.request.Generator`; an empty seed is allowed, the model then begins by itself."""
        return WordContinuation(self.session, request).notes(cancelled)

    def remarks(self, request: GenerateRequest) -> tuple[str, ...]:
        """See :class:`musegen_app.generate.request.Remarking`."""
        return _remarks(seed_words(self.session, Seed.of(request)).unknown)

    def foresight(self, scores: Iterable[Score]) -> Foresight:
        """What the model makes of ``scores``, field by field."""
        return foresee(self.session, scores)

    def likelihood(self, scores: Iterable[Score]) -> Likelihood:
        """See :class:`musegen_app.generate.request.Foreseeing`; the end of a piece is a word too."""
        found = self.foresight(scores)
        return Likelihood(UNIT, found.words, float(found.nats.sum()) / max(found.words, 1))


class NameGenerator:
    """A loaded model as published. Used from one thread at a time.

    Raises:
        ModelError: the graph cannot be loaded, or the manifest holds no vocabulary.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.session = NameSession(manifest)

    @property
    def name(self) -> str:
        """The model's name, as the registry knows it."""
        return self.manifest.name

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """See :class:`musegen_app.generate.request.Generator`."""
        return continued(self.session, request, cancelled)

    def remarks(self, request: GenerateRequest) -> tuple[str, ...]:
        """See :class:`musegen_app.generate.request.Remarking`; the published recipe took such words for an error."""
        return _remarks(self.session.vocabulary.numbers(seed_names(request))[1])

    def likelihood(self, scores: Iterable[Score]) -> Likelihood:
        """See :class:`musegen_app.generate.request.Foreseeing`; of first parts, and words that a hundred come before."""
        nats, words = foresee_names(self.session, scores, _MOST_PUBLISHED)
        return Likelihood(UNIT, words, nats)


def load(manifest: Manifest) -> Generator:
    """The generator of a word model: as published where the manifest says so, else mended."""
    return NameGenerator(manifest) if manifest.settings.get("as_published") is True else ChordGenerator(manifest)


def _remarks(unknown: int) -> tuple[str, ...]:
    if not unknown:
        return ()
    chords, are = ("chord", "is") if unknown == 1 else ("chords", "are")
    return (f"{unknown} {chords} of the seed {are} unknown to this model; it hears the nearest it knows.",)
