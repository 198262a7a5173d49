"""The drummer that ships: it strikes drums, knows no key, keeps what is asked of it, and can be asked what it thinks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musegen_app.encoding.drums import DRUMS, PITCHED, STROKE
from musegen_app.encoding.note_events import STEP_TICKS
from musegen_app.generate import GenerateRequest
from musegen_app.generate.families import controls_of, fills, for_instrument, is_guided
from musegen_app.generate.insight import Hearing, alternatives, coming, surprise
from musegen_app.generate.judging import judge
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.registry import default_of, find, listing
from musegen_app.score import EMPTY, Key, NoteTable, Timeline

MODELS = Path(__file__).parents[2] / "models"
BAR, EIGHTH = 3840, 480
KICK, SNARE, HAT = 36, 38, 42
MAJOR = Key(0, "major")


@pytest.fixture(scope="module")
def drummer() -> NoteEventGenerator:
    return NoteEventGenerator(Manifest.read(MODELS / "drums"))


def beat(bars: int = 4, *, hat: int = HAT, length: int = 100) -> NoteTable:
    """Eighths on the hi-hat over kick and snare, with accents."""
    found = []
    for eighth in range(8 * bars):
        drums = [hat, *([KICK] if eighth % 4 == 0 else []), *([SNARE] if eighth % 4 == 2 else [])]
        found += [(eighth * EIGHTH, drum, 100 - 12 * (eighth % 4) - 5 * place) for place, drum in enumerate(drums)]
    start, pitch, velocity = zip(*found, strict=True)
    return NoteTable.from_columns(start, [length] * len(found), pitch, velocity).numbered(1)


def asked(**more: object) -> GenerateRequest:
    return replace(GenerateRequest(beat(), Timeline(), bars=2, model="drums", seed_number=3), **more)


def drawn(drummer: NoteEventGenerator, request: GenerateRequest) -> list[tuple[int, int, int, int, int]]:
    made = drummer.generate(request, lambda: False)
    return [(n.take, n.note.start, n.note.length, n.note.pitch, n.note.velocity) for n in made]


def test_it_is_listed_as_a_drummer_and_never_the_default_for_notes_of_a_pitch() -> None:
    models = listing((MODELS,)).models
    assert "drums" in {model.name for model in for_instrument(models, DRUMS)}
    assert default_of(models) == "flagship"
    assert default_of(models, DRUMS) == "drums"
    assert find("", (MODELS,)).name == "flagship"
    assert find("", (MODELS,), DRUMS).name == "drums"
    assert default_of(for_instrument(models, DRUMS), PITCHED) == ""
    manifest = find("drums", (MODELS,))
    assert (fills(manifest), is_guided(manifest)) == (True, True)
    controls = {control.name: control for control in controls_of(manifest)}
    assert set(controls) == {"density", "grid", "swing", "feel", "recall"}
    assert controls["recall"].label == "Recall bars"
    assert (manifest.licence, "groove" in {data.set for data in manifest.data}) == ("CC-BY-4.0", True)


def test_it_goes_on_with_a_beat_in_strokes_of_general_midi(drummer) -> None:
    request = asked(takes=2)
    notes = drawn(drummer, request)
    start, end = request.span
    assert {take for take, *_ in notes} == {0, 1}
    assert all(start <= at < end and 35 <= pitch <= 81 for _, at, _, pitch, _ in notes)
    assert {length for _, _, length, *_ in notes} <= {STEP_TICKS * steps for steps in range(1, STROKE + 1)}
    assert {KICK, SNARE, HAT} & {pitch for *_, pitch, _ in notes}
    assert len({velocity for *_, velocity in notes}) > 3
    assert notes == drawn(drummer, request)


def test_key_chords_and_how_long_notes_are_say_nothing_to_it(drummer) -> None:
    told = asked(key=MAJOR, chords=((0, 0b10010001),), ending="close", start_tick=4 * BAR)
    assert drawn(drummer, told) == drawn(drummer, asked(start_tick=4 * BAR))
    assert drawn(drummer, asked(notes=beat(length=450), start_tick=4 * BAR)) == drawn(drummer, told)


def test_an_electronic_kit_is_heard_as_general_midi_has_it(drummer) -> None:
    assert drawn(drummer, asked(notes=beat(hat=22))) == drawn(drummer, asked())


def test_a_fill_keeps_the_rhythm_or_the_drums_and_stands_beside_others(drummer) -> None:
    notes = beat()
    gap = (BAR, 2 * BAR)
    kept = notes.take(notes.starting_in(*gap))
    fill = asked(start_tick=gap[0], until_tick=gap[1], kept=kept)
    rhythm = drawn(drummer, replace(fill, keep="rhythm"))
    assert sorted((at, length) for _, at, length, *_ in rhythm) == sorted(zip(kept.start, kept.length, strict=True))
    drums = drawn(drummer, replace(fill, keep="pitches"))
    assert sorted(pitch for *_, pitch, _ in drums) == sorted(kept.pitch.tolist())
    hats = notes.pitch == HAT
    beside = drawn(drummer, replace(fill, notes=notes.take(~hats), standing=notes.take(hats), kept=EMPTY))
    standing = {(int(at), HAT) for at in notes.start[hats]}
    assert not {(at, pitch) for _, at, _, pitch, _ in beside} & standing


def test_takes_are_ranked_by_the_drums_they_share_with_the_seed(drummer) -> None:
    request = asked(takes=3)
    verdicts = judge(drummer, request, list(drummer.generate(request, lambda: False)))
    assert sorted(verdict.rank for verdict in verdicts) == [1, 2, 3]
    assert all("pitches" in verdict.marks and "register" not in verdict.marks for verdict in verdicts)
    assert any("of the seed's drums" in reason for reason in verdicts[0].reasons)


def test_it_tells_what_it_thinks(drummer) -> None:
    hearing = Hearing(beat(), Timeline(), key=MAJOR)
    found = surprise(drummer, hearing)
    assert found.ids.tolist() == sorted(hearing.notes.id.tolist())
    assert np.isfinite(found.nats).all()
    expected = coming(drummer, hearing, 4 * BAR)
    assert expected.pitch[0].argmax() in (KICK, HAT, SNARE, 44, 46, 49, 51)
    note = hearing.notes[0]
    told = alternatives(drummer, hearing, note)
    assert told.note == note
    assert len(told.others) == 5


def test_older_manifests_play_notes_of_a_pitch() -> None:
    manifest = Manifest.read(MODELS / "flagship")
    assert "instrument" not in manifest.settings
    assert manifest.instrument == PITCHED
