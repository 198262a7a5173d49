"""A folder of MIDI files as scores, split by piece: what every family learns from."""

from __future__ import annotations

from dataclasses import dataclass

from musegen_app.score import Score
from musegen_app.training.prepare import Source


@dataclass(frozen=True)
class CorpusPiece:
    """A file that could be read, and what is known about it."""

    source: Source
    score: Score

    @property
    def is_held_out(self) -> bool:
        """Whether the piece is kept from training, to measure the model by."""
        return self.source.split == "valid"


@dataclass(frozen=True)
class Corpus:
    """The pieces of a folder, in the order of their paths; ``broken`` has a sentence for each file left out."""

    pieces: tuple[CorpusPiece, ...]
    broken: tuple[str, ...] = ()

    @property
    def train(self) -> tuple[CorpusPiece, ...]:
        """The pieces to learn from."""
        return tuple(piece for piece in self.pieces if not piece.is_held_out)

    @property
    def held_out(self) -> tuple[CorpusPiece, ...]:
        """The pieces to measure by."""
        return tuple(piece for piece in self.pieces if piece.is_held_out)

    @property
    def styles(self) -> tuple[str, ...]:
        """Names of the styles there are to learn, sorted."""
        return tuple(sorted({piece.source.style for piece in self.train}))
