from __future__ import annotations

from functools import reduce
from pathlib import Path

import pytest

from musegen_app.errors import InputError
from musegen_app.files.notation import read_notation
from musegen_app.score import EMPTY, SCALES, Key, Note, NoteTable, find_key, pitch_name


@pytest.mark.parametrize("scale", ["major", "minor", "harmonic minor"])
@pytest.mark.parametrize("tonic", range(12))
def test_a_cadence_tells_its_key(tonic: int, scale: str) -> None:
    steps = SCALES[scale]
    chords = [(0, 2, 4), (3, 5, 0), (4, 6, 1), (0, 2, 4)]
    table = NoteTable.of(
        Note(at * 960, 960 + 480 * (at == 3), 48 + tonic + steps[degree])
        for at, chord in enumerate(chords)
        for degree in chord
    )
    guess = find_key(table)
    assert guess is not None
    assert guess.key == Key(tonic, "major" if scale == "major" else "minor")
    assert 0 < guess.confidence <= 1


@pytest.mark.parametrize(
    "table",
    [EMPTY, NoteTable.of([Note(0, 960, 60), Note(960, 960, 72)]), NoteTable.of(Note(0, 960, 60 + p) for p in range(12))],
)
def test_where_nothing_tells_a_key_none_is_guessed(table: NoteTable) -> None:
    assert find_key(table) is None


_CHORALES = ("1.6", "2.6", "3.6", "4.8", "5.7", "6.6", "7.7", "8.6", "9.7", "12.7", "13.6", "14.5", "16.6", "17.7")


def test_keys_of_bach_chorales_are_found_no_worse_than_music21_finds_them() -> None:
    from music21 import corpus

    found = found_by_music21 = 0
    for number in _CHORALES:
        path = Path(str(corpus.getWork(f"bach/bwv{number}")))
        read = read_notation(path)
        guess = find_key(reduce(NoteTable.merged, (track.notes for track in read.score.tracks)))
        analysed = corpus.parse(path).analyze("key")
        found += guess is not None and guess.key == read.key
        found_by_music21 += Key(analysed.tonic.pitchClass, analysed.mode) == read.key
    assert found >= max(12, found_by_music21)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("D minor", Key(2, "minor")),
        ("f# dorian", Key(6, "dorian")),
        ("B♭", Key(10)),
        ("Am", Key(9, "minor")),
        ("  e   harmonic  minor ", Key(4, "harmonic minor")),
        ("Cb", Key(11)),
        ("B#", Key(0)),
        ("Ab minor pentatonic", Key(8, "minor pentatonic")),
    ],
)
def test_keys_are_read_as_musicians_write_them(text: str, key: Key) -> None:
    assert Key.parse(text) == key


@pytest.mark.parametrize("text", ["", "H", "D minro", "Am dorian", "12", "D  # minor", "C##"])
def test_other_text_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match="is not a key"):
        Key.parse(text)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("tonic", [0, 5, 11])
def test_the_mask_holds_the_scale_in_every_octave(tonic: int, scale: str) -> None:
    key = Key(tonic, scale)
    mask = key.mask()
    assert mask.shape == (128,)
    assert {p % 12 for p in range(128) if mask[p]} == key.pitch_classes == {(tonic + s) % 12 for s in SCALES[scale]}
    assert Key.parse(key.name) == key


def test_pitch_names() -> None:
    assert [pitch_name(p) for p in (0, 60, 61, 127)] == ["C-1", "C4", "C♯4", "G9"]
