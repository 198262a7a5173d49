"""The terminal with the model that ships: real processes, real notes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import mido
import pytest
from terminal import C_MAJOR, line, score_of

from musegen_app.files import read_midi, write_midi
from musegen_app.score import Key, NoteTable, Track


def musegen(*argv: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "musegen_app", *map(str, argv)], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done


@pytest.fixture
def two_hands(home: Path) -> Path:
    """Four bars of D minor for two hands."""
    right = NoteTable.of(line([74, 77, 81, 77, 76, 79, 82, 79, 74, 77, 81, 77, 73, 76, 81, 74]))
    left = NoteTable.of([*line([50, 57, 55, 50], length=3840), *line([57, 62, 62, 57], length=3840)])
    path = home / "hands.mid"
    write_midi(score_of(Track(1, "Right", notes=right), Track(2, "Left", notes=left)), path)
    return path


def test_a_seed_is_continued_in_its_key_and_its_bars(two_hands: Path, home: Path) -> None:
    answer = json.loads(musegen("continue", two_hands, "-o", "out.mid", "--bars", 4, "--key", "D minor", "--json").stdout)
    before, after = read_midi(two_hands).score, read_midi(home / "out.mid").score
    assert answer["notes"] == after.note_count - before.note_count > 0
    assert (answer["key"], answer["key_locked"]) == ("D minor", True)
    assert len(after.tracks) == 2
    span = (before.end_tick, before.end_tick + 4 * 3840)
    for old, new in zip(before.tracks, after.tracks, strict=True):
        kept = {(n.start, n.length, n.pitch, n.velocity) for n in old.notes}
        added = [n for n in new.notes if (n.start, n.length, n.pitch, n.velocity) not in kept]
        assert len(new.notes) - len(added) == len(old.notes)
        assert all(span[0] <= n.start < span[1] and n.pitch % 12 in Key(2, "minor").pitch_classes for n in added)


def test_takes_differ_and_a_seed_number_replays(two_hands: Path, home: Path) -> None:
    for name in ("a.mid", "b.mid"):
        musegen("continue", two_hands, "-o", name, "--bars", 2, "--takes", 3, "--seed", 11)
    takes = [(home / f"a-{n}.mid").read_bytes() for n in (1, 2, 3)]
    assert len(set(takes)) == 3
    assert takes == [(home / f"b-{n}.mid").read_bytes() for n in (1, 2, 3)]


def test_mido_reads_what_the_terminal_wrote(two_hands: Path) -> None:
    musegen("continue", two_hands, "-o", "out.mid", "--bars", 2)
    file = mido.MidiFile("out.mid")
    assert file.type == 1
    sounding: set[tuple[int, int]] = set()
    for message in file:
        if message.type in ("note_on", "note_off"):
            key = (message.channel, message.note)
            if message.type == "note_on" and message.velocity:
                sounding.add(key)
            else:
                sounding.discard(key)
    assert not sounding


def test_continuing_loads_no_window_no_training_and_no_midi_system(two_hands: Path) -> None:
    program = (
        "import sys\n"
        "from musegen_app.cli.main import run\n"
        "code = run(['continue', sys.argv[1], '-o', 'out.mid', '--bars', '1'])\n"
        "heavy = {'PySide6', 'shiboken6', 'torch', 'music21', 'rtmidi'}\n"
        "print(code, sorted(heavy & {name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(two_hands)], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.stdout.splitlines()[-1], done.stderr) == ("0 []", "")


def test_evaluate_answers_with_the_promised_numbers(two_hands: Path, home: Path) -> None:
    write_midi(score_of(Track(1, notes=NoteTable.of(line(C_MAJOR)))), home / "scale.mid")
    answer = json.loads(musegen("evaluate", home, "--json").stdout)
    assert answer["notes"] == 24 + 16
    assert (answer["files"], answer["skipped"], answer["model"]) == (2, [], "flagship")
    parts = [answer[name] for name in ("nats_onset", "nats_pitch", "nats_length")]
    assert all(0 < part < 5 for part in parts)
    assert answer["nats_velocity"] == 0  # the velocities of these are flat
    assert answer["nats_per_note"] == pytest.approx(sum(parts), abs=1e-5)
    one = json.loads(musegen("evaluate", two_hands, "--json").stdout)
    other = json.loads(musegen("evaluate", home / "scale.mid", "--json").stdout)
    mean = (one["nats_pitch"] * one["notes"] + other["nats_pitch"] * other["notes"]) / (24 + 16)
    assert answer["nats_pitch"] == pytest.approx(mean, abs=0.02)


def test_models_names_the_flagship_with_its_measure(home: Path) -> None:
    answer = json.loads(musegen("models", "--json").stdout)
    assert answer["default"] == "flagship"
    assert answer["broken"] == []
    flagship = next(model for model in answer["models"] if model["name"] == "flagship")
    assert flagship["family"] == "note-events"
    assert 1 < flagship["nats_per_note"] < 5
    assert flagship["licence"]
