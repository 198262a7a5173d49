"""Where notes came from survives a project and a MIDI file; damage to it loses no note."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import mido
import pytest

from musegen_app.files import Project, read_midi, read_midi_bytes, read_project, write_midi, write_midi_bytes, write_project
from musegen_app.files.provenance import PREFIX, texts_of
from musegen_app.score import GENERATED, GENERATION, LIKED, MUTED, Generation, Note, NoteTable, Score, Track

FIRST, SECOND = GENERATED + GENERATION, GENERATED + 2 * GENERATION
RECORDS = (
    Generation(1, {"format": 1, "model": "flagship", "sha256": "ab" * 32, "seed": 7, "notes": "eJw="}),
    Generation(2, {"format": 1, "model": "Größe", "seed": 8, "controls": [["density", 4.5]], "notes": ""}),
)


def score() -> Score:
    piano = [Note(0, 480, 60, 90, 1), Note(480, 480, 62, 90, 2, FIRST), Note(960, 480, 64, 90, 3, FIRST | LIKED)]
    silent = [Note(0, 480, 50, 90, 4, MUTED | SECOND)]
    bass = [Note(480, 480, 62, 90, 5), Note(960, 480, 40, 90, 6, SECOND)]
    tracks = (
        Track(1, "Piano", 0, notes=NoteTable.of(piano)),
        Track(2, "Silent", 1, notes=NoteTable.of(silent)),
        Track(3, "Bass", 2, notes=NoteTable.of(bass)),
    )
    return Score(tracks, title="Sketch", next_id=7)


def flags(read: Score) -> list[list[int]]:
    return [track.notes.flags.tolist() for track in read.tracks]


def test_a_project_keeps_it(tmp_path: Path) -> None:
    project = Project(score(), provenance=RECORDS)
    write_project(project, tmp_path / "a.musegen")
    assert read_project(tmp_path / "a.musegen") == project


def test_a_midi_file_keeps_it_for_the_notes_it_holds(tmp_path: Path) -> None:
    write_midi(score(), tmp_path / "a.mid", texts=texts_of(RECORDS, score()))
    read = read_midi(tmp_path / "a.mid")
    assert flags(read.score) == [[0, FIRST, FIRST | LIKED], [0, SECOND]]
    assert read.provenance == RECORDS
    assert read.repairs == ()


def test_only_generations_that_have_notes_are_exported() -> None:
    piece = Score((Track(1, notes=NoteTable.of([Note(0, 9, 60, 5, 1, SECOND)])),), next_id=2)
    (text,) = texts_of(RECORDS, piece)
    assert json.loads(text.removeprefix(PREFIX))["number"] == 2
    assert texts_of(RECORDS, Score()) == ()


def test_other_readers_find_plain_text_at_the_beginning() -> None:
    texts = texts_of(RECORDS, score())
    assert all(text.isascii() and "\n" not in text for text in texts)
    import io

    file = mido.MidiFile(file=io.BytesIO(write_midi_bytes(score(), texts=texts)))
    found = [message for message in file.tracks[0] if message.type == "text"]
    assert [message.text for message in found] == list(texts)
    assert {message.time for message in found} == {0}


def test_a_long_seed_stays_in_the_project() -> None:
    long = (Generation(1, {"notes": "x" * 40_000, "seed": 3}),)
    (text,) = texts_of(long, score())
    assert len(text) < 1_000
    assert json.loads(text.removeprefix(PREFIX))["record"] == {"notes": None, "seed": 3}


@pytest.mark.parametrize(
    "text",
    [
        PREFIX,
        PREFIX + "{",
        PREFIX + "[]",
        PREFIX + "[" * 5_000,
        PREFIX + '{"number":0,"made":"","record":{}}',
        PREFIX + '{"number":true,"made":"","record":{}}',
        PREFIX + '{"number":1,"made":"","record":[]}',
        PREFIX + '{"number":99999999999999999999,"made":"","record":{}}',
        "made by hand",
    ],
)
def test_damaged_text_in_a_midi_file_loses_nothing(text: str) -> None:
    read = read_midi_bytes(write_midi_bytes(score(), texts=[text]))
    assert [len(track.notes) for track in read.score.tracks] == [3, 2]
    assert read.provenance == ()
    assert flags(read.score) == [[0, 0, 0], [0, 0]]


@pytest.mark.parametrize("made", ["", "????", "eJw=", None, 5, "AAAA"])
def test_a_line_that_lost_its_notes_keeps_its_record(made: object) -> None:
    text = PREFIX + json.dumps({"number": 1, "made": made, "record": {"seed": 7}})
    read = read_midi_bytes(write_midi_bytes(score(), texts=[text]))
    assert read.provenance == (Generation(1, {"seed": 7}),)
    assert flags(read.score) == [[0, 0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("value", "left"),
    [(None, 0), (5, 0), ({}, 0), ([5, None, {}], 0), ([{"number": "1", "record": {}}], 0), ([{"number": 1}], 0),
     ([{"number": 3, "record": {"seed": 1}}, {"number": 0, "record": {}}], 1)],
)  # fmt: skip
def test_damage_in_a_project_loses_nothing_else(tmp_path: Path, value: object, left: int) -> None:
    path = tmp_path / "a.musegen"
    write_project(Project(score(), provenance=RECORDS), path)
    content = json.loads(gzip.decompress(path.read_bytes()))
    content["generations"] = value
    path.write_bytes(gzip.compress(json.dumps(content).encode()))
    read = read_project(path)
    assert read.score == score()
    assert len(read.provenance) == left


def test_a_project_of_format_1_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.musegen"
    write_project(Project(score(), provenance=RECORDS), path)
    content = json.loads(gzip.decompress(path.read_bytes()))
    assert content.pop("format") == 3
    del content["generations"]
    path.write_bytes(gzip.compress(json.dumps({"format": 1, **content}).encode()))
    assert read_project(path) == Project(score())


def test_an_edit_by_another_program_marks_no_note_of_its_own() -> None:
    texts = texts_of(RECORDS, score())
    piano = score().tracks[0]
    edited = piano.notes.take(slice(0, 2)).merged(NoteTable.of([Note(961, 480, 64, 90, 9)]))
    tracks = (Track(1, "Piano", 0, notes=edited), *score().tracks[1:])
    read = read_midi_bytes(write_midi_bytes(Score(tracks, next_id=10), texts=texts))
    assert flags(read.score)[0] == [0, FIRST, 0]
