"""``musegen continue``: the seed stays, the continuation follows where it belongs, and what was done is told."""

from __future__ import annotations

import json
from pathlib import Path

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scale_model import install
from terminal import Musegen, Refused, line, score_of

from musegen_app.files import read_midi, write_midi
from musegen_app.generate import Manifest
from musegen_app.generate.provenance import accepted_of, origin_of
from musegen_app.score import Key, Metre, NoteTable, Score, Tempo, Timeline, Track
from musegen_app.score.provenance import of_number

pytestmark = pytest.mark.usefixtures("scale_model")

Rows = list[tuple[int, int, int, int]]


def rows(notes: NoteTable) -> Rows:
    return [(n.start, n.length, n.pitch, n.velocity) for n in notes]


def test_out_holds_the_seed_and_then_the_continuation(musegen: Musegen, melody: Path, home: Path) -> None:
    answer = musegen("continue", melody, "-o", "out.mid", "--bars", 2, "--seed", 5)
    assert (answer.code, answer.err) == (0, "")
    (track,) = read_midi(home / "out.mid").score.tracks
    (seed,) = read_midi(melody).score.tracks
    assert rows(track.notes)[:16] == rows(seed.notes)
    added = rows(track.notes)[16:]
    assert [start for start, *_ in added] == list(range(16 * 960, 24 * 960, 960))
    assert all(pitch % 12 in Key(0).pitch_classes for _, _, pitch, _ in added)
    assert "out.mid: 8 notes" in answer.out
    assert "notes a second" in answer.out
    assert "key: C major, kept" in answer.out
    assert "model: flagship, seed number: 5" in answer.out


def test_mido_alone_finds_the_notes_where_they_belong(musegen: Musegen, melody: Path) -> None:
    musegen("continue", melody, "-o", "out.mid", "--bars", 1, "--seed", 0)
    now, onsets = 0, []
    for message in mido.merge_tracks(mido.MidiFile("out.mid").tracks):
        now += message.time
        if message.type == "note_on" and message.velocity:
            onsets.append(now)
    assert onsets == list(range(0, 20 * 960, 960))


def test_json_holds_what_was_done(musegen: Musegen, melody: Path) -> None:
    answer = musegen("continue", melody, "-o", "out.mid", "--bars", 3, "--seed", 9, "--json", "--style", "hymn").json
    assert answer["files"] == ["out.mid"]
    assert (answer["notes"], answer["notes_per_take"], answer["bars"]) == (12, [12], 3)
    assert (answer["key"], answer["key_locked"], answer["seed"]) == ("C major", True, 9)
    assert (answer["model"], answer["style"], answer["repairs"]) == ("flagship", "hymn", [])
    assert answer["seconds"] > 0
    assert answer["notes_per_s"] > 0
    assert (answer["start_s"], answer["end_s"]) == (8.0, 14.0)


def test_takes_are_numbered_files(musegen: Musegen, melody: Path, home: Path) -> None:
    answer = musegen("continue", melody, "-o", "song.out.mid", "--takes", 3, "--bars", 1, "--json").json
    assert answer["files"] == ["song.out-1.mid", "song.out-2.mid", "song.out-3.mid"]
    assert answer["notes_per_take"] == [4, 4, 4]
    assert not (home / "song.out.mid").exists()
    first, second, third = (rows(read_midi(home / name).score.tracks[0].notes) for name in answer["files"])
    assert first[:16] == second[:16] == third[:16]
    assert first[16:] != second[16:] != third[16:]


def test_the_random_seed_number_is_told_and_replays(musegen: Musegen, melody: Path, home: Path) -> None:
    first = musegen("continue", melody, "-o", "a.mid", "--json").json
    musegen("continue", melody, "-o", "b.mid", "--seed", first["seed"])
    assert (home / "a.mid").read_bytes() == (home / "b.mid").read_bytes()
    others = {musegen("continue", melody, "-o", "c.mid", "--json").json["seed"] for _ in range(4)}
    assert len({first["seed"], *others}) > 1


def test_a_band_goes_on_track_by_track_and_the_drums_stay(musegen: Musegen, band: Path, home: Path) -> None:
    assert musegen("continue", band, "-o", "out.mid", "--bars", 4, "--seed", 0).code == 0
    before, after = read_midi(band).score, read_midi(home / "out.mid").score
    assert [t.name for t in after.tracks] == ["Drums", "Tune", "Bass"]
    assert [(t.channel, t.program) for t in after.tracks] == [(t.channel, t.program) for t in before.tracks]
    assert rows(after.tracks[0].notes) == rows(before.tracks[0].notes)
    for old, new in zip(before.tracks[1:], after.tracks[1:], strict=True):
        assert rows(new.notes)[: len(old.notes)] == rows(old.notes)
    assert after.note_count == before.note_count + 16


def test_one_track_can_be_continued_alone(musegen: Musegen, band: Path, home: Path) -> None:
    assert musegen("continue", band, "-o", "out.mid", "--bars", 1, "--track", 3).code == 0
    assert [len(t.notes) for t in read_midi(home / "out.mid").score.tracks] == [16, 16, 20]


