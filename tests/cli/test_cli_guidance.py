"""Fills, endings, chords, kept notes and standing tracks in the terminal, with the model that ships."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from terminal import C_MAJOR, Musegen, Refused, line, score_of

from musegen_app.files import read_midi, write_midi
from musegen_app.generate import registry
from musegen_app.paths import bundle_dir
from musegen_app.score import NoteTable, Track

BAR = 3840


@pytest.fixture
def flagship(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "model_dirs", lambda: (bundle_dir() / "models",))


@pytest.fixture
def trio(home: Path) -> Path:
    """Eight bars: a tune, chords in halves, a bass."""
    tune = Track(1, "Tune", notes=NoteTable.of(line([p + 12 for p in C_MAJOR] * 2)))
    chords = [n for pitch in (60, 64, 67) for n in line([pitch] * 16, length=1920)]
    bass = Track(3, "Bass", notes=NoteTable.of(line([36, 43] * 4, length=BAR)))
    path = home / "trio.mid"
    write_midi(score_of(tune, Track(2, "Chords", notes=NoteTable.of(chords)), bass), path)
    return path


def rows(notes: NoteTable) -> list[tuple[int, int, int]]:
    return [(n.start, n.length, n.pitch) for n in notes]


pytestmark = pytest.mark.usefixtures("flagship")


def test_the_flagship_tells_its_controls(musegen: Musegen) -> None:
    flagship = next(m for m in musegen("models", "--json").json["models"] if m["name"] == "flagship")
    assert (flagship["can_fill"], flagship["is_guided"]) == (True, True)
    controls = {control["name"]: control for control in flagship["controls"]}
    assert list(controls) == ["density", "recall", "polyphony", "grid", "swing", "feel", "chord_lock"]
    assert controls["recall"]["default"] == 1
    assert controls["grid"]["choices"] == [0, 1, 2, 3, 4, 6, 8]
    assert all(control["tip"] for control in controls.values())
    assert "control grid 0, 1, 2, 3, 4, 6 or 8 (0)" in musegen("models").out


def test_another_melody_over_what_stands(musegen: Musegen, trio: Path, home: Path) -> None:
    asked = ("--fill", "3-6", "--track", 1, "--standing-tracks", "all", "--range", "C5-C7", "--control", "polyphony=1")
    answer = musegen("continue", trio, "-o", "out.mid", *asked, "--seed", 4, "--json").json
    before, after = read_midi(trio).score.tracks, read_midi(home / "out.mid").score.tracks
    assert [rows(track.notes) for track in after[1:]] == [rows(track.notes) for track in before[1:]]
    old, new = ([row for row in rows(tracks[0].notes) if not 2 * BAR <= row[0] < 6 * BAR] for tracks in (before, after))
    assert new == old
    inside = [row for row in rows(after[0].notes) if 2 * BAR <= row[0] < 6 * BAR]
    assert len(inside) == answer["notes"] > 0
    assert all(72 <= pitch <= 96 for _, _, pitch in inside)
    assert all(a[0] + a[1] <= b[0] for a, b in pairwise(inside))
    assert (answer["model"], answer["standing_notes"]) == ("flagship", 48 + 8)


@pytest.mark.parametrize("keep", ["rhythm", "pitches"])
def test_rhythm_or_pitches_are_kept(musegen: Musegen, trio: Path, home: Path, keep: str) -> None:
    asked = ("--fill", "3-4", "--track", 1, "--standing-tracks", "2,3", "--keep", keep, "--seed", 1)
    assert musegen("continue", trio, "-o", "out.mid", *asked, "--json").json["keep"] == keep
    before, after = (
        [row for row in rows(read_midi(path).score.tracks[0].notes) if 2 * BAR <= row[0] < 4 * BAR]
        for path in (trio, home / "out.mid")
    )
    if keep == "rhythm":
        assert [row[:2] for row in after] == [row[:2] for row in before]
    else:
        assert [row[2] for row in after] == [row[2] for row in before]
    assert after != before


def test_chords_bind_a_continuation_where_they_are_locked(musegen: Musegen, trio: Path, home: Path) -> None:
    asked = ("--bars", 4, "--chords", "F G7", "--control", "chord_lock=1", "--key", "off", "--ending", "close")
    answer = musegen("continue", trio, "-o", "out.mid", *asked, "--json").json
    f_major, g_seventh = 1 << 5 | 1 << 9 | 1 << 0, 1 << 7 | 1 << 11 | 1 << 2 | 1 << 5
    assert answer["chords"] == [[(8 + bar) * BAR, (f_major, g_seventh)[bar % 2]] for bar in range(4)]
    assert answer["ending"] == "close"
    for track in read_midi(home / "out.mid").score.tracks:
        for note in track.notes.take(track.notes.start >= 8 * BAR):
            assert (f_major, g_seventh)[note.start // BAR % 2] >> note.pitch % 12 & 1


def test_chords_by_bar_and_none(musegen: Musegen, trio: Path) -> None:
    asked = ("--bars", 3, "--chords", "9:C 10:- 11:Am", "--control", "density=6")
    answer = musegen("continue", trio, "-o", "out.mid", *asked, "--json").json
    assert answer["chords"] == [[8 * BAR, 0b10010001], [9 * BAR, 0], [10 * BAR, 0b1000010001]]
    assert 16 <= answer["notes"] <= 20


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--chords", "C H"], '"H" is not a chord'),
        (["--chords", "1:C G"], "gives no bar, counted from 1, to each chord or to none"),
        (["--chords", "0:C"], "gives no bar, counted from 1, to each chord or to none"),
        (["--chords", " "], "there is no chord"),
        (["--keep", "rhythm"], "name them with --fill."),
        (["--keep", "tempo"], "invalid choice"),
        (["--ending", "loud"], "invalid choice"),
        (["--standing-tracks", "some"], '"some" names no tracks, such as 2,3 or all'),
        (["--standing-tracks", "9"], "trio.mid has no track 9; its tracks are 1 to 3."),
        (["--standing-tracks", "all"], "--track tells which one is continued."),
        (["--standing-tracks", "1,2,3"], "All tracks of trio.mid stand, so there is none to continue."),
        (["--control", "grid=5"], 'Control "grid" is 0, 1, 2, 3, 4, 6 or 8, not 5.'),
        (["--control", "density=40"], 'Control "density" is 0 to 32, not 40.'),
        (["--model", "boltzmann", "--ending", "open"], 'Model "boltzmann" does not heed --ending.'),
        (["--model", "boltzmann", "--standing-tracks", "2"], 'Model "boltzmann" does not heed --standing-tracks.'),
    ],
)
def test_what_cannot_be_asked_costs_one_sentence(
    refused: Refused, trio: Path, home: Path, options: list[str], sentence: str
) -> None:
    assert sentence in refused("continue", trio, "-o", "out.mid", *options)
    assert not (home / "out.mid").exists()


def test_drums_cannot_stand(refused: Refused, band: Path) -> None:
    assert "Track 1 of band.mid holds drums" in refused("continue", band, "-o", "out.mid", "--standing-tracks", "1")
