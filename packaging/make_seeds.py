"""Write the demo seeds in resources/seeds: four short beginnings composed for MuseGen. Run it after changing one.

A line of music is written as "pitch:quarters" (a quarter where no length stands), "r" for a rest, "!" after an accent.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from musegen_app.files import write_midi  # noqa: E402 - the checkout may not be installed
from musegen_app.score import (  # noqa: E402
    TICKS_PER_QUARTER,
    ControlChange,
    Key,
    Metre,
    Note,
    NoteTable,
    Score,
    Tempo,
    Timeline,
    Track,
)

_PEDAL = 64
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCENT = 14


@dataclass(frozen=True)
class Line:
    """A voice: its notes, how loud, how long each sounds of its time, and velocities added beat by beat."""

    notes: str
    velocity: int = 76
    held: float = 1.0
    swell: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Part:
    """A track of lines that sound together; ``pedal_quarters`` is the distance of pedal changes, 0 for none."""

    name: str
    program: int
    lines: tuple[Line, ...]
    channel: int = 0
    pedal_quarters: int = 0


@dataclass(frozen=True)
class Seed:
    """A demo seed of four bars."""

    file: str
    title: str
    key: Key
    bpm: float
    metre: tuple[int, int]
    parts: tuple[Part, ...]


SEEDS = (
    Seed(
        "nocturne.mid",
        "Nocturne",
        Key(2, "minor"),
        66,
        (4, 4),
        (
            Part(
                "Piano",
                0,
                (
                    Line(
                        "A4:1.5! Bb4:0.5 A4 F5  E5! D5:2 Bb4  G4:1.5! A4:0.5 C#5 E5  F5:1.5! E5:0.5 D5 C#5",
                        84,
                        swell=(0, 2, 4, 6, 8, 4, 2, 0),
                    ),
                    Line(
                        "D2:0.5! A2:0.5 F3:0.5 A3:0.5 D4:0.5 A3:0.5 F3:0.5 A2:0.5 "
                        "D2:0.5! Bb2:0.5 G3:0.5 Bb3:0.5 D4:0.5 Bb3:0.5 G3:0.5 Bb2:0.5 "
                        "C#2:0.5! A2:0.5 E3:0.5 A3:0.5 E4:0.5 A3:0.5 E3:0.5 A2:0.5 "
                        "D2:0.5! A2:0.5 F3:0.5 A3:0.5 A1:0.5! A2:0.5 E3:0.5 G3:0.5",
                        52,
                    ),
                ),
                pedal_quarters=2,
            ),
        ),
    ),
    Seed(
        "folk.mid",
        "The Miller's Gate",
        Key(7, "major"),
        165,
        (6, 8),
        (
            Part(
                "Fiddle",
                40,
                (
                    Line(
                        "G4:0.5! A4:0.5 B4:0.5 D5! B4:0.5  E5:0.5! D5:0.5 B4:0.5 A4! F#4:0.5 "
                        "G4:0.5! F#4:0.5 E4:0.5 G4:0.5! B4:0.5 D5:0.5  C5:0.5! B4:0.5 G4:0.5 A4:1.5!",
                        82,
                        0.92,
                    ),
                ),
            ),
            Part(
                "Guitar",
                25,
                (
                    Line("G2! r:0.5 D3! r:0.5  E3! r:0.5 D3! r:0.5  E3! r:0.5 G2! r:0.5  C3! r:0.5 D3! r:0.5", 70),
                    Line("r B3:0.5 r B3:0.5  r B3:0.5 r A3:0.5  r B3:0.5 r B3:0.5  r G3:0.5 r A3:0.5", 58),
                    Line("r D4:0.5 r D4:0.5  r E4:0.5 r D4:0.5  r E4:0.5 r D4:0.5  r E4:0.5 r F#4:0.5", 58),
                ),
                channel=1,
            ),
        ),
    ),
    Seed(
        "chorale.mid",
        "Chorale",
        Key(5, "major"),
        72,
        (4, 4),
        tuple(
            Part(name, 52, (Line(notes, 78, swell=(0, 2, 4, 2)),), channel)
            for channel, (name, notes) in enumerate(
                (
                    ("Soprano", "A4 C5 Bb4 A4  G4 A4 G4:2  A4 Bb4 C5 A4  Bb4 G4 F4:2"),
                    ("Alto", "F4 F4 D4:0.5 E4:0.5 F4  C4 C4 E4:2  F4 E4 F4 F4  D4 E4 C4:2"),
                    ("Tenor", "C4 A3 Bb3 C4  C4 C4 C4:2  C4 Bb3 A3 A3  G3:0.5 A3:0.5 Bb3 A3:2"),
                    ("Bass", "F3 A3 G3 F3  E3 F3 C3:2  F3 G3 A3 D3:0.5 C3:0.5  Bb2 C3 F2:2"),
                )
            )
        ),
    ),
    Seed(
        "game.mid",
        "Castle of Eight Bits",
        Key(9, "minor"),
        150,
        (4, 4),
        (
            Part(
                "Lead",
                80,
                (
                    Line(
                        "A4:0.5! C5:0.5 E5:0.5 A5:0.25! G5:0.25 E5:0.5! C5:0.5 D5:0.5 E5:0.5 "
                        "F5:0.5! E5:0.25 F5:0.25 C5:0.5 A4:0.5! F4:0.5 A4:0.5 C5! "
                        "D5:0.5! F5:0.5 A5:0.5 G5:0.25! F5:0.25 E5:0.5! D5:0.5 C5:0.5 A4:0.5 "
                        "E5:0.5! D5:0.25 E5:0.25 B4:0.5 G#4:0.5! E4:0.5 G#4:0.5 B4!",
                        92,
                        0.85,
                    ),
                ),
            ),
            Part(
                "Bass",
                38,
                (
                    Line(
                        " ".join(f"{low}:0.5! {high}:0.5" for low, high in
                                 [("A1", "A2")] * 4 + [("F1", "F2")] * 4 + [("D2", "D3")] * 4 + [("E1", "E2")] * 4),
                        88,
                        0.8,
                    ),
                ),
                channel=1,
            ),
            Part(
                "Drums",
                0,
                (
                    Line("C2! r C2! C2:0.5 r:0.5 " * 3 + "C2! r C2! r", 96, 0.4),
                    Line("r D2! r D2! " * 3 + "r D2! r D2:0.5 D2:0.5!", 92, 0.4),
                    Line("F#2:0.5! F#2:0.5 " * 15 + "F#2:0.5! A#2:0.5!", 62, 0.4),
                ),
                channel=9,
            ),
        ),
    ),
)  # fmt: skip


def pitch_of(name: str) -> int:
    """MIDI pitch of "C#4" or "Bb3"; C4 is 60."""
    letter, accidentals, octave = name[0], name[1:-1], int(name[-1])
    return 12 * (octave + 1) + _LETTERS[letter] + accidentals.count("#") - accidentals.count("b")


def notes_of(line: Line) -> tuple[list[Note], int]:
    """Notes of a line, and the tick where it ends."""
    notes: list[Note] = []
    tick = 0
    for token in line.notes.split():
        name, _, quarters = token.replace("!", "").partition(":")
        length = round(float(quarters or 1) * TICKS_PER_QUARTER)
        if name != "r":
            beat = tick // TICKS_PER_QUARTER
            velocity = line.velocity + line.swell[beat % len(line.swell)] + _ACCENT * ("!" in token)
            notes.append(Note(tick, max(round(length * line.held), 1), pitch_of(name), min(velocity, 127)))
        tick += length
    return notes, tick


def score_of(seed: Seed) -> Score:
    """The seed as a score of exactly four bars."""
    metre = Metre(0, *seed.metre)
    tracks: list[Track] = []
    next_id = 1
    for number, part in enumerate(seed.parts, start=1):
        lines = [notes_of(line) for line in part.lines]
        if {end for _, end in lines} != {4 * metre.bar_ticks}:
            raise ValueError(f"{seed.file}: a line of {part.name} does not fill four bars: {[end for _, end in lines]}")
        notes = NoteTable.of(note for line, _ in lines for note in line).numbered(next_id)
        next_id += len(notes)
        pedal = pedal_of(part.pedal_quarters, 4 * metre.bar_ticks)
        tracks.append(Track(number, part.name, part.channel, part.program, notes, pedal))
    return Score(tuple(tracks), Timeline.made((Tempo.of_bpm(seed.bpm),), (metre,)), seed.title, next_id)


def pedal_of(quarters: int, end_tick: int) -> tuple[ControlChange, ...]:
    """The pedal pressed anew every ``quarters``, lifted a moment before."""
    if not quarters:
        return ()
    step = quarters * TICKS_PER_QUARTER
    presses = [ControlChange(tick + TICKS_PER_QUARTER // 16, _PEDAL, 127) for tick in range(0, end_tick, step)]
    lifts = [ControlChange(tick, _PEDAL, 0) for tick in range(step, end_tick + 1, step)]
    return tuple(sorted(presses + lifts, key=lambda control: control.tick))


def main() -> None:
    """Write every seed."""
    folder = ROOT / "resources" / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS:
        write_midi(score_of(seed), folder / seed.file, key=seed.key, texts=["Composed for MuseGen"])
        print(folder / seed.file)


if __name__ == "__main__":
    main()
