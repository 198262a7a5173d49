"""Write the golden files beside this script: MIDI files as other programs write them, and what MuseGen itself writes.

The first kind is built byte by byte, the second by the program of the day it was made: run this only to add a file, and
never to make a test pass again, since people keep files of both kinds.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from midi_bytes import END, ONE_NOTE, chunk, event, meta, off, on, smf  # noqa: E402 - a script finds them by path

from musegen_app.editor.kept_takes import TakeRecords  # noqa: E402
from musegen_app.editor.shelf import Shelf  # noqa: E402
from musegen_app.editor.sources import Sources  # noqa: E402
from musegen_app.files import Marker, Project, write_midi, write_project  # noqa: E402
from musegen_app.generate import GeneratedNote, GenerateRequest  # noqa: E402
from musegen_app.generate.provenance import Origin  # noqa: E402
from musegen_app.generate.ranking import Verdict  # noqa: E402
from musegen_app.generate.shared_runs import Run  # noqa: E402
from musegen_app.score import (  # noqa: E402
    GENERATED,
    GENERATION,
    LIKED,
    LOCKED,
    PITCH_BEND,
    ControlChange,
    Generation,
    Key,
    Metre,
    Note,
    NoteTable,
    Score,
    Tempo,
    Timeline,
    Track,
)


def score() -> Score:
    """A score that uses everything a file keeps."""
    chord = [Note(0, 960, 60, 90, 1), Note(0, 960, 64, 80, 2)]
    piano = [*chord, Note(960, 320, 67, 70, 3, GENERATED), Note(1280, 640, 67, 75, 4)]
    drums = [Note(tick, 120, 36, 100, 5 + tick // 960) for tick in range(0, 3840, 960)]
    controls = (ControlChange(0, 7, 100), ControlChange(480, 64, 127), ControlChange(960, PITCH_BEND, 9000))
    return Score(
        (Track(1, "Klavier", 0, 4, NoteTable.of(piano), controls), Track(2, "Drums", 9, 0, NoteTable.of(drums))),
        Timeline.made((Tempo.of_bpm(96), Tempo.of_bpm(72, 1920)), (Metre(0, 3, 4), Metre(2880, 7, 8))),
        "Größe",
        9,
    )


def foreign_files() -> dict[str, bytes]:
    """Files as other programs write them, by name."""
    running = bytes((0, 0x90, 60, 80, 0, 64, 70)) + bytes((0x60, 60, 0, 0, 64, 0)) + bytes((0, 0xC9, 8))
    drums = bytes((0, 0x99, 36, 100, 24, 36, 0, 24, 38, 90, 24, 38, 0)) + END
    type_0 = meta(0, 3, b"Demo") + meta(0, 0x51, b"\x07\xa1\x20") + meta(0, 0x58, bytes((3, 2, 24, 8))) + running + drums
    latin = meta(0, 3, "Flöte".encode("latin-1")) + meta(0, 0x59, bytes((0xFD, 1))) + event(0, 0xC0, 73) + ONE_NOTE
    film = smf(on(1000, 72) + off(500, 72) + END, division=-25 << 8 | 40)
    body = smf(ONE_NOTE, kind=0)
    riff = b"RIFF" + (len(body) + 12).to_bytes(4, "little") + b"RMIDdata" + len(body).to_bytes(4, "little") + body
    overlapping = on(0, 60) + on(240, 60) + off(240, 60) + off(240, 60) + on(0, 62) + on(0, 64) + off(480, 64)
    return {
        "type-0-running-status.mid": smf(type_0, kind=0, division=96),
        "type-1-latin-text.mid": smf(latin, ONE_NOTE.replace(b"\x3c", b"\x30")),
        "type-2-patterns.mid": smf(ONE_NOTE, meta(0, 0x51, b"\x0f\x42\x40") + ONE_NOTE, kind=2),
        "film-frames.mid": film,
        "riff.rmi": riff,
        "overlapping-hanging-no-end.mid": smf(overlapping),
        "broken-off.mid": smf(ONE_NOTE, on(0, 62) + off(480, 62) + on(0, 64) + off(480, 64) + END, count=4)[:-6],
        "wrong-length.mid": smf(chunk(ONE_NOTE, length=3), ONE_NOTE),
    }


def main() -> None:
    """Write what is not there yet."""
    for name, data in foreign_files().items():
        if not (HERE / name).exists():
            (HERE / name).write_bytes(data)
    if not (HERE / "written-1.mid").exists():
        markers = (Marker(1920, "Coda"),)
        write_midi(score(), HERE / "written-1.mid", key=Key(9, "minor"), texts=["made by MuseGen"], markers=markers)
    if not (HERE / "format-1.musegen").exists():
        write_project(Project(score(), (960, 2880), 2, Key(2, "dorian"), {"top_pitch": 84}), HERE / "format-1.musegen")
    if not (HERE / "format-2.musegen").exists():
        write_project(generated_project(), HERE / "format-2.musegen")
    if not (HERE / "format-3.musegen").exists():
        write_project(project_with_takes(), HERE / "format-3.musegen")


def generated_project() -> Project:
    """A project that knows where two of its notes came from."""
    made = NoteTable.of([Note(0, 960, 60, 90, 1), Note(960, 960, 62, 80, 2, GENERATED + GENERATION)])
    record = {"format": 1, "model": "flagship", "sha256": "ab" * 32, "seed": 7, "span": [960, 3840]}
    track = Track(1, "Klavier", 0, 4, made)
    return Project(Score((track,), Timeline(), "Größe", 3), provenance=(Generation(1, record),))


def project_with_takes() -> Project:
    """A project with three takes of one request: one kept and ranked, one with a lock and a like, and one let go."""
    seed = NoteTable.of([Note(0, 960, 60, 90, 1), Note(960, 960, 62, 80, 2)])
    request = GenerateRequest(seed, Timeline(), bars=2, start_tick=3840, takes=3, seed_number=7, model="flagship", id=4)
    origin = Origin(request, "ab" * 32, "MuseGen Flagship", track_id=1)
    shelf = Shelf().begun(origin, 1)
    shelf = shelf.grown(4, [GeneratedNote(4, take, Note(3840, 960, 64 + take), -1.5) for take in range(3)])
    shelf = shelf.ranked(4, (Verdict(0, 1, 0.75, Run(9, 2), ("no loop",), {"loop": 1.0}), Verdict(1, 2, 0.5)))
    shelf = shelf.starred(0).showing(1).marked([-1], LOCKED).marked([-1], LIKED)
    sources = Sources().asked_for(1, origin)
    score = Score((Track(1, "Klavier", 0, 4, seed),), Timeline(), "Größe", 3)
    return Project(score, takes=TakeRecords().of(shelf, sources))


if __name__ == "__main__":
    main()