def test_tempo_metre_key_and_title_are_kept(musegen: Musegen, home: Path) -> None:
    timeline = Timeline.made((Tempo.of_bpm(90), Tempo.of_bpm(120, 2880)), (Metre(0, 3, 4),))
    waltz = NoteTable.of(line([62, 65, 69] * 4)).numbered(1)
    write_midi(Score((Track(1, "Waltz", notes=waltz),), timeline, "A waltz", 13), home / "waltz.mid", key=Key(2, "minor"))
    assert musegen("continue", "waltz.mid", "-o", "out.mid", "--bars", 2).code == 0
    after = read_midi(home / "out.mid")
    assert after.score.timeline == timeline
    assert (after.score.title, after.key) == ("A waltz", Key(2, "minor"))
    assert after.score.note_count == 12 + 6


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.builds(Key, st.integers(0, 11), st.sampled_from(["major", "harmonic minor", "blues"])), low=st.integers(36, 60)
)
def test_no_note_leaves_the_key_or_the_range(musegen: Musegen, melody: Path, home: Path, key: Key, low: int) -> None:
    answer = musegen("continue", melody, "-o", "out.mid", "--key", key.name, "--range", f"{low}-{low + 12}", "--json")
    assert (answer.json["key"], answer.json["key_locked"]) == (key.name, True)
    added = rows(read_midi(home / "out.mid").score.tracks[0].notes)[16:]
    assert added
    assert all(low <= pitch <= low + 12 and pitch % 12 in key.pitch_classes for _, _, pitch, _ in added)


def chromatic(home: Path) -> Path:
    path = home / "chromatic.mid"
    write_midi(score_of(Track(1, "Row", notes=NoteTable.of(line([*range(60, 72), 60, 64, 67, 60])))), path)
    return path


def test_the_seed_s_key_is_kept_where_the_seed_keeps_to_it(musegen: Musegen, melody: Path, home: Path) -> None:
    def key_of(seed: Path, *options: str) -> tuple[str | None, bool]:
        answer = musegen("continue", seed, "-o", "out.mid", "--bars", 1, "--json", *options).json
        return answer["key"], answer["key_locked"]

    assert key_of(melody) == ("C major", True)
    assert key_of(melody, "--key", "off") == ("C major", False)
    name, locked = key_of(chromatic(home))
    assert name is not None
    assert not locked
    assert key_of(chromatic(home), "--key", "auto") == (name, True)
    assert "may be left as the seed does" in musegen("continue", chromatic(home), "-o", "out.mid").out


def test_one_repeated_note_tells_no_key(musegen: Musegen, refused: Refused, home: Path) -> None:
    write_midi(score_of(Track(1, notes=NoteTable.of(line([60] * 8)))), home / "drone.mid")
    assert musegen("continue", "drone.mid", "-o", "out.mid", "--json").json["key"] is None
    assert "does not tell a key" in refused("continue", "drone.mid", "-o", "out.mid", "--key", "auto")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--bars", "0"], "0 bars cannot be generated"),
        (["--bars", "9999"], "9999 bars cannot be generated"),
        (["--bars", "some"], '"some" is not a whole number'),
        (["--takes", "0"], "0 takes cannot be generated"),
        (["--takes", "1000"], "1000 takes cannot be generated"),
        (["--temperature", "0"], "Temperature 0.0 is outside"),
        (["--temperature", "nan"], "Temperature nan is outside"),
        (["--temperature", "hot"], '"hot" is not a number'),
        (["--top-p", "1.5"], "Top-p 1.5 is outside"),
        (["--key", "H major"], '"H major" is not a key'),
        (["--seed", "-1"], "-1 is not within 0"),
        (["--range", "C6-C3"], "begins above its end"),
        (["--range", "C3"], "is not a range such as C3-C6"),
        (["--range", "C3-X9"], "is not a range such as C3-C6"),
        (["--range", "C12-C13"], '"C12" is not a note from C-1 to G9'),
        (["--key", "C major", "--range", "61-61"], "There is no note of C major from C♯4 to C♯4"),
        (["--track", "2"], "has no track 2; its tracks are 1 to 1"),
        (["--model", "jazz"], 'There is no model "jazz"; there are: flagship'),
        (["--model", "./nowhere"], "There is no model in nowhere"),
        (["--style", "polka"], 'does not know the style "polka"; its styles are piano, hymn'),
    ],
)
def test_bad_options_are_told_and_nothing_is_written(
    refused: Refused, melody: Path, home: Path, options: list[str], sentence: str
) -> None:
    assert sentence in refused("continue", melody, "-o", "out.mid", *options)
    assert not (home / "out.mid").exists()


def test_bad_seeds_are_told(refused: Refused, band: Path, home: Path) -> None:
    (home / "text.mid").write_text("this is not music")
    (home / "empty.mid").write_bytes(b"")
    write_midi(score_of(Track(1)), home / "silent.mid")
    drums = read_midi(band).score.tracks[0]
    write_midi(score_of(drums), home / "drums.mid")
    for seed, sentence in (
        ("missing.mid", "does not exist"),
        ("text.mid", "is not a MIDI file"),
        ("empty.mid", "is empty"),
        ("silent.mid", "holds no notes"),
        ("drums.mid", "No installed model plays drums."),
        (str(home), "is a folder"),
    ):
        assert sentence in refused("continue", seed, "-o", "out.mid")
    assert not (home / "out.mid").exists()


