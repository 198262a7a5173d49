"""The shipped model's variations of a take: the share of its notes that changes grows with what was asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from musegen_app.editor.document import merged
from musegen_app.editor.takes import Take, notes_of
from musegen_app.editor.variation import varied
from musegen_app.files import read_midi
from musegen_app.generate import GenerateRequest
from musegen_app.generate.provenance import Origin
from musegen_app.generate.registry import find, load
from musegen_app.paths import resources_dir
from musegen_app.score import NoteTable

TAKES = 4


def keys(notes: NoteTable) -> set[tuple[int, int]]:
    return set(zip(notes.start.tolist(), notes.pitch.tolist(), strict=True))


@pytest.mark.parametrize("seed", ["chorale", "nocturne"])
def test_the_share_of_changed_notes_grows_with_how_different(seed: str) -> None:
    generator = load(find("flagship"))
    score = read_midi(resources_dir() / "seeds" / f"{seed}.mid").score
    first = GenerateRequest(merged([track.notes for track in score.tracks]), score.timeline, bars=4, seed_number=3)
    take = Take.of(Origin(first)).grown([made.note for made in generator.generate(first, lambda: False)])
    there = keys(take.ghosts)
    shares = []
    for different in (0.0, 0.25, 0.5, 0.75, 1.0):
        again = replace(first, takes=TAKES, seed_number=99)
        request, kept = varied(again, take, different, is_guided=True)
        drawn = list(generator.generate(request, lambda: False))
        takes = [Take.of(Origin(request, locked=kept)).grown(notes_of(drawn, number)) for number in range(TAKES)]
        assert all(keys(kept) <= keys(made.ghosts) for made in takes)
        changed = [1 - len(there & keys(made.ghosts)) / len(there) for made in takes]
        assert max(changed) <= different + 1.01 / len(there)
        shares.append(float(np.mean(changed)))
    assert shares == sorted(shares)
    assert shares[0] <= 1.01 / len(there)
    assert shares[-1] > 0.5
