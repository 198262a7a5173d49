"""What a network makes of a held-out piece while it learns: a MIDI file at each check, to be heard."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Final

from musegen_app.encoding.drums import DRUMS
from musegen_app.errors import MuseGenError
from musegen_app.files.midi_writer import write_midi
from musegen_app.generate.comparison import Passage
from musegen_app.generate.families import FAMILIES
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import DRUM_CHANNEL, NoteTable, Score, Track
from musegen_app.training.corpus import Corpus
from musegen_app.training.fit import Fit
from musegen_app.training.measuring import passages_of
from musegen_app.training.prepare import instrument_of

_LEAST_GAP_S: Final = 30.0
_SHARE: Final = 0.1  # of the time, at most


class Samples:
    """Continues the beginning of a held-out piece with the weights as they stand, into ``folder``."""

    def __init__(self, fit: Fit, corpus: Corpus, folder: Path) -> None:
        self._fit, self._folder = fit, folder
        self._instrument = instrument_of(corpus.train, fit.task.settings.get("instrument"))
        passages, self._bars = passages_of(corpus, self._instrument)
        self._passage: Passage | None = passages[0] if passages else None
        self._count = len(list(folder.glob("sample-*.mid"))) if folder.is_dir() else 0
        self._ended_s = -_LEAST_GAP_S
        self._cost_s = 0.0

    def draw(self) -> Path | None:
        """Write the next sample; None where none is due, or the network cannot yet make one."""
        now = time.monotonic()
        if self._passage is None or now - self._ended_s < max(_LEAST_GAP_S, self._cost_s / _SHARE):
            return None
        try:
            score = self._continued(self._passage)
            self._count += 1
            path = self._folder / f"sample-{self._count:03d}.mid"
            self._folder.mkdir(parents=True, exist_ok=True)
            write_midi(score, path)
        except MuseGenError:
            return None  # a sample is a courtesy; what is wrong with the model is told when it is exported
        finally:
            self._ended_s = time.monotonic()
            self._cost_s = self._ended_s - now
        return path

    def _continued(self, passage: Passage) -> Score:
        task = self._fit.task
        with tempfile.TemporaryDirectory() as scratch:
            made, _ = task.export(self._fit.averaged(), Manifest("sample", "Sample", task.family, Path(scratch) / "sample"))
            generator = FAMILIES[task.family].load(made)
            request = GenerateRequest(
                passage.seed, passage.timeline, bars=self._bars, start_tick=passage.span[0], seed_number=self._count
            )
            drawn = [made.note for made in generator.generate(request, lambda: False)]
        tracks = self._track(1, "Seed", passage.seed), self._track(2, "Continuation", NoteTable.of(drawn))
        return Score(tracks, passage.timeline)

    def _track(self, number: int, name: str, notes: NoteTable) -> Track:
        channel = DRUM_CHANNEL if self._instrument == DRUMS else 0
        return Track(number, name, channel, notes=notes.numbered(1 + 1_000_000 * (number - 1)))
