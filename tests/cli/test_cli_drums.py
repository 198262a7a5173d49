"""Drum tracks in the terminal, with the models that ship."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from terminal import C_MAJOR, Musegen, Refused, line, score_of

from musegen_app.files import read_midi, write_midi
from musegen_app.generate import registry
from musegen_app.score import Note, NoteTable, Score, Track

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture(autouse=True)
def shipped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "model_dirs", lambda: (MODELS,))


def kit() -> Track:
    beat = [Note(at * 480, 120, drum, 60 + 15 * (at % 4)) for at in range(32) for drum in (42, 36 if at % 4 == 0 else 38)]
    return Track(1, "Kit", 9, 0, NoteTable.of(beat))


def rows(score: Score) -> list[list[tuple[int, int, int, int]]]:
    return [[(n.start, n.length, n.pitch, n.velocity) for n in track.notes] for track in score.tracks]


@pytest.fixture
def group(home: Path) -> Path:
    """A tune on track 1 and a drum kit on track 2, four bars."""
    tune = Track(2, "Tune", 0, 73, NoteTable.of(line(C_MAJOR)))
    write_midi(score_of(tune, kit()), home / "group.mid")
    return home / "group.mid"


def test_a_drum_track_is_continued_by_the_drummer(musegen: Musegen, group: Path, home: Path) -> None:
    answer = musegen("continue", group, "-o", "out.mid", "--track", 2, "--bars", 2, "--seed", 4, "--json").json
    assert (answer["model"], answer["key"], answer["key_locked"]) == ("drums", None, False)
    (tune, old), (same, new) = rows(read_midi(group).score), rows(read_midi(home / "out.mid").score)
    assert same == tune
    assert new[: len(old)] == old
    assert len(new) > len(old)
    assert all(35 <= pitch <= 81 for _, _, pitch, _ in new)
    assert [track.channel for track in read_midi(home / "out.mid").score.tracks] == [0, 9]


def test_without_a_track_all_else_is_continued_and_drums_where_there_is_nothing_else(
    musegen: Musegen, group: Path, home: Path
) -> None:
    assert musegen("continue", group, "-o", "a.mid", "--bars", 1, "--json").json["model"] == "flagship"
    write_midi(score_of(kit()), home / "kit.mid")
    assert musegen("continue", "kit.mid", "-o", "b.mid", "--bars", 1, "--json").json["model"] == "drums"
    filled = musegen("continue", "kit.mid", "-o", "c.mid", "--fill", "2-3", "--keep", "rhythm", "--json").json
    assert (filled["model"], filled["fill"], filled["notes"]) == ("drums", [2, 3], 32)
    named = musegen("continue", group, "-o", "d.mid", "--bars", 1, "--model", "drums", "--json").json
    assert (named["model"], named["notes"] > 0) == ("drums", True)


def test_what_drums_do_not_have_is_refused(refused: Refused, group: Path) -> None:
    for asked, sentence in (
        (["--track", 2, "--model", "flagship"], "Track 2 of group.mid holds drums, and this model does not play them."),
        (["--track", 1, "--model", "drums"], "Track 1 of group.mid holds no drums, and this model plays nothing else."),
        (["--track", 2, "--key", "D minor"], "Drums have no key; leave out --key."),
        (["--track", 2, "--chords", "C"], 'Model "drums" plays drums and does not heed --chords.'),
        (["--track", 2, "--standing-tracks", "1"], "Track 1 of group.mid holds no drums, and a drummer hears nothing else."),
    ):
        assert refused("continue", group, "-o", "out.mid", *asked) == sentence


def test_the_list_tells_what_each_model_plays_and_what_to_mind(musegen: Musegen) -> None:
    answer = musegen("models", "--json").json
    by_name = {model["name"]: model for model in answer["models"]}
    assert (answer["default"], answer["default_drums"]) == ("flagship", "drums")
    assert (by_name["drums"]["instrument"], by_name["pop"]["instrument"]) == ("drums", "pitched")
    assert by_name["pop"]["styles"] == ["pop"]
    assert "copyright" in by_name["pop"]["caveat"]
    assert by_name["flagship"]["caveat"] == ""
    for name in ("drums", "pop"):
        told = by_name[name]
        assert 0 < told["nats_per_note"] < told["unigram_nats"]
        assert told["size_bytes"] > 1_000_000
        assert told["licence"].startswith("CC-BY-4.0")
    plain = musegen("models").out
    assert "plays drums, and nothing else" in plain
    assert "flagship (default)" in plain
    assert "drums (default for drums)" in plain


def test_a_drummer_foresees_drums(musegen: Musegen, group: Path) -> None:
    answer = musegen("evaluate", group, "--model", "drums", "--json").json
    assert answer["notes"] == 64
    assert answer["nats_length"] < 0.5
    refusal = musegen("evaluate", group, "--model", "drums", "--choose")
    assert (refusal.code, "cannot be moved to one key" in refusal.err) == (2, True)


def test_the_folder_of_models_stays_small() -> None:
    assert sum(file.stat().st_size for file in MODELS.rglob("*") if file.is_file()) < 60_000_000
    for name in ("drums", "pop"):
        card, thanks = ((MODELS / name / file).read_text(encoding="utf-8") for file in ("CARD.md", "CREDITS.md"))
        assert json.loads((MODELS / name / "model.json").read_text())["originality"] == "originality.npz"
        assert "CC-BY-4.0" in card
        assert ("Groove MIDI Dataset" if name == "drums" else "POP909") in thanks
