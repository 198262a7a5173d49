"""Small folders of music to learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from musegen_app.files.midi_writer import write_midi
from musegen_app.score import DRUM_CHANNEL, Note, NoteTable, Score, Track

_STEPS = (0, 2, 4, 5, 7, 9, 11, 12)


def tune(number: int, *, move: int = 0, bars: int = 8) -> Score:
    """A melody in eighths over chords; the same ``number`` gives the same tune."""
    random = np.random.default_rng(number)
    notes = []
    for beat in range(bars * 4):
        root = 48 + _STEPS[beat // 4 * 3 % 7] + move
        if beat % 4 == 0:
            notes += [Note(beat * 960, 3840, root + step, 70) for step in (0, 4, 7)]
        for half in range(2):
            pitch = 72 + _STEPS[int(random.integers(0, 8))] + move
            notes.append(Note(beat * 960 + half * 480, 480, pitch, int(random.integers(50, 110))))
    return Score((Track(1, "Piano", notes=NoteTable.of(notes).numbered(1)),), next_id=len(notes) + 1)


def write_folder(folder: Path, **styles: int) -> Path:
    """Subfolders of tunes: so many of each style."""
    for style, count in styles.items():
        (folder / style).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            write_midi(tune(number), folder / style / f"{number}.mid")
    return folder


def beat(number: int, *, bars: int = 8) -> Score:
    """Eighths on the hi-hat over kick and snare, played a little early or late; the same ``number`` gives the same beat."""
    random = np.random.default_rng(number)
    notes = [
        Note(max(eighth * 480 + int(random.integers(-30, 31)), 0), 90, drum, int(random.integers(40, 120)))
        for eighth in range(bars * 8)
        for drum in (42, *((36,) if eighth % 4 == 0 else ()), *((38,) if eighth % 4 == 2 else ()))
    ]
    return Score((Track(1, "Kit", DRUM_CHANNEL, notes=NoteTable.of(notes).numbered(1)),), next_id=len(notes) + 1)
