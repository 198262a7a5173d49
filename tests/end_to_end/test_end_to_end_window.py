"""The main job, end to end: seed, Continue, ghosts, Accept, Undo, Redo, export; the file is read by mido alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import mido
import pytest

ROOT = Path(__file__).parent.parent.parent
QUARTER = 960


def play(display: str, folder: Path, *scores: str) -> dict:
    """Play the scenario in a process of its own; what it saw."""
    variables = {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "MUSEGEN_HOME": str(folder / "home"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, str(Path(__file__).parent / "scenario.py"), str(folder), *scores]
    done = subprocess.run(
        command, env={**os.environ, **variables}, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout.splitlines()[-1])


def notes_of(path: Path) -> list[list[int]]:
    """Start, length, pitch and velocity of every note of a file, in ticks of 960 a quarter."""
    file = mido.MidiFile(path)
    scale = QUARTER / file.ticks_per_beat
    found: list[list[int]] = []
    for track in file.tracks:
        tick, open_notes = 0, {}
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity:
                open_notes[message.channel, message.note] = (tick, message.velocity)
            elif message.type in ("note_on", "note_off"):
                start, velocity = open_notes.pop((message.channel, message.note))
                found.append([round(start * scale), round((tick - start) * scale), message.note, velocity])
        assert not open_notes, "a note hangs"
    return sorted(found)


def check(seen: dict, exported: list[list[int]]) -> None:
    seed, ghosts, (start, end) = seen["seed"], seen["ghosts"], seen["span"]
    assert seen["undone"] == seed
    assert seen["accepted"] == sorted(seed + ghosts)
    assert exported == seen["accepted"]
    assert ghosts
    assert all(start <= note[0] < end for note in ghosts)
    assert all(note[0] < start for note in seed)


def test_a_drawn_seed_is_continued_kept_and_exported(display: str, tmp_path: Path) -> None:
    seen = play(display, tmp_path)
    check(seen, notes_of(tmp_path / "out.mid"))
    assert [note[:1] + note[2:3] for note in seen["seed"]][:3] == [[0, 60], [QUARTER, 64], [2 * QUARTER, 67]]
    assert seen["span"] == [16 * QUARTER, 48 * QUARTER]


@pytest.mark.timeout(240)
def test_a_chorale_is_continued_kept_and_exported(display: str, tmp_path: Path) -> None:
    from music21 import corpus

    seen = play(display, tmp_path, str(corpus.getWork("bach/bwv66.6")))
    assert len(seen["seed"]) > 150
    check(seen, notes_of(tmp_path / "out.mid"))
    voices = [track for track in mido.MidiFile(tmp_path / "out.mid").tracks if any(m.type == "note_on" for m in track)]
    assert len(voices) == 4
