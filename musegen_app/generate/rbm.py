"""The Boltzmann machine at work: it continues a seed, fills a gap, and says how likely music is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from musegen_app.encoding.state_window import HIGHEST, LOWEST, PieceStates, piece_states, unheard
from musegen_app.errors import ModelError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.rbm_drawing import Drawing
from musegen_app.generate.rbm_published import published_notes
from musegen_app.generate.rbm_session import GibbsSession, Windows
from musegen_app.generate.request import GeneratedNote, GenerateRequest, Likelihood
from musegen_app.score import Score, pitch_name

_ROWS: Final = 256


class BoltzmannGenerator:
    """A loaded Boltzmann machine. Used from one thread at a time; holds no state between requests.

    Raises:
        ModelError: the graph cannot be loaded.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.session = GibbsSession(manifest)

    @property
    def name(self) -> str:
        """The model's name, as the registry knows it."""
        return self.manifest.name

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """See :class:`musegen_app.generate.request.Generator`.

        The control ``chain`` is the number of Gibbs steps a window. Of the sampling the temperature counts; the others
        choose among pitches, while here each pitch is a choice of its own.
        """
        if self.session.as_bits:
            return published_notes(self.session, request, cancelled)
        return Drawing(self.session, request).notes(cancelled)

    def remarks(self, request: GenerateRequest) -> tuple[str, ...]:
        """What of the seed is not heard."""
        if self.session.as_bits:
            return ("This model was built as published: it hears no seed, each 15 steps begin from nothing.",)
        start, end = request.span
        notes = request.notes
        heard = (notes.start < start) | (notes.start >= end if request.until_tick is not None else False)
        count = unheard(notes.take(heard))
        if not count:
            return ()
        many = f"{count} notes of the seed lie" if count > 1 else "1 note of the seed lies"
        return (f"{many} outside {pitch_name(LOWEST)} to {pitch_name(HIGHEST)} and cannot be heard by this model.",)

    def likelihood(self, scores: Iterable[Score]) -> Likelihood:
        """Nats a step on windows that do not overlap, by the graph's free energy and the log Z measured at export.

        A window costs the choice of the beat where it begins, too; pieces shorter than a window are left out.

        Raises:
            ModelError: the manifest does not tell log Z.
        """
        log_z = self.manifest.settings.get("log_z")
        if not isinstance(log_z, (int, float)):
            raise ModelError(f'Model "{self.name}" cannot say how likely music is: its log Z is not told.', self.name)
        pieces = [piece for piece in map(piece_states, scores) if piece is not None]
        energies = [np.zeros(0, dtype=np.float32), *map(self._energies, pieces)]
        all_energies = np.concatenate(energies).astype(np.float64)
        steps = len(all_energies) * self.session.steps
        nats = (float(all_energies.mean()) + log_z) / self.session.steps if steps else 0.0
        return Likelihood("step", steps, nats)

    def _energies(self, piece: PieceStates) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        session = self.session
        first = piece.published() if session.as_bits else piece.apart(session.steps)
        found = [np.zeros(0, dtype=np.float32)]
        for rows in (first[n : n + _ROWS] for n in range(0, len(first), _ROWS)):
            place = np.zeros(len(rows), dtype=np.int64) if session.as_bits else piece.place[rows]
            found.append(session.free_energy(Windows.of(piece.windows(rows, session.steps), place, as_bits=session.as_bits)))
        return np.concatenate(found)
