"""Every way to fill, on real music with the shipped model: what stands is untouched, what is kept is kept."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pytest
from drawn_takes import add_ghosts, begin_take

from musegen_app.editor.asking import Ask, FillMode, has_material
from musegen_app.editor.document import Document
from musegen_app.errors import InputError
from musegen_app.files import read_midi
from musegen_app.generate import registry
from musegen_app.generate.families import FAMILIES
from musegen_app.score import NoteTable
from musegen_app.score.chord_finder import find_chords
from musegen_app.ui.flows.requesting import request_of
from musegen_app.ui.panels.wish import Wish

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SETS = ("lieder", "polish-piano", "chopin", "mutopia", "openhymnal", "music21-bach", "pop909", "quartets")
EACH = 3


def pieces() -> list[Path]:
    """Some held-out pieces of each set."""
    if not DATA.is_dir():
        return []
    with (DATA / "index.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["split"] == "valid"]
    return [DATA / row["file"] for name in SETS for row in [r for r in rows if r["set"] == name][:EACH]]


def rows(notes: NoteTable) -> set[tuple[int, ...]]:
    return {(n.id, n.start, n.length, n.pitch) for n in notes}


@pytest.fixture(scope="module")
def flagship():
    manifest = registry.find(registry.DEFAULT_MODEL)
    return FAMILIES[manifest.family].load(manifest)


def fill(document: Document, flagship, ask: Ask) -> list:
    """Fill and accept; the ghosts as they came."""
    controls = tuple((control.name, control.default) for control in FAMILIES["note-events"].controls)
    wish = Wish("flagship", "", 8, 1.0, (0, 127), stay_in_key=False, controls=controls, follow_chords=True)
    request, parts = request_of(document, wish, ask, None, 7)
    begin_take(document, request, parts.track_id)
    add_ghosts(document, [generated.note for generated in flagship.generate(request, lambda: False)])
    ghosts = list(document.ghosts)
    document.accept_take()
    return ghosts


@pytest.mark.data
@pytest.mark.parametrize("path", pieces(), ids=lambda path: "/".join(path.parts[-2:]))
@pytest.mark.parametrize("mode", list(FillMode)[1:], ids=lambda mode: mode.name.lower())
def test_only_what_is_asked_for_changes(path: Path, mode: FillMode, flagship) -> None:
    document = Document(read_midi(path).score)
    timeline = document.score.timeline
    gap = (timeline.bar_start(8), timeline.bar_start(12))
    ask = Ask(gap, mode)
    assert has_material(document, ask)
    before = {track.id: track.notes for track in document.score.tracks}
    own = document.active_track_id
    try:
        ghosts = fill(document, flagship, ask)
    except InputError as error:  # three pieces of 24 keep more pitches than have room under what stands
        assert mode is FillMode.PITCHES
        assert "not all find a place" in str(error)
        return
    assert ghosts or mode is FillMode.CHORDS  # a line that was always alone a model may leave alone
    now = {track.id: track.notes for track in document.score.tracks}
    assert all(now[track] == notes for track, notes in before.items() if track != own)
    gone, come = rows(before[own]) - rows(now[own]), rows(now[own]) - rows(before[own])
    assert all(gap[0] <= start < gap[1] for _, start, *_ in gone | come)
    inside = before[own].take(before[own].starting_in(*gap))
    if mode is FillMode.RHYTHM:
        assert sorted((note.start, note.length) for note in ghosts) == sorted(zip(inside.start, inside.length, strict=True))
    if mode is FillMode.PITCHES:
        assert sorted(note.pitch for note in ghosts) == sorted(inside.pitch.tolist())
    if mode is FillMode.MELODY:
        ordered = sorted(ghosts, key=lambda note: note.start)
        assert all(a.end <= b.start for a, b in itertools.pairwise(ordered))
    document.undo()
    assert {track.id: track.notes for track in document.score.tracks} == before


@pytest.mark.data
@pytest.mark.parametrize("path", pieces(), ids=lambda path: "/".join(path.parts[-2:]))
def test_chords_of_real_music_mean_most_of_what_sounds(path: Path) -> None:
    document = Document(read_midi(path).score)
    notes = document.seed_notes()
    spans = find_chords(notes, document.score.timeline)
    inside = total = 0
    for span in spans:
        at = notes.take(notes.starting_in(span.start, span.end))
        total += len(at)
        inside += sum(span.chord.mask >> pitch % 12 & 1 for pitch in at.pitch.tolist())
    assert inside / total > 0.6
