"""Families in the terminal: listed with what they have, asked for fills and controls, measured in their own unit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from terminal import Musegen, Refused

from musegen_app.files import read_midi
from musegen_app.generate import Manifest
from musegen_app.score import NoteTable

pytestmark = pytest.mark.usefixtures("scale_model", "patient_model")


def rows(notes: NoteTable) -> list[tuple[int, int, int]]:
    return [(n.start, n.length, n.pitch) for n in notes]


# --- models -----------------------------------------------------------------------------------------------------------


def test_models_tell_their_family_and_what_it_has(musegen: Musegen) -> None:
    flagship, patient = musegen("models", "--json").json["models"]
    assert (flagship["unit"], flagship["nats"], flagship["nats_per_note"]) == ("note", 2.5, 2.5)
    assert (flagship["can_fill"], flagship["has_temperature"], flagship["controls"]) == (False, True, [])
    assert (patient["family"], patient["family_title"], patient["unit"]) == ("patient", "Patient scales", "step")
    assert (patient["nats"], patient["unigram_nats"], patient["nats_per_note"]) == (0.8, 1.9, None)
    assert (patient["can_fill"], patient["has_temperature"], patient["has_styles"]) == (True, False, False)
    assert patient["controls"] == [
        {"name": "low", "label": "Lowest", "low": 0, "high": 8, "default": 2, "step": 1, "choices": [], "tip": ""},
        {"name": "warm", "label": "Warm", "low": 0.5, "high": 1.5, "default": 1.0, "step": 0.25, "choices": [], "tip": ""},
    ]


def test_models_are_listed_in_words(musegen: Musegen) -> None:
    text = musegen("models").out
    assert "patient: Patient, patient, 0.0 MB, 0.80 nats a step, unigram 1.90" in text
    assert "control low 0 to 8 (2)" in text
    assert "fills gaps" in text


# --- fills ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bars", "fill"), [("2-3", [2, 3]), ("4", [4, 4]), (" 1 – 2 ", [1, 2])])
def test_a_fill_replaces_the_bars_and_nothing_else(
    musegen: Musegen, melody: Path, home: Path, bars: str, fill: list[int]
) -> None:
    answer = musegen("continue", melody, "-o", "out.mid", "--fill", bars, "--json").json
    start, end = (fill[0] - 1) * 3840, fill[1] * 3840
    before, after = (read_midi(path).score.tracks[0].notes for path in (melody, home / "out.mid"))
    kept = [row for row in rows(before) if not start <= row[0] < end]
    assert [row for row in rows(after) if row[2] < 100] == kept
    assert [row[0] for row in rows(after) if row[2] >= 100] == list(range(start, end, 960))
    assert (answer["fill"], answer["bars"]) == (fill, fill[1] - fill[0] + 1)
    assert (answer["start_s"], answer["end_s"]) == (start / 1920, end / 1920)
    assert answer["model"] == "patient"


def test_a_fill_of_a_band_leaves_the_drums(musegen: Musegen, band: Path, home: Path) -> None:
    assert musegen("continue", band, "-o", "out.mid", "--fill", "2").code == 0
    before, after = (read_midi(path).score.tracks for path in (band, home / "out.mid"))
    assert rows(after[0].notes) == rows(before[0].notes)
    assert len(rows(after[1].notes)) + len(rows(after[2].notes)) == 16 + 16 - 4 - 4 + 4
    assert musegen("continue", band, "-o", "one.mid", "--fill", "2", "--track", 3).code == 0
    tracks = read_midi(home / "one.mid").score.tracks
    assert rows(tracks[1].notes) == rows(before[1].notes)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--fill", "3-2"], "begins after its end"),
        (["--fill", "0-2"], "names no bars, such as 5-8"),
        (["--fill", "some"], "names no bars, such as 5-8"),
        (["--fill", "4-5"], "melody.mid has 4 bars; bars 4-5 are not all in it."),
        (["--fill", "2", "--model", "flagship"], 'Model "flagship" cannot fill bars between others; patient can.'),
        (["--style", "hymn", "--model", "patient"], 'does not know the style "hymn"; it knows none.'),
        (["--control", "low"], "is not a control such as chain=50"),
        (["--control", "=3"], "is not a control such as chain=50"),
        (["--control", "low=much"], '"much" is not a number'),
        (["--control", "low=3"], 'Model "flagship" has no control "low"; it has none.'),
        (["--model", "patient", "--control", "high=3"], 'has no control "high"; its controls are low, warm.'),
        (["--model", "patient", "--control", "low=9"], 'Control "low" is 0 to 8, not 9.'),
        (["--model", "patient", "--control", "low=nan"], 'Control "low" is 0 to 8, not nan.'),
        (["--model", "patient", "--control", "low=1.5"], 'Control "low" takes whole numbers, not 1.5.'),
    ],
)
def test_what_cannot_be_asked_costs_one_sentence(
    refused: Refused, melody: Path, home: Path, options: list[str], sentence: str
) -> None:
    assert sentence in refused("continue", melody, "-o", "out.mid", *options)
    assert not (home / "out.mid").exists()


def test_where_no_model_fills_that_is_said(refused: Refused, melody: Path, home: Path) -> None:
    (home / "models" / "patient" / "model.json").unlink()
    assert 'Model "flagship" cannot fill bars between others.' in refused("continue", melody, "-o", "out.mid", "--fill", "2")


def test_as_published_no_model_fills(musegen: Musegen, refused: Refused, melody: Path, home: Path) -> None:
    manifest = Manifest.read(home / "models" / "patient")
    replace(manifest, settings={"as_published": True}).write()
    patient = musegen("models", "--json").json["models"][1]
    assert (patient["as_published"], patient["can_fill"]) == (True, False)
    assert "cannot fill bars" in refused("continue", melody, "-o", "out.mid", "--fill", "2", "--model", "patient")


# --- controls, remarks, energy ----------------------------------------------------------------------------------------


def test_controls_reach_the_model_and_the_last_of_two_counts(musegen: Musegen, melody: Path, home: Path) -> None:
    asked = ("--model", "patient", "--control", "low=1", "--control", "low = 5", "--control", "warm=1.25")
    answer = musegen("continue", melody, "-o", "out.mid", "--bars", 1, *asked, "--json").json
    assert answer["controls"] == {"low": 5, "warm": 1.25}
    assert {pitch for _, _, pitch in rows(read_midi(home / "out.mid").score.tracks[0].notes)[16:]} == {105, 106}


def test_remarks_and_energy_are_told(musegen: Musegen, melody: Path) -> None:
    answer = musegen("continue", melody, "-o", "out.mid", "--model", "patient")
    assert answer.err == "patient: 16 notes are heard an octave up.\n"
    assert "energy: -40.0 a step" in answer.out
    told = musegen("continue", melody, "-o", "out.mid", "--model", "patient", "--json")
    assert (told.json["remarks"], told.json["energy"], told.err) == (["16 notes are heard an octave up."], -40.0, "")
    plain = musegen("continue", melody, "-o", "out.mid", "--json").json
    assert (plain["remarks"], plain["energy"], plain["fill"], plain["controls"]) == ([], None, None, {})


def test_notes_told_by_their_ends_are_written_by_their_starts(musegen: Musegen, melody: Path, home: Path) -> None:
    musegen("continue", melody, "-o", "out.mid", "--model", "patient", "--bars", 1)
    notes = read_midi(home / "out.mid").score.tracks[0].notes
    assert rows(notes)[16:] == [(15360, 3840, 101), *((tick, 480, 100) for tick in (16320, 17280, 18240))]


# --- evaluate ---------------------------------------------------------------------------------------------------------


def test_a_family_that_foresees_is_measured_in_its_unit(musegen: Musegen, melody: Path, band: Path) -> None:
    answer = musegen("evaluate", melody, band, "--model", "patient", "--json").json
    assert (answer["steps"], answer["nats_per_step"], answer["unigram_nats_per_step"]) == (64, 0.75, 1.9)
    assert (answer["unit"], answer["files"], answer["model"]) == ("step", 2, "patient")
    text = musegen("evaluate", melody, "--model", "patient").out
    assert text.splitlines()[0] == "16 steps in 1 file, model patient"
    assert "nats_per_step 0.7500" in text


def test_a_model_that_cannot_foresee_says_so(refused: Refused, melody: Path) -> None:
    assert "cannot say how likely music is" in refused("evaluate", melody)
