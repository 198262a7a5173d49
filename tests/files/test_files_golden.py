"""Files people keep: they are read as on the day they were made, and written the same way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from musegen_app.editor.kept_takes import kept_of
from musegen_app.files import Marker, Project, read_midi, read_project, write_midi_bytes
from musegen_app.score import Key, Score

GOLDEN = Path(__file__).parents[1] / "golden"
sys.path.append(str(GOLDEN))

from make_golden import foreign_files, generated_project, project_with_takes, score  # noqa: E402 - the script lies with its files

Rows = list[list[tuple[int, int, int]]]

EXPECTED: dict[str, tuple[Rows, tuple[str, ...]]] = {
    "type-0-running-status.mid": ([[(0, 960, 60), (0, 960, 64)], [(960, 240, 36), (1440, 240, 38)]], ()),
    "type-1-latin-text.mid": ([[(0, 960, 60)], [(0, 960, 48)]], ()),
    "type-2-patterns.mid": ([[(0, 960, 60)], [(3840, 960, 60)]], ("The file's 2 patterns were placed one after another.",)),
    "film-frames.mid": ([[(1920, 960, 72)]], ("Times in film frames were placed on a grid of 120 quarters a minute.",)),
    "riff.rmi": ([[(0, 960, 60)]], ()),
    "overlapping-hanging-no-end.mid": (
        [[(0, 480, 60), (480, 960, 60), (1440, 960, 62), (1440, 960, 64)]],
        (
            "One track had no end mark.",
            "One note without an end was ended at the end of its track.",
            "One note was cut where the same pitch begins again.",
        ),
    ),
    "broken-off.mid": (
        [[(0, 960, 60)], [(0, 960, 62), (960, 960, 64)]],
        (
            "The header states another number of tracks than the file holds.",
            "The file breaks off early; what came before was kept.",
            "One track is damaged; what came before the damage was kept.",
            "One note without an end was ended at the end of its track.",
        ),
    ),
    "wrong-length.mid": ([[(0, 960, 60)], [(0, 960, 60)]], ("One track's stated length was wrong.",)),
}


def rows_of(score: Score) -> Rows:
    return [[(n.start, n.length, n.pitch) for n in track.notes] for track in score.tracks]


@pytest.mark.parametrize("name", EXPECTED)
def test_files_of_other_programs(name: str) -> None:
    read = read_midi(GOLDEN / name)
    assert (rows_of(read.score), read.repairs) == EXPECTED[name]
    assert (GOLDEN / name).read_bytes() == foreign_files()[name]


def test_every_golden_file_has_its_test() -> None:
    assert {p.name for p in GOLDEN.iterdir() if p.suffix in {".mid", ".rmi"}} - {"written-1.mid"} == set(EXPECTED)


def test_names_programs_and_key_of_a_type_0_and_a_latin_file() -> None:
    demo = read_midi(GOLDEN / "type-0-running-status.mid").score
    assert (demo.title, [(t.channel, t.program) for t in demo.tracks]) == ("Demo", [(0, 0), (9, 8)])
    assert demo.timeline.metres[0].numerator == 3
    latin = read_midi(GOLDEN / "type-1-latin-text.mid")
    assert [(t.name, t.program) for t in latin.score.tracks] == [("Flöte", 73), ("", 0)]
    assert latin.key == Key(0, "minor")


def test_what_an_earlier_musegen_exported_is_exported_the_same_today() -> None:
    data = write_midi_bytes(score(), key=Key(9, "minor"), texts=["made by MuseGen"], markers=(Marker(1920, "Coda"),))
    assert data == (GOLDEN / "written-1.mid").read_bytes()


def test_what_an_earlier_musegen_exported_is_read() -> None:
    read = read_midi(GOLDEN / "written-1.mid")
    assert rows_of(read.score) == rows_of(score())
    assert (read.score.timeline, read.score.title, read.key) == (score().timeline, "Größe", Key(9, "minor"))
    assert read.repairs == ()


def test_projects_of_format_1_stay_readable() -> None:
    expected = Project(score(), (960, 2880), 2, Key(2, "dorian"), {"top_pitch": 84})
    assert read_project(GOLDEN / "format-1.musegen") == expected


def test_projects_of_format_2_stay_readable() -> None:
    assert read_project(GOLDEN / "format-2.musegen") == generated_project()


def test_projects_of_format_3_stay_readable() -> None:
    read = read_project(GOLDEN / "format-3.musegen")
    assert read == project_with_takes()
    shelf = kept_of(read.takes).shelf
    assert [(take.number, take.is_starred, len(take.locks), len(take.likes)) for take in shelf.takes] == [
        (0, True, 0, 0),
        (1, False, 1, 1),
    ]
    assert shelf.take is shelf.takes[1]
    assert [take.verdict and take.verdict.rank for take in shelf.takes] == [1, 2]