def test_bad_places_to_write_are_told_before_any_work(refused: Refused, melody: Path, home: Path) -> None:
    (home / "folder.mid").mkdir()
    before = melody.read_bytes()
    for out, sentence in (
        ("out.wav", "does not end in .mid"),
        ("nowhere/out.mid", "There is no folder nowhere"),
        ("folder.mid", "is a folder"),
        ("melody.mid", "is the seed itself"),
        (str(home / "." / "melody.mid"), "is the seed itself"),
    ):
        assert sentence in refused("continue", melody, "-o", out)
    assert melody.read_bytes() == before


def test_an_old_file_is_replaced_whole(musegen: Musegen, melody: Path, home: Path) -> None:
    (home / "out.mid").write_text("an older answer")
    assert musegen("continue", melody, "-o", "out.mid").code == 0
    assert read_midi(home / "out.mid").score.note_count > 16


def test_a_mended_seed_is_reported(musegen: Musegen, melody: Path) -> None:
    melody.write_bytes(melody.read_bytes()[:-6])
    answer = musegen("continue", melody, "-o", "out.mid")
    assert answer.code == 0
    assert answer.err.startswith("melody.mid: ")
    told = musegen("continue", melody, "-o", "out.mid", "--json")
    assert told.json["repairs"]
    assert told.err == ""


def test_a_model_is_named_or_is_a_folder(musegen: Musegen, melody: Path, home: Path) -> None:
    other: Manifest = install(home / "elsewhere", "mine")
    assert musegen("continue", melody, "-o", "out.mid", "--model", other.path, "--json").json["model"] == "mine"


def test_a_broken_model_is_told(refused: Refused, melody: Path, home: Path) -> None:
    (home / "models" / "flagship" / "model.onnx").write_bytes(b"scales need no weighty")
    assert "is damaged" in refused("continue", melody, "-o", "out.mid", "--model", "flagship")


def test_models_are_listed(musegen: Musegen, home: Path) -> None:
    install(home / "models", "zither")
    (home / "models" / "zither" / "model.onnx").unlink()
    answer = musegen("models", "--json").json
    assert next(m["name"] for m in answer["models"]) == answer["default"] == "flagship"
    assert answer["models"][0]["styles"] == ["piano", "hymn"]
    assert answer["broken"] == [
        {"name": "zither", "problem": 'Model "zither" cannot be used: its file model.onnx is missing.'}
    ]
    text = musegen("models").out
    assert "flagship (default): Flagship, scale, 0.0 MB, 2.50 nats a note" in text
    assert "model.onnx is missing" in text


def test_json_is_one_object_in_plain_utf8(musegen: Musegen, melody: Path, home: Path) -> None:
    seed = home / "Frühling – 春.mid"
    melody.rename(seed)
    answer = musegen("continue", seed, "-o", "Ö.mid", "--key", "E♭ minor", "--json")
    assert json.loads(answer.out)["files"] == ["Ö.mid"]
    assert "E♭ minor" in answer.out


def test_takes_are_ranked_and_their_files_tell_where_the_notes_came_from(musegen: Musegen, melody: Path, home: Path) -> None:
    told = musegen("continue", melody, "-o", "out.mid", "--takes", 3, "--bars", 2, "--seed", 5).out
    places = [told.index(f"{rank}. out-") for rank in (1, 2, 3)]
    assert places == sorted(places)
    assert "no loop" in told
    answer = musegen("continue", melody, "-o", "out.mid", "--takes", 3, "--bars", 2, "--seed", 5, "--json").json
    ranking = answer["ranking"]
    assert [row["rank"] for row in ranking] == [1, 2, 3]
    assert sorted(row["take"] for row in ranking) == [1, 2, 3]
    assert all(row["reasons"] and 0 <= row["score"] <= 1 for row in ranking)
    for take in (1, 2, 3):
        read = read_midi(home / f"out-{take}.mid")
        (generation,) = read.provenance
        assert generation.record["seed"] == 5
        assert accepted_of(generation.record).take == take - 1
        (track,) = read.score.tracks
        made = of_number(track.notes, 1)
        assert len(made) == answer["notes_per_take"][take - 1]
        assert int(made.start[0]) == 16 * 960


def test_a_continuation_of_a_continuation_knows_both(musegen: Musegen, melody: Path, home: Path) -> None:
    musegen("continue", melody, "-o", "once.mid", "--bars", 1, "--seed", 1)
    musegen("continue", "once.mid", "-o", "twice.mid", "--bars", 1, "--seed", 2)
    read = read_midi(home / "twice.mid")
    assert [(made.number, made.record["seed"]) for made in read.provenance] == [(1, 1), (2, 2)]
    again = origin_of(read.provenance[1].record).request
    assert len(again.notes) == len(read_midi(home / "once.mid").score.tracks[0].notes)
